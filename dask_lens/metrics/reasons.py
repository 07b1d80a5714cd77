"""Why an account of the budget is as large as it is, in half a sentence of the user's words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dask_lens.metrics.critical_path import critical_path
from dask_lens.metrics.losses import cpu_known
from dask_lens.metrics.naming import duration, layer_name, lines, tasks_of
from dask_lens.metrics.ready import in_the_way
from dask_lens.record.cell import Cell
from dask_lens.record.computation import Computation
from dask_lens.record.task import Task

#: Layers of a chain that are named.
_NAMED = 4
#: Share of one core that tasks of several threads keep to where a lock lets one at a time run.
_ONE_AT_A_TIME = 0.85, 1.15


@dataclass(frozen=True)
class _Case:
    """What there is to tell from: the computation, and all of the run."""

    c: Computation
    all: Sequence[Computation]
    cells: Sequence[Cell]

    def most(self, amount: Callable[[Task], float]) -> str:
        """Name the tasks that have most of something, as ``your 2 nap tasks (line 3)``."""
        spent: dict[str, float] = {}
        for task in self.c.tasks:
            spent[task.prefix] = spent.get(task.prefix, 0.0) + amount(task)
        prefix = max(spent, key=spent.__getitem__)
        return self.named([task for task in self.c.tasks if task.prefix == prefix])

    def named(self, tasks: Sequence[Task]) -> str:
        graph, wanted = self.c.graph, {task.key for task in tasks}
        found = enumerate(graph.keys) if graph is not None and graph.places else ()
        places = {key: graph.place_of(i) for i, key in found if key in wanted}  # type: ignore[union-attr]  # see above
        return tasks_of(tasks, places, self.cells, graph.labels if graph else None)


def reason(
    account: str, c: Computation, of: Sequence[Computation], cells: Sequence[Cell] = ()
) -> str:
    """Say why an account is as large as it is.

    Parameters
    ----------
    account
        Its name, as in :class:`dask_lens.metrics.accounts.Budget`.
    c
        The computation in which it is largest; every task of it is known.
    of
        All of the run.
    cells
        The cells of the run, for naming lines.
    """
    return _REASONS[account](_Case(c, of, cells))


def _client(case: _Case) -> str:
    if len(case.all) == 1:
        return "no task was there; Python built the graph, submitted or worked on the result"
    at = lines((c.place for c in case.all), case.cells)
    count = f"{len(case.all):,} computations{f' ({at})' if at else ''}"
    return f"no task was there between your {count}, one after another"


def _scheduling(case: _Case) -> str:
    c = case.c
    first = min(task.start for task in c.tasks) - c.start
    last = max(task.stop for task in c.tasks)
    if first > last - c.start - first:
        return f"the first task started {duration(first)} after the call"
    used = len({(task.worker, task.thread) for task in c.tasks})
    kind = "process" if c.scheduler == "processes" else "thread"
    kinds = f"{kind}{'es' if kind == 'process' else 's'}"
    late = in_the_way(c)
    alike = {task.prefix for task in late} == {task.prefix for task in c.tasks}
    who = case.named(c.tasks if used == 1 and alike else late)
    if used < min(c.threads, len(c.tasks)):
        one = f"in one {kind} of {c.threads}, one after the other"
        how = one if used == 1 else f"in {used} {kinds} of {c.threads}"
        batch = f", in batches of up to {c.chunksize}" if (c.chunksize or 1) > 1 else ""
        return f"{who} ran {how}{batch}"
    return f"tasks were ready while {kinds} had nothing to do, mostly around {who}"


def _movement(case: _Case) -> str:
    moved = sum(task.movement + task.packing for task in case.c.tasks)
    who = case.most(lambda task: task.movement + task.packing)
    return f"tasks waited {duration(moved)} for data, mostly {who}"


def _dependencies(case: _Case) -> str:
    chain = critical_path(case.c)
    if chain is None or len(chain.links) < 2:  # noqa: PLR2004 - a chain
        return "tasks waited for others, so that threads had nothing to do"
    labels = case.c.graph.labels if case.c.graph else None
    prefixes = [link.task.prefix for link in chain.links if link.task]
    names = {prefix: layer_name(prefix, labels) for prefix in set(prefixes)}
    layers = [names[prefix] for prefix in prefixes]
    runs = [name for i, name in enumerate(layers) if i == 0 or name != layers[i - 1]]
    shown = runs if len(runs) <= _NAMED else [*runs[: _NAMED - 1], "…", runs[-1]]
    at = lines({link.place for link in chain.links}, case.cells)
    return (
        f"each of {len(chain.links):,} tasks waited for the one before, "
        f"{' → '.join(shown)}{f' ({at})' if at else ''}, "
        f"{duration(chain.span)} on any number of threads"
    )


def _tail(case: _Case) -> str:
    longest = max(case.c.tasks, key=lambda task: task.duration)
    return f"{case.named([longest])} with {duration(longest.duration)}, the longest, ran on"


def _waiting(case: _Case) -> str:
    c = case.c
    who = case.most(lambda task: task.duration - (task.cpu or 0.0))
    start, stop = min(t.start for t in c.tasks), max(t.stop for t in c.tasks)
    at_a_time = sum(task.cpu or 0.0 for task in c.tasks) / max(stop - start, 1e-9)
    low, high = _ONE_AT_A_TIME
    if c.scheduler == "threads" and c.threads > 1 and low < at_a_time < high:
        return f"one thread at a time was on the CPU, as with the GIL, mostly in {who}"
    return f"tasks waited (I/O, sleep, locks or the GIL), mostly {who}"


def _cpu(case: _Case) -> str:
    measured = "" if cpu_known([case.c]) else ", as far as is known,"
    threads = f"all {case.c.threads} threads were" if case.c.threads > 1 else "the thread was"
    mostly = case.most(lambda task: task.stop - task.start)
    return f"{threads} at work{measured} on the CPU, mostly in {mostly}"


_REASONS: dict[str, Callable[[_Case], str]] = {
    "client": _client,
    "scheduling": _scheduling,
    "movement": _movement,
    "dependencies": _dependencies,
    "tail": _tail,
    "waiting": _waiting,
    "cpu": _cpu,
}
