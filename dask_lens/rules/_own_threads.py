"""Functions that start threads or processes of their own and run as several tasks."""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import dataclass

from dask_lens.record.run import Run
from dask_lens.rules._task_bodies import TaskBody, task_bodies
from dask_lens.source.calls import Call
from dask_lens.source.configured import literal
from dask_lens.source.loops import loop_of
from dask_lens.source.program import Program
from dask_lens.source.tasks import TAKES_FUNCTION
from dask_lens.source.values import Function
from dask_lens.source.words import words

#: What starts processes, one for each processor unless told otherwise.
_POOLS = words(
    "multiprocessing.Pool multiprocessing.pool.Pool concurrent.futures.ProcessPoolExecutor "
    "concurrent.futures.process.ProcessPoolExecutor"
)
#: Blocks in which joblib hands its work to somebody else.
_BACKENDS = words(
    "joblib.parallel_backend joblib.parallel_config sklearn.utils.parallel_backend "
    "joblib.parallel.parallel_backend"
)
#: Callables that make one task, not several.
_MAKE_ONE = words("distributed.Client.submit distributed.ClientExecutor.submit dask.delayed")


@dataclass(frozen=True)
class OwnThreads:
    """A call in a task that starts threads or processes.

    Parameters
    ----------
    call
        The call.
    function
        The function that runs as several tasks.
    what
        How a message names it.
    """

    call: Call
    function: Function
    what: str


def own_threads(run: Run) -> list[OwnThreads]:
    """Return such calls in functions that concern what is judged, each once.

    Parameters
    ----------
    run
        The cells.
    """
    found: dict[ast.Call, OwnThreads] = {}
    for task in task_bodies(run):
        if not _is_several(task):
            continue
        for call in task.calls:
            what = _what(task.program, call)
            if what is not None:
                found.setdefault(call.node, OwnThreads(call, task.function, what))
    return list(found.values())


def _what(program: Program, call: Call) -> str | None:
    jobs = call.keyword("n_jobs")
    if jobs is not None:
        number = literal(jobs)
        many = type(number) is int and number not in (0, 1)
        handed_over = any(
            isinstance(parent, (ast.With, ast.AsyncWith))
            and any(_is_backend(program, item.context_expr) for item in parent.items)
            for parent in program.cells[call.cell].parents(call.node)
        )
        return f"n_jobs={number}" if many and not handed_over else None
    if call.name not in _POOLS or _size(call) == 1:
        return None
    return f"{ast.unparse(call.node.func)[-60:]}()"


def _is_backend(program: Program, node: ast.expr) -> bool:
    call = program.by_node.get(node) if isinstance(node, ast.Call) else None
    return call is not None and call.name in _BACKENDS


def _size(call: Call) -> object:
    given = call.node.args[0] if call.node.args else None
    return literal(given or call.keyword("processes") or call.keyword("max_workers"))


def _is_several(task: TaskBody) -> bool:
    """Whether the text makes several tasks of a function."""
    uses = [use for use in task.uses if use.name != "dask.delayed" or use.callee is not None]
    if any(use.name in TAKES_FUNCTION - _MAKE_ONE or _is_mapped(use) for use in uses):
        return True
    if any(loop_of(task.program, u.cell, u.node, u.inside) is not None for u in uses):
        return True
    return Counter(use.callee is not None or bool(use.name) for use in uses)[True] > 1


def _is_mapped(use: Call) -> bool:
    """Whether a method of a collection runs it on each of its pieces."""
    return use.name.startswith(("dask.array.", "dask.dataframe.", "dask.bag.", "xarray."))
