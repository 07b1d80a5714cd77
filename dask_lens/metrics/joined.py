"""Computations that overlap in time, as the one computation that they are to their threads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from dask_lens.metrics.capacity import most, threads_between
from dask_lens.record.cell import Place
from dask_lens.record.computation import Computation
from dask_lens.record.graph import Graph
from dask_lens.record.task import Task


def windows(computations: Iterable[Computation]) -> list[list[Computation]]:
    """Group computations whose times overlap, in order of time.

    Parameters
    ----------
    computations
        Finished ones; open ones are passed over.

    Returns
    -------
    list of list of Computation
        Groups that do not overlap each other.
    """
    groups: list[list[Computation]] = []
    latest = float("-inf")
    for computation in sorted(computations, key=lambda c: c.start):
        if computation.stop is None:
            continue
        if not groups or computation.start >= latest:
            groups.append([])
        groups[-1].append(computation)
        latest = max(latest, computation.stop)
    return groups


def pool_size(group: Sequence[Computation]) -> int:
    """Return the threads that a group of overlapping computations had between them.

    Computations on the same scheduler share its threads; different schedulers add up.
    """
    stop = max(c.stop or c.start for c in group)
    return most(threads_between(group, min(c.start for c in group), stop))


def active_windows(
    groups: Iterable[Sequence[Computation]],
) -> list[tuple[Sequence[Computation], float, float]]:
    """Return the groups of :func:`windows` and the pauses between them, with their times.

    A pause has the threads of the group that follows.
    """
    found: list[tuple[Sequence[Computation], float, float]] = []
    for group in groups:
        start, stop = min(c.begin for c in group), max(c.stop or c.start for c in group)
        if found:
            start = max(start, found[-1][2])
            found.append((group, found[-1][2], start))
        found.append((group, start, stop))
    return found


def join(group: Sequence[Computation]) -> Computation:
    """Make one computation of several that overlap.

    Edges between them are kept; the place is that of the first.

    Parameters
    ----------
    group
        One or more finished computations, by start.
    """
    if len(group) == 1:
        return group[0]
    parts = _unlike(group)
    known = all(part.graph is not None or not part.n_tasks for part in parts)
    return replace(
        parts[0],
        scheduler=next((c.scheduler for c in parts if c.n_tasks), parts[0].scheduler),
        asked=min(part.begin for part in parts),
        stop=max(part.stop or part.start for part in parts),
        threads=pool_size(parts),
        tasks=tuple(sorted((t for part in parts for t in part.tasks), key=lambda t: t.start)),
        n_tasks=sum(part.n_tasks for part in parts),
        busy=sum(part.busy for part in parts),
        graph=_graph(parts) if known else None,
        workers=tuple(dict.fromkeys(worker for part in parts for worker in part.workers)),
        nested=all(part.nested for part in parts),
        timeline=None,
    )


def apart(computation: Computation) -> tuple[Computation, ...]:
    """Make a computation of each task, as they are to one who waits for each before the next."""
    c = computation
    tasks = sorted(c.tasks, key=lambda task: task.start)
    starts = [c.start, *(task.stop for task in tasks)]
    stops = [*(task.stop for task in tasks[:-1]), c.stop]
    return tuple(
        replace(
            c, asked=None, start=min(start, task.start), stop=stop, tasks=(task,), n_tasks=1,
            busy=task.duration, graph=Graph((task.key,), ((),)),
        )
        for task, start, stop in zip(tasks, starts, stops, strict=False)
    )  # fmt: skip


def _unlike(group: Sequence[Computation]) -> list[Computation]:
    """Give a key that ran in several of them another name in all but the first."""
    seen: set[str] = set()
    parts = []
    for number, part in enumerate(group):
        keys = set(part.graph.keys if part.graph else ()) | {task.key for task in part.tasks}
        again = {key: f"{key} (again, {number})" for key in keys & seen}
        seen |= keys
        parts.append(_renamed(part, again) if again else part)
    return parts


def _renamed(part: Computation, names: dict[str, str]) -> Computation:
    def rename(task: Task) -> Task:
        return replace(task, key=names[task.key]) if task.key in names else task

    graph = part.graph
    if graph is not None:
        graph = replace(graph, keys=tuple(names.get(key, key) for key in graph.keys))
    return replace(part, tasks=tuple(map(rename, part.tasks)), graph=graph)


def _graph(parts: Sequence[Computation]) -> Graph:
    graphs = [part.graph or Graph((), ()) for part in parts]
    keys = [key for graph in graphs for key in graph.keys]
    index = {key: i for i, key in enumerate(keys)}
    places: dict[Place, int] = {}
    dependencies: list[tuple[int, ...]] = []
    made_at = []
    for graph in graphs:
        first = len(dependencies)
        dependencies += [tuple(first + need for need in needs) for needs in graph.dependencies]
        for key, other in graph.outside:
            if other in index and index[other] < first:
                dependencies[index[key]] += (index[other],)
        for task in range(len(graph.keys)):
            place = graph.place_of(task)
            made_at.append(-1 if place is None else places.setdefault(place, len(places)))
    labels = {prefix: label for graph in graphs for prefix, label in graph.labels.items()}
    return Graph(tuple(keys), tuple(dependencies), tuple(places), tuple(made_at), labels=labels)
