"""Deploys the templates to a second, independent AWS with IAM enforced, runs the journeys there, and takes it down again.

    second_aws.py

Takes the functions and `deploy-test` from `target/debug`, where `cargo build --workspace --bins` puts them. Runs the
smoke journey of a deployment, the shared journeys by `journeys.py`, and the Rust journeys in `local/tests/it`; invokes
every function with its sample in `events`; and looks for what no caller sees: calls that were denied, dead letters, and
queues and streams that a function may not be fed from.
"""

import concurrent.futures
import contextlib
import io
import json
import os
import pathlib
import platform
import signal
import subprocess
import sys
import tempfile
import time
import zipfile

import botocore.exceptions

import emulator
import transform

ROOT = pathlib.Path(__file__).resolve().parent.parent
BINARIES = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug"
STAGE = "second"
STACK = f"souk-{STAGE}"
PATIENCE = {"Delay": 1, "MaxAttempts": 120}
# Those that need a stack of their own look into it, or kill it; and no template serves the documentation.
RUST_JOURNEYS = ["carts::", "purchase::", "conventions::", "import::", "races::", "--skip=the_contract_is_published",
                 "--skip=the_type_of_a_problem_is_the_path_of_its_page"]
# What Lambda does to have something to invoke a function with.
POLLERS = {
    "sqs": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
    "dynamodb": ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
}


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))
    with contextlib.ExitStack() as exits:
        folder = pathlib.Path(exits.enter_context(tempfile.TemporaryDirectory()))
        log = exits.enter_context((ROOT / "target" / "ministack.log").open("w"))
        cloud = exits.enter_context(emulator.Emulator(folder, log))
        templates = adapted_templates()
        with timed("functions packaged"):
            package(cloud, folder, templates)
        edge, provider = (f"127.0.0.1:{emulator.free_port()}" for _ in range(2))
        with timed("templates deployed"):
            upload_templates(cloud, templates)
            deploy(cloud, AllowedOrigins=f"http://{edge}", PaymentProviderUrl=f"http://{provider}")
            emulator.amend(cloud, STACK, templates)
            # By SERVICE/BINARY: services share binaries.
            functions = {
                f"{service}/{binary}": name
                for service, template in templates.items()
                for binary, name in functions_of(template)
            }
        with timed("schedules started"):
            start_schedules(cloud)
        with timed("demo data made"):
            exits.enter_context(surroundings(cloud, functions, edge, provider))
        environment = {**os.environ, "SOUK_URL": f"http://{edge}"}
        with timed("smoke journey"):
            subprocess.run([sys.executable, ".ci/smoke.py", environment["SOUK_URL"]], cwd=ROOT, check=True)
        with timed("shared journeys"):
            subprocess.run([sys.executable, ".ci/journeys.py"], env=environment, cwd=ROOT, check=True)
        with timed("Rust journeys"):
            # The whole workspace, so that nothing is built with other features than before.
            command = ["cargo", "test", "--workspace", "--locked", "--test", "it", "--", *RUST_JOURNEYS]
            subprocess.run(command, env=environment, cwd=ROOT, check=True)
        with timed("samples"):
            invoke_samples(cloud, functions)
        with timed("looked closer"):
            unseen = [*denied_calls(cloud), *dead_letters(cloud), *pollers_without_rights(cloud)]
        if unseen:
            sys.exit("\n".join(unseen))
        with timed("stack deleted"):
            delete(cloud)


@contextlib.contextmanager
def timed(what):
    began = time.monotonic()
    yield
    print(f"{what}: {time.monotonic() - began:.1f} s", flush=True)


def package(cloud, folder, templates):
    """Uploads each binary that a template names, once."""
    bucket = cloud.client("s3")
    location = {"LocationConstraint": emulator.REGION}
    bucket.create_bucket(Bucket=transform.BUCKET, CreateBucketConfiguration=location)

    def upload(name):
        # Half of a debug build is symbols, and ministack holds all functions in memory.
        stripped, archive = folder / name, io.BytesIO()
        subprocess.run(["strip", "-o", stripped, BINARIES / name], check=True)
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as zipped:
            zipped.write(stripped, "bootstrap")
        stripped.unlink()
        bucket.put_object(Bucket=transform.BUCKET, Key=f"{name}.zip", Body=archive.getvalue())

    names = {binary for template in templates.values() for binary, _ in functions_of(template)}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(upload, names))


def adapted_templates():
    """The templates as ministack understands them, by service; the root template is `root`."""
    paths = [ROOT / "template.yaml", *ROOT.glob("functions/*/template.yaml")]
    templates = {transform.name_of(path): emulator.adapt(transform.transform(path)) for path in paths}
    # The sandbox's provider speaks plain HTTP.
    del templates["root"]["Parameters"]["PaymentProviderUrl"]["AllowedPattern"]
    return templates


def upload_templates(cloud, templates):
    bucket = cloud.client("s3")
    for name, template in templates.items():
        bucket.put_object(Bucket=transform.BUCKET, Key=f"{name}.json", Body=json.dumps(template))


