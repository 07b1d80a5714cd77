"""All of a result is fetched to read its shape.

``future.result()`` copies the data from the worker to this process. Where only ``.shape``,
``.dtype`` or ``len()`` of it is wanted, a task can ask that on the worker, and a few bytes travel.

*Why it costs*: a result of a gigabyte takes as long as a gigabyte takes to be sent, unpacked and
held in memory here.

*When it is fine*: the result is small; it is fetched anyway, for something else.

*References*: https://distributed.dask.org/en/stable/efficiency.html#leave-data-on-the-cluster
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._ran import computations_at, concerns, is_over
from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.definitions import uses
from dask_lens.source.fetches import fetched, fetches
from dask_lens.source.program import Program, read
from dask_lens.source.values import contained
from dask_lens.source.words import words

#: Bytes of a result: less is here in no time.
LEAST_BYTES = 10_000_000

#: What can be asked on the worker, and is small.
ASKED = words("shape dtype dtypes ndim nbytes columns size")
_LEN = "len"
#: Attributes of a future that tell of it and bring nothing.
_ABOUT = words("status key done cancelled exception traceback add_done_callback")
_LEAVE_IT_THERE = words(
    "distributed.Client.submit distributed.wait distributed.progress distributed.fire_and_forget"
)

rule = Rule(
    __name__,
    code="DSK408",
    kind="slow",
    needs=("source", "tasks"),
    message="{megabytes:.0f} MB were fetched from the cluster to read {asked} of {future}.",
    forecast="All of {future} is fetched from the cluster to read its {asked}.",
    advice="Ask for it in a task, where the data is.",
    rewrite=("ask-on-worker",),
    thresholds={"least_bytes": LEAST_BYTES},
    dont="""
import numpy as np
from dask.distributed import Client

client = Client(processes=False, n_workers=1, threads_per_worker=2, dashboard_address=":0")
# %%
array = client.submit(np.ones, 2_000_000)
shape = array.result().shape  # found here
# %%
client.shutdown()
""",
    do="""
import numpy as np
from dask.distributed import Client

client = Client(processes=False, n_workers=1, threads_per_worker=2, dashboard_address=":0")
# %%
array = client.submit(np.ones, 2_000_000)
shape = client.submit(lambda value: value.shape, array).result()
# %%
client.shutdown()
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find results of which one attribute is read; after the run, those that were large."""
    program = read(run.cells)
    for call in fetches(program):
        asked = _asked(program, call)
        node, value = fetched(call)
        future = contained(value, api.FUTURE)
        if asked is None or node is None or future is None or not concerns(run, call.cell):
            continue
        if future.call is None or _is_fetched_elsewhere(program, node):
            continue
        nbytes = _nbytes(run, program, call, future.call)
        if is_over(run) and nbytes is not None and nbytes < settings["least_bytes"]:
            continue
        if asked == _LEN and nbytes is None:  # lists have a length as well
            continue
        yield rule.finding(
            program.place(call.cell, call.node),
            certainty="seen" if is_over(run) and nbytes is not None else "likely",
            fixes=(Fix("ask-on-worker"),),
            megabytes=(nbytes or 0) / 1e6,
            asked=asked,
            future=ast.unparse(node)[:60],
        )


def _asked(program: Program, call: Call) -> str | None:
    """Return the one thing that is asked of a result."""
    parents = program.cells[call.cell].parents(call.node)
    parent = next(parents, None)
    if isinstance(parent, ast.Attribute) and parent.attr in ASKED:
        above = next(parents, None)
        called = isinstance(above, ast.Call) and above.func is parent
        return None if called else parent.attr
    made = program.by_node.get(parent) if isinstance(parent, ast.Call) else None
    return _LEN if made is not None and made.name == "builtins.len" else None


def _is_fetched_elsewhere(program: Program, node: ast.expr | None) -> bool:
    """Whether the future is used for more: its result may be wanted anyway."""
    if not isinstance(node, ast.Name):
        return True
    for number, used in uses(program, node.id):
        if used is node:
            continue
        parents = program.cells[number].parents(used)
        above = next(parents, None)
        if isinstance(above, ast.Attribute) and above.attr in _ABOUT:
            continue
        if isinstance(above, ast.Attribute) and above.attr == "result":
            above = next(parents, None)
        made = program.by_node.get(above) if isinstance(above, ast.Call) else None
        asked = made is not None and _asked(program, made) is not None
        if made is None or not (asked or made.name in _LEAVE_IT_THERE):
            return True
    return False


def _nbytes(run: Run, program: Program, call: Call, made: ast.Call) -> int | None:
    """Return the bytes of the largest result of the call that made the future."""
    maker = program.by_node.get(made)
    if maker is None or maker.cell != call.cell:
        return None
    ran = computations_at(run, program, maker.cell, [made])
    return max((t.nbytes for c in ran for t in c.tasks if t.nbytes is not None), default=None)
