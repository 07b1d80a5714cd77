"""Dask's own tests go the same way with the lens looking on as without it."""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

MODULES = ("local", "threaded", "multiprocessing", "callbacks", "delayed", "base", "distributed")


def outcomes(folder: Path, *plugins: str) -> dict[str, str]:
    """Run Dask's tests in a process of their own; return the outcome of each by its name."""
    report = folder / "report.xml"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--quiet", f"--junitxml={report}"]
        + ["-p", "no:cacheprovider", "-p", "no:randomly", *plugins, "--pyargs"]
        + [f"dask.tests.test_{module}" for module in MODULES],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert report.exists(), done.stdout + done.stderr
    return {
        f"{case.get('classname')}::{case.get('name')}": ",".join(part.tag for part in case)
        for case in ET.parse(report).iter("testcase")  # noqa: S314 - a file of our own making
    }


@pytest.mark.timeout(1200)
def test_dask_passes_the_same_of_its_own_tests(tmp_path: Path) -> None:
    without = outcomes(tmp_path)
    assert len(without) > 200
    observed = outcomes(tmp_path, "-p", "dask_lens.testing")
    assert observed == without
