"""One compute call, or one burst of submits."""

from __future__ import annotations

from dataclasses import dataclass

from dask_lens.record.cell import Place
from dask_lens.record.cluster import Worker
from dask_lens.record.graph import Graph
from dask_lens.record.task import Task
from dask_lens.record.task_warning import TaskWarning
from dask_lens.record.timeline import Timeline


@dataclass(frozen=True)
class Computation:
    """What one scheduler did for one call of one cell.

    Parameters
    ----------
    scheduler
        ``"sync"``, ``"threads"``, ``"processes"``, ``"distributed"`` or ``"custom"``.
    start
        When the call reached the scheduler, seconds since the epoch.
    stop
        When its last result was there; None while it runs.
    threads
        Threads that could run tasks at once (for processes: the processes).
    tasks
        The tasks that ran, by start; at most the configured number, see ``n_tasks``.
    n_tasks
        How many tasks ran, kept or not.
    busy
        Seconds that tasks ran, summed over all tasks, kept or not.
    place
        The line of the call in the cell's source; None where no line led to it.
    chunksize
        Tasks per pool job (local schedulers); None on distributed.
    workers
        The cluster's workers; empty on local schedulers.
    graph
        The graph as the scheduler ran it; None where too large or not to be had.
    status
        ``"finished"``, ``"erred"`` or ``"open"`` (still running when looked at).
    nested
        Whether a task of the same run submitted it, from inside.
    asked
        When the user's call began, before the graph was optimised and sent; None where that is
        not known, or ``start`` says it well enough.
    away
        The key of the task that submitted it, where that has left its thread meanwhile.
    dropped
        Tasks that were forgotten before they were known to have run, as nobody held their
        future any more.
    stuck
        Seconds for which every thread has been held by a task that waits for tasks of its own,
        and nothing has finished; of one that was broken off, for which it was so; else 0.
    timeline
        What all tasks add up to, where they are too many to keep; else None.
    cores
        Processors of the machine that all its workers share; None where they are on several
        machines, or that is not known.
    looks, held
        How often it was looked whether threads that compute hold the interpreter's lock (GIL)
        while its tasks ran, and how often it was so; 0 looks where nobody could look: its tasks
        ran in other processes, or for too short a time.
    runnable
        Threads of this process that were on a processor or waited for one at those looks, on
        average; None where that is not known.
    pool
        A number that tells the threads or processes of a local scheduler from those of another
        one of the same run; None where all of one kind are one.
    warnings
        What its tasks warned of in other processes, where nobody sees it; and in this one, what
        Python shows with a line that is not the user's.
    """

    scheduler: str
    start: float
    stop: float | None
    threads: int
    tasks: tuple[Task, ...] = ()
    n_tasks: int = 0
    busy: float = 0.0
    place: Place | None = None
    chunksize: int | None = None
    workers: tuple[Worker, ...] = ()
    graph: Graph | None = None
    status: str = "finished"
    nested: bool = False
    dropped: int = 0
    stuck: float = 0.0
    asked: float | None = None
    away: str | None = None
    timeline: Timeline | None = None
    cores: int | None = None
    looks: int = 0
    held: int = 0
    runnable: float | None = None
    pool: int | None = None
    warnings: tuple[TaskWarning, ...] = ()

    @property
    def begin(self) -> float:
        """When the user began to wait for it: ``asked``, or else ``start``."""
        return self.start if self.asked is None else min(self.asked, self.start)
