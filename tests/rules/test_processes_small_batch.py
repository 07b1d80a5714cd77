from __future__ import annotations

from collections.abc import Sequence

import pytest

from dask_lens.metrics import unseen
from dask_lens.metrics.batches import replay
from dask_lens.metrics.estimate import Estimate
from dask_lens.record.cell import Cell, Place
from dask_lens.record.computation import Computation
from dask_lens.record.graph import Graph
from dask_lens.record.run import NotJudged, Run
from dask_lens.record.task import Task
from dask_lens.rule import Finding
from dask_lens.rules.processes_small_batch import rule

CALL = "import dask\ndask.compute(*tasks, scheduler='processes')"


def graph(needs: Sequence[Sequence[int]]) -> Graph:
    return Graph(tuple(f"f-{i}" for i in range(len(needs))), tuple(map(tuple, needs)))


def computed(
    needs: Sequence[Sequence[int]],
    seconds: float | Sequence[float],
    *,
    workers: int = 4,
    chunksize: int = 6,
    status: str = "finished",
    start_up: float = 0.3,
) -> Computation:
    """A computation as it goes when nothing but the batches costs time."""
    durations = [seconds] * len(needs) if isinstance(seconds, float) else list(seconds)
    made = graph(needs)
    ran = replay(made, workers=workers, chunksize=chunksize, durations=durations)
    # The last task ends when the replay says so, which is what an estimate is checked against.
    begun = [100.0] * (len(needs) - 1) + [100.0 + ran.makespan - took for took in durations[-1:]]
    tasks = tuple(
        Task(f"f-{i}", "f", str(i % ran.workers), 1, start, start + took)
        for i, (start, took) in enumerate(zip(begun, durations, strict=True))
    )
    return Computation(
        "processes",
        100.0 - start_up,
        None if status == "open" else 100.0 + ran.makespan,
        workers,
        () if status == "open" else tasks,
        len(tasks),
        sum(durations),
        Place(0, 2),
        chunksize,
        graph=made,
        status=status,
    )


def judge(computation: Computation, source: str = CALL) -> list[Finding | NotJudged]:
    return list(rule.run(Run((Cell(source),), 0, 99.0, 200.0, (computation,)), {}))


INDEPENDENT = [[]] * 4
CHAIN = [[], [0], [1], [2]]
DIAMOND = [[], [0], [0], [1, 2]]


@pytest.mark.parametrize(
    "computation",
    [
        pytest.param(computed(INDEPENDENT, 0.5, workers=1), id="there is one worker"),
        pytest.param(computed(CHAIN, 0.5), id="each task waits for the one before"),
        pytest.param(computed([[]], 0.5), id="there is one task"),
        pytest.param(computed([[]] * 48, 0.5), id="there are enough ready tasks"),
        pytest.param(computed(INDEPENDENT, 0.002), id="tasks are tiny"),
        pytest.param(computed([[]] * 6, 0.009), id="tasks are short of the threshold"),
        pytest.param(computed(INDEPENDENT, 0.5, chunksize=1), id="tasks go one by one"),
        pytest.param(computed(INDEPENDENT, [5.0, 0.1, 0.1, 0.1]), id="one task is nearly all"),
        pytest.param(computed([], 0.5), id="there is no task"),
    ],
)
def test_it_is_silent_where(computation: Computation) -> None:
    assert judge(computation) == []


def test_threads_are_another_matter() -> None:
    batched = computed(INDEPENDENT, 0.5)
    threads = Computation("threads", *[getattr(batched, name) for name in (
        "start", "stop", "threads", "tasks", "n_tasks", "busy", "place", "chunksize", "workers",
        "graph")])  # fmt: skip
    assert judge(threads) == []


def test_four_tasks_that_ran_one_after_another_are_found() -> None:
    [found] = judge(computed(INDEPENDENT, 5.0))
    assert isinstance(found, Finding)
    assert found.message == (
        "4 tasks ran one after another in 1 process: dask sends ready tasks to processes in "
        "batches of 6. 15.0 s lost."
    )
    assert found.certainty == "seen"
    assert found.cost == pytest.approx(15.0)
    assert found.place == Place(0, 2, 1, 2, 44)
    assert [fix.rewrite for fix in found.fixes] == ["set-chunksize", "move-to-local-cluster"]


@pytest.mark.parametrize(
    ("computation", "lost", "used"),
    [
        pytest.param(computed(DIAMOND, 1.0), 1.0, 1, id="both arms of a diamond"),
        pytest.param(computed([[]] * 12, 1.0), 3.0, 2, id="twelve tasks in two of four"),
        pytest.param(computed(INDEPENDENT, [1.0, 1.0, 0.1, 0.1]), 1.2, 1, id="uneven tasks"),
        pytest.param(computed(INDEPENDENT, 1.0, workers=2), 2.0, 1, id="two workers"),
        pytest.param(computed(INDEPENDENT, 1.0, chunksize=2), 1.0, 2, id="batches of two"),
        pytest.param(
            computed([[]] * 5, [3.0, 3.0, 0.001, 0.001, 0.001]), 3.0, 1, id="few long, many short"
        ),
    ],
)
def test_what_the_batch_cost_is_found(computation: Computation, lost: float, used: int) -> None:
    [found] = judge(computation)
    assert isinstance(found, Finding)
    assert found.cost == pytest.approx(lost, abs=0.02)
    assert found.evidence["processes_used"] == used


