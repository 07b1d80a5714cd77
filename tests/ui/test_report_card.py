"""The report below a cell, drawn from a saved notebook: no kernel has said anything."""

from __future__ import annotations

import json
import re

import pytest
from lab import Lab, code_cell
from playwright.sync_api import expect
from reports import FAST, SLOW, finding, output, proposal, report

from dask_lens.report import Report
from dask_lens.rewrite import Edit

HOSTILE = "<img src=x onerror=\"document.title='broken into'\">"


def saved(lab: Lab, shown: Report, *, trusted: bool = True) -> None:
    """Open a notebook whose first cell holds a report."""
    cell = code_cell(SLOW, 0, [output(shown)], count=1)
    lab.open(lab.write(cell, "1 + 1", trusted=trusted), kernel=False)
    expect(lab.card(0)).to_be_visible()


def test_a_report_of_another_version_says_so_and_shows_nothing_else(lab: Lab) -> None:
    bundle = output(report())
    data = bundle["data"]["application/vnd.dask-lens.report+json"]
    data["version"] = 99
    lab.open(lab.write(code_cell(SLOW, 0, [bundle], count=1)), kernel=False)
    expect(lab.output(0)).to_contain_text("written by another version of dask-lens")
    expect(lab.card(0)).to_have_count(0)


def test_hostile_text_is_shown_as_text(lab: Lab) -> None:
    found = finding(
        message=HOSTILE, advice=HOSTILE, name=HOSTILE, evidence={HOSTILE: HOSTILE}, kind=HOSTILE
    )
    saved(lab, report(headline=HOSTILE, findings=(found,)))
    lab.panel()
    expect(lab.card(0)).to_contain_text(HOSTILE)
    expect(lab.page.locator("img[src=x]")).to_have_count(0)
    expect(lab.page).not_to_have_title("broken into")


def test_apply_changes_the_cell_and_ctrl_z_brings_it_back(lab: Lab) -> None:
    saved(lab, report())
    lab.card(0).get_by_role("button", name="Apply", exact=True).click()
    assert lab.source(0) == FAST
    expect(lab.card(0)).to_contain_text("Applied")
    lab.page.keyboard.press("Control+z")
    assert lab.source(0) == SLOW
    expect(lab.card(0).get_by_role("button", name="Apply", exact=True)).to_be_enabled()


def test_an_edited_cell_is_not_changed_and_the_button_says_why(lab: Lab) -> None:
    saved(lab, report())
    apply = lab.card(0).get_by_role("button", name="Apply", exact=True)
    expect(apply).to_be_enabled()
    lab.set_source(0, SLOW + "# mine")
    expect(apply).to_be_disabled()
    expect(apply).to_have_attribute("title", re.compile("has changed since it was judged"))
    assert lab.source(0) == SLOW + "# mine"


def test_a_click_that_is_faster_than_the_button_is_refused(lab: Lab) -> None:
    saved(lab, report())
    cells = "window.jupyterapp.shell.currentWidget.content.model.cells"
    lab.page.evaluate(
        f"""() => {{
            {cells}.get(0).sharedModel.setSource('mine');
            [...document.querySelectorAll('.dask-lens-Card button')]
                .find(button => button.textContent === 'Apply').click();
        }}"""
    )
    lab.command("apputils:display-notifications")
    expect(lab.page.locator(".jp-Notification-List")).to_contain_text("has changed since")
    assert lab.source(0) == "mine"


def test_a_change_of_meaning_is_shown_before_it_is_confirmed(lab: Lab) -> None:
    saved(lab, report(findings=(finding(proposals=(proposal(safety="ask"),)),)))
    lab.card(0).get_by_role("button", name="Apply", exact=True).click()
    assert lab.source(0) == SLOW
    expect(lab.card(0).locator(".dask-lens-Diff")).to_be_visible()
    expect(lab.card(0).locator(".dask-lens-mod-added")).to_contain_text("chunksize=1")
    lab.card(0).get_by_role("button", name="Confirm").click()
    assert lab.source(0) == FAST


def test_a_notebook_that_is_not_trusted_is_asked_about_every_change(lab: Lab) -> None:
    # Signatures are of the content: this one is nowhere else.
    saved(lab, report(headline="nobody signed this"), trusted=False)
    lab.card(0).get_by_role("button", name="Apply and run").click()
    expect(lab.card(0)).to_contain_text("not trusted")
    assert lab.source(0) == SLOW
    lab.card(0).get_by_role("button", name="Cancel").click()
    expect(lab.card(0).get_by_role("button", name="Confirm")).to_have_count(0)


def test_ignore_adds_the_comment_to_the_line(lab: Lab) -> None:
    saved(lab, report())
    ignore = lab.card(0).get_by_role("button", name="Ignore")
    ignore.click()
    first, second = SLOW.splitlines()
    comment = "  # dask-lens: ignore[processes-small-batch]"
    assert lab.source(0) == f"{first}\n{second}{comment}\n"
    expect(ignore).to_be_disabled()


