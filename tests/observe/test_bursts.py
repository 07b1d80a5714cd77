"""Graphs that come and go within a moment, which the scheduler's half takes in together."""

from __future__ import annotations

from miniature import Notebook, until


def test_a_key_that_comes_again_at_once_leaves_nothing_open(cells: Notebook) -> None:
    run = cells.works("""
        for number in range(40):
            future = client.submit(abs, -number, key=f"same-{number % 3}")
            got = future.result()
            del future
    """)
    until(lambda: not cells.observer.busy.is_set())
    [computation] = run.computations
    assert computation.status == "finished"
    assert {task.key for task in computation.tasks} <= {"same-0", "same-1", "same-2"}


def test_tasks_that_are_forgotten_at_once_keep_what_they_waited_for(cells: Notebook) -> None:
    run = cells.works("""
        for number in range(20):
            first = client.submit(abs, -number, key=f"first-{number}")
            second = client.submit(abs, first, key=f"second-{number}")
            got = second.result()
            del first, second
    """)
    until(lambda: not cells.observer.busy.is_set())
    needs = {
        key: [graph.keys[need] for need in graph.dependencies[index]]
        for computation in run.computations
        if (graph := computation.graph) is not None
        for index, key in enumerate(graph.keys)
    }
    outside = {
        key: other
        for computation in run.computations
        if computation.graph is not None
        for key, other in computation.graph.outside
    }
    assert len(needs) == 40
    for number in range(20):
        found = [*needs[f"second-{number}"], outside.get(f"second-{number}")]
        assert f"first-{number}" in found
