"""Few tasks on the processes scheduler run one after another.

The processes scheduler sends ready tasks to its processes in batches of six (``chunksize``),
and a batch runs in one process, one task after another. With six ready tasks or fewer there
is one batch, so one process works while the others wait. The threads scheduler sends tasks
one by one, which is why the same graph runs in parallel there. Bags use the processes
scheduler without being told.

*Why it costs*: to keep W processes busy, more than 6 * (W - 1) tasks must be ready at the same
time; four tasks of five seconds take twenty seconds instead of five. The results of a batch
come back together, so what depends on them, and progress bars, wait for the slowest of six.

*When it is fine*: with many more ready tasks than six per process; with tasks so short (below
some 10 ms) that sending them one by one would cost more; with tasks that need so much memory
that they must not run side by side; with one worker; with a chain, where there is never more
than one task to run.

*References*: the ``chunksize`` parameter of ``dask.multiprocessing.get``,
https://docs.dask.org/en/stable/scheduling.html#local-processes;
https://github.com/dask/dask/issues/11425; https://github.com/dask/dask/issues/10292. That
issue's ``chunksize=-1`` raises ZeroDivisionError: https://github.com/dask/dask/issues/10297.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dask_lens.metrics.batches import Replay, replay
from dask_lens.metrics.change import Change
from dask_lens.metrics.whatif import predict
from dask_lens.record.cell import Place
from dask_lens.record.computation import Computation
from dask_lens.record.graph import Graph
from dask_lens.record.run import NotJudged, Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.source.computes import computed_at, computes
from dask_lens.source.lazy import batched_graph
from dask_lens.source.program import read

#: What ``dask.multiprocessing.get`` takes where nothing is said.
DEFAULT_CHUNKSIZE = 6

#: Seconds: less is not worth a word.
LEAST_LOST = 0.05

#: Share of the time that batches took: less is within the noise of process start-up.
LEAST_SHARE = 0.1

#: Seconds of a typical task: a round trip to a process costs about 1 ms.
LEAST_TASK = 0.01

#: Share of the workers a graph could use, below which a forecast is worth a word.
MOST_USED = 0.6

_KEY_LENGTH = 200

rule = Rule(
    __name__,
    code="DSK201",
    kind="slow",
    needs=("graph", "tasks", "source"),
    message=(
        "{n_tasks} tasks ran {how}: dask sends ready tasks to processes in batches of "
        "{chunksize}. {lost:.1f} s lost."
    ),
    forecast=(
        "{n_tasks} tasks will run {how}: dask sends ready tasks to processes in batches of "
        "{chunksize}."
    ),
    advice="Send tasks to the processes one by one: chunksize=1.",
    rewrite=("set-chunksize", "move-to-local-cluster"),
    thresholds={
        "least_lost": LEAST_LOST,
        "least_share": LEAST_SHARE,
        "least_task": LEAST_TASK,
        "most_used": MOST_USED,
    },
    dont="""
import time
import dask

@dask.delayed
def slow(x):
    time.sleep(0.3)
    return x

tasks = [slow(i) for i in range(4)]
# %%
dask.compute(*tasks, scheduler="processes", num_workers=4)  # found here
""",
    do="""
import time
import dask

@dask.delayed
def slow(x):
    time.sleep(0.3)
    return x

tasks = [slow(i) for i in range(4)]
# %%
dask.compute(*tasks, scheduler="processes", num_workers=4, chunksize=1)
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding | NotJudged]:
    """Judge every computation on the processes scheduler, and code that never ran."""
    program = read(run.cells)
    for computation in run.computations:
        chunksize = computation.chunksize or 1
        if computation.scheduler != "processes" or chunksize == 1:
            continue
        place = computed_at(program, computation.place)
        if computation.graph is None:
            yield NotJudged(rule.name, "the graph was too large to be kept")
        elif computation.status == "finished":
            yield from _confirmed(computation, computation.graph, place, settings)
        elif computation.status == "open":
            workers = computation.threads
            yield from _forecast(computation.graph, workers, chunksize, place, settings)
    for call in computes(program) if run.observed is None else ():
        graph = batched_graph(program, call)
        if graph is not None:
            # Of more workers than two, as few would work.
            workers = call.literal("num_workers") or 2
            place = program.place(call.cell, call.node)
            yield from _forecast(graph, workers, DEFAULT_CHUNKSIZE, place, settings)


def _confirmed(
    computation: Computation, graph: Graph, place: Place | None, settings: Settings
) -> Iterator[Finding | NotJudged]:
    """Compare what ran with the same tasks sent one by one."""
    durations = _durations(computation, graph)
    if durations is None:
        yield NotJudged(rule.name, "not every task of the graph was timed")
        return
    workers, chunksize = computation.threads, computation.chunksize or 1
    batched = replay(graph, workers=workers, chunksize=chunksize, durations=durations)
    single = replay(graph, workers=workers, chunksize=1, durations=durations)
    lost = batched.makespan - single.makespan
    least = max(settings["least_lost"], settings["least_share"] * batched.makespan)
    if lost < least or _typical(durations) < settings["least_task"]:
        return
    used = len({task.worker for task in computation.tasks})
    # Dask's own small tasks, which hand results on, are not what the user calls a task.
    number = sum(duration >= settings["least_task"] for duration in durations)
    yield rule.finding(
        place,
        certainty="seen",
        cost=lost,
        fixes=_fixes(computation),
        lost=lost,
        **_evidence(number, used, workers, chunksize, batched),
    )


def _forecast(
    graph: Graph, workers: int, chunksize: int, place: Place | None, settings: Settings
) -> Iterator[Finding]:
    """Tell from the graph, before it has run, how few processes will work."""
    batched = replay(graph, workers=workers, chunksize=chunksize)
    single = replay(graph, workers=workers, chunksize=1)
    width = replay(graph, workers=max(len(graph.keys), 1), chunksize=1).workers
    few = batched.parallelism < settings["most_used"] * min(workers, width)
    if few and single.makespan <= batched.makespan * (1 - settings["least_share"]):
        evidence = _evidence(len(graph.keys), batched.workers, workers, chunksize, batched)
        yield rule.finding(place, certainty="likely", fixes=_fixes(None), **evidence)


def _durations(computation: Computation, graph: Graph) -> list[float] | None:
    """Return how long each task of the graph took; None where one was not timed."""
    known = {task.key: task.duration for task in computation.tasks}
    durations = [known.get(key[:_KEY_LENGTH]) for key in graph.keys]
    return None if None in durations else durations  # type: ignore[return-value]  # no None left


def _typical(durations: list[float]) -> float:
    """Return the length of the task in which the median second of work was spent."""
    spent, half = 0.0, sum(durations) / 2
    for duration in sorted(durations):
        spent += duration
        if spent >= half:
            return duration
    return 0.0


def _evidence(
    number: int, used: int, workers: int, chunksize: int, batched: Replay
) -> dict[str, Any]:
    if used == 1:
        how = "one after another in 1 process"
    else:
        how = f"in {used} of {workers} processes, {batched.parallelism:.1f} at a time"
    return {
        "n_tasks": number,
        "how": how,
        "chunksize": chunksize,
        "workers": workers,
        "processes_used": used,
        "parallelism": batched.parallelism,
    }


def _fixes(computation: Computation | None) -> tuple[Fix, ...]:
    if computation is None:
        return (Fix("set-chunksize"), Fix("move-to-local-cluster"))
    cluster = Change(scheduler="distributed")
    return (
        Fix("set-chunksize", estimate=predict(computation, Change(chunksize=1))),
        Fix("move-to-local-cluster", estimate=predict(computation, cluster)),
    )
