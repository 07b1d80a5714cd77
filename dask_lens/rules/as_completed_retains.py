"""Results are let go one by one, and a list keeps all of them.

A result stays in the memory of the cluster for as long as a future of it is held. ``del future``
in a loop over ``as_completed(futures)`` takes away one of two references: the list still holds
the future, and so the result.

*Why it costs*: the results of all tasks are in memory at the end, though each was done with after
its pass of the loop. Where they do not fit, they go to disk or the workers are killed.

*When it is fine*: the futures are used again after the loop; the results are small. Nothing is
said of loops that do not try to let go.

*References*: https://docs.dask.org/en/stable/futures.html#waiting-on-futures;
https://github.com/dask/distributed/issues/3092;
https://distributed.dask.org/en/stable/memory.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._ran import concerns
from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.definitions import uses
from dask_lens.source.program import Program, read
from dask_lens.source.values import contained

rule = Rule(
    __name__,
    code="DSK410",
    kind="slow",
    needs=("source",),
    message="del {future} frees nothing: {futures} holds each future, and so its result.",
    advice="Release the future, or give as_completed the only reference to the list.",
    rewrite=("release-future",),
    dont="""
from dask.distributed import Client, as_completed

client = Client(processes=False, n_workers=1, threads_per_worker=2, dashboard_address=":0")

def square(x):
    return x ** 2
# %%
futures = client.map(square, range(5))
total = 0
for future in as_completed(futures):
    total += future.result()
    del future  # found here
# %%
client.shutdown()
""",
    do="""
from dask.distributed import Client, as_completed

client = Client(processes=False, n_workers=1, threads_per_worker=2, dashboard_address=":0")

def square(x):
    return x ** 2
# %%
futures = client.map(square, range(5))
total = 0
for future in as_completed(futures):
    total += future.result()
    future.release()
# %%
client.shutdown()
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find ``del`` in loops over as_completed, where a list holds the futures."""
    del settings
    program = read(run.cells)
    for call in program.by_name.get("distributed.as_completed", ()):
        found = _deleted(program, call) if concerns(run, call.cell) else None
        held = call.node.args[0] if call.node.args else None
        if found is None or not isinstance(held, ast.Name):
            continue
        holds_futures = contained(call.arguments[0], api.FUTURE) is not None
        if holds_futures and [node for _, node in uses(program, held.id)] == [held]:
            statement, name = found
            yield rule.finding(
                program.place(call.cell, statement),
                certainty="likely",
                fixes=(Fix("release-future"),),
                future=name,
                futures=held.id,
            )


def _deleted(program: Program, call: Call) -> tuple[ast.Delete, str] | None:
    """Return the statement that deletes the name of the future, in the loop over a call."""
    loop = next(program.cells[call.cell].parents(call.node), None)
    if not isinstance(loop, (ast.For, ast.AsyncFor)) or loop.iter is not call.node:
        return None
    target = loop.target
    first = target.elts[0] if isinstance(target, ast.Tuple) and target.elts else target
    for part in loop.body:
        for node in ast.walk(part):
            if isinstance(node, ast.Delete) and isinstance(first, ast.Name):
                names = [t.id for t in node.targets if isinstance(t, ast.Name)]
                if first.id in names:
                    return node, first.id
    return None
