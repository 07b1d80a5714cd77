"""The accounts of a budget: what thread-seconds go into."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Budget:
    """Thread-seconds by what they went into; the seven accounts add up to ``total``.

    Parameters
    ----------
    total
        Threads times active seconds.
    cpu
        In a task, on the CPU (all of a task's time where its CPU time was not measured).
    waiting
        In a task, off the CPU: I/O, sleep, locks, the GIL.
    movement
        The thread's next task waited for transfer, (de)serialisation or disk.
    scheduling
        Idle although tasks were runnable: batches, pool start-up, scheduler latency.
    dependencies
        Idle because fewer tasks were runnable than there were threads.
    tail
        The same, after the last task had started.
    client
        No task in the system: Python between and around the computations.
    """

    total: float = 0.0
    cpu: float = 0.0
    waiting: float = 0.0
    movement: float = 0.0
    scheduling: float = 0.0
    dependencies: float = 0.0
    tail: float = 0.0
    client: float = 0.0

    def __add__(self, other: Budget) -> Budget:
        return Budget(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Budget)))
