"""What would be done differently: another setup, or other tasks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from dask_lens.metrics.rework import as_trees, batched, joined, left_out
from dask_lens.metrics.setup import SCHEDULERS, Setup
from dask_lens.metrics.work import Work


@dataclass(frozen=True)
class Change:
    """What would be done differently; nothing by default.

    Parameters
    ----------
    scheduler
        ``"sync"``, ``"threads"``, ``"processes"`` or ``"distributed"``; None: the same.
    workers, threads_per_worker
        None: as many. Coming from ``"sync"``, one worker for each processor.
    chunksize
        Tasks per job of a local scheduler. None: the same on the same scheduler, else 1.
    joined
        One computation for all that the computations were asked for.
    once
        A key that several computations ran is run by the first of them only, as after
        ``persist``.
    batched
        So many tasks that could run side by side are made one.
    pooled
        All computations use one pool of processes, which the first of them starts.
    dropped
        Nothing of it is computed.
    together
        Whether all workers are in one process, as with ``Client(processes=False)``. None: as
        they are.
    without
        Keys or key prefixes of tasks that are left out; what waited for them waits for what
        they waited for.
    trees
        Key prefixes of tasks that fold values one by one, and would fold them as a tree.
    """

    scheduler: str | None = None
    workers: int | None = None
    threads_per_worker: int | None = None
    chunksize: int | None = None
    joined: bool = False
    once: bool = False
    batched: int = 1
    without: Collection[str] = ()
    trees: Collection[str] = ()
    together: bool | None = None
    pooled: bool = False
    dropped: bool = False

    def setup(self, ran: Setup, cores: int) -> Setup:
        """Return where tasks would run.

        Parameters
        ----------
        ran
            Where they ran.
        cores
            Processors of this machine.

        Raises
        ------
        ValueError
            For a scheduler that cannot be replayed, and for numbers below one.
        """
        scheduler = self.scheduler or ran.scheduler
        if scheduler not in SCHEDULERS:
            raise ValueError(
                f"the scheduler must be one of {', '.join(SCHEDULERS)}: {scheduler!r}"
            )
        same = scheduler == ran.scheduler
        serial = ran.scheduler == "sync" and not same
        workers = self.workers or (cores if serial else ran.workers)
        threads = self.threads_per_worker or ran.threads_per_worker
        chunksize = self.chunksize or (ran.chunksize if same else 1)
        for name in ("workers", "threads_per_worker", "chunksize", "batched"):
            given = getattr(self, name)
            if given is not None and given < 1:
                raise ValueError(f"{name} must be at least 1, got {given!r}")
        shared = ran.cores if same else ran.cores or cores
        together = ran.together and same if self.together is None else self.together
        return Setup(scheduler, workers, threads, chunksize, shared, together)

    def tasks(self, works: Sequence[Work]) -> list[Work]:
        """Return the tasks that there would be, computation by computation."""
        made = list(works)
        if self.once:
            seen: set[str] = set()
            for i, work in enumerate(made):
                made[i] = left_out(work, seen)
                seen.update(work.keys)
        if self.without:
            made = [left_out(work, set(self.without)) for work in made]
        if self.trees:
            made = [as_trees(work, self.trees) for work in made]
        if self.joined and made:
            made = [joined(made)]
        if self.batched > 1:
            made = [batched(work, self.batched) for work in made]
        return made
