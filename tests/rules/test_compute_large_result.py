from __future__ import annotations

import pytest

from dask_lens.record.call import ObservedCall
from dask_lens.record.cell import Cell, Place
from dask_lens.record.cluster import Worker
from dask_lens.record.computation import Computation
from dask_lens.record.run import Run
from dask_lens.record.task import Task
from dask_lens.rule import Finding
from dask_lens.rules.compute_large_result import rule

COMPUTE = "import dask.array as da\nx = da.ones(9, chunks=3)\ny = x.compute()"


def judged(
    source: str, nbytes: int, limit: int | None, *, scheduler: str = "distributed"
) -> list[Finding]:
    tasks = (
        Task("ones-1", "ones", "tcp://a", 1, 1.0, 2.0, nbytes=10**9),
        Task("finalize", "finalize", "tcp://a", 1, 3.0, 4.0, nbytes=nbytes),
    )
    workers = (Worker("tcp://a", 1, memory_limit=limit),)
    ran = Computation(scheduler, 1.0, 5.0, 1, tasks, 2, 2.0, Place(0, 3), workers=workers)
    run = Run((Cell(source),), 0, 0.0, 9.0, (ran,))
    return [one for one in rule.run(run, {}) if isinstance(one, Finding)]


@pytest.mark.parametrize(
    ("source", "nbytes", "limit", "scheduler"),
    [
        pytest.param(COMPUTE, 10**6, 10**9, "distributed", id="a small result of much"),
        pytest.param(COMPUTE, 10**9, None, "distributed", id="a worker without a limit"),
        pytest.param(COMPUTE, 10**9, 10**9, "threads", id="threads of this process"),
        pytest.param(COMPUTE.replace("compute", "persist"), 10**9, 10**9, "distributed",
                     id="a result that stays"),
    ],
)  # fmt: skip
def test_it_is_silent_where(source: str, nbytes: int, limit: int | None, scheduler: str) -> None:
    assert judged(source, nbytes, limit, scheduler=scheduler) == []


def test_it_is_found_with_the_bytes() -> None:
    [finding] = judged(COMPUTE, 6 * 10**8, 10**9)
    assert "600 MB" in finding.message
    assert "1000 MB of memory" in finding.message
    assert finding.place is not None
    assert finding.place.line == 3


def asked(nbytes: int, left: int | None, *, stop: float | None = 9.0) -> list[Finding]:
    facts: dict[str, object] = {"scheduler": "threads", "collections": [{"nbytes": nbytes}]}
    call = ObservedCall("dask.compute", Place(0, 3), 1.0, 1.0, facts=facts)
    if left is not None:
        facts["memory_left"] = left
    run = Run((Cell(COMPUTE),), 0, 0.0, stop, calls=(call,))
    return [one for one in rule.run(run, {}) if isinstance(one, Finding)]


@pytest.mark.parametrize(
    ("nbytes", "left", "stop"),
    [
        pytest.param(10**8, 10**9, 9.0, id="a tenth of what is left"),
        pytest.param(10**9, None, 9.0, id="memory that could not be looked at"),
        pytest.param(10**9, 10**9, None, id="a cell that runs"),
    ],
)
def test_it_is_silent_in_this_process_about(
    nbytes: int, left: int | None, stop: float | None
) -> None:
    assert asked(nbytes, left, stop=stop) == []


def test_it_is_found_in_this_process() -> None:
    [finding] = asked(3 * 10**8, 10**9)
    assert "300 MB" in finding.message
    assert "1000 MB of memory were left" in finding.message
    assert finding.fixes == ()
