"""ministack, an AWS for one machine that nobody here wrote; and what it gets wrong, put right from outside."""

import contextlib
import functools
import json
import os
import pathlib
import random
import re
import secrets
import signal
import socket
import subprocess
import sys
import time

import boto3
from botocore.config import Config

REGION = "eu-west-1"


# Below those that a system gives to connections: what is free now is free when somebody listens there later.
PORTS = iter(random.sample(range(20_000, 30_000), 1000))


def free_port():
    for port in PORTS:
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    sys.exit("no port is free")


class Emulator:
    """A running ministack, for this machine and the holder of its root key alone."""

    def __init__(self, folder, log):
        self.port, key = free_port(), secrets.token_hex(20)
        self.url = f"http://127.0.0.1:{self.port}"
        self.session = boto3.Session(aws_access_key_id="root", aws_secret_access_key=key, region_name=REGION)
        environment = {
            "AUTH": "true",
            "AWS_ACCESS_KEY_ID": "root",
            "AWS_ENDPOINT_URL": self.url,  # for functions
            "AWS_SECRET_ACCESS_KEY": key,
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "IOT_MTLS_ENABLED": "0",
            "LAMBDA_ACCOUNT_CONCURRENCY": "200",  # of some 8 MB each
            "MINISTACK_REGION": REGION,
            "PATH": os.environ["PATH"],
            "SFTP_ENABLED": "0",
            "TMPDIR": str(folder),
        }
        program = pathlib.Path(sys.executable).with_name("ministack")
        # A group of its own: functions are its children, and end with it.
        self.process = subprocess.Popen(
            [program], env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )

    def __enter__(self):
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
                return self
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.__exit__()
                    raise
                time.sleep(0.1)

    def __exit__(self, *_):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    @functools.cache
    def client(self, service):
        config = Config(retries={"total_max_attempts": 1}, read_timeout=300, max_pool_connections=32)
        return self.session.client(service, endpoint_url=self.url, config=config)


def adapt(template):
    """A template that ministack understands, made of one."""
    # It asks for `sqs:SendMessageBatch`, which IAM does not have: who may send a message may send ten.
    template = json.loads(json.dumps(template).replace('"sqs:SendMessage"', '"sqs:SendMessage*"'))
    resources = template["Resources"]
    # It does not know archives, and refuses the whole template.
    for name in [name for name, resource in resources.items() if resource["Type"] == "AWS::Events::Archive"]:
        del resources[name]
    # It drops an API's OpenAPI document, and with it every route.
    for name in [name for name, resource in resources.items() if resource["Type"] == "AWS::ApiGatewayV2::Api"]:
        resources.update(written_out(name, resources[name]["Properties"]))
    return template


def written_out(api, properties):
    """An API's OpenAPI document, as resources of their own. CORS is left out: ministack would answer it its own way."""
    body = properties.pop("Body")
    properties.update(Name=body["info"]["title"], ProtocolType="HTTP")
    resources = {}

    def add(name, kind, **properties):
        resources[name] = {"Type": f"AWS::ApiGatewayV2::{kind}", "Properties": {"ApiId": {"Ref": api}, **properties}}
        return {"Ref": name}

    authorizers = {"NONE": {"AuthorizationType": "NONE"}}
    # An API whose routes are all public has none.
    for scheme, declared in body.get("components", {}).get("securitySchemes", {}).items():
        declared = declared["x-amazon-apigateway-authorizer"]
        kept = {key[0].upper() + key[1:]: value for key, value in declared.items() if key != "type"}
        authorizer = add(f"{api}{scheme}", "Authorizer", Name=scheme, AuthorizerType="REQUEST", **kept)
        authorizers[scheme] = {"AuthorizationType": "CUSTOM", "AuthorizerId": authorizer}
    for path, operations in body["paths"].items():
        for method, operation in operations.items():
            number = len(resources)
            declared = operation["x-amazon-apigateway-integration"]
            integration = add(
                f"{api}Integration{number}",
                "Integration",
                IntegrationType="AWS_PROXY",
                IntegrationUri=declared["uri"],
                PayloadFormatVersion=declared["payloadFormatVersion"],
            )
            security = operation.get("security", [{"NONE": []}])
            [scheme] = [scheme for alternative in security for scheme in alternative]
            add(
                f"{api}Route{number}",
                "Route",
                RouteKey=f"{method.upper()} {path}",
                Target={"Fn::Sub": ["integrations/${Id}", {"Id": integration}]},
                **authorizers[scheme],
            )
    return resources


def amend(emulator, stack, templates):
    """Does what CloudFormation would have done in the nested stacks of `stack`, and ministack did not."""
    formation, iam = emulator.client("cloudformation"), emulator.client("iam")
    for nested in resources_of(formation, stack):
        if nested["ResourceType"] != "AWS::CloudFormation::Stack":
            continue
        # It makes roles without their permissions boundaries.
        made = {made["LogicalResourceId"]: made for made in resources_of(formation, nested["PhysicalResourceId"])}
        for name, resource in templates[nested["LogicalResourceId"].lower()]["Resources"].items():
            if resource["Type"] == "AWS::IAM::Role" and (boundary := resource["Properties"].get("PermissionsBoundary")):
                iam.put_role_permissions_boundary(
                    RoleName=made[name]["PhysicalResourceId"],
                    PermissionsBoundary=made[boundary["Ref"]]["PhysicalResourceId"],
                )
    # It leaves references to secrets as they stand, and numbers numbers.
    functions = emulator.client("lambda")
    for function in functions.get_paginator("list_functions").paginate().build_full_result()["Functions"]:
        variables = function["Environment"]["Variables"]
        variables = {name: resolved(emulator, str(value)) for name, value in variables.items()}
        functions.update_function_configuration(
            FunctionName=function["FunctionName"], Environment={"Variables": variables}
        )


def resources_of(formation, stack):
    pages = formation.get_paginator("list_stack_resources").paginate(StackName=stack)
    return pages.build_full_result()["StackResourceSummaries"]


def resolved(emulator, text):
    def value(reference):
        secret, key = reference.groups()
        said = emulator.client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"]
        return json.loads(said)[key] if key else said

    return re.sub(r"{{resolve:secretsmanager:([^:}]+)(?::SecretString:([^}]+))?}}", value, text)
