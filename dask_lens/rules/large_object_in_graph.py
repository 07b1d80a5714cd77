"""A large object becomes part of a graph, and goes through the scheduler with it.

What is passed to ``client.submit`` becomes part of the task: it is hashed and sent to the
scheduler with every call, and from there to the workers. What is passed to a ``delayed``
function or to ``client.map``, and what a collection is made of (``from_array``,
``from_pandas``), is part of their graph, and goes the same way whenever that is computed.
Scattered, or wrapped in ``delayed`` once, it is sent once, and the tasks refer to it; best is
that a task loads it where it is needed.

*Why it costs*: a table of 100 MB that is passed to fifty tasks is five gigabytes that go through
the scheduler, which keeps them in memory until the tasks are done. With distributed 2026.8, a
``client.map`` that is given a keyword of more than 100 kB fails: ``AssertionError(<TaskState``.

*When it is fine*: the object is small (ten megabytes in all are); it is passed once, on one
machine, and below some 100 MB; the scheduler is one of threads, which share memory. A graph that
is large for its number of tasks is another matter (DSK506).

*What is not looked at*: tables that are read from files and passed once, until a run has shown
how large they are.

*References*: https://docs.dask.org/en/stable/delayed-best-practices.html
#avoid-repeatedly-putting-large-inputs-into-delayed-calls;
https://docs.dask.org/en/stable/best-practices.html#load-data-with-dask;
https://github.com/dask/distributed/issues/8814
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dask_lens.record.call import ObservedCall
from dask_lens.record.cell import Place
from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._embedded import Embedded, embedded
from dask_lens.rules._ran import concerns, is_over
from dask_lens.source import api
from dask_lens.source.computes import computes_at, has_client
from dask_lens.source.lineage import ancestors, is_cheap
from dask_lens.source.program import Program, read
from dask_lens.source.values import Value
from dask_lens.source.waits import waits

#: Bytes of one object: less is no matter for a scheduler.
LEAST_BYTES = 1_000_000

#: Bytes sent in all: where distributed warns of a large graph.
LEAST_SENT = 10_000_000

#: Bytes of an object that is sent once, from which on it is told of before it is sent.
LEAST_ONCE = 100_000_000

#: Bytes of a graph for each of its tasks, below which it is large because they are many.
LEAST_EACH = 20_000

rule = Rule(
    __name__,
    code="DSK401",
    kind="slow",
    needs=("source", "tasks"),
    message="{what} ({megabytes:.0f} MB) {how}.",
    forecast="{what} {how}.",
    advice="Send it once and pass what stands for it, or let a task load it.",
    rewrite=("send-once",),
    thresholds={
        "least_bytes": LEAST_BYTES,
        "least_sent": LEAST_SENT,
        "least_once": LEAST_ONCE,
        "least_each": LEAST_EACH,
    },
    dont="""
import numpy as np
from dask.distributed import Client

client = Client(processes=False, n_workers=1, threads_per_worker=2, dashboard_address=":0")

def look_up(number, table):
    return float(table[number])
# %%
table = np.ones(1_000_000)
futures = [client.submit(look_up, number, table) for number in range(3)]  # found here
total = sum(client.gather(futures))
# %%
client.shutdown()
""",
    do="""
import numpy as np
from dask.distributed import Client

client = Client(processes=False, n_workers=1, threads_per_worker=2, dashboard_address=":0")

def look_up(number, table):
    return float(table[number])
