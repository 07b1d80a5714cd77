"""Chains of tasks that fold values into one, and the same values folded as a tree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dask_lens.metrics.ready import dependents_of
from dask_lens.record.graph import Graph


@dataclass(frozen=True)
class Fold:
    """Tasks of one kind, each of which needs the one before it, and nothing else does.

    Parameters
    ----------
    tasks
        Their indices, first to last.
    values
        For each value that goes in, the tasks it waits for: none where it was there from the
        start. There is one more than there are tasks.
    """

    tasks: tuple[int, ...]
    values: tuple[tuple[int, ...], ...]

    def tree(self) -> Iterator[tuple[int, tuple[int, ...]]]:
        """Yield each task and what it would wait for if neighbours were folded first.

        The last task stays last: what waits for it need not know.
        """
        values, spare = list(self.values), iter(self.tasks)
        while len(values) > 1:
            made = []
            for one, other in zip(values[::2], values[1::2], strict=False):
                task = next(spare)
                yield task, one + other
                made.append((task,))
            values = made + values[len(values) // 2 * 2 :]


def folds(graph: Graph, kinds: Sequence[str]) -> list[Fold]:
    """Return the chains of a graph that fold values, as long as they go.

    Parameters
    ----------
    graph
        The graph.
    kinds
        For each task, what kind it is of, such as its key prefix; empty for none.
    """
    dependents = dependents_of(graph)
    before: dict[int, int] = {}
    length = [1] * len(graph.keys)
    for task in graph.order():
        same = [
            need
            for need in graph.dependencies[task]
            if kinds[need] == kinds[task] and kinds[task] and len(dependents[need]) == 1
        ]
        if same:
            before[task] = longest = max(same, key=length.__getitem__)
            length[task] = length[longest] + 1
    inner = set(before.values())
    return [_fold(graph, before, last) for last in before if last not in inner]


def balanced(graph: Graph, kinds: Sequence[str], among: frozenset[str]) -> Graph:
    """Return a graph in which the chains of some kinds are trees.

    Parameters
    ----------
    graph, kinds
        As for :func:`folds`.
    among
        The kinds of tasks that may be done in another order.
    """
    needs = list(graph.dependencies)
    for fold in folds(graph, kinds):
        if kinds[fold.tasks[0]] in among:
            for task, waits_for in fold.tree():
                needs[task] = waits_for
    return Graph(graph.keys, tuple(needs))


def _fold(graph: Graph, before: dict[int, int], last: int) -> Fold:
    tasks = [last]
    while tasks[-1] in before:
        tasks.append(before[tasks[-1]])
    tasks.reverse()
    first = graph.dependencies[tasks[0]]
    values = [first[:-1], first[-1:]]
    for task, previous in zip(tasks[1:], tasks, strict=False):
        values.append(tuple(need for need in graph.dependencies[task] if need != previous))
    return Fold(tuple(tasks), tuple(values))
