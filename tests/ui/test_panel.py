"""The panel, with real kernels: what it offers before, shows during and keeps after a run."""

from __future__ import annotations

import re

import pytest
from lab import Lab, code_cell
from playwright.sync_api import Locator, expect
from reports import SLOW, output, report

LOAD = "%load_ext dask_lens"
#: Eight sleeps on two threads: as parallel as can be, so there is nothing to find.
SLEEPS = """\
import time, dask
sleeps = [dask.delayed(time.sleep)(0.5) for _ in range(8)]
_ = dask.compute(*sleeps, scheduler="threads", num_workers=2)"""
#: Two tasks on two threads that go on until `let_go`.
WAITS = """\
import time, dask
from pathlib import Path

def wait():
    while not Path("go-on").exists():
        time.sleep(0.02)

waits = [dask.delayed(wait, pure=False)() for _ in range(2)]
_ = dask.compute(*waits, scheduler="threads", num_workers=2)"""
#: Two sleeps in one batch of the processes scheduler.
BATCH = """\
import time, dask
sleeps = [dask.delayed(time.sleep)(2) for _ in range(2)]
_ = dask.compute(*sleeps, scheduler="processes", num_workers=2)"""
#: What a kernel in an environment without us does.
NOT_INSTALLED = """\
import sys

class Nowhere:
    def find_spec(self, name, path=None, target=None):
        if name == "dask_lens":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Nowhere())"""


def meter(panel: Locator) -> Locator:
    return panel.get_by_role("meter", name="Parallelism")


def let_go(lab: Lab, name: str) -> None:
    """Let the tasks of a notebook end."""
    (lab.root / name).with_name("go-on").touch()


def test_without_a_notebook_it_says_what_to_do(lab: Lab) -> None:
    lab.page.goto(f"{lab.address}/lab/workspaces/empty?reset")
    lab.page.wait_for_selector(".jp-Launcher")
    panel = lab.panel()
    expect(panel).to_contain_text("Open a notebook")
    expect(meter(panel)).to_be_hidden()


def test_it_loads_the_extension_into_a_kernel_that_has_not(lab: Lab) -> None:
    lab.open(lab.write(SLEEPS))
    panel = lab.panel()
    panel.get_by_role("button", name="Load dask_lens").click()
    expect(panel).to_contain_text("No cell has used Dask yet")
    lab.run(0)
    expect(panel).to_contain_text("Nothing found")
    expect(panel).to_contain_text(re.compile(r"Cell \[\d+\]"))


def test_loading_that_fails_says_why_and_how_to_install(lab: Lab) -> None:
    lab.open(lab.write(NOT_INSTALLED))
    lab.run(0)
    panel = lab.panel()
    panel.get_by_role("button", name="Load dask_lens").click()
    alert = panel.get_by_role("alert")
    expect(alert).to_contain_text("No module named 'dask_lens'")
    expect(alert).to_contain_text("pip install dask-lens")
    expect(panel.get_by_role("button", name="Load dask_lens")).to_be_enabled()


def test_the_gauge_moves_while_a_cell_runs_and_settles_on_what_was_reached(lab: Lab) -> None:
    lab.open(lab.write(LOAD, SLEEPS.replace("0.5", "0.8")))
    lab.run(0)
    panel = lab.panel()
    lab.run(1, wait=False)
    expect(meter(panel)).to_have_attribute("aria-valuenow", "2")
    expect(meter(panel)).to_have_attribute("aria-valuetext", "2 of 2 threads busy")
    expect(panel.get_by_role("progressbar")).to_be_visible()
    expect(panel).to_contain_text(re.compile(r"[1-7] of 8 tasks"))
    expect(lab.page.locator(".dask-lens-StatusItem")).to_contain_text("2 of 2 running")
    lab.wait_until_run(1)
    expect(meter(panel)).to_have_attribute(
        "aria-valuetext", re.compile(r"[12]\.\d of 2 in parallel, ceiling \d\.\d")
    )
    expect(panel.get_by_role("progressbar")).to_have_count(0)
    expect(lab.page.locator(".dask-lens-StatusItem")).to_contain_text("0 findings")


def test_it_goes_on_when_the_page_is_reloaded_while_a_cell_runs(lab: Lab) -> None:
    name = lab.write(LOAD, WAITS)
    lab.open(name)
    lab.run(0)
    lab.command("docmanager:save")
    lab.run(1, wait=False)
    expect(meter(lab.panel())).to_have_attribute("aria-valuenow", "2")
    lab.reload()
    panel = lab.panel()
    expect(meter(panel)).to_have_attribute("aria-valuetext", "2 of 2 threads busy")
    let_go(lab, name)
    expect(meter(panel)).to_have_attribute("aria-valuetext", re.compile("of 2 in parallel"))
    expect(panel).to_contain_text("Nothing found")


def test_findings_are_there_again_after_a_reload(lab: Lab) -> None:
    lab.open(lab.write(LOAD, BATCH.replace("sleep)(2)", "sleep)(0.5)")))
    lab.run(0)
    lab.run(1)
    lab.command("docmanager:save")
    panel = lab.panel()
    expect(panel).to_contain_text("processes-small-batch")
    lab.reload()
    expect(lab.panel()).to_contain_text("processes-small-batch")


def test_a_restarted_kernel_has_to_load_it_again(lab: Lab) -> None:
    lab.open(lab.write(LOAD))
    lab.run(0)
    panel = lab.panel()
    expect(panel).to_contain_text("No cell has used Dask yet")
    session = "window.jupyterapp.shell.currentWidget.sessionContext.session"
    lab.page.evaluate(f"() => {session}.kernel.restart()")
    expect(panel.get_by_role("button", name="Load dask_lens")).to_be_visible()
    lab.run(0)
    expect(panel).to_contain_text("No cell has used Dask yet")


