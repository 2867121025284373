"""Transforms the SAM templates as CloudFormation would, offline, so that what is really deployed can be linted.

    transform.py OUT TEMPLATE...

Writes OUT/<service>.json for each functions/<service>/template.yaml and OUT/root.json for template.yaml.
"""

import json
import pathlib
import sys

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

import language_extensions

# `sam package` replaces local paths by S3 addresses before CloudFormation sees them. Here, what BINARY is in is
# BINARY.zip in this bucket, and a service's template is SERVICE.json.
BUCKET = "packaged"


def name_of(path):
    return path.resolve().parent.name if "functions" in path.parts else "root"


def transform(path):
    template = language_extensions.expand(yaml_parse(path.read_text()))
    template.get("Globals", {}).get("Function", {}).pop("CodeUri", None)
    for resource in template["Resources"].values():
        properties = resource["Properties"]
        if resource["Type"] == "AWS::Serverless::Function":
            properties["CodeUri"] = f"s3://{BUCKET}/{resource['Metadata']['BuildProperties']['Binary']}.zip"
        elif resource["Type"] == "AWS::Serverless::Application":
            service = name_of(pathlib.Path(properties["Location"]))
            properties["Location"] = f"https://s3.amazonaws.com/{BUCKET}/{service}.json"
    # No managed policies are named in the templates, hence no map of them.
    parameters = {name: given["Default"] for name, given in template.get("Parameters", {}).items() if "Default" in given}
    return Translator({}, Parser(), boto_session=boto3.Session(region_name="eu-west-1")).translate(template, parameters)


def main(out, *templates):
    out = pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    for template in map(pathlib.Path, templates):
        transformed = transform(template)
        (out / f"{name_of(template)}.json").write_text(json.dumps(transformed, indent=1))
        print(f"{template}: {len(transformed['Resources'])} resources")


if __name__ == "__main__":
    main(*sys.argv[1:])
