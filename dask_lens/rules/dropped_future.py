"""Work is submitted and the future for it is dropped.

The scheduler runs a task for as long as somebody wants its result, and holding the future is
how a program says that. Where ``client.submit`` stands alone, or its name is given to the next
future in a loop, the future is gone at once and the task with it.

*Why it costs*: some tasks run, because they were quick enough, and the others do not; which
ones changes from run to run. Nothing is raised, and errors of the tasks are never seen.

*When it is fine*: the future is kept (a name, a list, ``return``), waited for, or handed to
``fire_and_forget``; it is the last line of a cell, whose value IPython keeps in ``Out``.

*References*: https://docs.dask.org/en/stable/futures.html#fire-and-forget;
https://distributed.dask.org/en/stable/memory.html;
https://github.com/dask/distributed/issues/2766
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dask_lens.record.computation import Computation
from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._overwritten import is_overwritten
from dask_lens.source.calls import Call
from dask_lens.source.program import Program, read
from dask_lens.source.shown import is_shown

rule = Rule(
    __name__,
    code="DSK107",
    kind="fails",
    needs=("source", "tasks"),
    message=(
        "Nothing keeps the future that {call} gives, so its task is dropped: {dropped} of {sent} "
        "were, before they were known to have run."
    ),
    forecast=(
        "Nothing keeps the future that {call} gives: its task is dropped unless it is quick "
        "enough to have run by then."
    ),
    advice="Keep the futures in a list and wait for them.",
    rewrite=("keep-futures", "fire-and-forget"),
    dont="""
import time
from dask.distributed import Client, wait

client = Client(processes=False, n_workers=1, threads_per_worker=1, dashboard_address=":0")

def write(number):
    time.sleep(0.1)
# %%
for number in range(10):
    client.submit(write, number)  # found here
# %%
client.shutdown()
""",
    do="""
import time
from dask.distributed import Client, wait

client = Client(processes=False, n_workers=1, threads_per_worker=1, dashboard_address=":0")

def write(number):
    time.sleep(0.1)
# %%
futures = []
for number in range(10):
    futures.append(client.submit(write, number))
wait(futures)
# %%
client.shutdown()
""",
)

#: Methods that only ask for work; what they give stands for it.
_SENDS = tuple(f"distributed.Client.{name}" for name in ("submit", "map", "compute", "persist"))
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find such calls in the source, and count what was dropped of what they sent."""
    del settings
    program = read(run.cells)
    for name in _SENDS:
        for call in program.by_name.get(name, ()):
            if not _is_dropped(run, program, call):
                continue
            sent = [c for c in run.computations if _sent(c, call)]
            if run.observed in (None, call.cell) or sent:
                yield _finding(program, call, sent)


def _finding(program: Program, call: Call, sent: list[Computation]) -> Finding:
    dropped = sum(computation.dropped for computation in sent)
    return rule.finding(
        program.place(call.cell, call.node),
        certainty="seen" if dropped else "likely",
        fixes=(Fix("keep-futures"), Fix("fire-and-forget")),
        call=ast.unparse(call.node.func),
        dropped=dropped,
        sent=dropped + sum(map(_came_back, sent)),
    )


def _came_back(computation: Computation) -> int:
    """Return how many tasks ran to their end; others were dropped while they ran."""
    in_vain = sum(task.status == "released" for task in computation.tasks)
    return computation.n_tasks - in_vain


def _sent(computation: Computation, call: Call) -> bool:
    """Whether a call sent this computation."""
    place = computation.place
    if place is None or place.cell != call.cell or computation.scheduler != "distributed":
        return False
    return call.node.lineno <= place.line <= (call.node.end_lineno or call.node.lineno)


def _is_dropped(run: Run, program: Program, call: Call) -> bool:
    """Whether nothing holds what a call gives, once its statement or its pass is over."""
    if call.name.endswith(".compute") and call.keyword("sync") is not None:
        return False
    cell = program.cells[call.cell]
    statement = cell.statement(call.node)
    if isinstance(statement, ast.Expr):
        value = statement.value
        alone = value is call.node or (
            isinstance(value, _COMPREHENSIONS) and value.elt is call.node
        )
        return alone and not is_shown(run.cells[call.cell], cell, statement)
    if isinstance(statement, ast.Assign) and statement.value is call.node:
        [target, *more] = statement.targets
        if isinstance(target, ast.Name) and not more:
            return is_overwritten(program, call, statement, target.id)
    return False
