from __future__ import annotations

from dataclasses import replace

import pytest
from taking_turns import found, ran

from dask_lens.record.call import ObservedCall
from dask_lens.record.cell import Cell, Place
from dask_lens.record.cluster import Worker
from dask_lens.record.computation import Computation
from dask_lens.record.run import Run
from dask_lens.rule import Finding
from dask_lens.rules import graph_too_large, tiny_tasks

rule = graph_too_large.rule


def asked(computation: Computation, before: float) -> Computation:
    """Return a computation whose call began some seconds before its first task."""
    return replace(computation, asked=computation.start - before)


LONG = ran([0.02] * 3000)  # half a minute, on two threads
TINY = ran([0.001] * 3000, 0.009)
SILENT = [
    pytest.param(asked(LONG, 3.0), id="soon made, for what it does"),
    pytest.param(asked(ran([0.0001] * 3000), 0.1), id="a moment"),
    pytest.param(asked(ran([0.1] * 100), 60.0), id="few tasks, and another reason to wait"),
    pytest.param(asked(ran([0.001] * 2500), 60.0), id="longer than so many tasks explain"),
    pytest.param(asked(TINY, 9.0), id="tiny tasks, which is another matter"),
    pytest.param(replace(asked(LONG, 20.0), status="erred"), id="an error"),
    pytest.param(replace(asked(LONG, 0.0), tasks=tuple(
        replace(task, start=task.start + 15, stop=task.stop + 15) for task in LONG.tasks
    ), workers=(Worker("w", 2, joined=14.0),)), id="workers that came late"),
]  # fmt: skip


@pytest.mark.parametrize("computation", SILENT)
def test_it_is_silent_for(computation: Computation) -> None:
    assert found(rule, computation) == []


def test_a_graph_costs_the_time_before_its_first_task() -> None:
    computation = asked(ran([0.002] * 3000), 2.5)
    [finding] = found(rule, computation)
    assert finding.cost == pytest.approx(2.5)
    assert "It took 2.5 s until the first of 3,000 tasks ran, and 3.0 s to run" in finding.message
    [fix] = finding.fixes
    assert fix.arguments == {"size": 50}


def test_tiny_tasks_are_told_of_by_their_own_rule() -> None:
    assert len(found(tiny_tasks.rule, TINY)) == 1


def test_a_graph_that_is_large_because_of_its_data_is_another_matter() -> None:
    heavy = asked(ran([0.002] * 3000), 2.5)
    facts = {"kind": "large-graph", "nbytes": 100_000_000, "message": "Sending large graph"}
    warned = ObservedCall("warnings.warn", heavy.place, 0.0, 0.0, 1, facts)
    run = Run((Cell("x.compute()"),), 0, 0.0, 100.0, (heavy,), calls=(warned,))
    assert list(rule.run(run, {})) == []


SMALL_CHUNKS = {"npartitions": 400_000, "largest": 800, "nbytes": 32 * 10**7, "chunks": [100]}


@pytest.mark.parametrize(
    ("facts", "number"),
    [
        ({"collections": [{"npartitions": 400_000}], "n_collections": 1}, 400_000),
        ({"n_collections": 200_000}, 200_000),
        (
            {
                "finest": {
                    "npartitions": 400_000,
                    "largest": 800,
                    "nbytes": 32 * 10**7,
                    "chunks": [100],
                },
                "collections": [{"npartitions": 400_000}],
            },
            0,
        ),
        ({"collections": [{"npartitions": 9_000}], "n_collections": 1}, 0),
    ],
)
def test_collections_of_very_many_pieces_are_told_of_while_they_are_computed(
    facts: dict[str, object], number: int
) -> None:
    call = ObservedCall("dask.compute", Place(0, 1), 0.0, 0.0, 1, facts)
    found = list(rule.run(Run((Cell("x.compute()"),), 0, 0.0, calls=(call,)), {}))
    likely = [one for one in found if isinstance(one, Finding)]
    assert [one.evidence["n_tasks"] for one in likely] == ([number] if number else [])
    assert all(one.certainty == "likely" and "At least" in one.message for one in likely)
    assert all(one.fixes[0].arguments == {"size": number // 1000} for one in likely)
