"""Pictures of each state, light and dark, to be looked at; the README shows the best."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from lab import Lab, code_cell
from playwright.sync_api import expect
from reports import SLOW, finding, output, proposal, report
from test_panel import BATCH, LOAD, SLEEPS, meter
from test_timeline import DIAMOND, timeline

ASK = proposal(
    name="move-to-local-cluster",
    safety="ask",
    title="Move to a local cluster (LocalCluster)",
    estimate=None,
)
WRONG = finding(
    kind="wrong",
    code="DSK601",
    name="impure-call-deduplicated",
    certainty="likely",
    message="draw() is impure: its calls have the same key, so one result stands for all.",
    advice="Pass pure=False.",
    cost=None,
    line=1,
    column=1,
    end_line=1,
    end_column=12,
    proposals=(),
)
EVERYTHING = report(findings=(WRONG, finding(proposals=(proposal(), ASK))))


@pytest.fixture(params=["light", "dark"])
def theme(request: pytest.FixtureRequest, lab: Lab) -> Iterator[str]:
    """Use each theme in turn; the settings of the server keep the last one."""
    theme: str = request.param
    yield theme
    lab.use_theme("Light")


def test_screenshot_of_a_finding_with_its_change_and_its_evidence(lab: Lab, theme: str) -> None:
    cell = code_cell(SLOW, 0, [output(EVERYTHING)], count=3)
    lab.open(lab.write(cell), kernel=False)
    lab.use_theme(theme.title())
    card = lab.card(0)
    card.get_by_text("Show the change").first.click()
    card.get_by_text("Evidence").last.click()
    card.get_by_text("Could not look").click()
    lab.screenshot(f"card-{theme}", card)


def test_screenshot_of_a_change_that_is_confirmed(lab: Lab, theme: str) -> None:
    cell = code_cell(SLOW, 0, [output(report(findings=(finding(proposals=(ASK,)),)))], count=3)
    lab.open(lab.write(cell), kernel=False)
    lab.use_theme(theme.title())
    lab.card(0).get_by_role("button", name="Apply", exact=True).click()
    expect(lab.card(0).get_by_role("button", name="Confirm")).to_be_visible()
    lab.screenshot(f"confirm-{theme}", lab.cell(0))


def test_screenshot_of_a_squiggle_with_its_tooltip(lab: Lab, theme: str) -> None:
    cell = code_cell(SLOW, 0, [output(EVERYTHING)], count=3)
    lab.open(lab.write(cell, name="joined"), kernel=False)
    lab.use_theme(theme.title())
    lab.command("application:toggle-left-area")
    lab.cell(0).locator(".dask-lens-mark").last.hover()
    expect(lab.page.locator(".cm-tooltip .dask-lens-Tooltip")).to_be_visible()
    lab.screenshot(f"squiggle-{theme}")


def test_screenshot_of_a_run_from_its_start_to_the_rule(lab: Lab, theme: str) -> None:
    lab.open(lab.write(LOAD, SLEEPS, BATCH, name="sleeps"))
    lab.use_theme(theme.title())
    lab.command("application:toggle-left-area")
    panel = lab.panel()
    lab.screenshot(f"not-loaded-{theme}")
    panel.get_by_role("button", name="Load dask_lens").click()
    lab.run(1)
    lab.run(2, wait=False)
    expect(panel).to_contain_text("likely, not measured")
    lab.page.wait_for_timeout(1000)
    lab.screenshot(f"running-{theme}")
    lab.wait_until_run(2)
    expect(lab.card(2)).to_be_visible()
    expect(meter(panel)).to_be_visible()
    lab.screenshot(f"finding-{theme}")
    panel.get_by_role("button", name="Why?").click()
    expect(panel).to_contain_text("When it is fine")
    panel.locator(".dask-lens-Finding-page").evaluate("page => page.scrollIntoView()")
    lab.screenshot(f"why-{theme}")


def test_screenshot_of_how_a_cell_ran(lab: Lab, theme: str) -> None:
    lab.open(lab.write(LOAD, DIAMOND, name="diamond"))
    lab.use_theme(theme.title())
    lab.command("application:toggle-left-area")
    panel = lab.panel()
    lab.run(0)
    lab.run(1)  # what is imported and made ready only once is not the picture's subject
    lab.run(1)
    expect(timeline(panel).get_by_role("option")).to_have_count(4)
    timeline(panel).focus()
    lab.screenshot(f"timeline-{theme}")


def test_screenshot_of_the_gauge_in_a_cell(lab: Lab, theme: str) -> None:
    lab.open(lab.write(LOAD, "%lens gauge", SLEEPS.replace("0.5", "1")))
    lab.use_theme(theme.title())
    lab.run(0)
    lab.run(1)
    lab.run(2, wait=False)
    gauge = lab.output(1).locator(".dask-lens-GaugeWidget")
    expect(gauge.get_by_role("meter")).to_have_attribute("aria-valuenow", "2")
    lab.page.wait_for_timeout(1500)
    lab.screenshot(f"gauge-{theme}", gauge)


#: A run that is too large to draw task by task, on many threads, with long and hostile names.
CROWD = """\
import time, dask
from dask.distributed import Client
client = Client(n_workers=3, threads_per_worker=2, processes=False, dashboard_address=":0")
work = [dask.delayed(time.sleep)(0.001) for _ in range(3500)]
name = "a-very-long-<b>name</b>-" * 5
work += [dask.delayed(len)("ab", dask_key_name=name + str(n)) for n in range(9)]
_ = dask.compute(*work)
client.close()"""


def test_screenshot_of_a_crowd_in_a_narrow_panel(lab: Lab, theme: str) -> None:
    lab.page.set_viewport_size({"width": 900, "height": 1200})
    lab.open(lab.write(LOAD, CROWD, name="a notebook with a name that is rather long for a panel"))
    lab.use_theme(theme.title())
    panel = lab.panel()
    lab.run(0)
    lab.run(1, wait=False)
    lab.page.wait_for_timeout(4000)
    lab.screenshot(f"crowd-running-{theme}")
    lab.wait_until_run(1)
    expect(timeline(panel)).to_be_visible()
    lab.screenshot(f"crowd-{theme}")
