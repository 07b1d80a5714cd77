"""Stamps belong to the tasks they are of, and CPU time is known where it matters."""

from __future__ import annotations

import pytest
from miniature import Notebook

from dask_lens.record.task import Task

TASKS = """
    import dask, time

    @dask.delayed(pure=False)
    def brief(*_):
        return None

    @dask.delayed(pure=False)
    def sleep(seconds, *_):
        time.sleep(seconds)

    @dask.delayed(pure=False)
    def spin(seconds, *_):
        end = time.thread_time() + seconds
        while time.thread_time() < end:
            pass
"""


def by_prefix(tasks: tuple[Task, ...]) -> dict[str, list[Task]]:
    """Return tasks by the prefix of their keys."""
    found: dict[str, list[Task]] = {}
    for task in tasks:
        found.setdefault(task.prefix, []).append(task)
    return found


@pytest.mark.parametrize("scheduler", ["sync", "threads"])
def test_each_task_has_its_own_times_among_brief_ones(notebook: Notebook, scheduler: str) -> None:
    notebook.works(TASKS)
    computation = notebook.one(f"""
        made = []
        for i in range(12):
            made += [*[brief() for _ in range(5)], sleep(0.01), brief(), spin(0.01)]
        told = dask.compute(made, scheduler={scheduler!r}, num_workers=2)
    """)
    tasks = by_prefix(computation.tasks)
    assert {prefix: len(some) for prefix, some in tasks.items()} == {
        "brief": 72,
        "sleep": 12,
        "spin": 12,
    }
    assert all(task.duration >= 0.009 for task in tasks["sleep"] + tasks["spin"])
    for task in tasks["sleep"]:
        assert task.cpu == pytest.approx(0, abs=0.001)
    for task in tasks["spin"]:
        assert task.cpu == pytest.approx(0.01, abs=0.001)
    assert all(task.cpu is not None and task.cpu <= task.duration for task in tasks["brief"])


def test_a_computation_inside_a_task_is_part_of_it(notebook: Notebook) -> None:
    notebook.works(TASKS)
    run = notebook.works("""
        @dask.delayed(pure=False)
        def nests(how):
            dask.compute([brief() for _ in range(5)], spin(0.01), scheduler=how)
            time.sleep(0.01)

        told = dask.compute(brief(), nests("sync"), nests("threads"), brief(), scheduler="sync")
    """)
    [computation] = run.computations
    tasks = by_prefix(computation.tasks)
    assert {prefix: len(some) for prefix, some in tasks.items()} == {"brief": 2, "nests": 2}
    assert all(task.duration >= 0.019 for task in tasks["nests"])
    assert all(task.duration < 0.009 for task in tasks["brief"])
    inside = max(task.cpu or 0.0 for task in tasks["nests"])
    assert inside == pytest.approx(0.01, abs=0.008)


@pytest.mark.parametrize("scheduler", ["sync", "threads"])
def test_a_task_that_errs_has_its_own_times(notebook: Notebook, scheduler: str) -> None:
    notebook.works(TASKS)
    run = notebook.cell(f"""
        @dask.delayed(pure=False)
        def fail(*_):
            time.sleep(0.02)
            raise ValueError

        fail([brief() for _ in range(9)]).compute(scheduler={scheduler!r})
    """)
    assert isinstance(notebook.error, ValueError)
    [computation] = run.computations
    [erred] = [task for task in computation.tasks if task.status == "erred"]
    assert erred.prefix == "fail"
    assert erred.duration == pytest.approx(0.02, abs=0.01)
    assert erred.cpu == pytest.approx(0, abs=0.002)
    assert len(computation.tasks) == 10
