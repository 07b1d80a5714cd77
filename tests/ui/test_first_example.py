"""The whole path with nothing stood in for: open the first example, read, click, measure."""

from __future__ import annotations

import json
import re
from pathlib import Path

from lab import Lab
from playwright.sync_api import expect

EXAMPLE = Path(__file__).parents[2] / "examples" / "01-serial-processes.ipynb"
CALL = 'slow = joined.compute(scheduler="processes", num_workers=2)'
FIXED = 'slow = joined.compute(scheduler="processes", num_workers=2, chunksize=1)'


def test_from_the_warning_to_two_sleeps_at_the_same_time_in_one_click(lab: Lab) -> None:
    slow, times = open_first_half(lab)
    lab.command("notebook:run-all-cells")
    lab.wait_until_run(times)
    card = lab.card(slow)
    expect(card).to_contain_text("processes-small-batch")
    expect(lab.output(times)).to_contain_text("ran at the same time for 0.0 s")
    before = parallelism(lab, slow)

    card.get_by_role("button", name="Apply and run").first.click()
    expect(lab.cell(slow).locator(".jp-InputPrompt")).to_have_text("[*]:")
    lab.wait_until_run(slow)
    assert lab.source(slow).splitlines()[1] == FIXED
    expect(lab.card(slow)).to_have_count(0)
    lab.run(times)
    expect(lab.output(times)).not_to_contain_text("for 0.0 s")
    overlap = re.search(r"for (\d+\.\d) s", lab.output(times).inner_text())
    assert overlap is not None
    assert float(overlap[1]) > 2

    meter = lab.panel().get_by_role("meter", name="Parallelism")
    expect(meter).to_have_attribute("aria-valuemax", "2")
    after = float(meter.get_attribute("aria-valuenow") or "nan")
    assert after >= 1.5 * before

    lab.cell(slow).locator(".cm-content").click()
    lab.page.keyboard.press("Control+z")
    assert lab.source(slow).splitlines()[1] == CALL


def open_first_half(lab: Lab) -> tuple[int, int]:
    """Open the example up to its finding; return the places of the slow cell and of the next."""
    notebook = json.loads(EXAMPLE.read_text(encoding="utf-8"))
    cells = notebook["cells"]
    slow = next(i for i, cell in enumerate(cells) if CALL in "".join(cell["source"]))
    name = lab.write(*cells[: slow + 2])
    lab.open(name)
    return slow, slow + 1


def parallelism(lab: Lab, index: int) -> float:
    """Read the parallelism from the headline of a report."""
    headline = lab.card(index).locator(".dask-lens-Card-headline").inner_text()
    found = re.match(r"(\d+\.\d) of 2 in parallel", headline)
    assert found is not None, headline
    return float(found[1])
