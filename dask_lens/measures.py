"""What a run measured: each computation and the cell as a whole, in numbers."""

from __future__ import annotations

from dataclasses import dataclass

from dask_lens.metrics.accounts import Budget
from dask_lens.metrics.bounds import Bounds, bounds
from dask_lens.metrics.efficiencies import Efficiencies, efficiencies
from dask_lens.metrics.limit import limit
from dask_lens.metrics.losses import budget, cpu_known
from dask_lens.metrics.parallelism import Parallelism, parallelism
from dask_lens.record.cell import Cell
from dask_lens.record.computation import Computation
from dask_lens.record.run import NotJudged, Run


@dataclass(frozen=True)
class ComputationReport:
    """One compute call, or one burst of submits, in numbers.

    Parameters
    ----------
    scheduler
        ``"sync"``, ``"threads"``, ``"processes"``, ``"distributed"`` or ``"custom"``.
    line
        Line of the call, from 1, within the cell ``cell_id``.
    tasks
        How many tasks ran.
    threads
        Threads that could run them at once.
    start, stop
        Seconds since the epoch; ``stop`` is None while it runs.
    parallelism
        Task seconds over active seconds; None while it runs.
    ceiling
        Total work over the longest chain; None where the graph is not known.
    budget
        Thread-seconds by account; None where not everything is known.
    bounds
        Work, span, and how short they let it be; None where the graph is not known.
    """

    scheduler: str
    cell_id: str | None
    line: int | None
    tasks: int
    threads: int
    start: float
    stop: float | None
    parallelism: float | None
    ceiling: float | None
    budget: Budget | None
    bounds: Bounds | None = None


@dataclass(frozen=True)
class Measures:
    """All that was measured of a run: see :class:`dask_lens.report.Report` for the fields."""

    computations: tuple[ComputationReport, ...]
    parallelism: Parallelism | None
    budget: Budget | None
    efficiencies: Efficiencies | None
    limit: str | None
    not_judged: tuple[NotJudged, ...]


def measure(run: Run) -> Measures:
    """Measure a run; None where nothing was computed or ``not_judged`` says why."""
    done = [c for c in run.computations if c.stop is not None]
    spent = budget(done)
    limited = limit(done, spent)
    return Measures(
        computations=tuple(
            _report_computation(c, run.cells, spent if done == [c] else budget([c]))
            for c in run.computations
        ),
        parallelism=parallelism(done),
        budget=spent,
        efficiencies=efficiencies(spent) if spent is not None else None,
        limit=limited.text if limited is not None else None,
        not_judged=tuple(_unmeasured(done, spent)),
    )


def _report_computation(
    c: Computation, cells: tuple[Cell, ...], spent: Budget | None
) -> ComputationReport:
    measured = parallelism([c])
    return ComputationReport(
        scheduler=c.scheduler,
        cell_id=cells[c.place.cell].cell_id if c.place else None,
        line=c.place.line if c.place else None,
        tasks=c.n_tasks,
        threads=c.threads,
        start=c.start,
        stop=c.stop,
        parallelism=measured.achieved if measured else None,
        ceiling=measured.ceiling if measured else None,
        budget=spent,
        bounds=bounds(c) if c.stop is not None else None,
    )


def _unmeasured(done: list[Computation], spent: Budget | None) -> list[NotJudged]:
    ran = [c for c in done if c.n_tasks]
    if not ran:
        return []
    if spent is None:
        return [NotJudged("budget", "the run was too large to keep every task and edge")]
    if not cpu_known(ran):
        reason = "the scheduler does not tell CPU time task by task: all counted as cpu"
        return [NotJudged("waiting", reason)]
    return []
