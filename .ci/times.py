#!/usr/bin/env python3
"""Writes the seconds of the last `bash .ci/run` into a column of the table in `.ci/README.md`.

    python3 .ci/times.py cold|warm
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TABLE, TIMES = ROOT / ".ci/README.md", ROOT / "target/seconds.txt"


def main(column):
    times = {step: int(seconds) for step, seconds in map(str.split, TIMES.read_text().splitlines())}
    times["all"] = sum(times.values())
    lines = TABLE.read_text().splitlines()
    [heads] = [line.split("|") for line in lines if line.startswith("| step |")]
    at = [head.strip() for head in heads].index(column)
    for number, line in enumerate(lines):
        step = re.match(r"\| `?([a-z-]+)`? \|", line)
        if step and step[1] in times:
            cells = line.split("|")
            cells[at] = f" {times[step[1]]:,} "
            lines[number] = "|".join(cells)
    TABLE.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