@pytest.mark.parametrize("workers", [1, 2, 3, 4, 8])
@pytest.mark.parametrize("chunksize", [1, 2, 6])
@pytest.mark.parametrize(
    "needs",
    [INDEPENDENT, CHAIN, DIAMOND, [[]] * 13, [[]] * 60, [[], [], [0, 1], [0], [1], [3, 4]]],
    ids=["independent", "chain", "diamond", "thirteen", "sixty", "mixed"],
)
def test_it_fires_exactly_when_the_batch_made_it_slower(
    needs: Sequence[Sequence[int]], chunksize: int, workers: int
) -> None:
    batched = replay(graph(needs), workers=workers, chunksize=chunksize).makespan
    single = replay(graph(needs), workers=workers, chunksize=1).makespan
    found = judge(computed(needs, 1.0, workers=workers, chunksize=chunksize))
    assert bool(found) == (batched - single >= 0.1 * batched)


def test_the_estimate_holds_the_measured_start_up(monkeypatch) -> None:
    monkeypatch.setattr(unseen, "_load", lambda: 0.0)
    [found] = judge(computed(INDEPENDENT, 5.0, start_up=0.5))
    assert isinstance(found, Finding)
    estimate = found.fixes[0].estimate
    assert isinstance(estimate, Estimate)
    assert estimate.mid == pytest.approx(5.5, rel=0.03)
    assert 4.7 < estimate.low < estimate.mid < estimate.high < 6.5


def test_nothing_is_predicted_where_the_replay_is_off() -> None:
    made = computed(INDEPENDENT, 1.0)
    late = Task("f-3", "f", "0", 1, 109.0, 110.0)
    off = Computation("processes", made.start, 110.0, 4, (*made.tasks[:3], late), 4, 4.0,
                      made.place, 6, graph=made.graph)  # fmt: skip
    [found] = judge(off)
    assert isinstance(found, Finding)
    estimate = found.fixes[0].estimate
    assert isinstance(estimate, NotJudged)
    assert "too short" in estimate.reason


def test_it_is_forecast_while_the_computation_is_open() -> None:
    [found] = judge(computed(INDEPENDENT, 1.0, status="open"))
    assert isinstance(found, Finding)
    assert (found.certainty, found.cost) == ("likely", None)
    assert found.message.startswith("4 tasks will run one after another in 1 process")


@pytest.mark.parametrize(
    ("needs", "workers"),
    [
        pytest.param(CHAIN, 4, id="a chain"),
        pytest.param([[]] * 24, 4, id="a batch for each worker"),
        pytest.param(INDEPENDENT, 1, id="one worker"),
        pytest.param([*CHAIN, *[[i] for i in range(3, 30)], []], 4, id="a chain with one beside"),
    ],
)
def test_no_forecast_for(needs: Sequence[Sequence[int]], workers: int) -> None:
    assert judge(computed(needs, 1.0, workers=workers, status="open")) == []


def test_what_could_not_be_looked_at_is_said() -> None:
    made = computed(INDEPENDENT, 1.0)
    without = Computation("processes", 1.0, 2.0, 4, made.tasks, 4, 4.0, None, 6)
    [answer] = judge(without)
    assert isinstance(answer, NotJudged)
    assert "too large" in answer.reason
    fewer = Computation("processes", 1.0, 2.0, 4, made.tasks[:2], 4, 4.0, None, 6,
                        graph=made.graph)  # fmt: skip
    [answer] = judge(fewer)
    assert isinstance(answer, NotJudged)


@pytest.mark.parametrize(
    ("source", "line", "column"),
    [
        pytest.param("import dask\n%time dask.compute(a, scheduler='processes')", 2, 7,
                     id="behind a magic"),
        pytest.param("\nx = (bag\n    .map(f)\n    .compute())", 4, 6, id="at the end of a chain"),
        pytest.param("import dask.bag as db\nb = db.range(4, 4).map(f); b.compute(); b.count()", 2,
                     28, id="one of several calls on a line"),
        pytest.param("\nhelper(tasks)", 2, None, id="a function of somebody else"),
    ],
)  # fmt: skip
def test_the_call_is_found_from_its_line(source: str, line: int, column: int | None) -> None:
    made = computed(INDEPENDENT, 1.0)
    moved = Computation("processes", made.start, made.stop, 4, made.tasks, 4, 4.0, Place(0, line),
                        6, graph=made.graph)  # fmt: skip
    [found] = judge(moved, source)
    assert isinstance(found, Finding)
    assert found.place is not None
    assert found.place.column == column


# --- code that never ran ----------------------------------------------------------------------


def read(source: str) -> list[Finding | NotJudged]:
    cells = tuple(Cell(part) for part in source.split("# %%\n"))
    return list(rule.run(Run(cells), {}))


