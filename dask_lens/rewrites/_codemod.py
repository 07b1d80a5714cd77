"""Changes one cell through libcst, with IPython syntax put back afterwards."""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

from dask_lens.record.cell import Place
from dask_lens.rewrite import Change
from dask_lens.source.cell import ParsedCell, parse

Node = TypeVar("Node", bound=cst.CSTNode)
Statement: TypeAlias = "cst.SimpleStatementLine | cst.BaseCompoundStatement"
Replace: TypeAlias = Callable[[Any], Any]

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


@functools.lru_cache(maxsize=16)
def _read(code: str) -> tuple[cst.Module, Mapping[cst.CSTNode, CodeRange]]:
    """Parse a cell, once for all rewrites of it; nodes never change."""
    wrapper = MetadataWrapper(cst.parse_module(code), unsafe_skip_copy=True)
    return wrapper.module, wrapper.resolve(PositionProvider)


class Codemod:
    """One cell as a libcst module.

    Parameters
    ----------
    source
        The cell as the user wrote it.
    """

    def __init__(self, source: str) -> None:
        self.parsed: ParsedCell = parse(source)
        self.module, self._positions = _read(self.parsed.code)
        self._changes: dict[cst.CSTNode, Replace] = {}

    def at(self, kind: type[Node], place: Place) -> Node | None:
        """Return the node of this kind that stands at exactly this place."""
        for node, found in self._positions.items():
            if (
                isinstance(node, kind)
                and (found.start.line, found.start.column + 1) == (place.line, place.column)
                and (found.end.line, found.end.column + 1) == (place.end_line, place.end_column)
            ):
                return node
        return None

    def expression(self, place: Place) -> cst.BaseExpression | None:
        """Return the expression that stands at exactly this place."""
        return self.at(cst.BaseExpression, place)  # type: ignore[type-abstract]  # only asked of

    def statement(self, place: Place) -> Statement | None:
        """Return the statement, on lines of its own, that starts where ``place`` does."""
        for node, found in self._positions.items():
            if isinstance(node, (cst.SimpleStatementLine, cst.BaseCompoundStatement)) and (
                found.start.line,
                found.start.column + 1,
            ) == (place.line, place.column):
                return node
        return None

    def change(self, node: cst.CSTNode, function: Replace) -> None:
        """Note what becomes of a node; several changes of one node are made one after another.

        Parameters
        ----------
        node
            A node that was found here.
        function
            Given the node, with the changes inside it made, returns what takes its place.
        """
        earlier = self._changes.get(node)
        if earlier is None:
            self._changes[node] = function
        else:
            self._changes[node] = lambda updated: _changed(earlier(updated), function)

    def drop(self, line: Statement, following: Statement | None) -> None:
        """Remove a statement; the comments above it go to the one that follows."""
        self.change(line, lambda _: cst.RemoveFromParent())
        kept = list(line.leading_lines)
        if following is not None and any(empty.comment is not None for empty in kept):
            self.change(
                following,
                lambda node: node.with_changes(leading_lines=[*kept, *node.leading_lines]),
            )

    def nodes(self, kind: type[Node]) -> list[Node]:
        """Return every node of a kind."""
        return [node for node in self._positions if isinstance(node, kind)]

    def text(self) -> str | None:
        """Return the cell with the changes made; None where a magic stands in their way."""
        changes = _Changes(self._changes, self._positions)
        changed = self.module.visit(changes)
        if changes.missed:  # comments stand outside the statement that they belong to
            changed = self.module.visit(_Changes(self._changes, None))
        return put_back(self.parsed, changed.code)


def outcome(changed: Mapping[int, Codemod], safety: str, title: str | None = None) -> Change | str:
    """Return the new texts, or why the changes cannot be made.

    Parameters
    ----------
    changed
        The cells to change, by index among those that may.
    safety, title
        As in :class:`~dask_lens.rewrite.Change`.
    """
    texts = {}
    for number, codemod in changed.items():
        text = codemod.text()
        if text is None:
            return "a magic stands in the way of the change"
        if parse(text).problem is not None:
            return "the changed cell would not be Python"
        texts[number] = text
    return Change(texts, safety, title)


