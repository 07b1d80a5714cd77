"""How long it takes to judge a run of 100,000 tasks, ``analyze`` as a whole, and a what-if.

python benchmarks/analysis.py [TASKS]
"""

from __future__ import annotations

import random
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial

from dask_lens.metrics.change import Change
from dask_lens.metrics.whatif import predict
from dask_lens.record.cell import Cell, Place
from dask_lens.record.computation import Computation
from dask_lens.record.graph import Graph
from dask_lens.record.run import NotJudged, Run
from dask_lens.record.task import Task
from dask_lens.report import analyze

#: Seconds that a report may take, and a prediction.
BUDGET = 2.0
THREADS = 8
CODE = """\
import dask
@dask.delayed
def work(*before):
    return 1
dask.compute(total)
"""

Needs = list[tuple[int, ...]]


def independent(count: int) -> Needs:
    """Tasks that wait for nothing."""
    return [()] * count


def chain(count: int) -> Needs:
    """Each task waits for the one before."""
    return [(), *((i,) for i in range(count - 1))]


def tree(count: int) -> Needs:
    """Reduce in pairs."""
    leaves = (count + 1) // 2
    pairs = ((2 * i, 2 * i + 1) for i in range(count - leaves))
    return [()] * leaves + [
        tuple(j for j in pair if j < leaves + i) for i, pair in enumerate(pairs)
    ]


def layers(count: int) -> Needs:
    """Layers of 1,000 tasks, of which each waits for three of the layer before."""
    chosen = random.Random(0)  # noqa: S311 - not for secrets
    return [
        tuple(sorted(chosen.sample(range(i // 1000 * 1000 - 1000, i // 1000 * 1000), 3)))
        if i >= 1000
        else ()
        for i in range(count)
    ]


def run_of(needs: Needs, scheduler: str) -> Run:
    """Run a graph on paper: each task as soon as it can on the thread that is free first."""
    chosen = random.Random(1)  # noqa: S311 - not for secrets
    free = [0.0] * THREADS
    stops: list[float] = []
    tasks = []
    for number, before in enumerate(needs):
        thread = number % THREADS
        start = max([free[thread], *(stops[i] for i in before)])
        stop = free[thread] = start + chosen.uniform(0.001, 0.02)
        stops.append(stop)
        prefix = f"work{number % 7}"
        tasks.append(
            Task(f"{prefix}-{number}", prefix, "1", thread, start, stop, (stop - start) / 50)
        )
    keys = tuple(task.key for task in tasks)
    graph = Graph(keys, tuple(needs), (Place(0, 3),), (0,) * len(keys))
    computation = Computation(
        scheduler, 0.0, max(stops), THREADS, tuple(sorted(tasks, key=lambda task: task.start)),
        len(tasks), sum(task.duration for task in tasks), Place(0, 5), 1, graph=graph,
    )  # fmt: skip
    return Run((Cell(CODE),), 0, 0.0, max(stops), (computation,))


def seconds(work: Callable[[], object]) -> float:
    """Return how long it takes, the median of three."""
    took = []
    for _ in range(3):
        start = time.perf_counter()
        work()
        took.append(time.perf_counter() - start)
    return statistics.median(took)


def main(count: int) -> int:
    """Print the table; return 1 when something is above the budget."""
    shapes: list[Callable[[int], Needs]] = [independent, chain, tree, layers]
    over = 0
    for shape in shapes:
        for scheduler in ("threads", "processes", "distributed"):
            run = run_of(shape(count), scheduler)
            report = seconds(partial(analyze, run))
            change = Change(workers=2 * THREADS)
            if isinstance(silent := predict(run, change), NotJudged):
                raise SystemExit(f"nothing is predicted: {silent.reason}")
            what_if = seconds(partial(predict, run, change))
            over += max(report, what_if) > BUDGET
            print(
                f"{shape.__name__:12}{scheduler:12}{count:>9,} tasks"
                f"   report {report:5.2f} s   what-if {what_if:5.2f} s   budget {BUDGET:.0f} s",
                flush=True,
            )
    return int(over > 0)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000))
