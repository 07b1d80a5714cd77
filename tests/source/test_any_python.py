"""Any Python there can be, made from its grammar: read, judged and rewritten without a stumble.

``DASK_LENS_FUZZ=50`` tries fifty times as many. Not run on the oldest versions: hypothesmith needs
a newer libcst.
"""

from __future__ import annotations

import ast
import os

import hypothesmith
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dask_lens import rewrites, rules
from dask_lens.record.cell import Cell
from dask_lens.record.run import Run
from dask_lens.report import analyze
from dask_lens.rewrite import Proposal
from dask_lens.source.cell import parse

TIMES = int(os.environ.get("DASK_LENS_FUZZ", "1"))
#: The names that rules look for are put in the place of those the grammar makes up.
HEADS = [rule.dont.split("# %%\n", maxsplit=1)[0] for rule in rules.catalogue()]

tried = settings(deadline=None, max_examples=20 * TIMES, suppress_health_check=list(HealthCheck))


def assert_judged(sources: tuple[str, ...]) -> None:
    cells = tuple(Cell(source, f"c{n}", None, n) for n, source in enumerate(sources))
    report = analyze(Run(cells))
    stumbled = [missed for missed in report.not_judged if "stumbled" in missed.reason]
    assert stumbled == []
    for finding in report.findings:
        assert [u for u in finding.untouched if "stumbled" in u.reason] == []
        for edit in (edit for proposal in finding.proposals for edit in proposal.edits):
            assert parse(edit.after).problem is None


@tried
@given(hypothesmith.from_grammar())
def test_what_the_grammar_allows_is_judged(source: str) -> None:
    assert_judged((source,))


@tried
@given(hypothesmith.from_node(), st.sampled_from(HEADS))
def test_what_stands_behind_an_example_is_judged(source: str, head: str) -> None:
    assert_judged((head, source))
    assert_judged((f"{head}\n{source}",))


@tried
@given(hypothesmith.from_node(), st.data())
def test_every_rewrite_meets_any_python_at_any_place(source: str, data: st.DataObject) -> None:
    nodes = [node for node in ast.walk(parse(source).tree) if hasattr(node, "lineno")]
    if not nodes:
        return
    place = parse(source).place(0, data.draw(st.sampled_from(nodes)))
    for rewrite in rewrites.catalogue().values():
        made = rewrite.propose((Cell(source),), place, {})
        if isinstance(made, Proposal):
            assert all(parse(edit.after).problem is None for edit in made.edits)
