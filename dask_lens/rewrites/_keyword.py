"""Calls that a rewrite gives a keyword argument."""

from __future__ import annotations

import libcst as cst

from dask_lens.record.cell import Cell
from dask_lens.rewrites._arguments import has_unpacked_keywords, is_bare_generator
from dask_lens.rewrites._codemod import Codemod
from dask_lens.source.calls import Call
from dask_lens.source.program import Program


def opened(
    cells: tuple[Cell, ...], program: Program, call: Call, keyword: str
) -> tuple[Codemod, cst.Call] | str:
    """Return the text that a call stands in, and the call there; or why it takes no keyword.

    Parameters
    ----------
    cells, program
        The cells, and what they say.
    call
        The call.
    keyword
        What it is to be given, with an article where it needs one: ``"a scheduler"``.
    """
    codemod = Codemod(cells[call.cell].source)
    node = codemod.at(cst.Call, program.place(call.cell, call.node))
    if node is None:
        return "the call could not be found in the text"
    if has_unpacked_keywords(node):
        return f"the call takes keywords from **, which may hold {keyword} already"
    if is_bare_generator(node):
        return "a keyword cannot follow a generator without parentheses of its own"
    return codemod, node
