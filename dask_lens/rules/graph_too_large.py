"""A graph has so many tasks that making it takes a good part of the time.

Before the first task runs, all of the graph is made, optimised, put into an order and sent to
the scheduler. That takes some tenths of a millisecond for each task, in one thread of Python,
whatever the number of workers. Millions of tasks are more than a scheduler can keep.

*Why it costs*: a graph of a million tasks takes minutes before anything runs, and gigabytes of
memory here and at the scheduler.

*When it is fine*: the tasks run for much longer than it takes to make their graph.

*What is not looked at*: what goes into the graph, task by task. What is large because of the
data in it is another matter (DSK401), and so are tasks that are tiny (DSK501, DSK507).

*References*: https://docs.dask.org/en/stable/best-practices.html#avoid-very-large-graphs;
https://docs.dask.org/en/stable/delayed-best-practices.html#avoid-too-many-tasks;
https://github.com/dask/dask/issues/8289
"""

from __future__ import annotations

from collections.abc import Iterator

from dask_lens.record.call import ObservedCall
from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._chunked import SMALL, pieces
from dask_lens.rules._many import TOO_LARGE, fewer, many
from dask_lens.rules._ran import is_over

#: Pieces of a collection, from which on they are worth a word before they are computed.
LEAST_PIECES = 100_000

#: Tasks of a graph: fewer are made in a moment.
LEAST_TASKS = TOO_LARGE["least_tasks"]

#: Seconds before the first task: less is not worth a word.
LEAST_BEFORE = TOO_LARGE["least_before"]

#: Share of the time that went by before the first task.
LEAST_SHARE = TOO_LARGE["least_share"]

#: Seconds for each task, above which it is not their number that took the time.
MOST_EACH = TOO_LARGE["most_each"]

#: Tasks that are few, where nothing has run that tells how long they take.
_FEW = 1000
_COMPUTES = ("dask.compute", "dask.persist", "distributed.Client.compute",
             "distributed.Client.persist")  # fmt: skip

rule = Rule(
    __name__,
    code="DSK506",
    kind="slow",
    needs=("graph", "tasks"),
    message=(
        "It took {before:.1f} s until the first of {n_tasks:,} tasks ran, and {span:.1f} s to run "
        "all of them: the graph is too large."
    ),
    forecast="At least {n_tasks:,} tasks are in one graph, all of which is made before any runs.",
    advice="Make larger chunks or partitions, take fewer steps, or compute part after part.",
    rewrite=("make-fewer-tasks",),
    thresholds={
        "least_pieces": LEAST_PIECES,
        "least_tasks": LEAST_TASKS,
        "least_before": LEAST_BEFORE,
        "least_share": LEAST_SHARE,
        "most_each": MOST_EACH,
    },
    dont="""
import time
import dask

def work(n):
    time.sleep(0.001)
    return n

tasks = [dask.delayed(work)(n) for n in range(6_000)]
total = sum(dask.compute(*tasks, scheduler="threads", num_workers=16))  # found here
""",
    do="""
import time
import dask

def work(ns):
    time.sleep(0.001 * len(ns))
    return sum(ns)

tasks = [dask.delayed(work)(range(n, n + 100)) for n in range(0, 6_000, 100)]
total = sum(dask.compute(*tasks, scheduler="threads", num_workers=16))
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find graphs that took long to be made; before, collections of very many pieces."""
    for found in many(run):
        if found.is_too_large(settings):
            yield rule.finding(
                found.computation.place,
                certainty="seen",
                cost=found.before,
                fixes=(fewer(found.computation, found.median),),
                before=found.before,
                n_tasks=found.computation.n_tasks,
                span=found.span,
            )
    if not is_over(run):
        for call in run.calls:
            n_tasks = _pieces(call)
            if n_tasks >= settings["least_pieces"]:
                few = Fix("make-fewer-tasks", arguments={"size": n_tasks // _FEW})
                yield rule.finding(call.place, certainty="likely", fixes=(few,), n_tasks=n_tasks)


def _pieces(call: ObservedCall) -> int:
    """Return how many pieces a call was seen to ask for: each of them is a task at least."""
    finest = pieces(call.facts.get("finest"))
    small = finest is not None and (finest.largest or 0) < SMALL
    if call.name not in _COMPUTES or small:  # DSK507 tells of small chunks
        return 0
    known: list[int] = [e.get("npartitions", 1) for e in call.facts.get("collections", ())]
    return max(sum(known), int(call.facts.get("n_collections", 0)))