def deploy(cloud, **parameters):
    formation = cloud.client("cloudformation")
    architecture = "arm64" if platform.machine() in ("aarch64", "arm64") else "x86_64"
    parameters = {"Stage": STAGE, "Architecture": architecture, **parameters}
    formation.create_stack(
        StackName=STACK,
        TemplateURL=f"https://s3.amazonaws.com/{transform.BUCKET}/root.json",
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    try:
        formation.get_waiter("stack_create_complete").wait(StackName=STACK, WaiterConfig=PATIENCE)
    except botocore.exceptions.WaiterError:
        for event in formation.describe_stack_events(StackName=STACK)["StackEvents"]:
            if event["ResourceStatus"].endswith("FAILED"):
                print(f"{event['LogicalResourceId']}: {event['ResourceStatusReason']}")
        raise


def delete(cloud):
    formation = cloud.client("cloudformation")
    formation.delete_stack(StackName=STACK)
    formation.get_waiter("stack_delete_complete").wait(StackName=STACK, WaiterConfig=PATIENCE)


def functions_of(template):
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Lambda::Function":
            name = resource["Properties"]["FunctionName"]["Fn::Sub"].replace("${Stage}", STAGE)
            yield resource["Metadata"]["BuildProperties"]["Binary"], name


def start_schedules(cloud):
    """A rate begins at once; ministack waits for its first period to pass."""
    for schedule in cloud.client("scheduler").list_schedules()["Schedules"]:
        invoke(cloud, schedule["Target"]["Arn"], {})


def invoke(cloud, function, payload):
    answer = cloud.client("lambda").invoke(FunctionName=function, Payload=json.dumps(payload))
    said = json.load(answer["Payload"])
    if "FunctionError" in answer:
        sys.exit(f"{function}: {said}")
    return said


@contextlib.contextmanager
def surroundings(cloud, functions, edge, provider):
    """Starts `deploy-test`, and waits until the shelves are full."""
    [distribution] = cloud.client("cloudfront").list_distributions()["DistributionList"]["Items"]
    # Requests go where the distribution says, but by ministack's address of the API.
    apis = {origin["Id"]: origin["DomainName"].split(".")[0] for origin in distribution["Origins"]["Items"]}
    others = {**distribution["DefaultCacheBehavior"], "PathPattern": "*"}
    behaviours = [*distribution["CacheBehaviors"]["Items"], others]

    def variable(function, name):
        configuration = cloud.client("lambda").get_function_configuration(FunctionName=functions[function])
        return configuration["Environment"]["Variables"][name]

    deployed = {
        "edge": edge,
        "behaviours": [
            {
                "path": behaviour["PathPattern"],
                "origin": f"{cloud.url}/_aws/execute-api/{apis[behaviour['TargetOriginId']]}/$default",
            }
            for behaviour in behaviours
        ],
        "provider": provider,
        "api_key": variable("payments/authorize-payment", "STRIPE_API_KEY"),
        "webhook_secret": variable("payments/receive-webhook", "STRIPE_WEBHOOK_SECRET"),
    }
    process = subprocess.Popen(
        [BINARIES / "deploy-test"], cwd=ROOT, text=True, bufsize=1, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        print(json.dumps(deployed), file=process.stdin)
        for line in process.stdout:
            asked = json.loads(line)
            if asked.get("ready"):
                break
            said = invoke(cloud, functions[asked["function"]], asked["payload"])
            print(json.dumps(said), file=process.stdin)
        else:
            sys.exit("the demo data could not be made")
        yield
    finally:
        process.kill()
        process.wait()


def invoke_samples(cloud, functions):
    """Invokes every function with its samples: most journeys pass some by."""
    folder, invoked = ROOT / "events", set()
    # SERVICE/FUNCTION.json, or SERVICE/FUNCTION/EVENT.json where several events invoke the function.
    for sample in sorted(folder.glob("**/*.json")):
        service, function, *_ = sample.relative_to(folder).parts
        name = f"{service}/{function.removesuffix('.json')}"
        said = invoke(cloud, functions[name], json.loads(sample.read_text())) or {}
        if said.get("statusCode", 200) >= 500:
            sys.exit(f"{sample}: {said}")
        invoked.add(name)
    if invoked != functions.keys():
        sys.exit(f"no sample of {functions.keys() - invoked}")


def denied_calls(cloud):
    """What functions were denied, and may have lived with."""
    logs = cloud.client("logs")
    for group in logs.describe_log_groups(logGroupNamePrefix=f"/souk/{STAGE}/")["logGroups"]:
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"])
        for event in pages.build_full_result()["events"]:
            if "AccessDenied" in event["message"]:
                yield event["message"]


def dead_letters(cloud):
    queues = cloud.client("sqs")
    for url in queues.list_queues()["QueueUrls"]:
        attributes = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
        count = int(attributes["Attributes"]["ApproximateNumberOfMessages"])
        if url.endswith("dead-letters") and count > 0:
            yield f"{count} messages in {url}"


def pollers_without_rights(cloud):
    """Lambda polls in a function's role; ministack in its own right, so that the rights are looked up."""
    functions, iam = cloud.client("lambda"), cloud.client("iam")
    mappings = functions.get_paginator("list_event_source_mappings").paginate().build_full_result()
    for mapping in mappings["EventSourceMappings"]:
        source = mapping["EventSourceArn"]
        role = functions.get_function_configuration(FunctionName=mapping["FunctionArn"])["Role"]
        name = role.rsplit("/", 1)[1]
        boundary = iam.get_role(RoleName=name)["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"]
        limits = iam.get_policy_version(PolicyArn=boundary, VersionId="v1")["PolicyVersion"]["Document"]
        asked = {"ActionNames": POLLERS[source.split(":")[2]], "ResourceArns": [source]}
        results = [
            *iam.simulate_principal_policy(PolicySourceArn=role, **asked)["EvaluationResults"],
            *iam.simulate_custom_policy(PolicyInputList=[json.dumps(limits)], **asked)["EvaluationResults"],
        ]
        for result in results:
            if result["EvalDecision"] != "allowed":
                yield f"{role} may not {result['EvalActionName']} on {source}"


if __name__ == "__main__":
    main()
