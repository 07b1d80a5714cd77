"""Tasks as they would be after a rewrite: some left out, several graphs made one, batches."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from dask_lens.metrics.folds import balanced
from dask_lens.metrics.work import Work
from dask_lens.record.graph import Graph


def left_out(work: Work, names: Collection[str]) -> Work:
    """Leave out the tasks whose key or prefix is among ``names``."""
    gone = {
        i
        for i, (key, prefix) in enumerate(zip(work.keys, work.prefixes, strict=True))
        if key in names or prefix in names
    }
    if not gone:
        return work
    needs: list[Sequence[int]] = list(work.dependencies)
    for i in _order(work):
        through = [j for d in needs[i] for j in (needs[d] if d in gone else (d,))]
        needs[i] = tuple(dict.fromkeys(through))
    stay = [i for i in range(len(work.keys)) if i not in gone]
    place = {i: at for at, i in enumerate(stay)}
    return _picked(work, [[i] for i in stay], [[place[d] for d in needs[i]] for i in stay])


def joined(works: Sequence[Work]) -> Work:
    """Make one graph of several; a key they share runs once."""
    index: dict[str, int] = {}
    every = Work(
        held=max(work.held for work in works),
        timed=all(work.timed for work in works),
        seen=all(work.seen for work in works),
        sized=all(work.sized for work in works),
        rate=max(work.rate for work in works),
    )
    for work in works:
        new = [i for i, key in enumerate(work.keys) if key not in index]
        for i in new:
            index[work.keys[i]] = len(index)
        for i in new:
            every.dependencies.append([index[work.keys[d]] for d in work.dependencies[i]])
        for name in ("keys", "prefixes", "off", "cpu", "movement", "nbytes", "given"):
            values = getattr(work, name)
            getattr(every, name).extend([values[i] for i in new])
    return every


def batched(work: Work, size: int) -> Work:
    """Make one task of up to ``size`` that have one prefix and are as deep in the graph."""
    depth = [0] * len(work.keys)
    for i in _order(work):
        depth[i] = 1 + max((depth[d] for d in work.dependencies[i]), default=0)
    open_groups: dict[tuple[str, int], list[int]] = {}
    groups: list[list[int]] = []
    for i, prefix in enumerate(work.prefixes):
        group = open_groups.get((prefix, depth[i]))
        if group is None or len(group) == size:
            group = open_groups[prefix, depth[i]] = []
            groups.append(group)
        group.append(i)
    of = {i: at for at, group in enumerate(groups) for i in group}
    needs = ({of[d] for i in group for d in work.dependencies[i]} for group in groups)
    return _picked(work, groups, [sorted(need) for need in needs])


def as_trees(work: Work, prefixes: Collection[str]) -> Work:
    """Fold values as a tree where tasks of these prefixes fold them one by one."""
    tree = balanced(_graph(work), work.prefixes, frozenset(prefixes))
    return replace(work, dependencies=list(tree.dependencies))


def _picked(work: Work, groups: Sequence[list[int]], needs: Iterable[Sequence[int]]) -> Work:
    """Make a task of each group."""

    def sums(values: Sequence[float]) -> list[float]:
        return [sum([values[i] for i in group]) for group in groups]

    return replace(
        work,
        keys=[work.keys[group[0]] for group in groups],
        dependencies=list(needs),
        prefixes=[work.prefixes[group[0]] for group in groups],
        off=sums(work.off),
        cpu=sums(work.cpu),
        movement=sums(work.movement),
        nbytes=[sum([work.nbytes[i] for i in group]) for group in groups],
        given=[sum([work.given[i] for i in group]) for group in groups],
    )


def _order(work: Work) -> Sequence[int]:
    """Return tasks so that each comes after all it waits for."""
    return _graph(work).order()


def _graph(work: Work) -> Graph:
    return Graph(tuple(work.keys), tuple(map(tuple, work.dependencies)))
