"""Computed pieces that are put together here, only to be made into a collection again."""

from __future__ import annotations

import ast
import functools
from typing import TypeGuard

from dask_lens.source import api
from dask_lens.source.definitions import definition, uses
from dask_lens.source.program import Program
from dask_lens.source.waits import Wait, waits
from dask_lens.source.words import words

#: What makes a collection of data, by what the data may have been before.
MAKERS = {
    "dask.dataframe.from_pandas": (api.DATAFRAME, api.SERIES),
    "dask.array.from_array": (api.ARRAY,),
}
_JOINS = words("pandas.concat numpy.concatenate numpy.stack numpy.vstack numpy.hstack")
_COMPREHENSIONS = (ast.ListComp, ast.GeneratorExp)


def only_use(program: Program, node: ast.expr) -> ast.expr | None:
    """Return what a name holds that is used here and nowhere else; the node, where it is no name.

    Parameters
    ----------
    program
        The cells.
    node
        The expression.
    """
    if not isinstance(node, ast.Name):
        return node
    found = definition(program, node)
    if found is None:
        return _bound_above(program, node)
    if [used for _, used in uses(program, node.id)] != [node]:
        return None
    return found[1]


def _bound_above(program: Program, node: ast.Name) -> ast.expr | None:
    """Return what a name was bound to further up, where the statement binds it anew."""
    cell = next((c for c in program.cells if c.statement(node) is not None), None)
    statement = cell.statement(node) if cell is not None else None
    if cell is None or not _binds(statement, node.id):
        return None
    around = next(iter(cell.parents(statement)), None)
    for _, part in ast.iter_fields(around) if around is not None else ():
        if not isinstance(part, list) or statement not in part:
            continue
        for above in reversed(part[: part.index(statement)]):
            if _binds(above, node.id):
                return above.value
            if any(isinstance(n, ast.Name) and n.id == node.id for n in ast.walk(above)):
                return None
    return None


def _binds(statement: ast.stmt | None, name: str) -> TypeGuard[ast.Assign]:
    """Whether it is one plain assignment to a name."""
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return False
    target = statement.targets[0]
    return isinstance(target, ast.Name) and target.id == name


@functools.lru_cache(maxsize=8)
def pieces_again(program: Program) -> dict[ast.Call, Wait]:
    """Return what makes collections of pieces that were computed, by one of these computations.

    Parameters
    ----------
    program
        The cells.
    """
    known = {wait.node: wait for wait in waits(program) if wait.how == "compute"}
    found: dict[ast.Call, Wait] = {}
    for maker in MAKERS:
        for call in program.by_name.get(maker, ()):
            joined = only_use(program, call.node.args[0]) if call.node.args else None
            join = program.by_node.get(joined) if isinstance(joined, ast.Call) else None
            if join is None or join.name not in _JOINS or not join.node.args:
                continue
            parts = only_use(program, join.node.args[0])
            each = parts.elt if isinstance(parts, _COMPREHENSIONS) else None
            wait = known.get(each if each is not None else parts) if parts is not None else None
            if wait is not None:
                found[call.node] = wait
    return found
