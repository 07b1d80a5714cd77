"""Objects that become part of graphs: where the text puts them in, and how large they are."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from dask_lens.record.run import Run
from dask_lens.rules._repeats import bound_in, loops
from dask_lens.rules._told import SENDS, told
from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.definitions import definition
from dask_lens.source.program import Program
from dask_lens.source.sizes import nbytes
from dask_lens.source.words import words

#: Calls that make a collection of data in memory.
_MAKERS = words("dask.array.from_array dask.array.asarray dask.dataframe.from_pandas")
#: Functions that read files of a size that only they know.
_READERS = words(
    "pandas.read_csv pandas.read_parquet pandas.read_feather pandas.read_hdf pandas.read_pickle "
    "numpy.load numpy.loadtxt numpy.genfromtxt numpy.fromfile"
)
_SUBMIT, _MAP = SENDS


@dataclass(frozen=True)
class Embedded:
    """An object that a call puts into a graph.

    Parameters
    ----------
    call
        The call.
    node
        The object, as it is written.
    way
        ``"submit"``, ``"map"``, ``"delayed"`` or ``"collection"``.
    again
        Whether a loop puts the same object in with every pass.
    nbytes
        Its bytes, as they were seen or as the text tells; None where neither does.
    is_read
        Whether it is read from a file, whose size the text does not tell.
    times
        How often the call was seen to be made.
    """

    call: Call
    node: ast.expr
    way: str
    again: bool
    nbytes: int | None
    is_read: bool
    times: int

    @property
    def name(self) -> str:
        """How a message names it."""
        return ast.unparse(self.node)[:60]


def embedded(run: Run, program: Program) -> Iterator[Embedded]:
    """Yield the objects that calls put into graphs, in the order of the text.

    Parameters
    ----------
    run
        What happened.
    program
        Its cells, read.
    """
    sizes: dict[str | None, int] = {
        v.name: v.facts["nbytes"] for v in run.variables if "nbytes" in v.facts
    }
    for call in program.calls:
        way = _way(call)
        nodes = _given(call, way) if way else []
        if not nodes:
            continue
        seen = list(told(run, call, "dask.delayed" if way == "delayed" else call.name))
        entries = {
            entry["name"]: entry["nbytes"]
            for note in seen
            for entry in note.facts.get("arguments", ())
        }
        times = sum(note.count for note in seen)
        around = list(loops(program.cells[call.cell], call.node))
        differs = set().union(*(bound_in(loop) for loop in around))
        for node in nodes:
            name = node.id if isinstance(node, ast.Name) else None
            size = nbytes(program, node) or sizes.get(name)
            if seen:  # what is not told of is small
                size = entries.get(name, 0)
            again = bool(around) and name is not None and name not in differs
            if around and not again:
                continue
            yield Embedded(call, node, way, again, size, _is_read(program, node), times)


def _way(call: Call) -> str:
    made = call.result
    if call.name in _MAKERS:
        return "collection"
    if call.name in SENDS:
        return "submit" if call.name == _SUBMIT else "map"
    lazy = made is not None and made.is_instance(api.DELAYED_OBJECT) and made.call is call.node
    return "delayed" if lazy and not call.name and call.receiver is None else ""


def _given(call: Call, way: str) -> list[ast.expr]:
    node = call.node
    if way == "collection":
        return node.args[:1] or [k.value for k in node.keywords if k.arg in ("x", "data", "a")]
    keywords = [k.value for k in node.keywords if k.arg is not None]
    if way == "map":
        return [*filter(None, map(_repeated, node.args[1:])), *keywords]
    return [*(node.args[1:] if way == "submit" else node.args), *keywords]


def _repeated(node: ast.expr) -> ast.expr | None:
    """Return what ``[x] * n``, ``repeat(x)`` and ``[x for _ in xs]`` repeat."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        lists = [side for side in (node.left, node.right) if isinstance(side, ast.List)]
        return lists[0].elts[0] if lists and len(lists[0].elts) == 1 else None
    if isinstance(node, ast.ListComp) and isinstance(node.elt, ast.Name):
        return None if node.elt.id in bound_in(node) else node.elt
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("repeat") and node.args:
        return node.args[0]
    return None


def _is_read(program: Program, node: ast.expr) -> bool:
    known = definition(program, node)
    made = program.by_node.get(known[1]) if known and isinstance(known[1], ast.Call) else None
    return made is not None and made.name in _READERS
