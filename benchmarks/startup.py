"""What turning the lens on costs in a process that has imported dask and distributed.

Run ``python benchmarks/startup.py [ROUNDS]``.
"""

from __future__ import annotations

import statistics
import subprocess
import sys

CODE = """
import time
import dask, distributed, IPython.core.interactiveshell
start = time.perf_counter()
from dask_lens.observe.observer import Observer
from dask_lens.observe.notebook import NotebookCells
imported = time.perf_counter()
Observer(print).start()
print(imported - start, time.perf_counter() - imported)
"""
#: Seconds that ``%load_ext dask_lens`` may take.
BUDGET = 0.150


def main(rounds: int) -> None:
    rows = []
    for _ in range(rounds):
        out = subprocess.run(
            [sys.executable, "-c", CODE], check=True, capture_output=True, text=True
        ).stdout
        rows.append([float(value) for value in out.split()])
    importing, starting = (statistics.median(column) for column in zip(*rows, strict=True))
    print(f"import {importing * 1e3:.1f} ms, start {starting * 1e3:.1f} ms", end="; ")
    print(f"budget {BUDGET * 1e3:.0f} ms for all of %load_ext")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
