"""What a worker writes to disk keeps its threads waiting: movement, not a slow scheduler."""

from __future__ import annotations

import time

import dask
import pytest
from distributed import Client, wait

import dask_lens
from dask_lens.observe.group import Written

SETTINGS = {
    "distributed.worker.memory.target": 0.05,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": False,
}


class Large:
    """Says that it is large, and takes its time to be written."""

    def __sizeof__(self) -> int:
        return 50_000_000

    def __getstate__(self) -> dict[str, object]:
        time.sleep(0.3)
        return {}


def large(_: int) -> Large:
    time.sleep(0.1)
    return Large()


def took(action: str, start: float, stop: float) -> dict[str, object]:
    return {"action": action, "start": start, "stop": stop}


@pytest.mark.parametrize(
    ("worker", "begin"),
    [
        pytest.param("a", 1.9, id="a task that began before"),
        pytest.param("a", 2.6, id="a task that began much later"),
        pytest.param("b", 2.51, id="a task of another worker"),
        pytest.param("gone", 2.51, id="a task of a worker that has left"),
    ],
)
def test_nothing_was_written_directly_before(worker: str, begin: float) -> None:
    written = Written()
    for one in ("a", "gone"):
        told = [took("compute", 1, 2), took("disk-write", 2, 2.5)]
        assert written.before(one, 1, told) == 0
    written.forget("gone")
    assert written.before(worker, begin, [took("compute", begin, 3)]) == 0


def test_each_thread_of_a_worker_waited_while_it_wrote() -> None:
    written = Written()
    written.before("a", 1, [took("compute", 1, 2), took("disk-write", 2, 2.5)])
    for begin in (2.5, 2.51):
        assert written.before("a", begin, [took("compute", begin, 3)]) == pytest.approx(0.5)


def test_time_in_which_results_were_written_is_movement() -> None:
    with (
        dask.config.set(SETTINGS),
        Client(
            processes=False, n_workers=1, threads_per_worker=1, memory_limit="400MB",
            dashboard_address=":0",
        ) as client,
    ):  # fmt: skip
        client.submit(abs, 1).result()
        said = []
        for _ in range(4):  # on a busy machine a task may begin too late to be told from others
            with dask_lens.observe() as seen:
                wait(client.map(large, range(3), pure=False))
            assert seen.report is not None
            spent = seen.report.budget
            assert spent is not None
            said.append((spent.movement, spent.waiting + spent.cpu))
            # Two of three tasks waited for what the one before had left to be written.
            if said[-1] == (pytest.approx(0.6, abs=0.1), pytest.approx(0.3, abs=0.1)):
                return
    pytest.fail(f"movement, and time in tasks: {said}")
