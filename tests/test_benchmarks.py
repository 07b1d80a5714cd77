"""Benchmarks still run; how long things take is for them to say, on an idle machine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


@pytest.mark.parametrize(
    ("benchmark", "told"),
    [
        ("analysis 200", "what-if"),
        ("check 3", "budget 5 ms"),
        ("predict removed", "median error"),
        ("scale 2000", "2,000 tasks recorded"),
        ("truth --graph chain --scheduler sync", "numbers outside"),
    ],
)
def test_it_runs_in_small(benchmark: str, told: str) -> None:
    name, *arguments = benchmark.split()
    command = [sys.executable, f"{BENCHMARKS / name}.py", *arguments]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
    assert told in ended.stdout, ended.stderr
    assert "Traceback" not in ended.stderr
