"""Chains that fold values, found in graphs, and made trees."""

from __future__ import annotations

import pytest

from dask_lens.metrics.critical_path import critical_path
from dask_lens.metrics.folds import balanced, folds
from dask_lens.metrics.schedule import makespan
from dask_lens.record.computation import Computation
from dask_lens.record.graph import Graph
from dask_lens.record.task import Task


def folded(values: int) -> tuple[Graph, list[str]]:
    """Return ``acc = add(acc, load(x))`` for so many values, the first ``acc`` a plain one."""
    keys, needs, kinds = [], [], []
    for number in range(values):
        keys += [f"load-{number}", f"add-{number}"]
        needs += [(), (2 * number - 1, 2 * number) if number else (0,)]
        kinds += ["load", "add"]
    return Graph(tuple(keys), tuple(needs)), kinds


def test_a_graph_without_chains_has_no_folds() -> None:
    assert folds(Graph((), ()), []) == []
    assert folds(Graph(("a-1", "a-2"), ((), ())), ["a", "a"]) == []


def test_a_chain_whose_values_are_used_elsewhere_is_cut_there() -> None:
    graph = Graph(("a-1", "a-2", "a-3", "b"), ((), (0,), (1,), (1,)))
    assert [fold.tasks for fold in folds(graph, ["a", "a", "a", "b"])] == [(0, 1)]


def test_a_chain_is_found_with_its_values() -> None:
    graph, kinds = folded(4)
    [fold] = folds(graph, kinds)
    assert fold.tasks == (1, 3, 5, 7)
    assert fold.values == ((), (0,), (2,), (4,), (6,))


@pytest.mark.parametrize("values", [1, 2, 3, 7, 8, 20])
def test_a_tree_needs_every_value_once_and_keeps_their_order(values: int) -> None:
    graph, kinds = folded(values)
    tree = balanced(graph, kinds, frozenset({"add"}))

    def leaves(task: int) -> list[int]:
        below = [leaf for need in tree.dependencies[task] for leaf in leaves(need)]
        return below if kinds[task] == "add" else [task]

    last = len(graph.keys) - 1
    assert leaves(last) == [i for i, kind in enumerate(kinds) if kind == "load"]
    assert tree.sinks() == (last,)


def test_a_tree_is_as_deep_as_the_logarithm_of_its_values() -> None:
    graph, kinds = folded(15)  # with the plain one they are sixteen
    tree = balanced(graph, kinds, frozenset({"add"}))
    seconds = [1.0 if kind == "add" else 0.0 for kind in kinds]
    assert makespan(graph, 8, seconds) == 15
    assert makespan(tree, 8, seconds) == 4
    assert balanced(graph, kinds, frozenset({"load"})).dependencies == graph.dependencies
    tasks = tuple(Task(k, "add", "w", 0, 0.0, 1.0) for k in tree.keys if k.startswith("add"))
    chain = critical_path(Computation("threads", 0.0, 9.0, 8, tasks, len(tasks), graph=tree))
    assert chain is not None
    assert chain.span == 4
