#!/usr/bin/env python3
"""Runs the shared cases against the stack at SOUK_URL.

    SOUK_URL=http://localhost:3000 python3 .ci/cases.py

A case is a script in ../shared/cases. It prints one line and exits with 0 if the answers of the stack are right. Cases
run three at a time, because each makes its own products and carts. Prints the line and the seconds of each. Fails if a
case is wrong, ends in another way or takes longer than three minutes, or if the folder has no cases.
"""

import concurrent.futures
import pathlib
import subprocess
import sys
import time

FOLDER = pathlib.Path(__file__).resolve().parent.parent.parent / "shared/cases"
AT_ONCE = 3
LONGEST = 180 # seconds


def run(case):
    """Whether a case is right, and what it printed."""
    command = [sys.executable, str(case)]
    try:
        ended = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=LONGEST)
    except subprocess.TimeoutExpired:
        return False, f"WRONG: it took longer than {LONGEST} s"
    text = ended.stdout.strip()
    if text.startswith("right: ") and ended.returncode == 0:
        return True, text
    if text.startswith("WRONG: ") and ended.returncode == 1:
        return False, text
    return False, f"WRONG: it ended with {ended.returncode}: {text}\n{ended.stderr.strip()}"


def timed(case):
    began = time.monotonic()
    right, text = run(case)
    print(f"{case.stem} ({time.monotonic() - began:.1f} s): {text}", flush=True)
    return right


def main():
    if not FOLDER.is_dir():
        print(f"NOT RUN: the shared cases in {FOLDER}, because it does not exist.")
        return
    cases = sorted(FOLDER.glob("*.py"))
    if not cases:
        sys.exit(f"{FOLDER} has no cases")
    began = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        wrong = [case.stem for case, right in zip(cases, pool.map(timed, cases)) if not right]
    print(f"{len(cases) - len(wrong)} of {len(cases)} cases are right, after {time.monotonic() - began:.1f} s.")
    if wrong:
        sys.exit(f"These cases are wrong: {', '.join(wrong)}")


if __name__ == "__main__":
    main()
