"""How a cell ran, in the panel: lanes from the kernel, the critical path, the keyboard."""

from __future__ import annotations

import re

from lab import Lab, code_cell
from playwright.sync_api import Locator, expect
from reports import SLOW, output, report
from test_panel import LOAD

#: Three loads on two threads, and a sum that waits for all of them.
DIAMOND = """\
import time, dask
def load(seconds): time.sleep(seconds)
def total(parts): time.sleep(0.2)
parts = [dask.delayed(load)(0.2 * n) for n in (1, 2, 3)]
_ = dask.delayed(total)(parts).compute(scheduler="threads", num_workers=2)"""
#: Names that break pages.
HOSTILE = '<img src=x onerror="document.title=1">'


def timeline(panel: Locator) -> Locator:
    return panel.get_by_role("listbox", name="Tasks by thread")


def test_the_cell_that_ran_last_shows_its_lanes_and_its_critical_path(lab: Lab) -> None:
    lab.open(lab.write(LOAD, DIAMOND))
    panel = lab.panel()
    lab.run(0)
    lab.run(1)
    lanes = timeline(panel)
    expect(lanes.get_by_role("group")).to_have_count(2)
    expect(lanes.get_by_role("option")).to_have_count(4)
    expect(
        lanes.get_by_role("option", name=re.compile("total.*on the critical path"))
    ).to_have_count(1)
    expect(panel).to_contain_text(re.compile("Critical path: .* in 2 tasks"))
    panel.get_by_role("button", name=re.compile("line 5")).last.click()
    position = (
        "window.jupyterapp.shell.currentWidget.content.activeCell.editor.getCursorPosition()"
    )
    lab.page.wait_for_function(f"() => {position}.line === 4")


def test_what_more_workers_would_bring_is_drawn_when_asked_for(lab: Lab) -> None:
    lab.open(lab.write(LOAD, DIAMOND))
    panel = lab.panel()
    lab.run(0)
    lab.run(1)
    expect(timeline(panel)).to_be_visible()
    panel.get_by_text("With more workers").click()
    curve = panel.get_by_role("img", name=re.compile("^Predicted speed-up"))
    expect(curve.locator("circle")).to_have_count(12)
    curve.scroll_into_view_if_needed()
    lab.screenshot("speedup-light")


def test_the_arrow_keys_lead_from_task_to_task(lab: Lab) -> None:
    lab.open(lab.write(LOAD, DIAMOND))
    panel = lab.panel()
    lab.run(0)
    lab.run(1)
    lanes = timeline(panel)
    detail = panel.locator("output")
    lanes.focus()
    expect(detail).to_contain_text("load-")
    first = detail.inner_text()
    lab.page.keyboard.press("ArrowDown")
    expect(detail).not_to_have_text(first)
    expect(detail).to_contain_text("thread 2")
    lab.page.keyboard.press("End")
    lab.page.keyboard.press("Home")
    expect(detail).to_have_text(first)
    expect(lanes.locator("[aria-selected=true]")).to_have_count(1)


def test_lanes_come_while_another_cell_runs(lab: Lab) -> None:
    lab.open(lab.write(LOAD, DIAMOND, "import time; time.sleep(30)"))
    lab.run(0)
    lab.run(1)
    lab.run(2, wait=False)
    expect(timeline(lab.panel()).get_by_role("option")).to_have_count(4, timeout=15_000)


def test_lanes_do_not_travel_in_the_notebook_and_their_absence_is_said(lab: Lab) -> None:
    name = lab.write(LOAD, code_cell(SLOW, 1, [output(report("cell-1"))], count=1))
    assert "lanes" not in (lab.root / name).read_text(encoding="utf-8")
    lab.open(name)
    lab.run(0)
    panel = lab.panel()
    panel.get_by_text("Timeline").click()
    expect(panel).to_contain_text("no record of this run any more: run the cell again")


def test_hostile_task_names_stay_text(lab: Lab) -> None:
    source = f"import dask\ntask = dask.delayed(sum)([1], dask_key_name={HOSTILE!r})\n"
    source += "_ = task.compute(scheduler='sync')"
    lab.open(lab.write(LOAD, source))
    panel = lab.panel()
    lab.run(0)
    lab.run(1)
    expect(timeline(panel).get_by_role("option")).to_have_count(1)
    timeline(panel).focus()
    expect(panel.locator("output")).to_contain_text(HOSTILE)
    expect(lab.page.locator("img[src=x]")).to_have_count(0)
    expect(lab.page).not_to_have_title("1")
