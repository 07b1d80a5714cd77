"""What the lens says of graphs of known truth, on every scheduler, beside that truth.

Parallelism and ceiling must be within 3 %, each account of the budget within 5 % or 20 ms;
what is outside has a star, and the exit code is 1. Where the report says that time on the CPU
could not be told from waiting, their sum is compared, in brackets.

    python benchmarks/truth.py [--graph NAME]... [--scheduler NAME]...
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import dask
import inside
from dask.callbacks import Callback
from distributed import Client, LocalCluster
from known import ACCOUNTS, GRAPHS, Known, Truth, truth

import dask_lens
from dask_lens.report import Report

#: Threads wherever there can be several.
THREADS = 2
NESTED = "nested submits"

Compute = Callable[[Known], list[dict[str, Any]]]


@contextlib.contextmanager
def local(scheduler: str) -> Iterator[Compute]:
    """Compute on a local scheduler."""

    def compute(graph: Known) -> list[dict[str, Any]]:
        def sent(_: object) -> None:
            graph.sent = time.time()

        with Callback(start=sent):
            return list(dask.compute(*graph.ends, scheduler=scheduler, num_workers=THREADS))

    yield compute


@contextlib.contextmanager
def on(client: Client) -> Iterator[Compute]:
    """Compute on a client's cluster, with a nested graph by submitting."""
    client.register_plugin(inside.Arrivals())
    client.gather(client.map(abs, range(8), pure=False))  # imports and connections are there

    def compute(graph: Known) -> list[dict[str, Any]]:
        if graph.nested is not None:
            outer = client.submit(inside.nest, graph.nested, 3, 0.3, key=graph.nested, pure=False)
            return [outer.result()]
        return list(client.gather(client.compute(graph.ends)))

    def timed(graph: Known) -> list[dict[str, Any]]:
        called = time.time()
        results = compute(graph)
        arrived = client.run_on_scheduler(inside.arrivals)
        graph.sent = min(when for when in arrived if when >= called)
        return results

    yield timed


@contextlib.contextmanager
def cluster(*, processes: bool) -> Iterator[Compute]:
    """Compute on a cluster of this machine."""
    workers = THREADS if processes else 1
    with (
        LocalCluster(
            n_workers=workers,
            threads_per_worker=THREADS // workers,
            processes=processes,
            dashboard_address=":0",
        ) as there,
        Client(there) as client,
        on(client) as compute,
    ):
        yield compute


@contextlib.contextmanager
def remote() -> Iterator[Compute]:
    """Compute on a scheduler and workers started from the shell, over TCP."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        file = str(Path(folder) / "scheduler.json")
        dask_command = [sys.executable, "-m", "dask"]
        quiet = {
            "stdout": subprocess.DEVNULL,
            "stderr": subprocess.DEVNULL,
            "cwd": folder,
            "env": {**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
        }
        scheduler = [*dask_command, "scheduler", "--port", "0", "--scheduler-file", file]
        worker = [*dask_command, "worker", "--scheduler-file", file, "--nthreads", "1"]
        for command in ([*scheduler, "--no-dashboard"], *[[*worker, "--no-dashboard"]] * THREADS):
            process = subprocess.Popen(command, **quiet)  # type: ignore[call-overload]  # as given
            stack.callback(process.wait)
            stack.callback(process.terminate)
        until = time.monotonic() + 30
        while not Path(file).exists() and time.monotonic() < until:
            time.sleep(0.05)
        client = stack.enter_context(Client(scheduler_file=file))
        client.wait_for_workers(THREADS)
        yield stack.enter_context(on(client))


SCHEDULERS: dict[str, Callable[[], AbstractContextManager[Compute]]] = {
    "sync": lambda: local("sync"),
    "threads": lambda: local("threads"),
    "processes": lambda: local("processes"),
    "distributed, processes": lambda: cluster(processes=True),
    "distributed, threads": lambda: cluster(processes=False),
    "distributed, remote": remote,
}


def graph(name: str) -> Known:
    """Return a graph by name."""
    return Known(nested="outer") if name == NESTED else GRAPHS[name]()


def run(compute: Compute, asked: Known, threads: int) -> tuple[Report, Truth]:
    """Run a graph observed, and return what is said of it and what is true."""
    with dask_lens.observe() as seen:
        called = time.time()
        results = compute(asked)
    told: dict[str, Any] = {}
    for one in results:
        told.update(one)
    assert seen.report is not None  # noqa: S101 - the block has ended
    return seen.report, truth(asked, told, threads, called)


def compare(
    report: Report, true: Truth, slack: float = 1.0
) -> list[tuple[str, float | None, float, bool]]:
    """Return for each number its name, what was said, what is true and whether that is near.

    Parameters
    ----------
    report
        What the lens says.
    true
        What is true.
    slack
        Times what may be off, on a machine that does other things meanwhile.
    """
    said, spent = report.parallelism, report.budget
    rows: list[tuple[str, float | None, float, bool]] = []

    def add(name: str, value: float | None, right: float, within: float) -> None:
        near = value is not None and abs(value - right) <= slack * within
        rows.append((name, value, right, near))

    add("parallelism", said and said.achieved, true.parallelism, 0.03 * true.parallelism)
    add("ceiling", said and said.ceiling, true.ceiling, 0.03 * true.ceiling)
    told = dict.fromkeys(ACCOUNTS) if spent is None else {a: getattr(spent, a) for a in ACCOUNTS}
    right = dict(true.accounts)
    if spent is not None and any(entry.name == "waiting" for entry in report.not_judged):
        told["(in tasks)"] = told.pop("cpu") + told.pop("waiting")
        right["(in tasks)"] = right.pop("cpu") + right.pop("waiting")
    for name, value in told.items():
        add(name, value, right[name], max(0.05 * right[name], 0.020))
    return rows


def cell(name: str, said: float | None, true: float, near: bool) -> str:
    """Return one number as it stands in the table."""
    return f"{name} {'-' if said is None else f'{said:.2f}'}/{true:.2f}{'' if near else '*'}"


def main(graphs: list[str], schedulers: list[str]) -> int:
    """Print the table; return 1 when something is outside."""
    print("what is said / what is true; * outside", flush=True)
    outside = total = 0
    for scheduler in schedulers:
        with SCHEDULERS[scheduler]() as compute:
            for name in graphs:
                if name == NESTED and not scheduler.startswith("distributed"):
                    continue
                rows = compare(*run(compute, graph(name), 1 if scheduler == "sync" else THREADS))
                total += len(rows)
                outside += sum(not near for *_, near in rows)
                shown = "  ".join(cell(*row) for row in rows if row[1] or row[2])
                print(f"{scheduler:24}{name:16}{shown}", flush=True)
    print(f"{outside} of {total} numbers outside")
    return int(outside > 0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    every = [*GRAPHS, NESTED]
    parser.add_argument("--graph", action="append", choices=every, default=None)
    parser.add_argument("--scheduler", action="append", choices=list(SCHEDULERS), default=None)
    given = parser.parse_args()
    sys.exit(main(given.graph or every, given.scheduler or list(SCHEDULERS)))
