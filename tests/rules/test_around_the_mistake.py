"""What IPython and the writer put around a mistake: every rule finds it all the same."""

from __future__ import annotations

import pytest
from performing import cells_of

from dask_lens import rules
from dask_lens.record.cell import Cell
from dask_lens.record.run import Run
from dask_lens.rule import Finding, Rule

LINES = {
    "a magic that keeps the output": "%%capture out --no-stderr",
    "a magic of a line": "%matplotlib inline",
    "a shell": "!pip install -q 'dask[complete]'",
    "a shell whose output is kept": "files = !ls *.csv",
    "a magic whose output is kept": "here = %pwd",
    "a question": "dask.delayed?",
    "two questions": "??dask.compute",
    "letters of two bytes": "größe = 'ü' # ü",
    "a comment": "# a comment with 'one quote",
}
READ = [rule for rule in rules.catalogue() if "source" in rule.needs]
CASES = [
    pytest.param(rule, line, id=f"{rule.name}: {what}")
    for rule in READ
    for what, line in LINES.items()
    if not rule.dont.lstrip().startswith("%%writefile")
]


def marked(sources: list[str]) -> tuple[int, int]:
    return next(
        (cell, line)
        for cell, source in enumerate(sources)
        for line, text in enumerate(source.split("\n"), start=1)
        if text.endswith("# found here")
    )


def places(rule: Rule, sources: list[str]) -> list[tuple[int, int]]:
    cells = tuple(Cell(source, str(n), None, n) for n, source in enumerate(sources))
    found = [f for f in rule.run(Run(cells), {}) if isinstance(f, Finding)]
    return [(f.place.cell, f.place.line) for f in found if f.place is not None]


@pytest.mark.parametrize(("rule", "line"), CASES)
def test_it_is_found_on_its_line_below(rule: Rule, line: str) -> None:
    sources = cells_of(rule.dont)
    cell, number = marked(sources)
    sources[cell] = f"{line}\n{sources[cell]}"
    assert places(rule, sources) == [(cell, number + 1)]


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.name) for rule in READ])
@pytest.mark.parametrize("line", ["%%time", "%%timeit -n 1 -r 1"])
def test_it_is_found_on_its_line_or_left_to_be_timed(rule: Rule, line: str) -> None:
    sources = cells_of(rule.dont)
    cell, number = marked(sources)
    sources[cell] = f"{line}\n{sources[cell]}"
    assert places(rule, sources) in ([], [(cell, number + 1)])


@pytest.mark.parametrize("rule", [pytest.param(rule, id=rule.name) for rule in READ])
@pytest.mark.parametrize("text", ["for x in (", "if x:\nprint(", "x = <FILL IN>", "time x"])
def test_it_is_found_behind_a_cell_that_is_no_python(rule: Rule, text: str) -> None:
    sources = cells_of(rule.dont)
    cell, number = marked(sources)
    sources.insert(cell, text)
    assert places(rule, sources) == [(cell + 1, number)]
