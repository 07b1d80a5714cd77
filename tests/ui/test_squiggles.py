"""Marks under the code that a finding speaks of."""

from __future__ import annotations

import re

from lab import Lab, code_cell
from playwright.sync_api import Locator, expect
from reports import FAST, SLOW, finding, output, report

from dask_lens.report import Report

#: What the finding marks in SLOW.
MARKED = 'joined.compute(scheduler="processes", num_workers=4)'


def marks(lab: Lab, index: int = 0) -> Locator:
    return lab.cell(index).locator(".dask-lens-mark")


def tooltip(lab: Lab) -> Locator:
    return lab.page.locator(".cm-tooltip .dask-lens-Tooltip")


def saved(lab: Lab, shown: Report) -> None:
    """Open a notebook whose first cell holds a report, and wait for its marks."""
    cell = code_cell(SLOW, 0, [output(shown)], count=1)
    lab.open(lab.write(cell, "1 + 1"), kernel=False)
    expect(lab.card(0)).to_be_visible()


def type_at(lab: Lab, line: int, text: str) -> None:
    """Type at the end of a line, from 1."""
    lab.cell(0).locator(".cm-line").nth(line - 1).click()
    lab.page.keyboard.press("End")
    lab.page.keyboard.insert_text(text)


def test_a_finding_without_a_line_marks_nothing(lab: Lab) -> None:
    saved(lab, report(findings=(finding(line=None, column=None),)))
    expect(marks(lab)).to_have_count(0)


def test_an_ignored_finding_marks_nothing(lab: Lab) -> None:
    source = SLOW.rstrip() + "  # dask-lens: ignore"
    cell = code_cell(source, 0, [output(report(findings=(finding(source=source),)))], count=1)
    lab.open(lab.write(cell), kernel=False)
    expect(lab.card(0)).to_be_visible()
    expect(marks(lab)).to_have_count(0)


def test_the_code_is_marked_by_the_kind_of_the_finding(lab: Lab) -> None:
    saved(lab, report(findings=(finding(kind="fails"),)))
    expect(marks(lab).first).to_have_class(re.compile("dask-lens-mod-fails"))
    assert "".join(marks(lab).all_inner_texts()) == MARKED


def test_the_tooltip_names_the_finding_and_applies_its_fix(lab: Lab) -> None:
    saved(lab, report())
    marks(lab).first.hover()
    expect(tooltip(lab)).to_contain_text("processes-small-batch")
    expect(tooltip(lab)).to_contain_text("chunksize=1")
    tooltip(lab).get_by_role("button", name="Apply", exact=True).click()
    assert lab.source(0) == FAST
    expect(marks(lab)).to_have_count(0)


def test_a_mark_goes_when_its_line_is_edited_and_comes_back_with_undo(lab: Lab) -> None:
    saved(lab, report())
    expect(marks(lab).first).to_be_visible()
    type_at(lab, 2, "  # mine")
    expect(marks(lab)).to_have_count(0)
    lab.page.keyboard.press("Control+z")
    assert lab.source(0) == SLOW
    expect(marks(lab).first).to_be_visible()


def test_a_mark_moves_with_its_line_and_offers_no_fix_for_another_text(lab: Lab) -> None:
    saved(lab, report())
    expect(marks(lab).first).to_be_visible()
    type_at(lab, 1, "\nx = 1")
    expect(marks(lab).first).to_be_visible()
    assert "".join(marks(lab).all_inner_texts()) == MARKED
    marks(lab).first.hover()
    expect(tooltip(lab)).to_be_visible()
    expect(tooltip(lab).get_by_role("button")).to_have_count(0)


def test_a_task_function_in_an_earlier_cell_is_marked_there(lab: Lab) -> None:
    shown = report("cell-1", findings=(finding("cell-0"),))
    lab.open(lab.write(SLOW, code_cell("f()", 1, [output(shown)], count=2)), kernel=False)
    expect(marks(lab, 0).first).to_be_visible()
    expect(marks(lab, 1)).to_have_count(0)
