"""Computed pieces that are put together here, only to be made into a collection again."""

from __future__ import annotations

import ast
import functools

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
    if found is None or [used for _, used in uses(program, node.id)] != [node]:
        return None
    return found[1]


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
