"""How a run would speed up with more workers, from where on more bring nothing, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from dask_lens.metrics.calibration import Calibrated
from dask_lens.metrics.change import Change
from dask_lens.metrics.costs import Costs
from dask_lens.metrics.recorded import between, calibrated
from dask_lens.metrics.simulation import simulate
from dask_lens.metrics.whatif import parts
from dask_lens.record.computation import Computation
from dask_lens.record.run import NotJudged, Run

#: Numbers of workers that are tried, and fewer of them for many tasks.
_WORKERS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
_FEW_WORKERS, _MANY_TASKS = (1, 2, 4, 16, 64), 5_000

#: Share of the time that more workers must bring for the curve not to be flat.
_FLAT = 0.05

#: What each limit is in words; ``{seconds}`` is what the run would be shorter by without it.
_WHY = {
    "overhead": "{scheduler} takes {seconds:.2g} s for itself",
    "gil": "tasks that compute in Python share the GIL of their process, {seconds:.2g} s",
    "cores": "there are {cores} processors for tasks that compute, {seconds:.2g} s",
    "client": "Python between the computations takes {seconds:.2g} s",
    "span": "the longest chain of tasks, or the longest task, takes {seconds:.2g} s",
}


@dataclass(frozen=True)
class Point:
    """One point of the curve.

    Parameters
    ----------
    workers
        Workers, each with as many threads as those that ran.
    seconds
        Predicted seconds with them.
    speedup
        Seconds with one worker over these.
    """

    workers: int
    seconds: float
    speedup: float


@dataclass(frozen=True)
class Speedup:
    """Predicted seconds over the number of workers, on the scheduler that ran.

    Parameters
    ----------
    points
        From 1 to 64 workers; a run on ``"sync"`` is predicted on threads.
    flat_from
        Workers from which on more bring less than 5 %.
    limit
        What keeps it from being faster with all of them: ``"overhead"``, ``"gil"``,
        ``"cores"``, ``"client"`` or ``"span"``.
    text
        Both in one sentence.
    """

    points: tuple[Point, ...]
    flat_from: int
    limit: str
    text: str


def speedup(what: Run | Computation | Iterable[Computation]) -> Speedup | NotJudged:
    """Predict how long a run would take on 1 to 64 workers.

    Parameters
    ----------
    what
        What ran: a cell, one computation or several.
    """
    ran = calibrated(what)
    if isinstance(ran, NotJudged):
        return ran
    many = sum(len(part.work.keys) for part in ran) > _MANY_TASKS
    took = {n: _seconds(ran, n) for n in (_FEW_WORKERS if many else _WORKERS)}
    best = min(took.values())
    flat = min(n for n, seconds in took.items() if seconds <= best * (1 + _FLAT))
    limit, gain = _limit(ran, max(took))
    why = _WHY[limit].format(
        seconds=gain, scheduler=ran[0].setup.scheduler, cores=ran[0].setup.cores
    )
    text = f"More than {flat} worker{'s bring' if flat != 1 else ' brings'} little: {why}."
    one = took[1]
    points = tuple(Point(n, seconds, one / seconds) for n, seconds in took.items() if seconds > 0)
    return Speedup(points, flat, limit, text)


def _seconds(ran: Sequence[Calibrated], workers: int, *, without: str = "") -> float:
    """Return how long it takes with so many workers, and without one of the limits."""
    scheduler = "threads" if ran[0].setup.scheduler == "sync" else None
    change = Change(scheduler=scheduler, workers=workers)
    total = 0.0 if without == "client" else between(ran)[0]
    for work, setup, costs, _ in parts(ran, change):
        total += simulate(
            work.but(held=0.0) if without == "gil" else work,
            replace(setup, cores=None) if without == "cores" else setup,
            Costs() if without == "overhead" else costs,
        ).total
    return total


def _limit(ran: Sequence[Calibrated], workers: int) -> tuple[str, float]:
    """Return what costs most of the seconds with so many workers, and what it costs."""
    whole = _seconds(ran, workers)
    names = ("overhead", "gil", "cores", "client")
    gains = {name: whole - _seconds(ran, workers, without=name) for name in names}
    gains["span"] = whole - sum(max(gain, 0.0) for gain in gains.values())
    limit = max(gains, key=lambda name: gains[name])
    return limit, gains[limit]
