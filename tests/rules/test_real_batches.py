"""The processes scheduler itself, observed: it is blamed exactly where its batches cost time."""

from __future__ import annotations

import pytest
from performing import perform

from dask_lens.report import FindingReport, analyze

SETUP = """\
import time
import dask
import dask.bag as db

def wait(x, *needs):
    time.sleep(0.25)
    return x

slow = dask.delayed(wait)
"""


def judge(code: str) -> list[FindingReport]:
    return list(analyze(perform(f"{SETUP}# %%\n{code}\n")[-1]).findings)


@pytest.mark.parametrize(
    "code",
    [
        pytest.param(
            "dask.compute(slow(1), slow(2), scheduler='processes', num_workers=1)", id="one worker"
        ),
        pytest.param(
            "slow(slow(slow(1))).compute(scheduler='processes', num_workers=2)", id="a chain"
        ),
        pytest.param(
            "dask.compute(*map(slow, range(4)), scheduler='threads', num_workers=4)", id="threads"
        ),
        pytest.param(
            "db.from_sequence(range(4)).map(abs).compute(num_workers=2)", id="tiny tasks"
        ),
    ],
)
def test_nothing_is_found_for(code: str) -> None:
    assert judge(code) == []


@pytest.mark.parametrize(
    ("code", "tasks", "lost"),
    [
        pytest.param(
            "a = slow(1)\nslow(3, slow(1, a), slow(2, a)).compute(\n"
            "    scheduler='processes', num_workers=2)",
            4,
            0.25,
            id="a diamond",
        ),
        pytest.param(
            "db.from_sequence(range(4)).map(wait).compute(num_workers=2)",
            4,
            0.5,
            id="a bag that names no scheduler",
        ),
        pytest.param(
            "with dask.config.set(scheduler='processes', num_workers=2):\n"
            "    dask.compute(slow(1), slow(2))",
            2,
            0.25,
            id="the scheduler in the settings",
        ),
    ],
)
def test_what_the_batch_cost_is_found_for(code: str, tasks: int, lost: float) -> None:
    [found] = judge(code)
    assert (found.code, found.certainty, found.evidence["n_tasks"]) == ("DSK201", "seen", tasks)
    # A task may take longer than it sleeps, on a machine with other things to do.
    assert found.cost is not None
    assert lost * 0.9 <= found.cost < lost + 0.3
    assert found.cell_id == "cell-1"
    assert found.column is not None
