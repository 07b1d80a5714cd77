"""What several numbers are read off is worked out once while a run is judged, and let go then."""

import pytest
from timelines import computation, task

from dask_lens.metrics.once import once, once_each
from dask_lens.metrics.ready import ready_times


@pytest.fixture
def counted():
    """Return a number that is read off a computation, and the times that it was."""
    times = []

    @once
    def count(c):
        times.append(c)
        return len(c.tasks)

    return count, times


def test_apart_from_judging_nothing_is_remembered(counted):
    count, times = counted
    run = computation(task("a", 0, 1), stop=1, threads=1)
    assert [count(run), count(run)] == [1, 1]
    with once_each():
        count(run)
    count(run)
    assert len(times) == 4


def test_the_same_computation_is_looked_at_once_and_an_equal_one_again(counted):
    count, times = counted
    run, equal = (computation(task("a", 0, 1), stop=1, threads=1) for _ in range(2))
    with once_each():
        with once_each():
            assert count(run) == 1
        assert [count(run), count(equal)] == [1, 1]
    assert [id(c) for c in times] == [id(run), id(equal)]


def test_what_stumbles_is_not_remembered_and_leaves_nothing_behind(counted):
    count, times = counted
    run = computation(task("a", 0, 1), stop=1, threads=1)
    with once_each():
        count(run)
        with pytest.raises(AttributeError):
            count(None)
    count(run)
    assert len(times) == 3


def test_tasks_could_start_when_all_before_them_were_done_in_whichever_computation():
    first = computation(task("a", 1, 2), task("b", 2, 4), stop=5, threads=1)
    edges = [("c", "d")]
    second = computation(
        task("c", 1, 3), task("d", 4, 5), stop=5, threads=1, edges=edges, start=0.5
    )
    start = first.start
    assert ready_times([first]) == [start, start]
    assert ready_times([second]) == [start + 0.5, start + 3]
    assert ready_times([first, second]) == [start, start, start + 0.5, start + 3]


def test_when_a_task_could_start_is_not_known_without_a_graph():
    run = computation(task("a", 1, 2), stop=5, threads=1)
    unknown = type(run)(run.scheduler, run.start, run.stop, 1, run.tasks, 1, 1.0)
    assert ready_times([unknown]) == [None]
