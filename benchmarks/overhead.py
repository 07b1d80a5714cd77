"""What observing costs, as paired ratios against the same work unobserved.

Each round runs the work bare, under the lens and under Dask's own profiler (on distributed,
``get_task_stream``), in turn and in changing order. "Paired" is the ratio of two neighbours: the
median of all, with quartiles. "Quickest" is the ratio of the lower quartiles of all times: what
else a machine does only adds to a time, and where the paired ratios are far apart, this one is
what can still be told. It is held to the budget. The lens's time includes what it does when the
cell begins and ends.

Wall clock and CPU time of this process (client, local schedulers, threads, distributed's
scheduler) are told; on distributed also the CPU time of the scheduler's event loop, which is what
its budget for empty tasks is about. CPU time says more where the machine is not idle; of tasks
that wait 10 ms it has so little that only the wall clock counts.

    python benchmarks/overhead.py [ROUNDS [SCHEDULER...]]
"""

from __future__ import annotations

import contextlib
import gc
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
#: Seconds on each clock.
Took = dict[str, float]

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


async def _thread_time() -> float:
    return time.thread_time()


def clocks(client: Client) -> Took:
    """Return what the clocks show; the loop's is that of the thread that the scheduler runs in."""
    return {
        "wall": time.perf_counter(),
        "CPU": time.process_time(),
        "loop": client.sync(_thread_time),
    }


def timed(work: Callable[[], object], look: Look, client: Client, *, observe: bool) -> Took:
    """Return how long it took."""
    gc.collect()
    if observe:
        OBSERVER.start()
    try:
        before = clocks(client)
        with look():
            work()
        after = clocks(client)
        return {name: after[name] - before[name] for name in before}
    finally:
        OBSERVER.stop()


def compare(
    work: Callable[[], object], profiler: Look, client: Client, rounds: int
) -> dict[str, list[Took]]:
    """Return how long each round took: bare, under the lens and under the profiler."""
    looks: list[tuple[str, Look]] = [
        ("bare", contextlib.nullcontext),
        ("lens", lens),
        ("profiler", profiler),
    ]
    took: dict[str, list[Took]] = {name: [] for name, _ in looks}
    work()
    for turn in range(rounds):
        for name, look in looks[turn % 3 :] + looks[: turn % 3]:
            took[name].append(timed(work, look, client, observe=name == "lens"))
    return took


def ratios(took: dict[str, list[Took]], name: str, clock: str) -> list[float]:
    """Return quartiles of the ratios of neighbours."""
    pairs = zip(took[name], took["bare"], strict=True)
    return statistics.quantiles([one[clock] / bare[clock] for one, bare in pairs], n=4)


def quickest(took: dict[str, list[Took]], name: str, clock: str) -> float:
    """Return the ratio of the lower quartiles."""
    one, bare = (
        statistics.quantiles([times[clock] for times in took[kind]], n=4)[0]
        for kind in (name, "bare")
    )
    return one / bare


def shown(
    took: dict[str, list[Took]], clock: str, count: int, budget: float | None, *, empty: bool
) -> str:
    """Return a line of the table: measured, the profiler's own, budget."""
    bare = statistics.median(one[clock] for one in took["bare"]) / count
    low, middle, high = ratios(took, "lens", clock)
    lens, own = (quickest(took, name, clock) for name in ("lens", "profiler"))
    if budget is None:
        verdict = ""
    else:
        verdict = f"{budget:8.2f}   " + ("within" if lens <= budget else "ABOVE")
        verdict += ", above the profiler" if empty and lens > max(own, 1.0) else ""
    return (
        f"{clock:6}{bare * 1e6:>8.0f} us{middle:>9.3f} ({low:.3f} to {high:.3f})"
        f"{lens:>10.3f}{own:>10.3f}{verdict}"
    )


def main(rounds: int, chosen: list[str]) -> None:
    spawn = multiprocessing.get_context("spawn")
    print(f"{'':33}{'each':>9}{'paired':>11}  (quartiles)      quickest  profiler  budget")
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
            if chosen and name not in chosen:
                continue
            far = name == "distributed"
            profiler: Look = (lambda: get_task_stream(client)) if far else Profiler
            for label, function, count in (("empty", nothing, 1000), ("10 ms", wait, 100)):

                def work(
                    function: Callable[[], None] = function,
                    count: int = count,
                    how: dict[str, object] = how,
                ) -> object:
                    task = dask.delayed(function, pure=False)
                    return dask.compute(*[task() for _ in range(count)], **how)

                took = compare(work, profiler, client, rounds)
                empty = label == "empty"
                judged = ("loop" if far else "wall") if empty else "wall"
                for clock in ("wall", "CPU", "loop") if far else ("wall", "CPU"):
                    budget = BUDGET[name] if empty else BUDGET_10_MS
                    line = shown(
                        took, clock, count, budget if clock == judged else None, empty=empty
                    )
                    print(f"{name:12}{count:>5} {label:6}{line}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15, sys.argv[2:])
