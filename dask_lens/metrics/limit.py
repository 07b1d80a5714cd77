"""What limits a run: of the accounts, the one whose end would save most of the time waited.

A thread-second lost is not a second won: idle threads may be idle because of one late task.
So each account is measured by what the run would gain in wall-clock seconds without it, on
replays of the recorded graph that lose one thing after the other: latency and batches, movement,
dependencies, uneven tasks. What is then left is work over threads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from dask_lens.metrics.accounts import Budget
from dask_lens.metrics.batches import replay
from dask_lens.metrics.losses import cpu_known
from dask_lens.metrics.parallelism import windows
from dask_lens.record.computation import Computation
from dask_lens.record.graph import Graph

#: Characters of a key prefix in a sentence.
_PREFIX = 40


@dataclass(frozen=True)
class Limit:
    """The account that would bring most.

    Parameters
    ----------
    account
        Its name, as in :class:`dask_lens.metrics.accounts.Budget`.
    seconds
        Wall-clock seconds that the run would be shorter without it.
    of
        Wall-clock seconds of the run.
    text
        One sentence that says so in the user's words.
    """

    account: str
    seconds: float
    of: float
    text: str


def limit(computations: Sequence[Computation], spent: Budget | None) -> Limit | None:
    """Find what limits one or several computations.

    Parameters
    ----------
    computations
        One computation, or all of a cell.
    spent
        Their budget; None where it is not known.

    Returns
    -------
    Limit or None
        None where nothing ran, or not every task and edge is known.
    """
    groups = windows(computations)
    done = [c for group in groups for c in group if c.n_tasks]
    if not done or spent is None or any(len(group) > 1 for group in groups):
        return None
    stop = max(c.stop or c.start for c in done)
    wall = stop - min(c.start for c in done)
    in_tasks = spent.cpu + spent.waiting
    on_cpu = spent.cpu / in_tasks if in_tasks > 0 else 1.0
    shares = {id(c): _seconds(c, on_cpu) for c in done}
    total = {name: sum(share[name] for share in shares.values()) for name in shares[id(done[0])]}
    total["client"] = wall - sum(total.values())
    account = max(total, key=total.__getitem__)
    most = max(done, key=lambda c: shares[id(c)].get(account, 0.0))
    text = f"{total[account]:.1f} of {wall:.1f} s: {_why(account, most)}."
    return Limit(account, total[account], wall, text)


def _seconds(c: Computation, on_cpu: float) -> dict[str, float]:
    """Split the time from the start to the last task by what it would take to be without."""
    graph = c.graph or Graph((), ())
    tasks = {task.key: task for task in c.tasks}
    durations = [tasks[key].duration if key in tasks else 0.0 for key in graph.keys]
    moved = [tasks[key].movement if key in tasks else 0.0 for key in graph.keys]
    loose = Graph(graph.keys, ((),) * len(graph.keys))

    def best(graph: Graph, seconds: list[float]) -> float:
        return replay(graph, workers=c.threads, chunksize=1, durations=seconds).makespan

    span = max(task.stop for task in c.tasks) - c.start
    even = min(sum(durations) / c.threads, span)
    steps = [span, best(graph, [a + b for a, b in zip(durations, moved, strict=True)])]
    steps += [best(graph, durations), best(loose, durations), even]
    for i in range(1, len(steps)):
        steps[i] = min(steps[i], steps[i - 1])  # a replay may be slower than what ran
    names = ("scheduling", "movement", "dependencies", "tail")
    lost = {name: steps[i] - steps[i + 1] for i, name in enumerate(names)}
    return {**lost, "cpu": steps[-1] * on_cpu, "waiting": steps[-1] * (1 - on_cpu)}


def _why(account: str, c: Computation) -> str:
    longest = max(c.tasks, key=lambda task: task.duration)
    first = min(task.start for task in c.tasks) - c.start
    if account == "client":
        return "no task was there; Python built graphs or worked between the computations"
    if account == "scheduling":
        if first > (c.stop or first) - c.start - first:
            return f"the first task started {first:.1f} s after the call"
        used = len({(task.worker, task.thread) for task in c.tasks})
        if (c.chunksize or 1) > 1 and used < c.threads:
            one = "one after another in 1 process" if used == 1 else f"in {used} processes"
            return f"ready tasks ran {one} of {c.threads}, in batches of up to {c.chunksize}"
        return "tasks were ready while threads had nothing to do"
    if account == "movement":
        return f"tasks waited for data, {_mostly(c, 'movement')}"
    if account == "dependencies":
        return "tasks waited for others, so that threads had nothing to do"
    if account == "tail":
        return f"the longest task, {_name(longest.prefix)} with {longest.duration:.1f} s, ran on"
    if account == "waiting":
        return f"tasks waited (I/O, sleep, locks or the GIL), {_mostly(c, 'duration')}"
    measured = "" if cpu_known([c]) else ", as far as is known,"
    return f"all threads were at work{measured} on the CPU, {_mostly(c, 'duration')}"


def _mostly(c: Computation, what: str) -> str:
    spent: Counter[str] = Counter()
    for task in c.tasks:
        spent[task.prefix] += getattr(task, what)
    return f"mostly {_name(max(spent, key=spent.__getitem__))}"


def _name(prefix: str) -> str:
    return prefix if len(prefix) <= _PREFIX else f"{prefix[:_PREFIX]}…"
