"""Runs in the kernel: where the thread-seconds of a local computation go, while it runs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dask_lens.observe.crowd import Crowd
    from dask_lens.observe.kept import Kept

IDLE = ("scheduling", "dependencies", "tail")


class Progress:
    """Looked at now and then, it costs the tasks themselves nothing.

    A task that has come back tells exactly what it did. Threads that were idle since the last
    look are accounted for by how things stand at this one.

    Parameters
    ----------
    start
        When the computation began.
    threads
        Tasks it can run at once.
    """

    def __init__(self, start: float, threads: int) -> None:
        self._start = start
        self._threads = threads
        self._seen = 0
        self._inside = dict.fromkeys(("cpu", "waiting", "movement", "tasks"), 0.0)
        self._idle = dict.fromkeys(IDLE, 0.0)

    def look(
        self,
        now: float,
        came_back: Kept,
        crowd: Crowd | None,
        under_way: Iterable[float],
        state: dict[str, Any],
    ) -> dict[str, float]:
        """Return the thread-seconds so far.

        Parameters
        ----------
        now
            The time.
        came_back
            The tasks that have ended, so far as they are kept.
        crowd
            All of them, where they are too many to keep.
        under_way
            Since when each thread has been at a task that has not ended.
        state
            The scheduler's: what is ready, what runs and what waits.
        """
        total = self._threads * max(now - self._start, 0.0)
        self._take(came_back, crowd)
        inside = self._inside
        at_work = sorted(max(now - since, 0.0) for since in under_way)[-self._threads :]
        done = sum(inside.values())
        running = min(sum(at_work), max(total - done, 0.0))
        self._settle(total - done - running, state)
        accounts = {"total": total, **inside, **self._idle, "client": 0.0}
        accounts["tasks"] += running
        return accounts

    def _take(self, came_back: Kept, crowd: Crowd | None) -> None:
        inside = self._inside
        if crowd is not None:
            cpu, busy = crowd.cpu, crowd.busy
            inside["movement"] = crowd.moved
            inside["tasks"] = busy if cpu is None else 0.0
            inside["cpu"] = 0.0 if cpu is None else min(cpu, busy)
            inside["waiting"] = busy - inside["cpu"] - inside["tasks"]
            return
        until = len(came_back)
        for _, stamp in came_back.between(self._seen, until):
            _, _, start, stop, cpu, movement, *_ = stamp
            inside["movement"] += movement
            if cpu is None:
                inside["tasks"] += stop - start
            else:
                on = min(cpu, stop - start)
                inside["cpu"] += on
                inside["waiting"] += stop - start - on
        self._seen = until

    def _settle(self, idle: float, state: dict[str, Any]) -> None:
        """Bring the idle accounts to a sum by what is ready and what waits now."""
        more = idle - sum(self._idle.values())
        if more < 0:  # a task that ended has turned out to have begun earlier
            for name in IDLE:
                less = min(self._idle[name], -more)
                self._idle[name] -= less
                more += less
            return
        ready, running = len(state.get("ready", ())), len(state.get("running", ()))
        free = self._threads - min(running, self._threads)
        starved = 1.0 if ready >= free else ready / free
        self._idle["scheduling"] += more * starved
        rest = "dependencies" if ready or state.get("waiting") else "tail"
        self._idle[rest] += more * (1.0 - starved)
