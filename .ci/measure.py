#!/usr/bin/env python3
"""What functions weigh, and what they cost before they do any work, against the budgets.

    python3 .ci/measure.py get-stock place-order reserve-stock [--check [--if-changed] | --write]

Builds each as it is deployed, for this machine's architecture, and runs it against a Lambda Runtime API of its own: no
container, no store. Prints a Markdown table; what is over its budget is bold, and ends it with status 1 unless it is a
time, which other work on the machine can spoil. The budget of a warm invocation holds for a machine on which the runtime
alone takes RUNTIME_ALONE; the same is measured here, and the budget grows or shrinks with it. --write keeps the table as
.ci/footprint.md; --check also fails where what does not depend on the machine's mood has moved from that table by more
than DRIFT. --if-changed does nothing if SOURCES are the same as when the table was kept: it holds their hash. Needs Rust and
Python 3.11; cargo-lambda, which builds, is installed under target/venv if it is not there.
Instructions are counted by perf or by valgrind, whichever counts here; if neither does, --check installs valgrind by
apt-get, as root or by a sudo that asks for no password.
"""

import contextlib
import hashlib
import io
import json
import os
import pathlib
import re
import select
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import tomllib
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
STARTS, WARM_UP, INVOCATIONS = 20, 200, 2000
BARE, RUNTIME_ALONE = "bare", 36e-6
KEPT, DRIFT = ROOT / ".ci/footprint.md", 0.1
# What decides how large a function is, and how quickly it starts, apart from its operation.
SOURCES = ["Cargo.lock", "Cargo.toml", "rust-toolchain.toml", "shared/*/Cargo.toml", "shared/*/src/**/*.rs", ".ci/requirements.txt"]

# Name, budget, how it is written, whether other work on the machine can spoil it.
COLUMNS = [
    ("binary", 5e6, lambda bytes: f"{bytes / 1e6:.2f} MB", False),
    ("zipped", 2.3e6, lambda bytes: f"{bytes / 1e6:.2f} MB", False),
    ("start to first poll", 2e-3, lambda seconds: f"{seconds * 1e3:.1f} ms", True),
    ("instructions to it", 3e6, lambda count: f"{count / 1e6:.1f} M", False),
    ("peak memory", 8e6, lambda bytes: f"{bytes / 1e6:.2f} MB", False),
    ("warm, without the store", 50e-6, lambda seconds: f"{seconds * 1e6:.0f} µs CPU", True),
]

# Name, options, where what it writes has the count. Their counts differ by 4 %.
COUNTERS = [
    ("perf", ["stat", "-x,", "-e", "instructions:u", "--output="], r"^(\d+),"),
    ("valgrind", ["--tool=callgrind", "--callgrind-out-file=/dev/null", "--log-file="], r"Collected : (\d+)"),
]

# What templates set, and Lambda. Nothing listens at the endpoint: whoever called it would fail.
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    "AWS_LAMBDA_LOG_FORMAT": "JSON",
    "AWS_LAMBDA_LOG_GROUP_NAME": "/souk/measured",
    "AWS_LAMBDA_LOG_STREAM_NAME": "measured",
    "AWS_REGION": "eu-west-1",
    "AWS_SECRET_ACCESS_KEY": "measured",
    "AWS_SESSION_TOKEN": "measured",
    "EVENT_BUS": "souk-measured",
    "IMPORT_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/123456789012/import",
    "ID_SECRET": "measured-" * 5,
    "SEAL_SECRET": "measured-" * 5,
    "SEARCH_CATEGORY_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/123456789012/search-category",
    "SEARCH_FRESHNESS": "1000",
    "STAGE": "measured",
    "STRIPE_API_KEY": "measured",
    "STRIPE_API_URL": "http://127.0.0.1:9",
    "STRIPE_WEBHOOK_SECRET": "measured-" * 5,
    "TABLE": "souk-measured",
    "WEBHOOK_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/123456789012/webhooks",
}


