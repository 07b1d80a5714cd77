"""A scheduler and its workers."""

from __future__ import annotations

from dataclasses import dataclass

#: Schedulers that can be replayed.
SCHEDULERS = ("sync", "threads", "processes", "distributed")


@dataclass(frozen=True)
class Setup:
    """Where tasks run.

    Parameters
    ----------
    scheduler
        One of :data:`SCHEDULERS`.
    workers
        Workers; for ``"threads"``, its threads; for ``"processes"``, its processes.
    threads_per_worker
        Threads of each worker. On ``"threads"`` and ``"processes"`` they count like more
        workers.
    chunksize
        Tasks per job that a local scheduler hands to its pool.
    cores
        Processors for all of them, less what others take of them; None where they are not known
        to be shared.
    together
        Whether all workers are in one process, as with ``Client(processes=False)``.
    """

    scheduler: str
    workers: int
    threads_per_worker: int = 1
    chunksize: int = 1
    cores: float | None = None
    together: bool = False

    @property
    def slots(self) -> int:
        """Tasks that can run at once."""
        return 1 if self.scheduler == "sync" else self.workers * self.threads_per_worker

    @property
    def threads(self) -> int:
        """Threads that share an interpreter, and with it the GIL."""
        if self.scheduler == "threads" or self.together:
            return self.slots
        return self.threads_per_worker if self.scheduler == "distributed" else 1

    @property
    def ahead(self) -> int:
        """Tasks that may be on their way or with the workers at the same time (distributed).

        https://distributed.dask.org/en/stable/scheduling-policies.html#queuing
        """
        return self.workers * (self.threads_per_worker + max(1, self.threads_per_worker // 10))
