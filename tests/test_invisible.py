"""Dask's own tests go the same way with the lens looking on as without it."""

from __future__ import annotations

import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

MODULES = ("local", "threaded", "multiprocessing", "callbacks", "delayed", "base", "distributed")
#: Their many clusters fork from a process that has imported distributed.
QUICK = {"DASK_DISTRIBUTED__WORKER__MULTIPROCESSING_METHOD": "forkserver"}
LENS = ("-p", "dask_lens.testing")
#: Without formats of files and further joins: slow, and no way to Dask that others do not take.
MOST = ("-k", "not (broadcast_merge or hdf or parquet or zarr or recursion_error)")


class DaskTests:
    """Dask's tests, running in a process of their own."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.report = folder / "report.xml"
        folder.mkdir()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "pytest", "--quiet", f"--junitxml={self.report}"]
            + ["-p", "no:cacheprovider", "-p", "no:randomly", *options, "--pyargs"]
            + [f"dask.tests.test_{module}" for module in MODULES],
            cwd=folder,
            env={**os.environ, **QUICK},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def outcomes(self) -> dict[tuple[str | None, str], str]:
        """Wait for them; return how each ended, by module and name."""
        said, _ = self.process.communicate()
        assert self.report.exists(), said
        return {
            (case.get("classname"), case.get("name") or ""): ",".join(part.tag for part in case)
            for case in ET.parse(self.report).iter("testcase")  # noqa: S314 - a file of our own
        }


@pytest.mark.timeout(1200)
def test_dask_passes_the_same_of_its_own_tests(tmp_path: Path) -> None:
    both = DaskTests(tmp_path / "without", *MOST), DaskTests(tmp_path / "with", *MOST, *LENS)
    without, observed = (tests.outcomes() for tests in both)
    assert len(without) > 200
    assert observed.keys() == without.keys()
    different = {test for test in without if observed[test] != without[test]}
    if different:
        # Some of Dask's tests look at the clock and fail on a busy machine: once more, alone.
        only = ("-k", " or ".join(sorted({name.partition("[")[0] for _, name in different})))
        without = DaskTests(tmp_path / "without-alone", *only).outcomes()
        observed = DaskTests(tmp_path / "with-alone", *only, *LENS).outcomes()
    assert observed == without
