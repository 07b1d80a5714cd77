"""What observing costs, as paired ratios against the same work unobserved.

Each round runs the work bare, under the lens and under Dask's own profiler (on distributed,
``get_task_stream``), in turn and in changing order; a ratio is the median over the rounds.
The lens's time includes what it does when the cell begins and ends. CPU time is that of this
process: client, local schedulers, threads, and distributed's scheduler. It says more than the
wall clock where the machine is not idle.

    python benchmarks/overhead.py [ROUNDS]
"""

from __future__ import annotations

import contextlib
import multiprocessing
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path

import dask
from dask.diagnostics import Profiler
from distributed import Client, get_task_stream

from dask_lens.observe.observer import Observer
from dask_lens.record.cell import Cell

#: Largest ratio for empty tasks and for tasks of 10 ms.
BUDGET = {"sync": 1.03, "threads": 1.03, "processes": 1.03, "distributed": 1.02}
BUDGET_10_MS = 1.01

Look = Callable[[], AbstractContextManager[object]]


def nothing() -> None:
    return None


def wait() -> None:
    time.sleep(0.01)


@contextlib.contextmanager
def lens() -> Iterator[None]:
    OBSERVER.begin(CELL, __file__)
    yield
    OBSERVER.end()


OBSERVER = Observer(lambda _run: None)
CELL = Cell(Path(__file__).read_text(encoding="utf-8"))


def timed(work: Callable[[], object], look: Look, *, observe: bool) -> tuple[float, float]:
    """Return how long it took by the wall clock and in CPU time of this process."""
    if observe:
        OBSERVER.start()
    try:
        wall, cpu = time.perf_counter(), time.process_time()
        with look():
            work()
        return time.perf_counter() - wall, time.process_time() - cpu
    finally:
        OBSERVER.stop()


def compare(work: Callable[[], object], profiler: Look, rounds: int) -> list[float]:
    """Return seconds bare, and the ratios of the lens and of the profiler, wall and CPU."""
    looks: list[tuple[str, Look]] = [
        ("bare", contextlib.nullcontext),
        ("lens", lens),
        ("profiler", profiler),
    ]
    took: dict[str, list[tuple[float, float]]] = {name: [] for name, _ in looks}
    work()
    for turn in range(rounds):
        for name, look in looks[turn % 3 :] + looks[: turn % 3]:
            took[name].append(timed(work, look, observe=name == "lens"))

    def ratio(name: str, clock: int) -> float:
        pairs = zip(took[name], took["bare"], strict=True)
        return statistics.median(one[clock] / bare[clock] for one, bare in pairs)

    bare = statistics.median(wall for wall, _ in took["bare"])
    return [bare, *(ratio(name, clock) for clock in (0, 1) for name in ("lens", "profiler"))]


def main(rounds: int) -> None:
    spawn = multiprocessing.get_context("spawn")
    print(f"{'':37}  wall clock      CPU time")
    print(
        f"{'scheduler':12}{'tasks':>15}{'each':>10}" + f"{'lens':>8}{'Dask':>8}" * 2 + "  budget"
    )
    with (
        ProcessPoolExecutor(2, mp_context=spawn) as pool,
        Client(
            n_workers=1, threads_per_worker=2, dashboard_address=None, set_as_default=False
        ) as client,
    ):
        hows: dict[str, dict[str, object]] = {
            "sync": {"scheduler": "sync"},
            "threads": {"scheduler": "threads", "num_workers": 2},
            "processes": {"scheduler": "processes", "pool": pool},
            "distributed": {"scheduler": client},
        }
        for name, how in hows.items():
            profiler: Look = Profiler
            if name == "distributed":
                profiler = lambda: get_task_stream(client)  # noqa: E731 - a name for one call
            for label, function, count in (("empty", nothing, 1000), ("10 ms", wait, 100)):

                def work(
                    function: Callable[[], None] = function,
                    count: int = count,
                    how: dict[str, object] = how,
                ) -> object:
                    task = dask.delayed(function, pure=False)
                    return dask.compute(*[task() for _ in range(count)], **how)

                each, *ratios = compare(work, profiler, rounds)
                budget = BUDGET[name] if label == "empty" else BUDGET_10_MS
                print(
                    f"{name:12}{count:>9} {label:5}{each / count * 1e6:>7.0f} us",
                    *(f"{ratio:7.3f}" for ratio in ratios),
                    f"{budget:7.2f}",
                    flush=True,
                )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
