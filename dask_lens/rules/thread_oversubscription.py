"""Tasks start threads or processes of their own, more than there are processors.

Dask runs as many tasks at a time as there are processors. A task that uses all of them by
itself, with ``n_jobs=-1``, a pool of its own or a library that starts threads (BLAS, OpenMP,
Numba), wants them at the same time as the others do.

*Why it costs*: four tasks of four threads are sixteen threads on four processors: they take
turns, empty each other's caches and wait in spinning loops. Slow-downs by a factor of ten have
been seen. Each process of a pool needs memory for its data as well.

*When it is fine*: one task at a time; threads that wait for files or the network; workers of
``LocalCluster``, started by a nanny, which have ``OMP_NUM_THREADS=1`` and the like set for them.

*How it is known*: on Linux it is counted how many threads of the notebook's process run or wait
for a processor while tasks run in its threads. ``n_jobs`` and pools of processes in functions
that run as several tasks are read from the text.

*What is not looked at*: threads in other processes, those of workers among them; libraries whose
own lock lets one task at a time use their threads, as OpenBLAS does: that shows as few threads.
What the time would have been otherwise is not known, so no cost is told.

*References*: https://docs.dask.org/en/stable/array-best-practices.html#avoid-oversubscribing-threads;
https://scikit-learn.org/stable/computing/parallelism.html#oversubscription-spawning-too-many-threads;
https://github.com/dask/distributed/issues/9075
"""

from __future__ import annotations

from collections.abc import Iterator

from dask_lens.metrics.crowd import Crowd
from dask_lens.record.computation import Computation
from dask_lens.record.run import NotJudged, Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._own_threads import OwnThreads, own_threads
from dask_lens.source.computes import computed_at
from dask_lens.source.program import Program, read

#: Looks of which something can be told.
LEAST_LOOKS = 5

#: Threads that want a processor, for each that there is, and for each task that runs: between
#: one and this, they are soon through.
LEAST_WANTED = 1.5

#: Tasks that run at a time, on average: one alone may use all processors.
LEAST_TASKS = 1.3

#: Seconds of work: less is not worth a word.
LEAST_BUSY = 0.5

rule = Rule(
    __name__,
    code="DSK209",
    kind="slow",
    needs=("tasks", "source"),
    message=(
        "While {tasks:.1f} tasks ran at a time, {runnable:.1f} threads wanted one of {cores} "
        "processors: tasks start threads of their own."
    ),
    forecast=(
        "{what} in {function}, which runs as several tasks: each of them will want all "
        "processors for itself."
    ),
    advice="Let each task use one thread, and leave running side by side to Dask.",
    rewrite=("set-single-job", "limit-threads"),
    thresholds={
        "least_looks": LEAST_LOOKS,
        "least_wanted": LEAST_WANTED,
        "least_tasks": LEAST_TASKS,
        "least_busy": LEAST_BUSY,
    },
    dont="""
import zlib
from concurrent.futures import ThreadPoolExecutor
import dask

block = bytes(range(256)) * 4_000

def pack(blocks, n_jobs):
    with ThreadPoolExecutor(n_jobs) as pool:
        return sum(len(packed) for packed in pool.map(zlib.compress, blocks))

@dask.delayed
def size(number):
    return pack([block] * number, n_jobs=16)  # found here

total = sum(dask.compute(*[size(90) for _ in range(4)], scheduler="threads", num_workers=2))
""",
    do="""
import zlib
from concurrent.futures import ThreadPoolExecutor
import dask

block = bytes(range(256)) * 4_000

def pack(blocks, n_jobs):
    with ThreadPoolExecutor(n_jobs) as pool:
        return sum(len(packed) for packed in pool.map(zlib.compress, blocks))

@dask.delayed
def size(number):
    return pack([block] * number, n_jobs=1)

total = sum(dask.compute(*[size(90) for _ in range(4)], scheduler="threads", num_workers=2))
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding | NotJudged]:
    """Judge how many threads wanted processors, and functions that start some by the text."""
    program = read(run.cells)
    found = own_threads(run)
    measured: set[str] = set()
    for computation in run.computations:
        if computation.status != "finished" or computation.busy < settings["least_busy"]:
            continue
        if computation.looks < settings["least_looks"] or not computation.cores:
            continue
        if computation.runnable is None:
            if 2 * computation.held < computation.looks:
                yield NotJudged(rule.name, "this system does not tell which threads run")
            continue
        prefixes = {task.prefix for task in computation.tasks}
        measured |= prefixes
        yield from _measured(program, computation, found, settings)
    for one in found:
        if one.function.name not in measured:
            yield rule.finding(
                program.place(one.call.cell, one.call.node),
                certainty="likely",
                fixes=_fixes(one),
                what=one.what,
                function=one.function.name[:60],
            )


def _measured(
    program: Program, computation: Computation, found: list[OwnThreads], settings: Settings
) -> Iterator[Finding]:
    crowd = Crowd(computation.tasks)
    runs = crowd.seconds(1, len(computation.tasks))
    tasks = crowd.integral() / runs if runs > 0 else 0.0
    cores, runnable = computation.cores or 1, computation.runnable or 0.0
    least = settings["least_wanted"] * max(cores, tasks)
    # Dask's own threads, and the one that hands tasks to them, want processors as well.
    own = computation.threads + 1
    if tasks < settings["least_tasks"] or runnable < least or runnable <= own:
        return
    prefixes = {task.prefix for task in computation.tasks}
    one = next((one for one in found if one.function.name in prefixes), None)
    called = program.place(one.call.cell, one.call.node) if one is not None else None
    yield rule.finding(
        called or computed_at(program, computation.place),
        certainty="seen",
        fixes=_fixes(one),
        tasks=tasks,
        runnable=runnable,
        cores=cores,
        looks=computation.looks,
    )


def _fixes(one: OwnThreads | None) -> tuple[Fix, ...]:
    is_named = one is not None and one.call.keyword("n_jobs") is not None
    return (Fix("set-single-job"),) if is_named else (Fix("limit-threads"),)
