"""From the start of a task to the gauge on the page, on one clock: that of this machine."""

from __future__ import annotations

import re

from lab import Lab
from playwright.sync_api import expect
from test_panel import LOAD, meter

STARTS = """\
import time, dask

def work():
    began = time.time()
    time.sleep(1.5)
    return began

print(f"began {dask.delayed(work)().compute(scheduler='threads')}.")"""

#: Notes when the gauge has first been drawn with a task.
NOTE = """(meter) => {
    const seen = () => Number(meter.getAttribute('aria-valuenow')) > 0
    new MutationObserver((_, observer) => {
        if (!seen()) return
        observer.disconnect()
        requestAnimationFrame(() => setTimeout(() => { window.drawn = Date.now() / 1000 }))
    }).observe(meter, { attributes: true })
}"""

#: Seconds that a busy machine may take; ``benchmarks/latency.py`` has the kernel's part of it.
SOON = 1.0


def test_a_task_is_on_the_gauge_soon_after_it_has_started(lab: Lab) -> None:
    lab.open(lab.write(LOAD, "import dask, time", STARTS))
    lab.run(0)
    panel = lab.panel()
    meter(panel).evaluate(NOTE)
    lab.run(2)
    expect(lab.output(2)).to_contain_text("began")
    found = re.search(r"began ([\d.]+)\.", lab.output(2).inner_text())
    assert found is not None
    took = lab.page.evaluate("() => window.drawn") - float(found[1])
    assert 0 < took < SOON
