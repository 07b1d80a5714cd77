"""Changes one cell through libcst, with IPython syntax put back afterwards."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Mapping
from typing import TypeAlias, TypeVar, cast

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from dask_lens.record.cell import Place
from dask_lens.source.cell import ParsedCell, parse

Node = TypeVar("Node", bound=cst.CSTNode)
Outcome: TypeAlias = "cst.CSTNode | cst.RemovalSentinel | cst.FlattenSentinel[cst.CSTNode]"
Replace: TypeAlias = Callable[[cst.CSTNode], Outcome]

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")


class Codemod:
    """One cell as a libcst module.

    Parameters
    ----------
    source
        The cell as the user wrote it.
    """

    def __init__(self, source: str) -> None:
        self.parsed: ParsedCell = parse(source)
        wrapper = MetadataWrapper(cst.parse_module(self.parsed.code), unsafe_skip_copy=True)
        self.module = wrapper.module
        self._positions = wrapper.resolve(PositionProvider)

    def find(self, kind: type[Node], line: int, column: int) -> Node | None:
        """Return the node of this kind that starts at ``line``, ``column`` (from 1)."""
        for node, found in self._positions.items():
            start = found.start
            if isinstance(node, kind) and (start.line, start.column + 1) == (line, column):
                return node
        return None

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

    def rewritten(self, changes: Mapping[cst.CSTNode, Replace]) -> str | None:
        """Return the cell's text with some nodes changed.

        Parameters
        ----------
        changes
            For each node, a function of the node (with changes inside it made) that returns
            what takes its place.

        Returns
        -------
        str or None
            None where a magic stands on a line that changes too much to put it back.
        """
        return put_back(self.parsed, self.module.visit(_Changes(changes)).code)


class _Changes(cst.CSTTransformer):
    def __init__(self, changes: Mapping[cst.CSTNode, Replace]) -> None:
        super().__init__()
        self.changes = changes

    def on_leave(self, original_node: cst.CSTNode, updated_node: cst.CSTNode) -> Outcome:  # type: ignore[override]
        change = self.changes.get(original_node)
        if change is not None:
            return change(updated_node)
        return cast("Outcome", super().on_leave(original_node, updated_node))


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