def test_the_location_leads_to_the_line(lab: Lab) -> None:
    lab.open(
        lab.write(
            code_cell("x = 1\n" * 60 + SLOW, 0),
            *(f"{i}" for i in range(10)),
            code_cell("y = 1", 11, [output(elsewhere())], count=7),
        )
    )
    card = lab.card(11)
    card.scroll_into_view_if_needed()
    link = card.get_by_role("button", name=re.compile("line 62"))
    link.click()
    position = (
        "window.jupyterapp.shell.currentWidget.content.activeCell.editor.getCursorPosition()"
    )
    lab.page.wait_for_function(f"() => {position}.line === 61")
    assert lab.page.evaluate(position)["column"] == 9


def elsewhere() -> Report:
    """Return the report of a cell whose finding is in another one."""
    source = "x = 1\n" * 60 + SLOW
    found = finding("cell-0", source, line=62, end_line=62)
    return report("cell-11", count=7, findings=(found,))


def test_a_proposal_edits_an_earlier_cell_and_runs_both(lab: Lab) -> None:
    before = "def scale(x):\n    return x\n"
    edits = proposal("cell-0", before).edits
    (edit,) = edits
    after = before.replace("return x", "return 2 * x")
    fix = proposal(edits=(type(edit)("cell-0", None, before, after),))
    found = finding("cell-0", before, proposals=(fix,))
    shown = report("cell-1", findings=(found,))
    lab.open(lab.write(before, code_cell("scale(21)", 1, [output(shown)], count=3)))
    lab.card(1).get_by_role("button", name="Apply and run").click()
    expect(lab.output(1)).to_contain_text("42")
    assert lab.source(0) == after


@pytest.mark.parametrize("cell_id", [None, "a-cell-of-another-copy"])
def test_a_notebook_that_ran_elsewhere_is_matched_by_its_text(
    lab: Lab, cell_id: str | None
) -> None:
    saved(lab, report(cell_id, findings=(finding(cell_id),)))
    lab.card(0).get_by_role("button", name="Apply", exact=True).click()
    assert lab.source(0) == FAST


TWO = "import dask\na = x.compute()\nb = 1\nc = y.compute()\n"


def two_fixes() -> Report:
    """Return the report of a cell with two findings, each with a safe fix of its own line."""
    fixes = {2: TWO.replace("x.compute()", "x.persist()"), 4: TWO.replace("y.", "z.")}
    found = [
        finding(
            source=TWO,
            line=line,
            end_line=line,
            column=1,
            end_column=12,
            proposals=(proposal(edits=(Edit("cell-0", None, TWO, after),)),),
        )
        for line, after in fixes.items()
    ]
    return report(findings=tuple(found))


def open_two(lab: Lab) -> None:
    lab.open(lab.write(code_cell(TWO, 0, [output(two_fixes())], count=1), "1"), kernel=False)
    expect(lab.card(0)).to_be_visible()


def test_all_safe_fixes_are_applied_at_once_and_undone_with_one_ctrl_z(lab: Lab) -> None:
    open_two(lab)
    both = TWO.replace("x.compute()", "x.persist()").replace("y.", "z.")
    for place in (lab.card(0), lab.panel()):
        every = place.get_by_role("button", name="Apply all 2 safe fixes")
        every.click()
        expect(every).to_be_hidden()
        assert lab.source(0) == both
        expect(lab.card(0).get_by_text("Applied. Run the cell")).to_have_count(2)
        expect(lab.cell(0).locator(".cm-content")).to_be_focused()
        lab.page.keyboard.press("Control+z")
        assert lab.source(0) == TWO
    for command in ("apply-cell-fixes", "apply-all-fixes"):
        lab.command(f"dask-lens:{command}")
        assert lab.source(0) == both
        expect(lab.cell(0).locator(".cm-content")).to_be_focused()
        lab.page.keyboard.press("Control+z")
        assert lab.source(0) == TWO


def test_fixes_of_one_cell_are_applied_one_after_the_other(lab: Lab) -> None:
    open_two(lab)
    for expected in (1, 2):
        ready = (
            lab.card(0)
            .get_by_role("button", name="Apply", exact=True)
            .and_(lab.page.locator(":enabled"))
        )
        ready.first.click()
        expect(lab.card(0).get_by_text("Applied. Run the cell")).to_have_count(expected)
    assert lab.source(0) == TWO.replace("x.compute()", "x.persist()").replace("y.", "z.")


def test_a_finding_is_ignored_on_its_line_although_lines_came_above_it(lab: Lab) -> None:
    open_two(lab)
    lab.set_source(0, f"# mine\n# mine, too\n{TWO}")
    lab.card(0).get_by_role("button", name="Ignore").last.click()
    comment = "  # dask-lens: ignore[processes-small-batch]"
    assert lab.source(0).splitlines()[-1] == f"c = y.compute(){comment}"


def test_the_card_can_be_used_with_the_keyboard_alone(lab: Lab) -> None:
    saved(lab, report())
    lab.card(0).get_by_role("button", name="line 2").focus()
    lab.page.keyboard.press("Tab")
    lab.page.keyboard.press("Enter")
    assert lab.source(0) == FAST


def test_the_report_stays_in_the_saved_notebook(lab: Lab) -> None:
    cell = code_cell(SLOW, 0, [output(report())], count=1)
    name = lab.write(cell)
    lab.open(name)
    expect(lab.card(0)).to_be_visible()
    lab.command("docmanager:save")
    content = json.loads((lab.root / name).read_text(encoding="utf-8"))
    data = content["cells"][0]["outputs"][0]["data"]
    assert data["application/vnd.dask-lens.report+json"]["headline"] == report().headline
