"""What limits a run: of the accounts, the one whose end would save most of the time waited.

A thread-second lost is not a second won: idle threads may be idle because of one late task.
So each account is measured by what the run would gain in wall-clock seconds without it, on
schedules of the recorded graph that lose one thing after the other: latency and batches,
movement, dependencies, uneven tasks. What is then left is work over threads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dask_lens.metrics.accounts import Budget
from dask_lens.metrics.joined import join, windows
from dask_lens.metrics.naming import duration
from dask_lens.metrics.ready import ran
from dask_lens.metrics.reasons import reason
from dask_lens.metrics.schedule import makespan
from dask_lens.record.cell import Cell
from dask_lens.record.computation import Computation
from dask_lens.record.graph import Graph


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


def limit(
    computations: Sequence[Computation], spent: Budget | None, cells: Sequence[Cell] = ()
) -> Limit | None:
    """Find what limits one or several computations.

    Parameters
    ----------
    computations
        One computation, or all of a cell.
    spent
        Their budget; None where it is not known.
    cells
        The cells of the run, for naming lines.

    Returns
    -------
    Limit or None
        None where nothing ran, or not every task and edge is known.
    """
    groups = [group for group in windows(computations) if any(c.n_tasks for c in group)]
    if not groups or spent is None:
        return None
    done = [join(group) for group in groups]
    wall = max(c.stop or c.start for c in done) - min(c.begin for c in done)
    in_tasks = spent.cpu + spent.waiting
    on_cpu = spent.cpu / in_tasks if in_tasks > 0 else 1.0
    shares = [_seconds(c, g, on_cpu) for c, g in zip(done, groups, strict=True)]
    total = {name: sum(share[name] for share in shares) for name in shares[0]}
    total["client"] += wall - sum(total.values())
    account = max(total, key=total.__getitem__)
    most = max(range(len(done)), key=lambda number: shares[number][account])
    why = reason(account, done[most], done, cells)
    part, whole = duration(total[account]), duration(wall)
    if part.split()[1] == whole.split()[1]:
        part = part.split()[0]
    return Limit(account, total[account], wall, f"{part} of {whole}: {why}.")


def _seconds(c: Computation, group: Sequence[Computation], on_cpu: float) -> dict[str, float]:
    """Split the time from the start to the last task by what it would take to be without."""
    graph = c.graph or Graph((), ())
    tasks = ran(c)
    durations = [task.stop - task.start if task else 0.0 for task in tasks]
    moved = [task.stop - task.start + task.movement if task else 0.0 for task in tasks]
    arrivals = _arrivals(c, group)
    loose = replace(graph, dependencies=((),) * len(graph.keys))

    span = max([task.stop for task in c.tasks]) - c.start
    steps = [span, makespan(graph, c.threads, moved, arrivals)]
    steps.append(makespan(graph, c.threads, durations, arrivals) if moved != durations else span)
    edges = any(graph.dependencies)
    steps.append(makespan(loose, c.threads, durations, arrivals) if edges else span)
    steps.append(makespan(loose, c.threads, durations) if arrivals else span)
    steps.append(sum(durations) / c.threads)
    for i in range(1, len(steps)):
        steps[i] = min(steps[i], steps[i - 1])  # such a schedule may be worse than what ran
    names = ("scheduling", "movement", "dependencies", "client", "tail")
    lost = {name: steps[i] - steps[i + 1] for i, name in enumerate(names)}
    return {**lost, "cpu": steps[-1] * on_cpu, "waiting": steps[-1] * (1 - on_cpu)}


def _arrivals(joined: Computation, group: Sequence[Computation]) -> list[float] | None:
    """Return when each task's graph was there; None where all were there from the start."""
    if len(group) == 1:
        return None
    arrivals = []
    for c in group:
        count = len(c.graph.keys) if c.graph else 0
        arrivals += [c.start - joined.start] * count
    return arrivals
