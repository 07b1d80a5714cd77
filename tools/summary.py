"""Print how many tests each step of `make test` ran, from the JUnit files it left."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from pathlib import Path

COLUMNS = ("tests", "passed", "failed", "skipped", "seconds")


def row(suites: list[ET.Element]) -> tuple[int, int, int, int, float]:
    """Add up the suites of one step: all, passed, failed, skipped, seconds."""

    def total(name: str) -> float:
        return sum(float(suite.get(name) or 0) for suite in suites)

    tests, skipped = int(total("tests")), int(total("skipped"))
    failed = int(total("failures") + total("errors"))
    return tests, tests - failed - skipped, failed, skipped, total("time")


def main(folder: str) -> None:
    """Print the table for the JUnit files in ``folder``, oldest first, and its sums."""
    files = sorted(Path(folder).glob("*.xml"), key=lambda file: file.stat().st_mtime)
    trees = {file.stem: ET.parse(file) for file in files}  # noqa: S314 - files of our own making
    rows = {step: row(list(tree.iter("testsuite"))) for step, tree in trees.items()}
    if not rows:
        print("\nno tests ran")
        return
    rows["all"] = tuple(map(sum, zip(*rows.values(), strict=True)))
    print(f"\n{'step':<12}" + "".join(f"{name:>9}" for name in COLUMNS))
    for step, (*counts, seconds) in rows.items():
        print(f"{step:<12}" + "".join(f"{count:>9}" for count in counts) + f"{seconds:>9.1f}")


if __name__ == "__main__":
    main(sys.argv[1])