DEFINED = """
import time, dask
from dask import delayed
import dask.bag as db
@delayed
def slow(x, *more):
    time.sleep(1)
    return x
def work(x):
    return sum(range(x))
# %%
"""

DOUBTFUL = [
    pytest.param("dask.compute(*[slow(i) for i in range(4)])", id="another scheduler"),
    pytest.param("dask.compute(*tasks, scheduler='processes')", id="unknown tasks"),
    pytest.param("dask.compute(slow(1), scheduler='processes')", id="one task"),
    pytest.param("dask.compute(slow(slow(1)), scheduler='processes')", id="a chain"),
    pytest.param("dask.compute(*[slow(i) for i in range(60)], scheduler='processes')",
                 id="many tasks"),
    pytest.param("dask.compute(*[slow(i) for i in range(4)], scheduler='processes', chunksize=1)",
                 id="one by one already"),
    pytest.param("dask.compute(slow(1), slow(2), scheduler='processes', **more)",
                 id="keywords that cannot be read"),
    pytest.param("dask.compute(slow(1), slow(2), scheduler='processes', num_workers=1)",
                 id="one worker"),
    pytest.param("dask.compute(slow(1), slow(2), scheduler='processes', pool=mine)",
                 id="a pool of the user's own"),
    pytest.param("dask.config.set(chunksize=1)\ndask.compute(slow(1), slow(2), "
                 "scheduler='processes')", id="a chunksize in the settings"),
    pytest.param("@delayed\ndef add(a, b): return a + b\ndask.compute(add(1, 2), add(3, 4), "
                 "scheduler='processes')", id="tasks that are surely tiny"),
    pytest.param("@delayed\ndef add(a, b): print(a); return int(a) + len(b)\n"
                 "dask.compute(add(1, 2), add(3, 4), scheduler='processes')",
                 id="tasks that do next to nothing"),
    pytest.param("tasks = [slow(i) for i in range(4) if i]\ndask.compute(*tasks, "
                 "scheduler='processes')", id="a filtered list"),
    pytest.param("tasks = []\nfor i in files:\n    tasks.append(slow(i))\n"
                 "dask.compute(*tasks, scheduler='processes')", id="a loop of unknown length"),
    pytest.param("tasks = [slow(1), slow(2)]\ntasks.extend(more)\n"
                 "dask.compute(*tasks, scheduler='processes')", id="unknown tasks added"),
    pytest.param("from dask.distributed import Client\nclient = Client()\n"
                 "db.from_sequence(range(4)).map(work).compute()", id="a bag beside a client"),
    pytest.param("db.from_sequence(names).map(work).compute()", id="a bag of unknown length"),
    pytest.param("db.from_sequence(range(4), npartitions=1).map(work).compute()",
                 id="a bag of one partition"),
    pytest.param("db.from_sequence(range(4)).map(work).compute(scheduler='threads')",
                 id="a bag on threads"),
    pytest.param("a = slow(1)\ndask.compute(a, a, scheduler='processes')", id="one task twice"),
    pytest.param("from joblib import delayed as d\ndask.compute(d(work)(1), d(work)(2), "
                 "scheduler='processes')", id="joblib's delayed"),
]  # fmt: skip


@pytest.mark.parametrize("source", DOUBTFUL)
def test_text_alone_says_nothing_of(source: str) -> None:
    assert read(DEFINED + source) == []


CERTAIN = [
    pytest.param("dask.compute(*[slow(i) for i in range(4)], scheduler='processes')",
                 id="a comprehension of known length"),
    pytest.param("dask.compute(slow(1), slow(2), scheduler='multiprocessing')", id="two tasks"),
    pytest.param("a = slow(1)\nb = slow(2)\nslow(a, b).compute(scheduler='processes')",
                 id="two tasks that are joined"),
    pytest.param("tasks = []\nfor i in [1, 2, 3]:\n    tasks.append(slow(i))\n"
                 "dask.compute(*tasks, scheduler='processes')", id="a loop of known length"),
    pytest.param("db.from_sequence([1, 2, 3]).map(work).compute()", id="a bag"),
    pytest.param("db.from_sequence(range(20), npartitions=4).map(work).filter(None).compute()",
                 id="a bag of four partitions"),
    pytest.param("dask.compute(slow(1), slow(2), scheduler='processes', num_workers=4)",
                 id="four workers"),
    pytest.param("results = dask.compute([slow(1), slow(2)], scheduler='processes')[0]",
                 id="a list of tasks"),
]  # fmt: skip


@pytest.mark.parametrize("source", CERTAIN)
def test_text_alone_is_enough_for(source: str) -> None:
    [found] = read(DEFINED + source)
    assert isinstance(found, Finding)
    assert found.certainty == "likely"
    assert found.place is not None
    assert found.place.cell == 1


@pytest.mark.parametrize("named", ["['a']", "{'a': 1}"])
def test_a_scheduler_that_is_no_name_is_passed_over(named: str) -> None:
    tasks = "tasks = [dask.delayed(len)([i]) for i in range(4)]"
    source = f"import dask\ndask.config.set(scheduler={named})\n{tasks}\ndask.compute(*tasks)"
    assert list(rule.run(Run((Cell(source),)), {})) == []
