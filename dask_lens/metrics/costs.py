"""What a scheduler takes for itself, here and where it was measured first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median
from time import perf_counter

from dask_lens.metrics.boot import measured

#: Seconds that :func:`slowness` takes where the costs below were measured.
_REFERENCE = 0.00145

#: What ending a process takes, of what starting it takes.
CLOSING = 0.18

#: What :func:`slowness` found.
_slowness: list[float] = []


@dataclass(frozen=True)
class Costs:
    """Seconds that a scheduler takes for itself.

    Parameters
    ----------
    lead
        From the call until the first task is sent, processes aside.
    each
        The same, for each task of the graph.
    boot
        Processor time that starting a process takes.
    send
        The scheduler's own time for each job: what happens one after another.
    send_task
        The same for each task in it.
    latency
        Of a job, from the scheduler to a worker and back: what overlaps.
    between
        Of a worker's thread, after each task.
    least
        A job is not back earlier than this after it was sent.
    trail
        After the last task, for its result to be there.
    close
        Processor time that ending a process takes.
    """

    lead: float = 0.0
    each: float = 0.0
    boot: float = 0.0
    send: float = 0.0
    send_task: float = 0.0
    latency: float = 0.0
    between: float = 0.0
    least: float = 0.0
    trail: float = 0.0
    close: float = 0.0

    def scaled(self, by: float) -> Costs:
        """Return the same, so much dearer."""
        return Costs(*(getattr(self, name) * by for name in Costs.__dataclass_fields__))

    def per_job_scaled(self, by: float) -> Costs:
        """Return the same with what each job costs so much dearer."""
        names = ("send", "send_task", "latency", "between", "least")
        return replace(self, **{name: getattr(self, name) * by for name in names})


#: Measured with tasks that do nothing and tasks of 10 ms, alone and in a chain, on two 2.6 GHz
#: processors, Python 3.11, dask 2026.8. Where a run has shown its own, those are taken.
DEFAULTS = {
    "sync": Costs(lead=0.0005, each=8e-6, send_task=20e-6),
    "threads": Costs(lead=0.001, each=8e-6, send=40e-6, send_task=10e-6, latency=120e-6),
    "processes": Costs(
        lead=0.01,
        each=10e-6,
        boot=0.25,
        send=220e-6,
        send_task=80e-6,
        latency=0.0004,
        between=50e-6,
        close=0.045,
    ),
    "distributed": Costs(
        lead=0.008,
        each=90e-6,
        send=0.0004,
        latency=0.002,
        between=0.0006,
        least=0.0055,
        trail=0.001,
    ),
}


def slowness() -> float:
    """Return how much slower than where :data:`DEFAULTS` come from this machine is.

    Measured once, in some milliseconds, when it is first asked for.
    """
    if not _slowness:
        times = []
        for _ in range(5):
            start = perf_counter()
            dict(zip(range(10_000), map(str, range(10_000)), strict=True))
            times.append(perf_counter() - start)
        _slowness.append(min(max(min(times) / _REFERENCE, 0.2), 5.0))
    return _slowness[0]


def typical(scheduler: str, *, measure: bool) -> Costs:
    """Return what a scheduler takes on this machine, as far as it is known.

    Parameters
    ----------
    scheduler
        Its name.
    measure
        Whether to measure the start of a process, where it starts processes.
    """
    costs = DEFAULTS[scheduler].scaled(slowness())
    boot = measured(now=measure) if scheduler == "processes" else None
    return costs if boot is None else replace(costs, boot=boot, close=CLOSING * boot)


def middle(several: Sequence[Costs]) -> Costs:
    """Return what the middle one of several runs took: the first is often dearer."""
    names = Costs.__dataclass_fields__
    return Costs(*(median([getattr(costs, name) for costs in several]) for name in names))
