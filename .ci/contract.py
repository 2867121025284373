"""Fails if docs/openapi.json breaks clients of its last version, unless CHANGELOG.md names each operation that does.

    OASDIFF=target/tools/bin/oasdiff python3 .ci/contract.py

The last version is the one of the last commit. If that is the same, it is the one before the last change of the file. A
breaking change is named by the operation, such as `POST /v1/orders`, under Unreleased in CHANGELOG.md.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
FILE = "docs/openapi.json"


def git(*arguments):
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def last_version():
    """The text of the last version that differs, or None."""
    now = (ROOT / FILE).read_text()
    for commit in git("rev-list", "HEAD", "--", FILE).stdout.split():
        before = git("show", f"{commit}:{FILE}")
        if before.returncode == 0 and before.stdout != now:
            return before.stdout
    return None


def breaking(before):
    """The breaking changes, as oasdiff finds them."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(before)
        file.flush()
        command = [os.environ["OASDIFF"], "breaking", "--format", "json", file.name, str(ROOT / FILE)]
        found = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return json.loads(found or "[]") or []


def main():
    before = last_version()
    if before is None:
        print(f"{FILE} has no earlier version")
        return
    unreleased = (ROOT / "CHANGELOG.md").read_text().split("\n## [", 2)[1]
    unnamed = []
    for change in breaking(before):
        operation = f"{change.get('operation', '')} {change.get('path', '')}"
        if operation not in unreleased:
            unnamed.append(f"{operation}: {change['text']}")
    for change in unnamed:
        print(change)
    if unnamed:
        sys.exit("These changes break clients: undo them, or name the operations in CHANGELOG.md under Unreleased.")
    print(f"{FILE} breaks no client of its last version that CHANGELOG.md does not name")


if __name__ == "__main__":
    main()
