"""Functions of tasks that the text calls at one place only: where tasks of theirs were made.

A collection that was built before anybody looked has tasks of which no call was seen. Where the
text has one call of their function, it was that one.
"""

from __future__ import annotations

import ast
from collections import Counter

from dask_lens.record.cell import Place
from dask_lens.source.program import Program


def sole_calls(program: Program) -> dict[str, Place]:
    """Return, by name of a function, where its only call stands.

    Functions that are decorated count where they are called, as ``load(1)``, others where what
    is made of them is, as ``delayed(load)(1)``. None of a name that is used in any other way.
    """
    defined: Counter[str] = Counter()
    used: Counter[str] = Counter()
    called: dict[str, tuple[int, ast.Call]] = {}
    for number, cell in enumerate(program.cells):
        for node in ast.walk(cell.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                defined[node.name] += 1 if node.decorator_list else 2
            elif isinstance(node, ast.Name):
                used[node.id] += 1 if isinstance(node.ctx, ast.Load) else 2
            elif isinstance(node, ast.Call) and (name := _makes(node)):
                called[name] = number, node
    found = {}
    for name, count in defined.items():
        how = {1: name, 2: f"{name}()"}.get(count)
        if used[name] == 1 and how in called:
            found[name] = program.place(*called[how])
    return found


def _makes(call: ast.Call) -> str:
    """Return the name of the function that a call makes a task of; with ``()`` if made lazy."""
    function = call.func
    if isinstance(function, ast.Call) and function.args:
        made_of = function.args[0]
        return f"{made_of.id}()" if isinstance(made_of, ast.Name) else ""
    return function.id if isinstance(function, ast.Name) else ""
