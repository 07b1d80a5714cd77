"""One cell, parsed once."""

from __future__ import annotations

import ast
import functools
import itertools
import re
import warnings
from collections.abc import Iterator

from dask_lens.record.cell import Place
from dask_lens.source.aside import cell_language, set_aside, split_lines

#: What parts the cells of a notebook that was saved as a script.
_DIVIDER = re.compile(r"#\s?(%%|In\s?\[|\+(\s|$)|-\s*$|\s?COMMAND -)")
#: Values by themselves in a cell, from which on it is taken for a notebook without its cells.
_LEAST_SHOWN = 2


class ParsedCell:
    """The syntax tree of one cell, with every node at the place the user wrote it.

    Parameters
    ----------
    source
        The cell as the user wrote it, magics and all.

    Attributes
    ----------
    code
        The source with IPython syntax set aside.
    tree
        Its syntax tree; empty where there is no Python.
    problem
        Why the cell could not be read; None where it could.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.code, self.tree, self.problem = _parse(source)

    @functools.cached_property
    def lines(self) -> list[str]:
        """The lines as the user wrote them."""
        return split_lines(self.source)

    @functools.cached_property
    def names(self) -> frozenset[str]:
        """Every name that is written in the cell, as a variable, function, class or import."""
        found: set[str] = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Name):
                found.add(node.id)
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                found.add(node.name)
            elif isinstance(node, ast.alias):
                found.add(node.asname or node.name.partition(".")[0])
            elif isinstance(node, ast.arg):
                found.add(node.arg)
        return frozenset(found)

    def is_plain(self, line: int) -> bool:
        """Whether a line holds at most names and values: no call, no function, no block."""
        quiet = (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr, ast.Import, ast.ImportFrom)
        busy = (ast.Call, ast.Lambda, ast.Await, ast.comprehension, ast.Subscript)
        for node in ast.walk(self.tree):
            if not isinstance(node, ast.stmt) or not node.lineno <= line <= (node.end_lineno or 0):
                loud = line in [d.lineno for d in getattr(node, "decorator_list", ())]
            elif hasattr(node, "body") and node.lineno != line:
                loud = False  # what is in the block at this line is asked by itself
            else:
                loud = not isinstance(node, quiet) or any(
                    isinstance(part, busy) for part in ast.walk(node)
                )
            if loud:
                return False
        return self.problem is None

    def column(self, line: int, offset: int) -> int:
        """Turn the UTF-8 offset of ``ast`` into a column in characters, from 1."""
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        if text.isascii():
            return offset + 1
        return len(text.encode()[:offset].decode(errors="replace")) + 1

    def place(self, cell: int, node: ast.AST) -> Place:
        """Return where ``node`` stands.

        Parameters
        ----------
        cell
            Index of this cell among the cells of the run.
        node
            A statement or expression of this cell.
        """
        line: int = getattr(node, "lineno", 1)
        end_line: int = getattr(node, "end_lineno", None) or line
        return Place(
            cell,
            line,
            self.column(line, getattr(node, "col_offset", 0)),
            end_line,
            self.column(end_line, getattr(node, "end_col_offset", None) or 0),
        )

    @functools.cached_property
    def ends(self) -> frozenset[ast.stmt]:
        """The statements whose value a notebook shows, had it not been saved as a script."""
        body = self.tree.body
        shown = [s for s in body if isinstance(s, ast.Expr)]
        bare = [s for s in shown if isinstance(s.value, (ast.Name, ast.Attribute))]
        found = set(body[-1:])
        if len(bare) >= _LEAST_SHOWN or "jupytext" in self.source[:500]:
            found |= set(shown)
        for one, other in itertools.pairwise(body):
            between = self.lines[(one.end_lineno or one.lineno) : other.lineno - 1]
            if any(_DIVIDER.match(line) for line in between):
                found.add(one)
        return frozenset(found)

    def part(self, node: ast.expr) -> int:
        """Return which of the notebook's cells ``node`` was in, counted from 0."""
        return sum((end.end_lineno or end.lineno) < node.lineno for end in self.ends)

    @functools.cached_property
    def _parents(self) -> dict[ast.AST, ast.AST]:
        return {
            child: parent
            for parent in ast.walk(self.tree)
            for child in ast.iter_child_nodes(parent)
        }

    def parents(self, node: ast.AST) -> Iterator[ast.AST]:
        """Yield what ``node`` stands in, from the inside out."""
        while node in self._parents:
            node = self._parents[node]
            yield node

    def statement(self, node: ast.AST) -> ast.stmt | None:
        """Return the statement that ``node`` is part of (``node`` itself, if it is one)."""
        if isinstance(node, ast.stmt):
            return node
        return next((p for p in self.parents(node) if isinstance(p, ast.stmt)), None)


@functools.lru_cache(maxsize=512)
def parse(source: str) -> ParsedCell:
    """Parse a cell, or return what was parsed before from the same text; never raises."""
    return ParsedCell(source)


def _parse(source: str) -> tuple[str, ast.Module, str | None]:
    language = cell_language(source)
    if language is not None:
        return set_aside(source), ast.Module([], []), None
    try:
        return source, _tree(source), None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        code = set_aside(source)
    try:
        return code, _tree(code), None
    except SyntaxError as error:
        where = f"line {error.lineno}: " if error.lineno is not None else ""
        return code, ast.Module([], []), f"{where}{error.msg}"
    except (ValueError, RecursionError, MemoryError) as error:
        return code, ast.Module([], []), str(error) or type(error).__name__


def _tree(code: str) -> ast.Module:
    with warnings.catch_warnings():
        # "invalid escape sequence" and the like are Python's to say, when the cell runs.
        warnings.simplefilter("ignore")
        return ast.parse(code)
