"""One task as it ran."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)  # a fifth of the memory, of 100,000 of them
class Task:
    """One task, timed in the thread that ran it.

    Parameters
    ----------
    key
        The Dask key as text, cut to 200 characters.
    prefix
        The key prefix (``dask.utils.key_split``).
    worker
        Where it ran: a process id on local schedulers, a worker's address on distributed.
    thread
        Identifier of the thread within ``worker``.
    start, stop
        Seconds since the epoch, around the function call itself.
    cpu
        CPU seconds of its thread between ``start`` and ``stop``; None where not measured.
    movement
        Seconds its thread spent directly before ``start`` on transfer,
        deserialisation and disk.
    nbytes
        Size of the result in bytes, as the scheduler knows it, or of its pickle where it came
        from a local process, or about, in memory, where it came from a thread of this one; None
        where unknown.
    typename
        Qualified type name of the result, as the scheduler knows it.
    status
        What it brought (Dask's words): ``"memory"``, ``"erred"`` or, where it was cut short as its
        worker left or nobody wanted its result any more, ``"released"``. One that erred, was cut
        short, or of which the result was lost may run again: then its key is there once more.
    exact
        Whether ``start`` and ``stop`` were stamped by the thread that ran the task. False:
        they are when the scheduler sent it off, or its thread was free, and took it back.
    ready
        Since when it could have run: all that it waits for was done and the scheduler had it.
        None where only the graph tells.
    sent
        Bytes of the pickle of function and arguments that its local process was sent; of a task
        that ran in this one, about what it was given that is no result of other tasks. None where
        it is not known.
    packing
        Seconds its thread spent directly after ``stop`` on pickling the result; 0 of small ones,
        for which that is what a scheduler takes for any task.
    """

    key: str
    prefix: str
    worker: str
    thread: int
    start: float
    stop: float
    cpu: float | None = None
    movement: float = 0.0
    nbytes: int | None = None
    typename: str | None = None
    status: str = "memory"
    exact: bool = True
    ready: float | None = None
    sent: int | None = None
    packing: float = 0.0

    @property
    def duration(self) -> float:
        """Seconds between start and stop."""
        return self.stop - self.start
