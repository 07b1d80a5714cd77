"""Functions that are called for every row of a table."""

from __future__ import annotations

import ast
import functools

from dask_lens.rules._single import MOST_SMALL
from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.program import Program
from dask_lens.source.sizes import elements
from dask_lens.source.tasks import task_functions
from dask_lens.source.timing import is_measure, is_timed_cell
from dask_lens.source.values import Function
from dask_lens.source.words import words

_ON_PARTITIONS = ("dask.dataframe.DataFrame.map_partitions", "dask.dataframe.map_partitions")

#: Functions and methods that take no time to speak of.
_AT_ONCE = words(
    "abs add append bool extend float format get int len lower max min round split str strip sum "
    "upper"
)


@functools.lru_cache(maxsize=8)
def by_row(program: Program) -> tuple[Call, ...]:
    """Return the calls that go row by row, on collections and in functions of their partitions.

    Parameters
    ----------
    program
        The cells.
    """
    found = [
        call
        for call in program.by_name.get(f"{api.DATAFRAME}.apply", ())
        if _is_by_row(call) and not _is_small(program, call)
    ]
    found += [call for call in program.calls if _is_of_dask(call) and _is_by_row(call)]
    found += _in_partitions(program) + _in_tasks(program)
    return tuple(call for call in found if not _is_measured(program, call))


def is_made_by(call: Call, prefix: str) -> bool:
    """Whether tasks of this key prefix are what such a call makes, or what it stands in.

    Parameters
    ----------
    call
        One of :func:`by_row`.
    prefix
        The key prefix.
    """
    return prefix in ("apply", call.inside.name if call.inside is not None else "apply")


def _is_measured(program: Program, call: Call) -> bool:
    """Whether it stands in a benchmark, beside other ways to do the same."""
    cell = program.cells[call.cell]
    around = [p.func for p in cell.parents(call.node) if isinstance(p, ast.Call)]
    return is_timed_cell(cell) or any(is_measure(ast.unparse(func)) for func in around)


def _is_by_row(call: Call) -> bool:
    return call.literal("axis") in (1, "columns")


def _is_of_dask(call: Call) -> bool:
    """Whether, of an object of which nothing is known, it is told what Dask alone asks for."""
    func = call.node.func
    unknown = not call.name and call.receiver is None
    method = isinstance(func, ast.Attribute) and func.attr == "apply"
    return unknown and method and call.keyword("meta") is not None


def _is_small(program: Program, call: Call) -> bool:
    """Whether it is made from a table that the text shows to be small."""
    made = call.receiver.call if call.receiver is not None else None
    if made is None or not made.args:
        return False
    known = elements(program, made.args[0])
    maker = program.by_node.get(made)
    if maker is None or known is None or not maker.name.endswith("from_pandas"):
        return False
    return known < MOST_SMALL


def _in_partitions(program: Program) -> list[Call]:
    """Return the calls that go row by row through what a function of partitions is given."""
    functions = {
        function
        for function, calls in task_functions(program).items()
        if any(call.name in _ON_PARTITIONS for call in calls)
    }
    return [
        call
        for call in program.calls
        if call.inside in functions and call.inside is not None and _goes_by_row(call, call.inside)
    ]


def _in_tasks(program: Program) -> list[Call]:
    """Return the calls in other tasks that do little with each row of a table of pandas'."""
    functions = {
        function
        for function, calls in task_functions(program).items()
        if not any(call.name in _ON_PARTITIONS for call in calls)
    }
    return [
        call for call in program.calls if call.inside in functions and _does_little(program, call)
    ]


def _does_little(program: Program, call: Call) -> bool:
    """Whether a call goes row by row, and calls nothing for a row that may take its time."""
    func = call.node.func
    last = func.attr if isinstance(func, ast.Attribute) else ""
    done: list[ast.AST] = []
    if last == "apply" and _is_by_row(call):
        done = [given.body for given in call.node.args[:1] if isinstance(given, ast.Lambda)]
    elif last == "iterrows":
        around = program.cells[call.cell].parents(call.node)
        loop = next((one for one in around if isinstance(one, ast.For)), None)
        done = [*loop.body] if loop is not None and call.node in ast.walk(loop.iter) else []
    inner = [node for part in done for node in ast.walk(part)]
    called = [ast.unparse(node.func) for node in inner if isinstance(node, ast.Call)]
    return bool(done) and all(name.rpartition(".")[2] in _AT_ONCE for name in called)


def _goes_by_row(call: Call, function: Function) -> bool:
    func = call.node.func
    arguments = function.node.args
    first = next(iter([*arguments.posonlyargs, *arguments.args]), None)
    if not isinstance(func, ast.Attribute) or not isinstance(func.value, ast.Name):
        return False
    if first is None or func.value.id != first.arg:
        return False
    if func.attr == "apply":
        return _is_by_row(call)
    # Rows that stand for jobs of their own, each of which may fail.
    jobs = any(isinstance(n, ast.Try) for n in ast.walk(function.node))
    return func.attr == "iterrows" and not jobs
