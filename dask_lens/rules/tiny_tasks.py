"""The work is cut into so many small tasks that handling them takes longer than the work.

Each task costs the scheduler something, whatever it does: some 100 microseconds on threads, up
to a few milliseconds on a cluster. Where a task does less than that, most of the time goes into
handling tasks. A task that does a thousand of the small steps costs the scheduler as much as one.

*Why it costs*: a million tasks keep a cluster's scheduler busy for ten minutes and more, if they
do nothing at all.

*When it is fine*: there are few tasks; most of the time goes into a few long ones.

*What is not looked at*: the text. How long a task takes is only known once it has run; before,
only a ``client.map`` that asks for very many is told of. Where the tasks are many because chunks
or partitions are small, DSK507 says so.

*References*: https://docs.dask.org/en/stable/best-practices.html#avoid-very-large-graphs;
https://docs.dask.org/en/stable/delayed-best-practices.html#avoid-too-many-tasks;
https://distributed.dask.org/en/stable/efficiency.html#use-larger-tasks
"""

from __future__ import annotations

from collections.abc import Iterator

from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._chunked import overhead, small_pieces
from dask_lens.rules._many import TINY, fewer
from dask_lens.rules._ran import is_over

#: Tasks of one computation: fewer are handled in a moment.
LEAST_TASKS = TINY["least_tasks"]

#: Seconds of a median task: from here on handling it is a small part.
MOST_MEDIAN = TINY["most_median"]

#: Share of the time that is not the tasks', as if they had run one after another.
LEAST_OVERHEAD = TINY["least_overhead"]

#: Seconds: less is not worth a word.
LEAST_LOST = TINY["least_lost"]

#: Tasks of one map, from which on they are worth a word before they have run: handling them takes
#: a minute.
LEAST_MAPPED = 50_000

#: Tasks that are few, where nothing has run that tells how long they take.
_FEW = 1000

rule = Rule(
    __name__,
    code="DSK501",
    kind="slow",
    needs=("tasks",),
    message=(
        "{n_tasks} tasks of {median_ms:.2g} ms took {wall:.1f} s, and all of their work is "
        "{busy:.1f} s: handling so many tasks takes longer than what they do."
    ),
    forecast=(
        "{n_tasks:,} tasks are asked for at once: a scheduler needs about a millisecond for each, "
        "whatever it does."
    ),
    advice="Let each task do many of the small steps: a list of items, or a larger chunk.",
    rewrite=("make-fewer-tasks",),
    thresholds={
        "least_tasks": LEAST_TASKS,
        "most_median": MOST_MEDIAN,
        "least_overhead": LEAST_OVERHEAD,
        "least_lost": LEAST_LOST,
        "least_mapped": LEAST_MAPPED,
    },
    dont="""
import dask

def small(x):
    return x + 1

tasks = [dask.delayed(small)(n) for n in range(5_000)]
total = sum(dask.compute(*tasks, scheduler="threads", num_workers=2))  # found here
""",
    do="""
import dask

def many(xs):
    return sum(x + 1 for x in xs)

tasks = [dask.delayed(many)(range(n, n + 1_000)) for n in range(0, 5_000, 1_000)]
total = sum(dask.compute(*tasks, scheduler="threads", num_workers=2))
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find computations of many short tasks that took longer than all of their work."""
    for call in run.calls if not is_over(run) else ():
        n_tasks = call.facts.get("keys", 0) // max(call.count, 1)
        if call.name == "distributed.Client.map" and n_tasks >= settings["least_mapped"]:
            few = Fix("make-fewer-tasks", arguments={"size": n_tasks // _FEW})
            yield rule.finding(call.place, certainty="likely", fixes=(few,), n_tasks=n_tasks)
    for computation in run.computations:
        found = overhead(computation, settings)
        if found is not None and small_pieces(run, computation) is None:
            yield rule.finding(
                computation.place,
                certainty="seen",
                cost=found["lost"],
                fixes=(fewer(computation, found["median"]),),
                n_tasks=computation.n_tasks,
                median_ms=1000 * found["median"],
                wall=found["wall"],
                busy=found["busy"],
                lost=found["lost"],
            )
