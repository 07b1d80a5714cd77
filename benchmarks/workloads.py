"""Tasks, graphs and places for :mod:`changes`: what sleeps, holds the GIL, or lets go of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import dask
import dask.bag as db
import dask.dataframe as dd
import numpy as np
import pandas as pd
from dask.delayed import Delayed
from distributed import Client, get_client

from dask_lens.metrics.change import Change

#: Builds what will be computed, and returns what computes it.
Work = Callable[[], Callable[[], None]]
Place = Callable[[], AbstractContextManager[object]]


@dask.delayed(pure=False)
def sleep(seconds: float, *_: object) -> float:
    time.sleep(seconds)
    return seconds


@dask.delayed(pure=False)
def spin(seconds: float, *_: object) -> float:
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass
    return seconds


@dask.delayed(pure=False)
def mixed(seconds: float, *_: object) -> float:
    time.sleep(seconds)
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass
    return seconds


@dask.delayed(pure=False)
def many(task: Callable[..., float], arguments: list[float]) -> list[float]:
    return [task(argument) for argument in arguments]


@dask.delayed(pure=False)
def sort(seed: int) -> float:
    numbers = np.random.default_rng(seed).random(400_000)
    for _ in range(3):
        numbers = np.sort(np.sin(numbers))
    return float(numbers.sum())


@dask.delayed(pure=False)
def fill(number: float, count: int) -> object:
    return np.full(count, number)


@dask.delayed(pure=False)
def add(*arrays: object) -> object:
    return sum(arrays)


@dask.delayed(pure=False)
def total(array: object) -> float:
    return float(np.sum(array))


def tiny(number: float) -> float:
    return sum(i * number for i in range(3_000))


def independent(task: Callable[..., Delayed], seconds: float, count: int) -> list[Delayed]:
    return [task(seconds) for _ in range(count)]


def one_after_another(task: Callable[..., Delayed], seconds: float, count: int) -> list[Delayed]:
    last = task(seconds)
    for _ in range(count - 1):
        last = task(seconds, last)
    return [last]


def map_reduce(task: Callable[..., Delayed], seconds: float, count: int) -> list[Delayed]:
    level = [task(seconds) for _ in range(count)]
    while len(level) > 1:
        level = [task(seconds / 2, *level[i : i + 2]) for i in range(0, len(level), 2)]
    return level


def skewed(task: Callable[..., Delayed]) -> list[Delayed]:
    return [task(seconds) for seconds in (0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.8)]


def once(build: Callable[[], list[Delayed]], **how: object) -> Work:
    """Compute all in one call."""

    def work() -> Callable[[], None]:
        made = build()
        return lambda: dask.compute(*made, **how)

    return work


def one_by_one(build: Callable[[], list[Delayed]], **how: object) -> Work:
    """Compute each in a call of its own."""

    def work() -> Callable[[], None]:
        made = build()
        return lambda: [one.compute(**how) for one in made][:0]

    return work


def shared(first: Callable[[], Delayed], *, kept: bool) -> Work:
    """Compute two things that need the same, which is kept or not."""

    def work() -> None:
        source = first()
        if kept:
            source = source.persist(scheduler="threads")
        for _ in range(3):
            sleep(0.1, source).compute(scheduler="threads")

    return lambda: work


def cluster(workers: int, threads: int = 1) -> Place:
    @contextmanager
    def place() -> Iterator[None]:
        with Client(
            n_workers=workers, threads_per_worker=threads, dashboard_address=None
        ) as client:
            client.submit(time.sleep, 0).result()
            yield

    return place


def arrays() -> list[Delayed]:
    """Add large arrays up in pairs."""
    level = [fill(float(i), 1_000_000) for i in range(8)]
    while len(level) > 1:
        level = [add(*level[i : i + 2]) for i in range(0, len(level), 2)]
    return [total(level[0])]


def lines() -> list[Any]:
    """Count lines that are in memory, after a while."""
    made = [f"line {i}" for i in range(400_000)]
    return [db.from_sequence(made, npartitions=8).map_partitions(later).count()]


def table() -> list[Any]:
    """Add up a column of a table that is in memory, after a while."""
    made = pd.DataFrame({"a": np.arange(1_000_000), "b": np.ones(1_000_000)})
    return [dd.from_pandas(made, npartitions=8).map_partitions(later, meta=made).b.sum()]


def later(part: Any) -> Any:
    time.sleep(0.2)
    return part


def each_result_first() -> Callable[[], None]:
    """Submit a task as the one before has ended."""

    def work() -> None:
        for _ in range(6):
            get_client().submit(time.sleep, 0.1, pure=False).result()

    return work


def uneven() -> list[Delayed]:
    return [sleep(0.01 * (1 + (i * 7) % 13)) for i in range(36)]


def both() -> list[Delayed]:
    return independent(mixed, 0.05, 12)


def sorts() -> list[Delayed]:
    return [sort(seed) for seed in range(8)]


@dataclass
class Case:
    """Code, a change of it, and the code with the change."""

    name: str
    before: Work
    change: Change
    after: Work
    where: Place = nullcontext
    then: Place = nullcontext
    measured: list[float] = field(default_factory=list)
