"""Expands `Fn::ForEach` and `Fn::FindInMap` offline, as CloudFormation's transform AWS::LanguageExtensions does.

    language_extensions.py TEMPLATE EXPANSION

Checks that the loops of TEMPLATE make exactly the resources in EXPANSION, which a Rust test writes and compares as well.

samtranslator has no such expansion. That of `sam` turns `!Sub "${Table.Arn}/index/x"` into a literal, and that of cfn-lint is
private and guesses what it cannot resolve.
"""

import copy
import json
import pathlib
import re
import sys

TRANSFORM = "AWS::LanguageExtensions"
LOOP = "Fn::ForEach::"


def expand(template):
    """The template without loops. One that does not name the transform is returned as it is."""
    transforms = template.get("Transform", [])
    transforms = [transforms] if isinstance(transforms, str) else transforms
    if TRANSFORM not in transforms:
        return template
    mappings = template.get("Mappings", {})
    kept = {name: section for name, section in template.items() if name not in ("Transform", "Mappings")}
    expanded = {"Transform": [name for name in transforms if name != TRANSFORM], **_value(kept, {}, mappings)}
    if '"Fn::FindInMap"' in json.dumps(expanded):  # with keys that only a deployment knows
        expanded["Mappings"] = mappings
    return expanded


def _value(value, variables, mappings):
    """A value with the loops' variables replaced, in which every mapping whose keys are known is looked up."""
    if isinstance(value, list):
        return [_value(item, variables, mappings) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        [(function, argument)] = value.items()
        if function == "Ref" and isinstance(argument, str):
            return variables.get(argument, value)
        if function == "Fn::Sub":
            return _substituted(argument, variables, mappings)
        if function == "Fn::Join":
            return _joined(_value(argument, variables, mappings))
        if function == "Fn::FindInMap":
            return _found([_value(key, variables, mappings) for key in argument], mappings)
    fields = {}
    for key, field in value.items():
        if key.startswith(LOOP):
            variable, collection, body = field
            parts = [_value(body, {**variables, variable: item}, mappings) for item in _value(collection, variables, mappings)]
        else:
            parts = [{_replaced(key, variables): _value(field, variables, mappings)}]
        for part in parts:
            if twice := fields.keys() & part.keys():
                sys.exit(f"{key} makes {', '.join(sorted(twice))} twice")
            fields.update(part)
    return fields


def _substituted(argument, variables, mappings):
    text, more = (argument, {}) if isinstance(argument, str) else argument
    more = {name: _value(value, variables, mappings) for name, value in more.items()}
    known = {name: value for name, value in more.items() if isinstance(value, str)}
    unknown = {name: value for name, value in more.items() if name not in known}
    text = _replaced(text, {**{name: value for name, value in variables.items() if name not in unknown}, **known})
    if "${" not in text:
        return text
    return {"Fn::Sub": [text, unknown] if unknown else text}


def _replaced(text, variables):
    return re.sub(r"\$\{(\w+)\}", lambda found: variables.get(found[1], found[0]), text)


def _joined(parts):
    separator, items = parts
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        return {"Fn::Join": parts}
    return separator.join(items)


def _found(keys, mappings):
    if not all(isinstance(key, str) for key in keys):
        return {"Fn::FindInMap": keys}
    found = mappings
    for key in keys:
        if key not in found:
            sys.exit(f"Mappings has no {'.'.join(keys)}")
        found = found[key]
    return copy.deepcopy(found)


def _short(value):
    """A value with each `Fn::GetAtt` as one text."""
    if isinstance(value, list):
        return [_short(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: ".".join(field) if key == "Fn::GetAtt" else _short(field) for key, field in value.items()}


def main(template, expansion):
    from samtranslator.yaml_helper import yaml_parse

    written = yaml_parse(pathlib.Path(template).read_text())
    made = {name: made for name, made in _short(expand(written)["Resources"]).items() if name not in written["Resources"]}
    if made != json.loads(pathlib.Path(expansion).read_text()):
        sys.exit(f"{expansion} is not what the loops of {template} make")


if __name__ == "__main__":
    main(*sys.argv[1:])
