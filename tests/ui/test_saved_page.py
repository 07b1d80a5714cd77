"""A saved report in a browser: no server, no script, no network."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import dask
import pytest
from lab import SCREENSHOTS
from playwright.sync_api import BrowserContext, Page, expect
from reports import finding

import dask_lens
from dask_lens.report import Report


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Save the report of a real run: a map, a chain and a sum."""
    load = [dask.delayed(time.sleep, name=f"load-{i}")(0.02 + 0.01 * i) for i in range(6)]
    total = dask.delayed(lambda _parts: time.sleep(0.05), name="total", pure=False)(load)
    with dask_lens.observe() as seen:
        total.compute(scheduler="threads", num_workers=3)
    assert isinstance(seen.report, Report)
    report = replace(seen.report, findings=(finding(),))
    return report.save(tmp_path_factory.mktemp("saved") / "run.html")


@pytest.fixture
def tab(browser: BrowserContext) -> Iterator[Page]:
    """Open a tab that fails the test for every script error and every request."""
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: asked.append(message.text))
    yield page
    page.close()
    assert len(asked) <= 1, asked  # the page itself


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_screenshot_of_a_saved_page(tab: Page, saved: Path, scheme: str) -> None:
    tab.emulate_media(color_scheme=scheme)
    tab.goto(saved.as_uri())
    expect(tab.get_by_role("heading", name="Timeline")).to_be_visible()
    expect(tab.locator(".lane")).to_have_count(3)
    back = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    assert back == {"light": "rgb(255, 255, 255)", "dark": "rgb(13, 17, 23)"}[scheme]
    keep(tab, f"saved-{scheme}")


def test_a_saved_page_prints_in_ink_on_paper(tab: Page, saved: Path) -> None:
    tab.emulate_media(color_scheme="dark", media="print")
    tab.goto(saved.as_uri())
    assert tab.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    keep(tab, "saved-print")


def test_a_saved_page_fits_a_narrow_window(tab: Page, saved: Path) -> None:
    tab.set_viewport_size({"width": 360, "height": 700})
    tab.goto(saved.as_uri())
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360
    keep(tab, "saved-narrow")


def keep(tab: Page, name: str) -> None:
    """Keep a picture of the whole page."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    tab.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)