class RuntimeApi:
    """The side of Lambda that a function polls: one function, one invocation at a time."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.connections = {}
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]

    def close(self):
        for connection in [self.listener, *self.connections]:
            connection.close()

    def wait(self, seconds=60):
        """Waits for a request: who sent it, its first line, its body."""
        while True:
            ready, _, _ = select.select([self.listener, *self.connections], [], [], seconds)
            if not ready:
                sys.exit("the function does not ask for work; what it said is above")
            if self.listener in ready:
                connection, _ = self.listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.connections[connection] = connection.makefile("rb")
                continue
            line = self.connections[ready[0]].readline().decode()
            if line:
                return ready[0], line.strip(), self.body(self.connections[ready[0]])
            del self.connections[ready[0]]

    def body(self, stream):
        headers = dict(line.decode().strip().lower().split(": ", 1) for line in iter(stream.readline, b"\r\n"))
        if headers.get("transfer-encoding") != "chunked":
            return stream.read(int(headers.get("content-length", 0)))
        chunks = []
        while size := int(stream.readline(), 16):
            chunks.append(stream.read(size))
            stream.readline()
        stream.readline()
        return b"".join(chunks)

    def invoke(self, poll, event, number):
        """Answers a poll with an event: the answer, and the next poll."""
        deadline = int((time.time() + 10) * 1000)
        head = (
            f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(event)}\r\n"
            f"lambda-runtime-aws-request-id: 8476a536-e9f4-11e8-9739-{number:012d}\r\n"
            f"lambda-runtime-deadline-ms: {deadline}\r\n"
            "lambda-runtime-invoked-function-arn: arn:aws:lambda:eu-west-1:123456789012:function:measured\r\n"
            "lambda-runtime-trace-id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1\r\n\r\n"
        )
        poll.sendall(head.encode() + event)
        sender, line, answer = self.wait()
        if not line.split()[1].endswith("/response"):
            sys.exit(f"the function answered {line}: {answer.decode()}")
        sender.sendall(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n")
        return answer, self.wait()[0]


@contextlib.contextmanager
def started(binary, environment, wrapper=()):
    """A function at its first poll: its process, the API, the poll, and the seconds it took."""
    api, command = RuntimeApi(), [*wrapper, str(binary)]
    environment = {**environment, "AWS_LAMBDA_RUNTIME_API": api.address}
    nowhere = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    began = time.perf_counter()
    process = os.posix_spawn(command[0], command, environment, file_actions=nowhere)
    try:
        poll, line, _ = api.wait()
        took = time.perf_counter() - began
        assert line.startswith("GET /2018-06-01/runtime/invocation/next "), line
        yield process, api, poll, took
    finally:
        os.kill(process, signal.SIGTERM)
        os.waitpid(process, 0)
        api.close()


def start_time(binary, environment):
    times = []
    for _ in range(STARTS):
        with started(binary, environment) as (_, _, _, took):
            times.append(took)
    return statistics.median(times)


def counter():
    """What counts instructions here: its name, its command up to the file it writes, and where that has the count."""
    for name, options, pattern in COUNTERS:
        if tool := shutil.which(name):
            command = [tool, *options]
            tried = subprocess.run([*command[:-1], "true"], capture_output=True, text=True)
            if re.search(pattern, tried.stderr, re.M):
                return name, command, pattern
    return None


def install_valgrind():
    apt = [*([] if os.geteuid() == 0 else ["sudo", "-n"]), "apt-get", "--quiet=2"]
    with contextlib.suppress(FileNotFoundError):
        for command in (["update"], ["install", "--yes", "--no-install-recommends", "valgrind"]):
            subprocess.run([*apt, *command], stdin=subprocess.DEVNULL)


def instructions(binary, environment, counter):
    if counter is None:
        return None
    name, (*command, output), pattern = counter
    with tempfile.NamedTemporaryFile("r") as said:
        with started(binary, environment, [*command, output + said.name]) as (process, _, _, _):
            # What is counted ends with the function, and perf itself only after it.
            if name == "perf":
                child = pathlib.Path(f"/proc/{process}/task/{process}/children").read_text().split()
                os.kill(int(child[0]), signal.SIGTERM)
                deadline = time.monotonic() + 10
                while not re.search(pattern, pathlib.Path(said.name).read_text(), re.M) and time.monotonic() < deadline:
                    time.sleep(0.01)
        return int(re.search(pattern, said.read(), re.M)[1])


def refused(service, name):
    """An event that the function refuses before it asks the store: none if there is none for such a function."""
    samples = ROOT / "events" / service
    [sample, *_] = [*samples.glob(f"{name}.json"), *sorted(samples.glob(f"{name}/*.json"))]
    event = json.loads(sample.read_text())
    if "routeKey" in event and event["requestContext"].pop("authorizer", None):
        return event  # nobody calls
    for record in event.get("Records", []):
        if record.get("eventSource") != "aws:sqs":
            return None
        record["body"] = record["body"].replace('"detail-type":"', '"detail-type":"Never')
    return event if "Records" in event else None


def cpu(process):
    tasks = pathlib.Path(f"/proc/{process}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def warm(binary, environment, event):
    """Peak memory, and CPU time of an invocation."""
    with started(binary, environment) as (process, api, poll, _):
        used = None
        if event is not None:
            event = json.dumps(event).encode()
            for number in range(WARM_UP + INVOCATIONS):
                if number == WARM_UP:
                    before = cpu(process)
                answer, poll = api.invoke(poll, event, number)
            used = (cpu(process) - before) / INVOCATIONS
            print(f"{binary.parent.name} answered {answer.decode()}", file=sys.stderr)
        status = pathlib.Path(f"/proc/{process}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024, used


def zipped(binary):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        file.write(binary, "bootstrap")
    return archive.tell()


def install_cargo_lambda():
    venv = ROOT / "target/venv"
    os.environ["PATH"] = f"{venv / 'bin'}{os.pathsep}{os.environ['PATH']}"
    if shutil.which("cargo-lambda"):
        return
    if not (venv / "bin/python").exists():
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    requirements = (ROOT / ".ci/requirements.txt").read_text().splitlines()
    wanted = [line for line in requirements if line.startswith(("cargo-lambda==", "ziglang=="))]
    subprocess.run([venv / "bin/python", "-m", "pip", "install", "--quiet", *wanted], check=True)


def build(services):
    install_cargo_lambda()
    packages = [f"--package={package}" for package in sorted({"lambda", *services.values()})]
    bins = [f"--bin={name}" for name in [BARE, *services]]
    command = ["cargo", "lambda", "build", "--profile", "lambda", "--output-format", "binary", *packages, *bins]
    subprocess.run(command, cwd=ROOT, check=True)


def deployed_otherwise():
    """The options with which `sam build` builds, where they differ from the profile that is measured."""
    manifest = tomllib.loads((ROOT / "Cargo.toml").read_text())
    measured, deployed = manifest["profile"]["lambda"], {}
    for line in manifest["workspace"]["metadata"]["lambda"]["build"]["config"]:
        name, value = line.removeprefix("profile.release.").split("=")
        *path, last = name.split(".")
        level = deployed
        for part in path:
            level = level.setdefault(part, {})
        level[last] = tomllib.loads(f"value={value}")["value"]
    return {name for name in measured.keys() | deployed.keys() if measured.get(name) != deployed.get(name)} - {"inherits"}


def row(cells):
    return f"| {' | '.join(cells)} |"


def steady(rows):
    """A table of what other work on the machine cannot spoil."""
    kept = [0, *(at for at, (_, _, _, unsteady) in enumerate(COLUMNS, 1) if not unsteady)]
    return "".join(row([cells[at] for at in kept]) + "\n" for cells in rows)


def hash_of_sources():
    digest = hashlib.sha256()
    found = (path for pattern in SOURCES for path in ROOT.glob(pattern))
    for path in sorted(path for path in found if "tests" not in path.with_suffix("").parts):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(ROOT).as_posix()} {len(content)}\n".encode() + content)
    return f"Measured with the sources whose SHA-256 is `{digest.hexdigest()}`."


def drifted(kept, table):
    """What has moved since the table was kept."""
    tables = [
        [[cell.strip(" *`") for cell in line.split("|")[1:-1]] for line in lines.splitlines() if line.startswith("|")]
        for lines in (kept, table)
    ]
    columns = tables[1][0][1:]
    before, now = ({name: figures for name, *figures in rows} for rows in tables)
    for name in now.keys() - {"function", "---", "budget"}:
        for column, old, new in zip(columns, before.get(name, [""] * len(columns)), now[name]):
            if "not measured" in (old, new):
                continue
            if not old or abs(float(new.split()[0]) / float(old.split()[0]) - 1) > DRIFT:
                yield f"{name}: {column} was {old or 'not kept'} and is {new}"


def main(*arguments):
    names = [name for name in arguments if not name.startswith("--")]
    checks, writes = "--check" in arguments, "--write" in arguments
    services = {path.stem: path.parts[-4] for path in ROOT.glob("functions/*/src/bin/*.rs")}
    if not names or any(name not in services for name in names):
        sys.exit(f"usage: measure.py FUNCTION...\nfunctions: {' '.join(sorted(services))}")
    services = {name: services[name] for name in names}
    if differing := deployed_otherwise():
        sys.exit(f"Cargo.toml: profile.lambda and workspace.metadata.lambda.build differ in {', '.join(sorted(differing))}")
    if "--if-changed" in arguments and hash_of_sources() in KEPT.read_text():
        print(f"NOT RUN: functions are not measured, because {', '.join(SOURCES)} are as they were for {KEPT.name}.")
        return
    build(services)
    counts = counter()
    if checks and not counts:
        install_valgrind()
        counts = counter()
    over = False
    results = []
    request = refused("inventory", "get-stock")
    _, alone = warm(TARGET / "lambda" / BARE / "bootstrap", {**ENVIRONMENT, "AWS_LAMBDA_FUNCTION_NAME": BARE}, request)
    *columns, (heading, allowed, *how) = COLUMNS
    columns.append((heading, allowed * alone / RUNTIME_ALONE, *how))
    for name, service in services.items():
        binary = TARGET / "lambda" / name / "bootstrap"
        environment = {**ENVIRONMENT, "AWS_LAMBDA_FUNCTION_NAME": name, "SERVICE": service}
        memory, used = warm(binary, environment, refused(service, name))
        figures = [
            binary.stat().st_size,
            zipped(binary),
            start_time(binary, environment),
            instructions(binary, environment, counts),
            memory,
            used,
        ]
        cells = []
        for figure, (_, budget, write, unsteady) in zip(figures, columns):
            within = figure is None or figure <= budget
            over |= not within and not unsteady
            cells.append("not measured" if figure is None else write(figure) if within else f"**{write(figure)}**")
        results.append([f"`{name}`", *cells])
    heads = [["function", *(name for name, *_ in COLUMNS)], ["---"] * (1 + len(COLUMNS))]
    budgets = ["budget", *(write(budget) for _, budget, write, _ in columns)]
    table = [*heads, *results, budgets]
    print("".join(row(cells) + "\n" for cells in table), end="")
    print(f"\nWarm, the runtime alone takes {alone * 1e6:.0f} µs here; the budget of {allowed * 1e6:.0f} µs is for {RUNTIME_ALONE * 1e6:.0f} µs.")
    uncounted = checks and not counts and shutil.which("valgrind") is not None
    if counts:
        print(f"Instructions counted by {counts[0]}.")
    elif checks and not uncounted:
        print("NOT CHECKED: instructions, because perf does not count here and valgrind cannot be installed.")
    else:
        print("Instructions not counted: neither perf nor valgrind does here.")
    if writes:
        KEPT.write_text(f"{steady(table)}\n{hash_of_sources()}\n")
    moved = list(drifted(KEPT.read_text(), steady(table))) if checks else []
    if moved:
        print("\n".join([*moved, "If that is meant: measure.py … --write, and say why in the commit."]))
    sys.exit(over or uncounted or bool(moved))


if __name__ == "__main__":
    main(*sys.argv[1:])
