from __future__ import annotations

import ast

import pytest

from dask_lens.record.cell import Cell
from dask_lens.source.definitions import definition
from dask_lens.source.program import read


def defined(*sources: str) -> str | None:
    """Return what the ``x`` that is given to ``use`` stands for."""
    program = read(tuple(map(Cell, sources)))
    [name] = [
        node.args[0]
        for cell in program.cells
        for node in ast.walk(cell.tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "use"
    ]
    known = definition(program, name)
    return None if known is None else ast.unparse(known[1])


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("def f(x):\n    use(x)\nx = 1", id="a parameter"),
        pytest.param("def f(x=2):\n    x = 1\n    use(x)", id="a parameter that is bound anew"),
        pytest.param("x = 1\ndef f():\n    x = 2\n    x = 3\n    use(x)", id="bound twice"),
        pytest.param("def f():\n    x = 2\n    x += 3\n    use(x)", id="counted up"),
        pytest.param("def f():\n    for x in y:\n        use(x)", id="a loop's name"),
        pytest.param("def f():\n    x = 1\n    def g():\n        nonlocal x\n        x = 2\n"
                     "    use(x)", id="bound by an inner function as well"),
        pytest.param("def f():\n    x, y = 1, 2\n    use(x)", id="one of several"),
        pytest.param("x = 1\ndef f():\n    global x\n    x = 2\nuse(x)", id="global"),
    ],
)  # fmt: skip
def test_it_is_not_known_of(source: str) -> None:
    assert defined(source) is None


@pytest.mark.parametrize(
    "sources",
    [
        pytest.param(["x = 5", "use(x)"], id="another cell"),
        pytest.param(["x = 1\ndef f():\n    x = 5\n    use(x)"], id="a function's own name"),
        pytest.param(["x = 5\ndef f():\n    x = 1\nuse(x)"], id="not a function's own name"),
        pytest.param(["def f():\n    x = 5\n    return lambda: use(x)"], id="an inner function"),
        pytest.param(["x = 5\ndef f():\n    def g():\n        x = 1\n    use(x)"],
                     id="not the name of a function inside"),
    ],
)  # fmt: skip
def test_it_is_known_of(sources: list[str]) -> None:
    assert defined(*sources) == "5"
