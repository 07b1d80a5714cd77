"""What a run measured: each computation and the cell as a whole, in numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace

from dask_lens.metrics.accounts import Budget
from dask_lens.metrics.bounds import Bounds, bounds
from dask_lens.metrics.critical_path import Link, critical_path
from dask_lens.metrics.efficiencies import Efficiencies, efficiencies
from dask_lens.metrics.hidden import Wait, hidden_waits
from dask_lens.metrics.limit import limit
from dask_lens.metrics.losses import budget, cpu_known
from dask_lens.metrics.naming import layer_name
from dask_lens.metrics.parallelism import Parallelism, parallelism
from dask_lens.metrics.width import Width, width
from dask_lens.record.cell import Cell, Place
from dask_lens.record.computation import Computation
from dask_lens.record.run import NotJudged, Run
from dask_lens.source.program import read
from dask_lens.source.sole_calls import sole_calls

#: Computations of a cell, the longest, that are told with their critical path and width: a loop
#: may compute thousands of times, and what is told is kept with the notebook.
DETAILED = 20
#: Tasks of a critical path that are told, the longest.
STEPS = 200


@dataclass(frozen=True)
class CriticalStep:
    """One task of the longest chain, and the call that put it into the graph.

    Parameters
    ----------
    key
        The Dask key as text.
    layer
        What its reader would call it: the function, or the operation on a collection.
    duration
        Seconds that it ran.
    cell_id, cell, execution_count
        The cell of the call: its notebook id, its index among the code cells of a file and
        its number; None where not known.
    line
        Line of the call within that cell, from 1: the one that was seen or, of what was built
        unseen, the only one in the text; None where that could not be told.
    """

    key: str
    layer: str
    duration: float
    cell_id: str | None = None
    cell: int | None = None
    execution_count: int | None = None
    line: int | None = None


@dataclass(frozen=True)
class HiddenDependency:
    """A task that was ready and waited behind one it does not need, with a thread free elsewhere.

    Parameters
    ----------
    key, behind
        The keys of both.
    layer, behind_layer
        What their reader would call them.
    line, behind_line
        Lines of the calls that made them, in whichever cells; None where not told.
    seconds
        How long it waited.
    """

    key: str
    behind: str
    layer: str
    behind_layer: str
    line: int | None
    behind_line: int | None
    seconds: float


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
        When the user began to wait for it and when it was done, seconds since the epoch; ``stop``
        is None while it runs.
    parallelism
        Task seconds over active seconds; None while it runs.
    ceiling
        Total work over the longest chain; None where the graph is not known.
    budget
        Thread-seconds by account; None where not everything is known.
    bounds
        Work, span, and how short they let it be; None where the graph is not known.
    critical_path
        The longest chain of tasks, first to last, the longest of them where it is very long;
        empty where the graph is not known.
    critical_tasks
        Tasks in that chain, told or not.
    width
        Tasks running and ready over time; None where the graph is not known.
    hidden_dependencies
        Tasks that waited for others without an edge in the graph, the longest waits.
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
    critical_path: tuple[CriticalStep, ...] = ()
    critical_tasks: int = 0
    width: Width | None = None
    hidden_dependencies: tuple[HiddenDependency, ...] = ()


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
    limited = limit(done, spent, run.cells)
    whole = parallelism(done, spent)

    def own(c: Computation) -> tuple[Budget | None, Parallelism | None]:
        if len(done) == 1 and done[0] is c:
            return spent, whole
        part = budget([c])
        return part, parallelism([c], part)

    long = {id(c) for c in sorted(done, key=lambda c: c.start - (c.stop or 0.0))[:DETAILED]}
    return Measures(
        computations=tuple(
            _report_computation(c, run.cells, *own(c), detailed=id(c) in long)
            for c in run.computations
        ),
        parallelism=whole,
        budget=spent,
        efficiencies=efficiencies(spent) if spent is not None and spent.total > 0 else None,
        limit=limited.text if limited is not None else None,
        not_judged=tuple(_unmeasured(done, spent)),
    )


def _report_computation(
    c: Computation,
    cells: tuple[Cell, ...],
    spent: Budget | None,
    measured: Parallelism | None,
    *,
    detailed: bool,
) -> ComputationReport:
    chain = critical_path(c) if detailed else None
    return ComputationReport(
        scheduler=c.scheduler,
        cell_id=cells[c.place.cell].cell_id if c.place else None,
        line=c.place.line if c.place else None,
        tasks=c.n_tasks,
        threads=c.threads,
        start=c.begin,
        stop=c.stop,
        parallelism=measured.achieved if measured else None,
        ceiling=measured.ceiling if measured else None,
        budget=spent,
        bounds=bounds(c, chain) if c.stop is not None else None,
        critical_path=_steps(c, chain.links, cells) if chain else (),
        critical_tasks=len(chain.links) if chain else 0,
        width=width(c) if detailed else None,
        hidden_dependencies=_hidden(c, hidden_waits(c)) if detailed else (),
    )


def _hidden(c: Computation, waits: tuple[Wait, ...]) -> tuple[HiddenDependency, ...]:
    graph = c.graph
    if graph is None or not waits:
        return ()
    wanted = {task.key for wait in waits for task in (wait.task, wait.behind)}
    places = {key: graph.place_of(i) for i, key in enumerate(graph.keys) if key in wanted}

    def line(key: str) -> int | None:
        place = places.get(key)
        return place.line if place else None

    return tuple(
        HiddenDependency(
            key=wait.task.key,
            behind=wait.behind.key,
            layer=layer_name(wait.task.prefix, graph.labels),
            behind_layer=layer_name(wait.behind.prefix, graph.labels),
            line=line(wait.task.key),
            behind_line=line(wait.behind.key),
            seconds=wait.seconds,
        )
        for wait in waits
    )


def _steps(
    c: Computation, links: tuple[Link, ...], cells: tuple[Cell, ...]
) -> tuple[CriticalStep, ...]:
    labels = c.graph.labels if c.graph else {}
    if len(links) > STEPS:
        long = sorted(range(len(links)), key=lambda i: -links[i].duration)[:STEPS]
        links = tuple(links[i] for i in sorted(long))
    calls = sole_calls(read(cells)) if any(link.place is None for link in links) else {}
    return tuple(_step(link, cells, labels, calls) for link in links)


def _step(
    link: Link, cells: tuple[Cell, ...], labels: dict[str, str], calls: dict[str, Place]
) -> CriticalStep:
    prefix = link.task.prefix if link.task else link.key
    step = CriticalStep(link.key, layer_name(prefix, labels), link.duration)
    place = link.place or calls.get(prefix)
    if place is None:
        return step
    cell = cells[place.cell]
    return replace(
        step,
        cell_id=cell.cell_id,
        cell=cell.index,
        execution_count=cell.execution_count,
        line=place.line,
    )


def _unmeasured(done: list[Computation], spent: Budget | None) -> list[NotJudged]:
    ran = [c for c in done if c.n_tasks]
    if not ran:
        return []
    if spent is None:
        return [NotJudged("budget", "not every task of the run, or what it waited for, is known")]
    if not cpu_known(ran):
        reason = "the scheduler does not tell CPU time task by task: all counted as cpu"
        return [NotJudged("waiting", reason)]
    return []
