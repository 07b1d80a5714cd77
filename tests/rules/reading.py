"""What tests of rules share that read source: cells in, findings out."""

from __future__ import annotations

from dask_lens.record.cell import Cell
from dask_lens.record.run import Run
from dask_lens.rule import Finding, Rule

MARK = "# found here"


def findings(rule: Rule, *sources: str, observed: int | None = None) -> list[Finding]:
    """Return what a rule finds in cells of a notebook that never ran."""
    cells = tuple(Cell(source, f"cell-{n}", None, n) for n, source in enumerate(sources))
    found = rule.run(Run(cells, observed=observed), {})
    return [finding for finding in found if isinstance(finding, Finding)]


def assert_found(rule: Rule, *sources: str) -> Finding:
    """Check that one thing is found, on the line with the mark; return it."""
    [finding] = findings(rule, *sources)
    [marked] = [
        (cell, line)
        for cell, source in enumerate(sources)
        for line, text in enumerate(source.split("\n"), start=1)
        if MARK in text
    ]
    assert finding.place is not None
    assert (finding.place.cell, finding.place.line) == marked
    assert "{" not in finding.message
    return finding
