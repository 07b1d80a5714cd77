"""Large data between processes: DSK207."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dask_lens.record.call import ObservedCall
from dask_lens.record.cell import Cell, Place
from dask_lens.record.computation import Computation
from dask_lens.record.graph import Graph
from dask_lens.record.run import Run
from dask_lens.record.task import Task
from dask_lens.rule import Finding
from dask_lens.rules.processes_large_transfer import rule

MB = 1_000_000


def ran(
    sent: int | None, back: int | None, *, movement: float = 0.1, duration: float = 0.2, **rest
) -> Computation:
    """Return a computation of four tasks in two processes, each with so many MB."""
    tasks = tuple(
        Task(
            f"work-{n}",
            "work",
            str(n % 2),
            1,
            start := 1.0 + (n // 2) * 20 + movement,
            start + duration,
            duration,
            movement,
            None if back is None else back * MB,
            sent=None if sent is None else sent * MB,
            packing=movement,
        )
        for n in range(4)
    )
    made = Computation(
        "processes",
        0.0,
        60.0,
        2,
        tasks,
        n_tasks=4,
        busy=4 * duration,
        place=Place(0, 1),
        chunksize=1,
        graph=Graph(tuple(task.key for task in tasks), ((),) * 4),
        cores=2,
    )
    return replace(made, **rest)


def judged(
    computation: Computation, calls: tuple[ObservedCall, ...] = (), source: str = "x.compute()"
) -> list[Finding]:
    stop = None if computation.stop is None else 99.0
    run = Run((Cell(source),), 0, 0.0, stop, (computation,), calls=calls)
    return [item for item in rule.run(run, {}) if isinstance(item, Finding)]


@pytest.mark.parametrize(
    "computation",
    [
        pytest.param(ran(0, 0), id="names of files go in, and counts come out"),
        pytest.param(ran(5, 5), id="a little"),
        pytest.param(ran(40, 40, duration=9.0), id="work that takes much longer"),
        pytest.param(ran(40, 40, movement=0.001, duration=0.002), id="soon moved"),
        pytest.param(ran(None, None), id="sizes that are not known"),
        pytest.param(ran(40, 40, scheduler="distributed"), id="a cluster"),
        pytest.param(ran(40, 40, status="erred"), id="it failed"),
    ],
)
def test_it_is_silent_where(computation: Computation) -> None:
    assert judged(computation) == []


def test_what_goes_there_and_back_is_added_up() -> None:
    [finding] = judged(ran(40, 20))
    assert finding.cost == pytest.approx(0.4)
    assert "160 MB were pickled and sent to processes, and 80 MB came back" in finding.message
    assert "took the processes 0.8 s, and their 4 tasks 0.8 s" in finding.message
    assert [fix.rewrite for fix in finding.fixes] == rule_rewrites()


def rule_rewrites() -> list[str]:
    return ["compute-on-threads", "move-to-local-cluster"]


def test_tasks_that_would_hold_the_gil_in_threads_are_not_sent_there() -> None:
    text = (
        "import dask\n@dask.delayed\ndef work(xs):\n    return [x + 1 for x in xs]\n"
        "dask.compute(work(a), scheduler='processes')"
    )
    [finding] = judged(replace(ran(40, 20), place=Place(0, 5)), source=text)
    assert [fix.rewrite for fix in finding.fixes] == rule_rewrites()[1:]


@pytest.mark.parametrize(("nbytes", "number"), [(1 * MB, 0), (None, 0), (80 * MB, 1)])
def test_a_result_of_known_size_is_told_before_it_comes(nbytes: int | None, number: int) -> None:
    facts = {"collections": [{"type": "dask.array.Array", "nbytes": nbytes}]}
    calls = (ObservedCall("dask.compute", Place(0, 1), 1.0, 1.0, 1, facts),)
    waiting = replace(ran(0, 0), stop=None, status="open", tasks=())
    found = judged(waiting, calls)
    assert [finding.certainty for finding in found] == ["likely"] * number
    assert all("80 MB" in finding.message for finding in found)
