"""`%lens gauge`: the panel's gauge as a widget in a cell's output."""

from __future__ import annotations

import re

from lab import Lab
from playwright.sync_api import expect
from test_panel import LOAD, WAITS, let_go


def test_it_moves_while_a_cell_runs_and_settles(lab: Lab) -> None:
    name = lab.write(LOAD, "%lens gauge", WAITS)
    lab.open(name)
    lab.run(0)
    lab.run(1)
    meter = lab.output(1).get_by_role("meter", name="Parallelism")
    expect(meter).to_have_attribute("aria-valuetext", "nothing has run yet")
    lab.run(2, wait=False)
    expect(meter).to_have_attribute("aria-valuetext", "2 of 2 threads busy")
    let_go(lab, name)
    lab.wait_until_run(2)
    expect(meter).to_have_attribute("aria-valuetext", re.compile("of 2 in parallel"))
