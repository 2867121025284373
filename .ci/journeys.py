#!/usr/bin/env python3
"""Runs the shared journeys against the stack at SOUK_URL.

    SOUK_URL=http://localhost:3000 python3 .ci/journeys.py

Takes the folder ../shared/journeys, and of those beside it the tests that `.ci/journeys.txt` names. The tests that
`.ci/disputed-journeys.txt` lists are not run: each is printed with its reason. Fails if a test fails, if a named folder or
beginning has no tests, or if a listed test does not exist.
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


def due(tests, words):
    """The tests whose ids begin with one of the words, and with none of those after a minus. Without words, all tests."""
    out = tuple(word[1:] for word in words if word.startswith("-"))
    taken = [word for word in words if not word.startswith("-")]
    for beginning in [*taken, *out]:
        if not any(test.id().startswith(beginning) for test in tests):
            sys.exit(f"journeys.txt: no test begins with {beginning}")
    return [test for test in tests if test.id().startswith(tuple(taken or [""])) and not test.id().startswith(out)]


def main():
    disputed = dict(line.split(maxsplit=1) for line in lines("disputed-journeys.txt"))
    folders = [line.split() for line in ["journeys", *lines("journeys.txt")]]
    tests, unknown, complete = [], set(disputed), True
    for name, *words in folders:
        folder = SHARED / name
        if not folder.is_dir():
            print(f"NOT RUN: the shared journeys in {folder}, because it does not exist.")
            complete = False
            continue
        found = list(tests_of(unittest.TestLoader().discover(str(folder))))
        if not found:
            sys.exit(f"{folder} has no tests")
        found = due(found, words)
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
