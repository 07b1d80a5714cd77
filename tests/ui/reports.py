"""Reports for the page's tests, built from the very dataclasses that the kernel sends."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dask_lens.metrics.accounts import Budget
from dask_lens.metrics.estimate import Estimate
from dask_lens.metrics.parallelism import Parallelism
from dask_lens.present import inline
from dask_lens.record.run import NotJudged
from dask_lens.report import CellReference, ComputationReport, FindingReport, Report
from dask_lens.rewrite import Edit, Proposal

SLOW = 'import dask\nresult = joined.compute(scheduler="processes", num_workers=4)\n'
FAST = SLOW.replace("num_workers=4", "num_workers=4, chunksize=1")


def finding(cell_id: str | None = "cell-0", source: str = SLOW, **changes: Any) -> FindingReport:
    """Return a finding on the second line of a cell that holds ``source``."""
    found = FindingReport(
        code="DSK201",
        name="processes-small-batch",
        kind="slow",
        certainty="seen",
        message="2 tasks were sent to 1 of 4 processes in a batch of 6: 1.0 ran at a time.",
        advice="Send them one by one: chunksize=1.",
        cost=14.9,
        cell_id=cell_id,
        cell=None,
        line=2,
        column=10,
        end_line=2,
        end_column=62,
        evidence={"tasks": 2, "processes": 4, "chunksize": 6, "parallelism": 1.0},
        proposals=(proposal(cell_id, source),),
    )
    return replace(found, **changes)


def proposal(cell_id: str | None = "cell-0", source: str = SLOW, **changes: Any) -> Proposal:
    """Return a proposal that changes ``source``."""
    made = Proposal(
        name="set-chunksize",
        safety="same",
        title="Send one task at a time: chunksize=1",
        edits=(Edit(cell_id, None, source, source.replace("=4)", "=4, chunksize=1)")),),
        estimate=Estimate(low=4.9, mid=5.3, high=6.1),
    )
    return replace(made, **changes)


def report(cell_id: str | None = "cell-0", count: int = 1, **changes: Any) -> Report:
    """Return the report of a cell in which two sleeps ran one after the other."""
    made = Report(
        version=1,
        cell=CellReference(cell_id, count),
        headline="1.0 of 4 in parallel · 20.3 s · 4 tasks · processes · 14.9 s lost",
        computations=(
            ComputationReport("processes", cell_id, 2, 4, 4, 0.0, 20.3, 1.0, 2.0, None),
        ),
        parallelism=Parallelism(achieved=1.0, threads=4, ceiling=2.0),
        budget=Budget(81.2, 0.3, 20.0, 0.1, 45.6, 10.0, 4.0, 1.2),
        findings=(finding(cell_id),),
        not_judged=(NotJudged("gil-bound-threads", "CPU time of tasks was not measured"),),
    )
    return replace(made, **changes)


def output(shown: Report) -> dict[str, Any]:
    """Return the saved output that shows a report."""
    return {"output_type": "display_data", "metadata": {}, "data": inline.bundle(shown)}
