"""What goes through pipes, to local processes and back, takes its time in a replay."""

from __future__ import annotations

from dataclasses import replace

import pytest
from drawn import naps

from dask_lens.metrics.calibration import calibrate
from dask_lens.metrics.change import Change
from dask_lens.metrics.pipes import PIPED
from dask_lens.metrics.whatif import estimate, predict
from dask_lens.record.computation import Computation
from dask_lens.record.run import NotJudged


def heavy(count: int, nbytes: int, pause: float) -> Computation:
    """Draw tasks of a second on one process, a pause after each while its result comes back."""
    ran = naps(count, scheduler="processes", chunksize=1)
    tasks = [
        replace(
            one, start=one.start + i * pause, stop=one.stop + i * pause, nbytes=nbytes, sent=100
        )
        for i, one in enumerate(ran.tasks)
    ]
    stop = (ran.stop or 0.0) + count * pause
    return replace(ran, tasks=tuple(tasks), stop=stop)


@pytest.mark.parametrize(
    ("nbytes", "pause"),
    [
        pytest.param(0, 0.5, id="nothing to move"),
        pytest.param(int(0.01 * PIPED), 0.5, id="too little to move"),
        pytest.param(int(0.5 * PIPED), 5.0, id="slower than pipes are"),
    ],
)
def test_pauses_that_data_does_not_explain_are_not_laid_on_it(nbytes: int, pause: float) -> None:
    told = predict(heavy(8, nbytes, pause), Change(scheduler="threads"))
    assert isinstance(told, NotJudged)
    assert "too short" in told.reason


@pytest.mark.parametrize("pace", [pytest.param(0.5, id="fast"), pytest.param(2.0, id="slow")])
def test_results_that_take_as_long_as_tasks_are_replayed(pace: float) -> None:
    ran = heavy(8, int(0.5 * PIPED), pace * 0.5)
    known = calibrate(ran)
    assert not isinstance(known, NotJudged)
    assert known.timing.result == pytest.approx(known.seconds, rel=0.05)
    for scheduler in ("threads", "sync"):  # where nothing is moved
        told = estimate(ran, Change(scheduler=scheduler))
        assert told is not None
        assert told.mid == pytest.approx(8, rel=0.1)
    more = estimate(ran, Change(workers=8))
    assert more is not None
    assert more.mid >= 8 * pace * 0.5  # one process reads and writes for all of them
