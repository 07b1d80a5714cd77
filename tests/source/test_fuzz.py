"""Cells as nobody would write them: reading, judging and rewriting never fail."""

from __future__ import annotations

import ast

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dask_lens import rewrites, rules
from dask_lens.record.cell import Cell, Place
from dask_lens.record.run import Run
from dask_lens.report import analyze
from dask_lens.rewrite import Proposal
from dask_lens.source.cell import parse
from dask_lens.source.ignores import ignores

EXAMPLES = [code for rule in rules.catalogue() for code in (rule.dont, rule.do)]
LINES = sorted({line for code in EXAMPLES for line in code.split("\n")})
PIECES = [
    *LINES,
    "%time dask.compute(*tasks, scheduler='processes')",
    "%%time",
    "%%bash",
    "!ls",
    "x = !ls",
    "x = %time slow(1)",
    "slow?",
    "    with worker_client() as c:",
    "        return c.map(slow, [1])",
    "    return [inner.scatter(x) for x in range(3)]",
    "    fut = inner.scatter(1); return fut",
    "return inner.submit(load, 1), 2",
    "for i in range(4): tasks.append(slow(i))",
    "while tasks: tasks.pop().compute(scheduler='processes')",
    "async def load(x): return await get_client().scatter(x)",
    "class A: load = load",
    "client.submit(lambda x: get_client().scatter(x), 1)",
    "client.map(load, [1])",
    "with dask.config.set(scheduler='processes'): dask.compute(slow(1), slow(2))",
    "'''",
    "(",
    ")",
    "\\",
    "ü = 'ß'; dask.compute(slow(1), slow(2), scheduler='processes')  # 'é",
    "    # dask-lens: ignore",
    "if 1:",
    "try:",
    "else:",
    "\tx",
    "\r",
    "\f",
    "\ufeff",
    "match x:",
    "    case {'a': A()}: pass",
    "del slow, load, client",
    "import dask.bag as db; db.from_sequence([1, 2]).map(load).compute()",
    "global client",
    "x: Client = load = slow = tasks",
    "[x async for x in y if (z := await x)]",
    "f'{dask.compute(slow(1), slow(2), scheduler=\"processes\")}'",
    "lambda *a, b=1, **c: (yield)",
]

soup = st.lists(st.sampled_from(PIECES), max_size=25).map("\n".join)


@st.composite
def mangled(draw: st.DrawFn) -> str:
    """An example with some characters missing, doubled or replaced."""
    text = draw(st.sampled_from(EXAMPLES))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(text)))
        stop = min(len(text), start + draw(st.integers(0, 8)))
        text = text[:start] + draw(st.text(max_size=4)) + text[stop:]
    return text


notebooks = st.lists(st.one_of(soup, mangled(), st.text(max_size=40)), min_size=1, max_size=4)

slowly = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])


@slowly
@given(notebooks)
def test_no_cell_makes_reading_or_judging_fail(sources: list[str]) -> None:
    cells = tuple(Cell(source, str(n)) for n, source in enumerate(sources))
    report = analyze(Run(cells))
    assert [entry for entry in report.not_judged if "stumbled" in entry.reason] == []
    ignores(cells)
    for finding in report.findings:
        for untouched in finding.untouched:
            assert "stumbled" not in untouched.reason, untouched
        for proposal in finding.proposals:
            for edit in proposal.edits:
                assert parse(edit.after).problem is None


@slowly
@given(notebooks, st.data())
def test_no_place_makes_a_rewrite_fail(sources: list[str], data: st.DataObject) -> None:
    cells = tuple(Cell(source, str(n)) for n, source in enumerate(sources))
    number = data.draw(st.integers(0, len(cells) - 1))
    place = Place(number, data.draw(st.integers(1, sources[number].count("\n") + 2)))
    for rewrite in rewrites.catalogue().values():
        made = rewrite.propose(cells, place, {})
        if isinstance(made, Proposal):
            assert all(parse(edit.after).problem is None for edit in made.edits)
            assert all(edit.before == sources[number] for edit in made.edits)


@slowly
@given(st.one_of(soup, mangled(), st.text()))
def test_lines_and_columns_are_those_of_the_user(source: str) -> None:
    cell = parse(source)
    for node in ast.walk(cell.tree):
        if isinstance(node, ast.Name):
            place = cell.place(0, node)
            assert place.column is not None
            line = cell.lines[place.line - 1]
            # Python's own normal form of a name may differ from what was typed.
            if line.isascii():
                written = line[place.column - 1 : (place.end_column or 0) - 1]
                assert written == node.id
