"""Comparisons in JupyterLab: compare a finding, read the card, apply it, find it in the panel."""

from __future__ import annotations

import pytest
from lab import Lab
from playwright.sync_api import expect

SET_UP = "%load_ext dask_lens\nimport dask, time"
NAPS = "naps = [dask.delayed(time.sleep)(0.1 + i / 1000) for i in range(3)]"
COMPARE = '%%lens_compare sync "threads, workers=3" -r 5\nx = dask.compute(*naps)'
APPLIED = 'x = dask.compute(*naps, scheduler="threads", num_workers=3)\n'


def compared(lab: Lab) -> None:
    lab.open(lab.write(f"{SET_UP}\n{NAPS}", COMPARE))
    lab.run(0)
    lab.run(1)


def test_what_is_recommended_is_applied_with_one_click_and_undone_with_ctrl_z(lab: Lab) -> None:
    compared(lab)
    card = lab.output(1).locator(".dask-lens-Comparison")
    expect(card).to_contain_text("Take threads, workers=3")
    expect(card.locator(".dask-lens-Runs-dot")).to_have_count(10)
    panel = lab.panel()
    expect(panel).to_contain_text("Take threads, workers=3")
    panel.get_by_text("Predicted against measured").click()
    expect(panel.locator(".dask-lens-Comparisons-history td").first).to_be_visible()

    card.get_by_role("button", name="Apply", exact=True).click()
    expect(card).to_contain_text("Applied")
    assert lab.source(1) == APPLIED
    lab.page.keyboard.press("Control+z")
    assert lab.source(1) == COMPARE

    lab.reload()
    expect(lab.panel()).to_contain_text("Take threads, workers=3")


def test_a_finding_is_compared_with_its_proposal_in_a_cell_below(lab: Lab) -> None:
    cell = f"{NAPS}\ndask.compute(*naps, scheduler='processes', num_workers=2)"
    lab.open(lab.write(SET_UP, cell))
    lab.run(0)
    lab.run(1)
    lab.card(1).get_by_role("button", name="Compare", exact=True).click()
    lab.wait_until_run(2)
    assert lab.source(2).startswith("%%lens_compare\n# %% as written\nnaps =")
    expect(lab.output(2).locator(".dask-lens-Comparison")).to_contain_text("chunksize=1")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_screenshot_of_a_comparison(lab: Lab, theme: str) -> None:
    lines = [
        f"{SET_UP}\n{NAPS}",
        (
            '%%lens_compare sync "threads, workers=3" "processes, workers=2" -r 5\n'
            "x = dask.compute(*naps)"
        ),
        "%%lens_compare threads --workers 1,2,3 -r 5\ndask.compute(*naps)",
    ]
    lab.open(lab.write(*lines))
    for index in range(3):
        lab.run(index)
    lab.use_theme(theme.title())
    for index, name in ((1, "comparison"), (2, "comparison-curve")):
        card = lab.output(index).locator(".dask-lens-Comparison")
        expect(card).to_be_visible()
        lab.screenshot(f"{name}-{theme}", card)
    lab.panel().get_by_text("Predicted against measured").click()
    lab.screenshot(f"comparison-panel-{theme}", lab.panel())
    lab.use_theme("Light")