def _changed(made: Any, function: Replace) -> Any:
    """Change what an earlier change made; of several statements, the last."""
    if not isinstance(made, cst.FlattenSentinel):
        return function(made)
    *before, last = made
    changed = function(last)
    after = changed if isinstance(changed, cst.FlattenSentinel) else [changed]
    return cst.FlattenSentinel([*before, *after])


class _Changes(cst.CSTTransformer):
    """Makes the changes; visits nothing but the statements that they are in.

    Parameters
    ----------
    changes
        What becomes of which node.
    positions
        Where the nodes stand; None to visit them all.
    """

    def __init__(
        self,
        changes: Mapping[cst.CSTNode, Replace],
        positions: Mapping[cst.CSTNode, CodeRange] | None,
    ) -> None:
        super().__init__()
        self.changes = changes
        self.positions = positions or {}
        self.lines = {found.start.line for n in changes if (found := self.positions.get(n))}
        self.missed = set(changes)

    def on_visit(self, node: cst.CSTNode) -> bool:
        found = self.positions.get(node)
        return found is None or any(
            found.start.line <= line <= found.end.line for line in self.lines
        )

    def on_leave(self, original_node: cst.CSTNode, updated_node: cst.CSTNode) -> Any:
        change = self.changes.get(original_node)
        if change is None:
            return updated_node
        self.missed.discard(original_node)
        return change(updated_node)


def put_back(parsed: ParsedCell, code: str) -> str | None:
    """Return ``code`` with the IPython lines of the cell where they were.

    Parameters
    ----------
    parsed
        The cell before the change.
    code
        What became of ``parsed.code``.
    """
    if parsed.code == parsed.source:
        return code
    original = _LINE.findall(parsed.source)
    before = _LINE.findall(parsed.code)
    after = _LINE.findall(code)
    result: list[str] = []
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            result += original[i1:i2]
            continue
        block = after[j1:j2]
        for old, written in zip(before[i1:i2], original[i1:i2], strict=True):
            if old.rstrip("\r\n") == written.rstrip("\r\n"):
                continue
            prefixes = _prefixes(old, written)
            found = [
                n for n, line in enumerate(block) if prefixes and line.startswith(prefixes[0])
            ]
            if prefixes is None or len(found) != 1:
                return None
            block[found[0]] = prefixes[1] + block[found[0]][len(prefixes[0]) :]
        result += block
    return "".join(result)


def _prefixes(old: str, written: str) -> tuple[str, str] | None:
    """Return what stood before the statement on a line: for Python, and for the user."""
    if len(old.rstrip("\r\n")) != len(written.rstrip("\r\n")):
        return None
    length = max(n for n in range(len(old.rstrip("\r\n"))) if old[n] != written[n]) + 1
    return old[:length], written[:length]


def preceded(node: Statement, before: Sequence[str]) -> cst.FlattenSentinel[cst.CSTNode]:
    """Return a statement with others before it, below the blank lines that stood above it.

    Parameters
    ----------
    node
        The statement.
    before
        The source of the others, one statement each.
    """
    leading = list(node.leading_lines)
    blank = 0
    while blank < len(leading) and leading[blank].comment is None:
        blank += 1
    first, *rest = [cst.parse_statement(line) for line in before]
    return cst.FlattenSentinel(
        [
            first.with_changes(leading_lines=leading[:blank]),
            *rest,
            node.with_changes(leading_lines=leading[blank:]),
        ]
    )


def without_blanks(line: Statement) -> Statement:
    """Return a statement whose empty lines stay empty when it is indented."""
    above = [
        empty if empty.comment is not None else empty.with_changes(indent=False)
        for empty in line.leading_lines
    ]
    return line.with_changes(leading_lines=above)