# %%
table = np.ones(1_000_000)
table_future = client.scatter(table)
futures = [client.submit(look_up, number, table_future) for number in range(3)]
total = sum(client.gather(futures))
# %%
client.shutdown()
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find what was sent along with many tasks, and what is in graphs that Dask warned of."""
    program = read(run.cells)
    known = list(embedded(run, program))
    told = set()
    for found in known:
        if found.way == "submit" and found.again and concerns(run, found.call.cell):
            evidence = _sent(run, found, settings)
            if evidence is not None and found.call.node not in told:
                told.add(found.call.node)
                yield _finding(program, found, **evidence)
    for warned in run.calls:
        if warned.facts.get("kind") == "large-graph" and not _is_explained(run, warned, settings):
            yield from _warned(run, program, warned, known, told, settings)
    client = has_client(program)
    for found in known:
        if found.call.node in told or not client or (is_over(run) and run.computations):
            continue
        if found.way == "submit" and found.again:
            continue
        if concerns(run, found.call.cell) and _is_large(found, settings):
            told.add(found.call.node)
            yield _finding(program, found, how=_forecast(found))


def _finding(
    program: Program, found: Embedded, *, cost: float | None = None, **evidence: Any
) -> Finding:
    return rule.finding(
        program.place(found.call.cell, found.call.node),
        certainty="seen" if "megabytes" in evidence else "likely",
        cost=cost,
        fixes=(Fix("send-once", arguments={"name": found.name}),),
        what=found.name,
        **evidence,
    )


def _sent(run: Run, found: Embedded, settings: Settings) -> dict[str, Any] | None:
    """Return what submits in a loop have sent, or will; None where that is little."""
    if found.times > 1 and found.nbytes is not None:
        sent = found.nbytes * found.times
        if found.nbytes < settings["least_bytes"] or sent < settings["least_sent"]:
            return None
        how = f"was sent along with {found.times} tasks: {sent / 1e6:.0f} MB in all"
        return {"megabytes": found.nbytes / 1e6, "how": how}
    if is_over(run) or not _is_large(found, settings):
        return None
    return {"how": _forecast(found)}


def _forecast(found: Embedded) -> str:
    if found.again:
        return "does not change in the loop, and is sent along with every task of it"
    return f"({(found.nbytes or 0) / 1e6:.0f} MB) becomes part of the graph that is sent"


def _is_large(found: Embedded, settings: Settings) -> bool:
    """Whether it is worth a word before it has been sent."""
    least = settings["least_bytes" if found.again else "least_once"]
    return (found.nbytes or 0) >= least or (found.again and found.is_read)


def _is_explained(run: Run, warned: ObservedCall, settings: Settings) -> bool:
    """Whether a function that was sent from there carries something large: that is DSK402."""
    here = [c for c in run.calls if c.place == warned.place and c.name.startswith("distributed.")]
    carried = [e for c in here for e in (c.facts.get("function") or {}).get("captured", ())]
    return any(entry["nbytes"] >= settings["least_bytes"] for entry in carried)


def _warned(  # noqa: PLR0917 - all there is to tell from
    run: Run,
    program: Program,
    warned: ObservedCall,
    known: list[Embedded],
    told: set[Any],
    settings: Settings,
) -> Iterator[Finding]:
    """Name what makes a graph large of which Dask warned."""
    place, sent = warned.place, warned.facts["nbytes"] / max(warned.count, 1)
    if place is None:
        return
    lazy = list(_computed(program, place))
    made = {value.call for value in lazy}
    inside = [
        one
        for one in known
        if one.call.node in made
        or (one.call.cell == place.cell and _is_at(one.call.node, place.line))
    ]
    large = [one for one in inside if (one.nbytes or 0) >= settings["least_bytes"]]
    unknown = [one for one in inside if one.nbytes is None]
    ran = [c for c in run.computations if c.place == place and c.stop is not None]
    n_tasks = sum(c.n_tasks for c in ran)
    once = any(v.is_instance(api.DELAYED_OBJECT) and is_cheap(v) for v in lazy)
    if not large and (once or (n_tasks and sent < settings["least_each"] * n_tasks)):
        return
    begun = [t.start - c.begin for c in ran for t in c.tasks[:1]]
    evidence: dict[str, Any] = {
        "megabytes": sent / 1e6,
        "how": "went through the scheduler as a part of the graph",
    }
    found = max(large, key=lambda one: one.nbytes or 0, default=None)
    found = found or (unknown[0] if len(unknown) == 1 else None)
    cost = max(begun) if begun else None
    if found is None:
        what = "What this line computes"
        yield rule.finding(place, certainty="seen", cost=cost, what=what, **evidence)
    elif found.call.node not in told:
        told.add(found.call.node)
        size = found.nbytes if found.nbytes is not None else sent
        yield _finding(program, found, cost=cost, **{**evidence, "megabytes": size / 1e6})


def _computed(program: Program, place: Place) -> list[Value]:
    """Return the lazy objects that the calls on a line compute, and what they are made from."""
    values: list[Value | None] = []
    for wait in waits(program):
        if wait.cell == place.cell and _is_at(wait.node, place.line):
            values += wait.values
    for call in computes_at(program, place):
        values += [call.receiver, *call.arguments]
    return list(ancestors(values))


def _is_at(node: Any, line: int) -> bool:
    return bool(node.lineno <= line <= (node.end_lineno or node.lineno))
