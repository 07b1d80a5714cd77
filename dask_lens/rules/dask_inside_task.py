"""A task makes a lazy collection and does not compute it.

A function that runs as a task has its data in hand: NumPy arrays, pandas frames, lists. A
function of ``dask.array`` or ``dask.dataframe`` called on them makes a collection, and that is
what the task returns.

*Why it costs*: the result is another graph, whose computing starts only when somebody notices.
A task's data travels inside that graph.

*When it is fine*: the task computes the collection itself (``compute`` in a task is allowed);
the function runs here and not as a task.

*References*: https://docs.dask.org/en/stable/delayed-best-practices.html;
https://distributed.dask.org/en/stable/task-launch.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dask_lens.record.cell import Place
from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._brought import REDUCTIONS
from dask_lens.rules._nested import computes_inside, is_delayed_task
from dask_lens.rules._task_bodies import TaskBody, task_bodies
from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.lineage import ancestors, made_by
from dask_lens.source.program import Program
from dask_lens.source.values import contained

rule = Rule(
    __name__,
    code="DSK111",
    kind="wrong",
    needs=("source", "tasks"),
    message="{function} ran as a task and returned a lazy {type}, made by {called} there.",
    forecast=(
        "{function} runs as a task and calls {called} there, which makes a lazy collection that "
        "the task does not compute."
    ),
    advice="Use the function of NumPy or pandas inside a task.",
    rewrite=("plain-library",),
    dont="""
import dask.array as da
import numpy as np
from dask.distributed import Client

client = Client(processes=False, n_workers=1, threads_per_worker=2, dashboard_address=":0")

def highest(values):
    return da.max(np.asarray(values))  # found here
# %%
found = client.submit(highest, [1, 3, 2]).result()
# %%
client.shutdown()
""",
    do="""
import dask.array as da
import numpy as np
from dask.distributed import Client

client = Client(processes=False, n_workers=1, threads_per_worker=2, dashboard_address=":0")

def highest(values):
    return np.max(np.asarray(values))
# %%
found = client.submit(highest, [1, 3, 2]).result()
# %%
client.shutdown()
""",
)

#: Types of what tasks return, by module, and their names.
_MODULES = ("dask.array.", "dask.bag.", "dask.dataframe.", "dask_expr.")
_TYPES = ("Array", "Bag", "DataFrame", "Index", "Item", "Scalar", "Series")
#: What tells collections from other data.
_ASKED = ("isinstance", "is_dask_collection", "is_dask", "is_duck_dask_array")
#: Whose functions open files lazily where chunks are asked for; what else they do is not known.
_OPENERS = ("xarray.open_", "rioxarray.open_")
_LIBRARIES = ("dask.array.", "dask.dataframe.", "dask.bag.")


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find the first collection that a task makes, of tasks that compute none."""
    del settings
    returned = _returned(run)
    written: set[str] = set()
    for task in task_bodies(run):
        written.add(task.function.name)
        if computes_inside(task):
            continue
        made = next((call for call in task.calls if _makes_collection(task, call)), None)
        if made is not None:
            kind, _ = returned.get(task.function.name, ("", None))
            yield rule.finding(
                task.program.place(made.cell, made.node),
                certainty="seen" if kind else "likely",
                fixes=(Fix("plain-library"),),
                function=task.name,
                called=made.name or ast.unparse(made.node.func)[-60:],
                type=kind,
            )
    for prefix, (kind, place) in returned.items():
        if prefix not in written:  # a function of a module
            name, called = prefix[:60], "what it calls"
            yield rule.finding(place, certainty="seen", function=name, type=kind, called=called)


def _returned(run: Run) -> dict[str, tuple[str, Place | None]]:
    """Return, by key prefix, which tasks returned a collection, its type, and who asked."""
    found: dict[str, tuple[str, Place | None]] = {}
    for computation in run.computations:
        for task in computation.tasks:
            typename = task.typename or ""
            kind = typename.rpartition(".")[2]
            if kind in _TYPES and typename.startswith(_MODULES):
                found.setdefault(task.prefix, (kind, computation.place))
    return found


def _makes_collection(task: TaskBody, call: Call) -> bool:
    result = call.result
    if result is None or not result.is_instance(*api.COLLECTIONS) or call.receiver is not None:
        return False
    if result.is_instance(api.DELAYED_OBJECT):
        # In a lazy function that is another rule's.
        return call.name != api.DELAYED and not is_delayed_task(task)
    given = (*call.arguments, *call.keywords.values())
    lazy = any(contained(value, *api.COLLECTIONS) is not None for value in given)
    if _is_asked_for(task.program, call):
        return False
    if call.name.startswith(_OPENERS):
        return not is_delayed_task(task) and _is_reduced(task, call)
    return call.name.startswith(_LIBRARIES) and not lazy


def _is_reduced(task: TaskBody, call: Call) -> bool:
    """Whether the task returns what it lazily reduced of what it opened, as if that were data."""
    returned = list(ancestors(value for _, value in task.body.returns))
    opened = any(value.call is call.node for value in returned)
    return opened and any(made_by(value) in REDUCTIONS for value in returned)


def _is_asked_for(program: Program, call: Call) -> bool:
    """Whether it stands where a function that also takes collections has seen one."""
    tests = [p.test for p in program.cells[call.cell].parents(call.node) if isinstance(p, ast.If)]
    names = {n.id for test in tests for n in ast.walk(test) if isinstance(n, ast.Name)}
    names |= {n.attr for test in tests for n in ast.walk(test) if isinstance(n, ast.Attribute)}
    return not names.isdisjoint(_ASKED)
