"""How large results are, told without running anything of the user's."""

from __future__ import annotations

import functools
import random
import time
from collections import Counter
from time import perf_counter

import dask
import dask.array as da
import dask.bag as db
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest
from dask.sizeof import sizeof

import dask_lens
from dask_lens.metrics.change import Change
from dask_lens.metrics.estimate import Estimate
from dask_lens.metrics.whatif import predict
from dask_lens.observe import weights
from dask_lens.observe.weights import SMALL, Weights, weigh

TABLE = pd.DataFrame({"number": np.arange(50_000), "text": [f"row {i}" for i in range(50_000)]})


class Hostile:
    """Breaks when it is asked anything."""

    def __init__(self) -> None:
        self.data = np.ones(100_000)

    def __getattr__(self, name: str) -> object:
        raise RuntimeError(name)

    def __sizeof__(self) -> int:
        raise RuntimeError

    def __len__(self) -> int:
        raise RuntimeError


class HostileList(list[int]):
    def __len__(self) -> int:
        raise RuntimeError

    def __iter__(self):
        raise RuntimeError

    def __getitem__(self, _index):
        raise RuntimeError


@pytest.mark.parametrize(
    "value",
    [
        "text" * 1_000,
        b"bytes" * 1_000,
        np.ones((300, 40)),
        list(range(100_000)),
        [f"line {i}" for i in range(100_000)],
        {i: str(i) for i in range(10_000)},
        set(range(10_000)),
        TABLE,
        TABLE.text,
        TABLE.set_index("number"),
        TABLE.astype({"text": object}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_values_weigh_about_as_much_as_dask_says(value: object) -> None:
    said = sizeof(value)  # which draws from the program's random numbers
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002 - the state that everybody shares
    found = weigh(value)
    numbers = random.getrandbits(32), np.random.random()  # noqa: NPY002 - as above
    random.seed(1)
    np.random.seed(1)  # noqa: NPY002 - as above
    assert numbers == (random.getrandbits(32), np.random.random())  # noqa: NPY002 - as above
    assert found == pytest.approx(said, rel=0.4)


def test_numbers_functions_and_names_are_small() -> None:
    for value in (None, 1, 2.5, np.float64(1), len, functools.reduce, pd.Timestamp(0), slice(3)):
        assert weigh(value) == SMALL


def test_nothing_of_the_users_is_run() -> None:
    assert weigh(Hostile()) == pytest.approx(800_000, rel=0.01)
    assert weigh(HostileList(range(1_000))) == pytest.approx(40_000, rel=0.1)
    assert weigh(Counter("abc")) is not None


def test_what_is_not_known_has_no_weight() -> None:
    circle: list[object] = []
    circle.append(circle)
    for value in (iter([1]), map(str, [1]), (i for i in range(3)), circle, [iter([1])]):
        assert weigh(value) is None


def test_weighing_ends_with_the_time_there_is_for_it() -> None:
    scale = Weights(perf_counter())
    for number in range(2_000):
        scale.add(number, TABLE)
    assert scale.of(0) == pytest.approx(sizeof(TABLE), rel=0.4)
    assert scale.of(1_999) is None
    scale.add("number", np.float64(1))
    assert scale.of("number") == SMALL


@pytest.fixture
def part() -> np.ndarray:
    return np.ones(100_000)


def double(values):
    time.sleep(0.02)
    return values * 2


def test_what_short_computations_are_given_is_not_weighed(part) -> None:
    with dask_lens.observe() as seen:
        dask.delayed(len)(part).compute(scheduler="sync")
    assert [task.sent for task in seen.run.computations[0].tasks] == [None]


@pytest.mark.parametrize("scheduler", ["sync", "threads"])
def test_tasks_that_share_memory_know_what_they_were_given_and_made(scheduler, part) -> None:
    with dask_lens.observe() as seen:
        dask.delayed(sum)(dask.delayed(double)(part)).compute(scheduler=scheduler)
    first, last = seen.run.computations[0].tasks
    assert first.sent == pytest.approx(part.nbytes, rel=0.02)
    assert first.nbytes == pytest.approx(part.nbytes, rel=0.02)
    assert last.nbytes == SMALL
    assert last.sent < 1_000


def later(values):
    time.sleep(0.02)
    return values


LINES = [f"line {i}" for i in range(20_000)]


@pytest.mark.parametrize(
    "make",
    [
        lambda: db.from_sequence(LINES, npartitions=4).map_partitions(later).count(),
        lambda: dd.from_pandas(TABLE, npartitions=4).map_partitions(later, meta=TABLE),
        lambda: da.from_array(np.ones(400_000), chunks=100_000).map_blocks(later).sum(),
    ],
    ids=["bag", "dataframe", "array"],
)
def test_what_collections_would_send_to_processes_is_known(make) -> None:
    made = make()
    with dask_lens.observe() as seen:
        made.compute(scheduler="sync")
    (ran,) = seen.run.computations
    assert 250_000 < max(task.sent or 0 for task in ran.tasks) < 1_000_000


def nap(lines):
    time.sleep(0.05)
    return len(list(lines))


def test_bags_are_predicted_on_processes() -> None:
    bag = db.from_sequence(LINES, npartitions=4).map_partitions(nap)
    with dask_lens.observe() as seen:
        bag.compute(scheduler="threads", num_workers=2)
    made = predict(seen.run, Change(scheduler="processes"))
    assert isinstance(made, Estimate)
    assert made.low > 0.2


def test_what_cannot_be_weighed_costs_nothing_else(monkeypatch, part) -> None:
    def broken(*_):
        raise RuntimeError

    monkeypatch.setattr(weights, "weigh", broken)
    with dask_lens.observe() as seen:
        assert dask.delayed(double)(part).compute(scheduler="threads").sum() == 2 * part.sum()
    (task,) = seen.run.computations[0].tasks
    assert (task.sent, task.nbytes) == (None, None)


def test_one_of_each_layer_is_weighed_first() -> None:
    weigh(TABLE)  # the first time of all takes longer
    scale = Weights(perf_counter())
    for number in range(200):
        scale.add(("large", number), TABLE)
    scale.add(("other", 0), [1, 2, 3])
    assert scale.of(("large", 199)) is None
    assert scale.of(("other", 0)) is not None