def test_switched_off_it_says_how_to_go_on(lab: Lab) -> None:
    lab.open(lab.write(LOAD, "%lens off", "%lens on"))
    panel = lab.panel()
    lab.run(0)
    lab.run(1)
    expect(panel).to_contain_text("run %lens on")
    lab.run(2)
    expect(panel).to_contain_text("No cell has used Dask yet")


def test_two_tabs_on_one_kernel_see_the_same(lab: Lab) -> None:
    name = lab.write(LOAD, WAITS)
    lab.open(name)
    other = Lab(lab.page.context.new_page(), lab.address, lab.root, lab.notary)
    other.open(name)
    panels = lab.panel(), other.panel()
    lab.page.bring_to_front()
    lab.run(0)
    lab.run(1, wait=False)
    for panel in panels:
        expect(meter(panel)).to_have_attribute("aria-valuetext", "2 of 2 threads busy")
    let_go(lab, name)
    for panel in panels:
        expect(meter(panel)).to_have_attribute("aria-valuetext", re.compile("in parallel"))
    other.page.close()
    assert not other.errors


def test_why_shows_the_page_of_the_rule(lab: Lab) -> None:
    lab.open(lab.write(LOAD, code_cell(SLOW, 1, [output(report("cell-1"))], count=1)))
    lab.run(0)
    panel = lab.panel()
    why = panel.get_by_role("button", name="Why?")
    why.click()
    expect(panel).to_contain_text("When it is fine")
    expect(panel.locator(".dask-lens-Finding-page pre", has_text="chunksize=1")).to_be_visible()
    why.click()
    expect(panel.get_by_text("When it is fine")).to_be_hidden()


def test_why_answers_while_a_cell_runs(lab: Lab) -> None:
    finding = code_cell(SLOW, 1, [output(report("cell-1"))], count=1)
    lab.open(lab.write(LOAD, finding, "import time; time.sleep(30)"))
    lab.run(0)
    lab.run(2, wait=False)
    panel = lab.panel()
    panel.get_by_role("button", name="Why?").click()
    expect(panel.get_by_text("When it is fine").first).to_be_visible(timeout=15_000)


def test_a_saved_finding_is_shown_without_a_loaded_kernel_and_goes_when_the_cell_runs(
    lab: Lab,
) -> None:
    cell = code_cell("1 + 1", 0, [output(report())], count=1)
    lab.open(lab.write(cell))
    panel = lab.panel()
    expect(panel).to_contain_text("processes-small-batch")
    expect(panel).to_contain_text("Could not look (1)")
    expect(lab.page.locator(".dask-lens-StatusItem")).to_have_text("1 finding")
    lab.run(0)
    expect(panel).not_to_contain_text("processes-small-batch")


def test_a_report_that_is_shown_again_in_another_cell_is_told_once(lab: Lab) -> None:
    cells = [code_cell(text, n, [output(report())], count=1) for n, text in enumerate((SLOW, "r"))]
    lab.open(lab.write(*cells), kernel=False)
    expect(lab.card(1)).to_be_visible()
    expect(lab.panel().get_by_role("button", name="Cell [1]", exact=True)).to_have_count(1)
    expect(lab.page.locator(".dask-lens-StatusItem")).to_have_text("1 finding")


def test_findings_of_a_deleted_cell_go_with_it(lab: Lab) -> None:
    lab.open(lab.write("1", code_cell(SLOW, 1, [output(report("cell-1"))], count=1)))
    panel = lab.panel()
    expect(panel).to_contain_text("processes-small-batch")
    lab.cell(1).locator(".cm-content").click()
    lab.page.keyboard.press("Escape")
    lab.page.keyboard.press("d")
    lab.page.keyboard.press("d")
    expect(panel).not_to_contain_text("processes-small-batch")


def test_a_notebook_that_is_renamed_is_called_by_its_new_name(lab: Lab) -> None:
    name = lab.write("1")
    lab.open(name, kernel=False)
    panel = lab.panel()
    expect(panel).to_contain_text("notebook.ipynb")
    folder = name.partition("/")[0]
    lab.page.evaluate(
        "([from, to]) => window.jupyterapp.serviceManager.contents.rename(from, to)",
        [name, f"{folder}/other.ipynb"],
    )
    expect(panel).to_contain_text("other.ipynb")


def test_the_status_bar_item_opens_it(lab: Lab) -> None:
    lab.open(lab.write(code_cell(SLOW, 0, [output(report())], count=1)), kernel=False)
    lab.page.locator(".dask-lens-StatusItem").click()
    expect(lab.page.get_by_role("region", name="Dask Lens")).to_be_visible()


@pytest.mark.parametrize("command", ["apply-fix", "next-finding", "ignore-finding"])
def test_commands_reach_the_finding_of_the_active_cell(lab: Lab, command: str) -> None:
    lab.open(lab.write(code_cell(SLOW, 0, [output(report())], count=1), "1"), kernel=False)
    expect(lab.card(0)).to_be_visible()
    lab.cell(0).locator(".cm-content").click()
    lab.command(f"dask-lens:{command}")
    expected = {
        "apply-fix": "chunksize=1",
        "next-finding": "joined",
        "ignore-finding": "# dask-lens: ignore[processes-small-batch]",
    }
    assert expected[command] in lab.source(0)
    expect(lab.cell(0)).to_have_class(re.compile("jp-mod-active"))
