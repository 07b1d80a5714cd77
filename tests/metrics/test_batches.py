from __future__ import annotations

import time

import dask
import pytest
from dask.callbacks import Callback
from hypothesis import given
from hypothesis import strategies as st

from dask_lens.metrics.batches import replay
from dask_lens.record.graph import Graph


def independent(count: int) -> Graph:
    return Graph(tuple(map(str, range(count))), ((),) * count)


DIAMOND = Graph(("a", "b", "c", "d"), ((), (0,), (0,), (1, 2)))
CHAIN = Graph(("a", "b", "c"), ((), (0,), (1,)))


@pytest.mark.parametrize(
    ("graph", "workers", "parallelism"),
    [
        pytest.param(independent(4), 4, 1.0, id="four tasks make one batch"),
        pytest.param(independent(12), 4, 2.0, id="twelve tasks make two batches"),
        pytest.param(independent(25), 4, 25 / 7, id="the fifth batch waits for a worker"),
        pytest.param(independent(43), 8, 43 / 6, id="43 tasks are needed for eight workers"),
        pytest.param(DIAMOND, 4, 1.0, id="both arms of a diamond are one batch"),
        pytest.param(CHAIN, 4, 1.0, id="a chain is a chain"),
    ],
)
def test_unit_tasks_in_batches_of_six(graph: Graph, workers: int, parallelism: float) -> None:
    assert replay(graph, workers=workers, chunksize=6).parallelism == pytest.approx(parallelism)


def test_the_processes_used_are_counted() -> None:
    assert replay(independent(12), workers=4, chunksize=6).workers == 2
    assert replay(independent(12), workers=4, chunksize=1).workers == 4


def test_what_depends_on_a_batch_waits_for_its_slowest() -> None:
    graph = Graph(("a", "b", "c"), ((), (), (0,)))
    durations = [1.0, 5.0, 1.0]
    assert replay(graph, workers=2, chunksize=1, durations=durations).makespan == 5.0
    assert replay(graph, workers=2, chunksize=2, durations=durations).makespan == 7.0


def test_an_empty_graph_takes_no_time() -> None:
    empty = replay(Graph((), ()), workers=2, chunksize=6)
    assert (empty.makespan, empty.parallelism, empty.workers) == (0.0, 0.0, 0)


@pytest.mark.parametrize(
    ("graph", "workers", "chunksize", "durations"),
    [
        pytest.param(CHAIN, 0, 1, None, id="no worker"),
        pytest.param(CHAIN, 1, -1, None, id="the chunksize that makes Dask divide by zero"),
        pytest.param(CHAIN, 1, 1, [1.0], id="durations of another graph"),
        pytest.param(Graph(("a", "b"), ((1,), (0,))), 1, 1, None, id="tasks in a cycle"),
    ],
)
def test_what_cannot_be_replayed_is_said(
    graph: Graph, workers: int, chunksize: int, durations: list[float] | None
) -> None:
    with pytest.raises(ValueError, match=r"replay|durations|cycle"):
        replay(graph, workers=workers, chunksize=chunksize, durations=durations)


class Order(Callback):
    """The graph of a run, and which tasks went to the pool together."""

    def __init__(self) -> None:
        super().__init__()
        self.started: list[str] = []
        self.graph = Graph((), ())

    def _start_state(self, dsk: dict, state: dict) -> None:
        keys = list(state["dependencies"])
        order = {key: place for place, key in enumerate(dask.order.order(dsk))}
        keys.sort(key=order.__getitem__)
        position = {key: i for i, key in enumerate(keys)}
        needs = tuple(tuple(position[k] for k in state["dependencies"][key]) for key in keys)
        self.graph = Graph(tuple(map(str, keys)), needs)

    def _pretask(self, key: object, *_: object) -> None:
        self.started.append(str(key))


@pytest.mark.parametrize("chunksize", [1, 2, 6])
@pytest.mark.parametrize("workers", [1, 2, 4])
@pytest.mark.parametrize(
    "shape",
    [
        pytest.param([(), (), (), (), (), ()], id="independent"),
        pytest.param([(), (0,), (0,), (1, 2)], id="diamond"),
        pytest.param([(), (0,), (1,), (), (), (), (), (2, 5)], id="uneven"),
    ],
)
def test_a_real_run_takes_as_long_as_its_replay(
    shape: list[tuple[int, ...]], workers: int, chunksize: int
) -> None:
    seconds = [0.03 * (1 + i % 3) for i in range(len(shape))]

    @dask.delayed
    def sleep(number: int, *_: object) -> int:
        time.sleep(seconds[number])
        return number

    made: list[object] = []
    for number, needs in enumerate(shape):
        made.append(sleep(number, *(made[i] for i in needs), dask_key_name=f"sleep-{number}"))
    # On a busy machine tasks that should end together may end in another order, and batches
    # come out different: one run in three must be as predicted.
    runs = []
    for _ in range(3):
        order = Order()
        with order:
            start = time.perf_counter()
            dask.compute(*made, scheduler="threads", num_workers=workers, chunksize=chunksize)
            took = time.perf_counter() - start
        durations = [seconds[int(key.rpartition("-")[2])] for key in order.graph.keys]
        predicted = replay(order.graph, workers=workers, chunksize=chunksize, durations=durations)
        runs.append((predicted.makespan, took))
        # A busy machine makes it longer, nothing makes it shorter.
        if predicted.makespan - 0.005 <= took < 2 * predicted.makespan + 0.3:
            return
    pytest.fail(f"predicted and measured seconds: {runs}")


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    count = draw(st.integers(0, 30))
    needs = tuple(
        tuple(draw(st.sets(st.integers(0, i - 1), max_size=3))) if i else () for i in range(count)
    )
    return Graph(tuple(map(str, range(count))), needs)


@given(graphs(), st.integers(1, 6), st.integers(1, 8), st.data())
def test_no_schedule_beats_the_bounds(
    graph: Graph, workers: int, chunksize: int, data: st.DataObject
) -> None:
    count = len(graph.keys)
    durations = data.draw(st.lists(st.floats(0, 10), min_size=count, max_size=count))
    made = replay(graph, workers=workers, chunksize=chunksize, durations=durations)
    path = [0.0] * count
    for task in range(count):
        path[task] = durations[task] + max((path[i] for i in graph.dependencies[task]), default=0)
    assert made.makespan >= max(path, default=0.0) - 1e-6
    assert made.makespan >= sum(durations) / workers - 1e-6
    assert made.makespan <= sum(durations) + 1e-6
    assert made.workers <= workers


def test_a_hundred_thousand_tasks_are_replayed_at_once() -> None:
    count = 100_000
    needs = tuple(tuple(range(max(0, i - 7), i, 3)) for i in range(count))
    graph = Graph(tuple(map(str, range(count))), needs)
    times = []
    for _ in range(3):
        start = time.process_time()
        replay(graph, workers=4, chunksize=6)
        times.append(time.process_time() - start)
    # A second is the aim; the rest is for a machine that does other things as well.
    assert min(times) < 3
