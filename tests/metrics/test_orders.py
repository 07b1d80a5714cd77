"""Tasks with random keys come in another order each time, others in the same."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest
from timelines import computation, task

from dask_lens.metrics.alone import alone
from dask_lens.metrics.calibration import setup_of
from dask_lens.metrics.change import Change
from dask_lens.metrics.orders import orders
from dask_lens.metrics.whatif import estimate
from dask_lens.record.computation import Computation


def random_key(name: str, number: int) -> str:
    return f"{name}-{uuid.UUID(int=number, version=4)}"


def shared_key(name: str, number: int) -> str:
    return f"{name}-{uuid.UUID(int=7, version=4)}-{number}"


def token(name: str, number: int) -> str:
    return f"{name}-{number:032x}"


def drawn(key, seconds, *, follows=False) -> Computation:
    """Draw naps one after another on one thread, each with another one behind it where told."""
    tasks, edges, now = [], [], 0.0
    for number, long in enumerate(seconds):
        names = ("load", "work") if follows else ("load",)
        for name in names:
            made = task(key(name, number), now, now + long / len(names), cpu=0.0)
            tasks.append(replace(made, prefix=name))
            now += long / len(names)
        if follows:
            edges.append((key("load", number), key("work", number)))
    return computation(*tasks, edges=edges, stop=now, threads=1, cores=2, chunksize=1)


@pytest.mark.parametrize(
    "ran",
    [
        pytest.param(drawn(token, [1, 1, 1, 8]), id="tokens of what is computed"),
        pytest.param(drawn(shared_key, [1, 1, 1, 8]), id="one map, numbered"),
        pytest.param(drawn(random_key, [1, 1, 1, 1.2]), id="tasks about as long"),
    ],
)
def test_the_order_stays(ran: Computation) -> None:
    assert list(orders(alone(ran, setup_of(ran)), 5)) == []


@pytest.mark.parametrize(
    "follows", [pytest.param(False, id="alone"), pytest.param(True, id="two")]
)
def test_a_long_task_comes_early_or_late(follows: bool) -> None:
    ran = drawn(random_key, [1, 1, 1, 1, 1, 1, 1, 8], follows=follows)
    told = estimate(ran, Change(workers=2))
    assert told is not None
    # Between first, then 8 s, and last, then 3.5 + 8 s; half of the orders are below the middle.
    assert told.low <= 8.5
    assert told.high >= 11
    assert told.mid == pytest.approx(9.5, abs=1.0)
    same = estimate(drawn(token, [1, 1, 1, 1, 1, 1, 1, 8], follows=follows), Change(workers=2))
    assert same is not None
    assert same.mid == pytest.approx(11.5, abs=0.6)
