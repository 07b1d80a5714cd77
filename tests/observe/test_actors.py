"""Methods of actors, which run in a thread beside those of tasks, are accounted for."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import fields

import pytest
from distributed import Client
from distributed.actor import ActorFuture
from miniature import Notebook, until

from dask_lens.metrics.accounts import Budget
from dask_lens.metrics.losses import budget
from dask_lens.observe.actors import Actors
from dask_lens.record.computation import Computation
from dask_lens.record.run import Run

told: list[tuple[float, float]] = []


class Counter:
    """Counts, and takes its time."""

    steps = 2

    def __init__(self) -> None:
        self.count = 0

    def add(self, seconds: float) -> int:
        """Take a while, and tell."""
        start = time.time()
        time.sleep(seconds)
        told.append((start, time.time()))
        self.count += 1
        return self.count

    def fail(self) -> None:
        """Err."""
        raise ValueError("an actor's own error")


@pytest.fixture
def client() -> Iterator[Client]:
    with Client(
        n_workers=2, threads_per_worker=1, processes=False, dashboard_address=":0"
    ) as client:
        yield client  # actors find no other than the default one


@pytest.fixture
def cell(notebook: Notebook, client: Client) -> Notebook:
    told.clear()
    notebook.variables.update(client=client, Counter=Counter, time=time)
    notebook.works("counter = client.submit(Counter, actor=True, pure=False).result()")
    return notebook


def calls(run: Run) -> list[Computation]:
    return [c for c in run.computations if c.tasks and "Counter." in c.tasks[0].key]


def test_a_cell_that_only_reads_from_an_actor_has_no_calls(cell: Notebook) -> None:
    run = cell.works("counter.steps, counter.key, counter.add, repr(counter)")
    assert run.computations == ()
    assert run.not_judged == ()


def test_calls_one_after_another_are_timed_and_their_pauses_are_the_clients(
    cell: Notebook,
) -> None:
    run = cell.works("""
        for _ in range(3):
            counter.add(0.15).result()
            time.sleep(0.1)
    """)
    (computation,) = calls(run)
    assert [task.key for task in computation.tasks] == [f"Counter.add-{i}" for i in range(3)]
    for task, (start, stop) in zip(computation.tasks, told, strict=True):
        assert (task.start, task.stop) == pytest.approx((start, stop), abs=0.05)
        assert not task.exact
    assert computation.place is not None
    assert computation.place.line == 2
    found = budget(run.computations)
    assert found is not None
    parts = {f.name: getattr(found, f.name) for f in fields(Budget)}
    total = parts.pop("total")
    assert sum(parts.values()) == pytest.approx(total, rel=1e-3)
    assert found.cpu + found.waiting == pytest.approx(0.45, abs=0.05)
    assert found.client == pytest.approx(2 * 2 * 0.1, abs=0.1)  # between them, two threads
    assert [note.name for note in run.not_judged] == ["task-times"]


def test_calls_made_at_once_have_one_thread(cell: Notebook) -> None:
    run = cell.works("""
        made = [counter.add(0.15) for _ in range(3)]
        counts = [one.result() for one in made]
    """)
    (computation,) = calls(run)
    assert cell.variables["counts"] == [1, 2, 3]
    assert sum(task.duration for task in computation.tasks) == pytest.approx(0.45, abs=0.06)
    assert computation.graph is not None
    assert computation.graph.dependencies == ((), (0,), (1,))


def test_a_method_that_errs_errs_as_without_us_and_is_timed(cell: Notebook) -> None:
    run = cell.cell("counter.fail().result()")
    assert isinstance(cell.error, ValueError)
    assert len(calls(run)[0].tasks) == 1


def test_a_call_may_outlive_its_cell(cell: Notebook) -> None:
    run = cell.works("made = counter.add(0.4)")
    assert calls(run) == []
    assert run.computations[0].status == "open"
    late = cell.await_late()
    (computation,) = calls(late)
    assert computation.tasks[0].duration == pytest.approx(0.4, abs=0.05)


@pytest.mark.parametrize("name", ["_begin", "drain"])
def test_a_hook_that_fails_costs_the_user_nothing(
    faulty: Notebook, client: Client, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def fails(*_: object) -> None:
        raise ZeroDivisionError("made to fail")

    monkeypatch.setattr(Actors, name, fails)
    faulty.variables.update(client=client, Counter=Counter)
    run = faulty.works("got = client.submit(Counter, actor=True).result().add(0).result()")
    assert faulty.variables["got"] == 1
    assert "observe-distributed" in [note.name for note in run.not_judged]


def test_everything_is_put_back(cell: Notebook) -> None:
    assert ActorFuture.__init__ is not None
    cell.works("made = counter.add(0.3)")
    cell.stop()
    assert ActorFuture.__init__.__module__ == ActorFuture._set_result.__module__
    until(cell.variables["made"].done)
    assert cell.variables["made"].result() == 1
