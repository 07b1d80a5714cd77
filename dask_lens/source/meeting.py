"""Where two arrays meet in one operation, and into how many chunks they fall there."""

from __future__ import annotations

import ast
import functools
from dataclasses import dataclass

from dask_lens.source.cell import ParsedCell
from dask_lens.source.chunks import Layout, layout_of
from dask_lens.source.program import Program
from dask_lens.source.sizes import stands_for

_MOST_DEPTH = 6


@dataclass(frozen=True, eq=False)
class Meeting:
    """An operator between two arrays.

    Parameters
    ----------
    node
        The expression.
    cell
        Index of its cell.
    before
        Chunks of the side that has more.
    after
        Chunks of the result.
    largest_before, largest
        Bytes of the largest chunk of the sides, and of the result.
    """

    node: ast.BinOp
    cell: int
    before: int
    after: int
    largest_before: int
    largest: int


@functools.lru_cache(maxsize=8)
def meetings(program: Program) -> tuple[Meeting, ...]:
    """Return the operators between arrays whose chunks the text tells, in its order.

    Parameters
    ----------
    program
        The cells.
    """
    found: list[Meeting] = []
    if not any(name.startswith("dask.array") for name in program.by_name):
        return ()
    for number, cell in enumerate(program.cells):
        for node in _operators(cell):
            one = layout_at(program, node.left)
            other = layout_at(program, node.right) if one is not None else None
            met = together(one, other) if one is not None and other is not None else None
            if one is not None and other is not None and met is not None:
                before = max(one.count, other.count)
                largest = max(one.largest, other.largest)
                found.append(Meeting(node, number, before, met.count, largest, met.largest))
    return tuple(found)


@functools.lru_cache(maxsize=2048)
def _operators(cell: ParsedCell) -> tuple[ast.BinOp, ...]:
    """Return the operators of a cell whose sides may both be arrays."""
    return tuple(
        node
        for node in ast.walk(cell.tree)
        if isinstance(node, ast.BinOp)
        and not isinstance(node.op, ast.MatMult)
        and not isinstance(node.left, ast.Constant)
        and not isinstance(node.right, ast.Constant)
    )


def layout_at(program: Program, node: ast.expr, depth: int = 0) -> Layout | None:
    """Return how the array is cut that an expression gives, as far as the text says.

    Parameters
    ----------
    program
        The cells.
    node
        The expression.
    depth
        What it stands behind.
    """
    node = stands_for(program, node)
    if depth > _MOST_DEPTH:
        return None
    if isinstance(node, ast.Attribute) and node.attr == "T":
        turned = layout_at(program, node.value, depth + 1)
        if turned is None:
            return None
        return Layout(turned.shape[::-1], turned.chunks[::-1], turned.item)
    if isinstance(node, ast.BinOp) and not isinstance(node.op, ast.MatMult):
        one = layout_at(program, node.left, depth + 1)
        other = layout_at(program, node.right, depth + 1)
        return together(one, other) if one is not None and other is not None else one or other
    call = program.by_node.get(node) if isinstance(node, ast.Call) else None
    return layout_of(program, call.result) if call is not None else None


def together(one: Layout, other: Layout) -> Layout | None:
    """Return how the result of an operator is cut; None where the shapes do not fit.

    Parameters
    ----------
    one, other
        Both sides. The chunks of each are taken to be of one size.
    """
    sides = max(len(one.shape), len(other.shape))
    shape, chunks = [], []
    for axis in range(-sides, 0):
        known = [(x.shape[axis], x.chunks[axis]) for x in (one, other) if -axis <= len(x.shape)]
        wide = [pair for pair in known if pair[0] != 1] or known[:1]
        if len({n for n, _ in wide}) > 1:
            return None
        shape.append(wide[0][0])
        chunks.append(min(c for _, c in wide))
    return Layout(tuple(shape), tuple(chunks), max(one.item, other.item))
