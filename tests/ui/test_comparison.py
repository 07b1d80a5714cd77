"""Comparisons in JupyterLab: compare a finding, read the card, apply it, find it in the panel."""

from __future__ import annotations

import pytest
from comparisons import CELL, INTERRUPTED, ODD, WHOLE, output
from lab import Lab, code_cell
from playwright.sync_api import expect

SET_UP = "%load_ext dask_lens\nimport dask, time"
NAPS = "naps = [dask.delayed(time.sleep)(0.1 + i / 1000) for i in range(3)]"
#: Two tasks of four could run at the same time, and processes do not let them.
FOUR = """\
%load_ext dask_lens
import dask, time


def double(x):
    time.sleep(0.3)
    return 2 * x


def wait(x):
    time.sleep(0.3)
    return x


total = dask.delayed(sum)([1, 2])
joined = dask.delayed(max)(dask.delayed(double)(total), dask.delayed(wait)(10))"""
SCHEDULERS = """\
%%lens_compare "processes, workers=2" "processes, workers=2, chunksize=1" "threads, workers=2" -r 5
joined.compute()"""
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
    curve = "%%lens_compare threads --workers 1,2,3 -r 5\ndask.compute(*naps)"
    lab.open(lab.write(f"{FOUR}\n{NAPS}", SCHEDULERS, curve))
    for index in range(3):
        lab.run(index)
    lab.use_theme(theme.title())
    lab.command("application:toggle-left-area")
    for index in (1, 2):
        expect(lab.output(index).locator(".dask-lens-Comparison")).to_be_visible()
    lab.screenshot(f"comparison-{theme}", lab.cell(1))
    lab.screenshot(f"comparison-curve-{theme}", lab.output(2).locator(".dask-lens-Comparison"))
    lab.panel().get_by_text("Predicted against measured").click()
    lab.screenshot(f"comparison-panel-{theme}", lab.panel())
    lab.use_theme("Light")


def test_a_comparison_is_read_and_applied_with_the_keyboard_alone(lab: Lab) -> None:
    lab.open(lab.write(code_cell(CELL, 0, [output(WHOLE)], count=3)), kernel=False)
    card = lab.output(0).locator(".dask-lens-Comparison")
    tables = card.get_by_role("region")
    expect(tables).to_have_count(2)
    tables.first.focus()
    reached = []
    for _ in range(6):
        lab.page.keyboard.press("Tab")
        focused = lab.page.evaluate(
            "({tag: document.activeElement.tagName, "
            "text: document.activeElement.getAttribute('aria-label') "
            "|| document.activeElement.textContent})"
        )
        reached.append(f"{focused['tag'].lower()} {focused['text']}")
    places = [
        next(n for n, one in enumerate(reached) if one == wanted)
        for wanted in ("button Apply", "summary What each took")
    ]
    assert places == sorted(places)
    card.get_by_role("button", name="Apply", exact=True).focus()
    lab.page.keyboard.press("Enter")
    expect(card).to_contain_text("Applied")
    card.get_by_text("What each took").focus()
    lab.page.keyboard.press("Space")
    expect(tables).to_have_count(1)
    # It is in the panel's history, too, although no kernel knows of it.
    expect(lab.panel().get_by_role("region", name="Comparisons")).to_contain_text(WHOLE.conclusion)


@pytest.mark.parametrize("width", [1280, 560])
def test_nothing_of_a_comparison_is_wider_than_its_card(lab: Lab, width: int) -> None:
    lab.page.set_viewport_size({"width": width, "height": 900})
    lab.open(lab.write(code_cell(CELL, 0, [output(ODD)], count=3)), kernel=False)
    lab.command("application:toggle-left-area")
    card = lab.output(0).locator(".dask-lens-Comparison")
    expect(card).to_contain_text("The results differ")
    wide = card.evaluate(
        """card => [...card.querySelectorAll(':scope > *')]
            .filter(part => part.getBoundingClientRect().right
                > card.getBoundingClientRect().right + 1)
            .map(part => part.className)"""
    )
    assert wide == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_screenshot_of_comparisons_that_went_otherwise(lab: Lab, theme: str) -> None:
    shown = {"whole": WHOLE, "odd": ODD, "interrupted": INTERRUPTED}
    cells = [code_cell(CELL, n, [output(one)], count=3) for n, one in enumerate(shown.values())]
    lab.open(lab.write(*cells, "1"), kernel=False)
    lab.use_theme(theme.title())
    for size in ("", "-narrow"):
        for index, name in enumerate(shown):
            card = lab.output(index).locator(".dask-lens-Comparison")
            lab.screenshot(f"comparison-{name}{size}-{theme}", card)
        lab.page.set_viewport_size({"width": 620, "height": 900})
    lab.use_theme("Light")
