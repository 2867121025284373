#!/usr/bin/env python3
"""Runs the shared journeys against the stack at SOUK_URL.

    SOUK_URL=http://localhost:3000 python3 .ci/journeys.py

Takes the folder ../shared/journeys, and those beside it that `.ci/journeys.txt` names. The tests that
`.ci/disputed-journeys.txt` lists are not run: each is printed with its reason. Fails if a test fails, if a folder has no
tests, or if a listed test does not exist.
"""

import pathlib
import sys
import unittest

CI = pathlib.Path(__file__).resolve().parent
SHARED = CI.parent.parent / "shared"


def lines(file):
    """The lines of a file, without comments and empty lines."""
    texts = (line.split("#", 1)[0].strip() for line in (CI / file).read_text().splitlines())
    return [text for text in texts if text]


def tests_of(suite):
    for test in suite:
        yield from tests_of(test) if isinstance(test, unittest.TestSuite) else [test]


def main():
    disputed = dict(line.split(maxsplit=1) for line in lines("disputed-journeys.txt"))
    folders = [SHARED / name for name in ["journeys", *lines("journeys.txt")]]
    tests, unknown, complete = [], set(disputed), True
    for folder in folders:
        if not folder.is_dir():
            print(f"NOT RUN: the shared journeys in {folder}, because it does not exist.")
            complete = False
            continue
        found = list(tests_of(unittest.TestLoader().discover(str(folder))))
        if not found:
            sys.exit(f"{folder} has no tests")
        tests += [test for test in found if test.id() not in disputed]
        for test in found:
            if test.id() in disputed:
                print(f"NOT RUN: {test.id()}, because it is disputed: {disputed[test.id()]}")
                unknown.discard(test.id())
    if complete and unknown:
        sys.exit(f"disputed-journeys.txt lists tests that do not exist: {sorted(unknown)}")
    sys.stdout.flush()
    sys.exit(not unittest.TextTestRunner(verbosity=2).run(unittest.TestSuite(tests)).wasSuccessful())


if __name__ == "__main__":
    main()
