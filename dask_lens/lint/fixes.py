"""Rewrites applied to a document, one after another, until nothing is left to change."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Collection, Iterator

from dask_lens.lint.checking import Checked, Remark
from dask_lens.rewrite import Proposal
from dask_lens.source.cell import parse
from dask_lens.source.document import Document

#: Rounds after which we stop: in each one, every cell takes at most one rewrite.
MOST_ROUNDS = 100


def mend(
    document: Document, check: Callable[[Document], Checked], safeties: Collection[str]
) -> tuple[Document, int]:
    """Apply rewrites until nothing changes.

    Parameters
    ----------
    document
        What to change.
    check
        Judges a document.
    safeties
        Which rewrites are applied: ``"same"``, and perhaps ``"ask"``.

    Returns
    -------
    document, applied
        The document after it, and how many rewrites were applied.
    """
    applied = 0
    seen = {document.text}
    for _ in range(MOST_ROUNDS):
        sources: dict[int, str] = {}
        count = 0
        for remark in check(document).remarks:
            change = _change(remark, safeties, sources)
            sources.update(change)
            count += bool(change)
        changed = document.replaced(sources)
        if changed.text in seen:
            break
        seen.add(changed.text)
        document, applied = changed, applied + count
    return document, applied


def _change(remark: Remark, safeties: Collection[str], taken: Collection[int]) -> dict[int, str]:
    """Return new sources by cell: those of the best rewrite that may be applied now."""
    if remark.place is not None and remark.place.cell in taken:
        return {}
    cells = remark.document.cells
    for outcome in remark.outcomes():
        if not isinstance(outcome, Proposal) or outcome.safety not in safeties:
            continue
        sources = {edit.cell or 0: edit.after for edit in outcome.edits}
        fits = all(cells[edit.cell or 0].source == edit.before for edit in outcome.edits)
        reads = all(
            parse(cells[number].source).problem is not None or parse(source).problem is None
            for number, source in sources.items()
        )
        if sources and fits and reads and not any(number in taken for number in sources):
            return sources
    return {}


def diff(name: str, before: Document, after: Document) -> Iterator[str]:
    """Yield the lines of a unified diff; in notebooks, one for each cell that changed."""
    for number, (old, new) in enumerate(zip(before.cells, after.cells, strict=True), start=1):
        if old.source != new.source:
            label = f"{name}:cell {number}" if before.is_notebook else name
            yield from _unified(label, old.source, new.source, whole=not before.is_notebook)


def _unified(label: str, before: str, after: str, *, whole: bool) -> Iterator[str]:
    # At line feeds and nowhere else: a carriage return is part of its line.
    old, new = (re.findall(r"[^\n]*\n|[^\n]+", text) for text in (before, after))
    for line in difflib.unified_diff(old, new, label, label):
        yield line.removesuffix("\n")
        if whole and not line.endswith("\n"):
            yield "\\ No newline at end of file"
