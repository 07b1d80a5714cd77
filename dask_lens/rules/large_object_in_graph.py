"""A large object is passed to many tasks, and sent along with each of them.

What is passed to ``client.submit`` becomes part of the task: it is hashed and sent to the
scheduler with every call, and from there to the workers. Scattered, or wrapped in ``delayed``
once, it is sent once, and the tasks refer to it.

*Why it costs*: a table of 100 MB that is passed to fifty tasks is five gigabytes that go through
the scheduler, which keeps them in memory until the tasks are done.

*When it is fine*: the object is small (ten megabytes in all are); it is passed once, on one
machine; the scheduler is one of threads, which share memory. A graph that is large for its number
of tasks is another matter.

*References*: https://docs.dask.org/en/stable/delayed-best-practices.html
#avoid-repeatedly-putting-large-inputs-into-delayed-calls;
https://docs.dask.org/en/stable/best-practices.html#load-data-with-dask;
https://github.com/dask/distributed/issues/8814
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._ran import concerns, is_over
from dask_lens.rules._repeats import bound_in, loops
from dask_lens.rules._told import SENDS, told
from dask_lens.source.calls import Call
from dask_lens.source.definitions import definition
from dask_lens.source.program import Program, read
from dask_lens.source.sizes import nbytes
from dask_lens.source.words import words

#: Bytes of one object: less is no matter for a scheduler.
LEAST_BYTES = 1_000_000

#: Bytes sent in all: where distributed warns of a large graph.
LEAST_SENT = 10_000_000

#: Functions that read files of a size that only they know.
_READERS = words(
    "pandas.read_csv pandas.read_parquet pandas.read_feather pandas.read_hdf pandas.read_pickle "
    "numpy.load numpy.loadtxt numpy.genfromtxt numpy.fromfile"
)

rule = Rule(
    __name__,
    code="DSK401",
    kind="slow",
    needs=("source", "tasks"),
    message=(
        "{what} ({megabytes:.0f} MB) was sent along with {times} tasks: {sent:.0f} MB in all."
    ),
    forecast="{what} does not change in the loop, and is sent along with every task of it.",
    advice="Send it once, and pass the future of it.",
    rewrite=("send-once",),
    thresholds={"least_bytes": LEAST_BYTES, "least_sent": LEAST_SENT},
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
    """Find submits in loops that are given the same large object; after the run, by its bytes."""
    program = read(run.cells)
    for call in program.by_name.get(SENDS[0], ()):
        if not concerns(run, call.cell):
            continue
        given = [node for node in _same(program, call) if isinstance(node, ast.Name)]
        seen = [note for note in told(run, call) if note.count > 1]
        found = [
            (entry, note.count)
            for note in seen
            for entry in note.facts.get("arguments", ())
            if entry["name"] in {node.id for node in given}
        ]
        if found:
            entry, times = max(found, key=lambda pair: pair[0]["nbytes"])
            sent = entry["nbytes"] * times
            if entry["nbytes"] < settings["least_bytes"] or sent < settings["least_sent"]:
                continue
            evidence = {"what": entry["name"], "megabytes": entry["nbytes"] / 1e6}
            evidence |= {"times": times, "sent": sent / 1e6}
        elif is_over(run):
            continue
        else:
            large = next((n for n in given if _is_large(program, n, settings)), None)
            if large is None:
                continue
            evidence = {"what": large.id}
        yield rule.finding(
            program.place(call.cell, call.node),
            certainty="seen" if found else "likely",
            fixes=(Fix("send-once", arguments={"name": evidence["what"]}),),
            **evidence,
        )


def _same(program: Program, call: Call) -> Iterator[ast.expr]:
    """Yield the arguments that are the same in every pass of the loops around a call."""
    around = list(loops(program.cells[call.cell], call.node))
    if not around:
        return
    differs = set().union(*(bound_in(loop) for loop in around))
    for node in [*call.node.args[1:], *(k.value for k in call.node.keywords)]:
        if isinstance(node, ast.Name) and node.id not in differs:
            yield node


def _is_large(program: Program, node: ast.Name, settings: Settings) -> bool:
    """Whether the text says that a name holds a large object, or one read from a file."""
    size = nbytes(program, node)
    if size is not None:
        return bool(size >= settings["least_bytes"])
    known = definition(program, node)
    made = program.by_node.get(known[1]) if known and isinstance(known[1], ast.Call) else None
    return made is not None and made.name in _READERS
