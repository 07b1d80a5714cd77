"""What a run took beside time: CPU time, memory of its processes, bytes sent.

Processes of this machine are looked at from here. Workers elsewhere are asked before and after a
run; during it their heartbeats are looked at, which come every half second: a peak between two
of them is not seen.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from typing_extensions import Self

#: Seconds between two looks at the memory: of processes here, and of heartbeats.
INTERVAL = 0.05
HEARTBEATS = 0.25


class Crew:
    """The processes that a variant runs in.

    Parameters
    ----------
    client
        The client whose workers are among them; None for this process and its children.
    piped
        Returns the bytes that went to and from pools of processes so far; None where there is
        no pool, and nothing moves.
    """

    def __init__(self, client: Any = None, piped: Callable[[], int] | None = None) -> None:
        self._client = client
        self._piped = piped
        # What is asked travels by value or is Python's own: workers need not have this package.
        pids = _asked(client, os.getpid) if client is not None else {}
        hosts = _asked(client, socket.gethostname) if client is not None else {}
        #: Process ids of the workers on this machine; None where nobody told.
        self.workers: frozenset[int] | None = None
        #: Addresses of the workers on other machines, or that someone else started.
        self.remote: list[str] = []
        if pids is not None and hosts is not None:
            mine = {child.pid for child in psutil.Process().children(recursive=True)}
            mine.add(os.getpid())
            here = socket.gethostname()
            near = {a: pid for a, pid in pids.items() if hosts.get(a) == here and pid in mine}
            self.workers = frozenset(near.values())
            self.remote = [address for address in pids if address not in near]
        #: Process ids of other variants' workers, which are no part of it.
        self.strangers: frozenset[int] = frozenset()

    def cpu(self) -> float | None:
        """Return the CPU seconds of all processes but this one; None where that is not known."""
        if self.workers is None:
            return None
        total = sum(_cpu(process) for process in self._children())
        reaped = psutil.Process().cpu_times()
        total += getattr(reaped, "children_user", 0.0) + getattr(reaped, "children_system", 0.0)
        if self.remote:
            answers = _asked(self._client, time.process_time, self.remote)
            if answers is None:
                return None
            total += sum(answers.values())
        return float(total)

    def resident(self, *, by_heartbeat: bool = False) -> int | None:
        """Return the bytes of memory of all processes; None where nobody told.

        Parameters
        ----------
        by_heartbeat
            Take what the scheduler knows of workers elsewhere, which keeps no busy worker.
        """
        if self.workers is None:
            return None
        total = 0
        for process in (psutil.Process(), *self._children()):
            with contextlib.suppress(psutil.Error):  # it has just ended
                total += process.memory_info().rss
        if self.remote:
            known = _heartbeats(self._client) if by_heartbeat else self._told()
            sizes = [known.get(address) for address in self.remote]
            if None in sizes:
                return None
            total += sum(sizes)
        return int(total)

    def _told(self) -> Any:
        answers = _asked(
            self._client,
            lambda dask_worker: dask_worker.monitor.proc.memory_info().rss,
            self.remote,
        )
        return answers or {}

    def sent(self) -> int | None:
        """Return the bytes sent between processes so far; None where that is not known."""
        piped = 0 if self._piped is None else self._piped()
        if self._client is None:
            return piped
        answers = _asked(
            self._client,
            lambda dask_worker: getattr(dask_worker, "transfer_outgoing_bytes_total", None),
        )
        if answers is None or None in answers.values():
            return None
        return piped + int(sum(answers.values()))

    def _children(self) -> Iterator[psutil.Process]:
        for child in psutil.Process().children(recursive=True):
            if child.pid not in self.strangers:
                yield child


class Meter:
    """Measures a block; a context manager.

    Parameters
    ----------
    crew
        The processes that are looked at.
    thorough
        Whether memory and bytes are measured, which takes a thread and questions to workers.

    Attributes
    ----------
    cpu : float or None
        Seconds on the CPU, of all processes but this one: what is measured runs here, too.
    memory : int or None
        Bytes by which the processes grew at most.
    moved : int or None
        Bytes that went between processes: from workers to each other and to the client, or to
        and from a pool.
    """

    def __init__(self, crew: Crew, *, thorough: bool) -> None:
        self.cpu: float | None = None
        self.memory: int | None = None
        self.moved: int | None = None
        self._crew = crew
        self._thorough = thorough
        self._over = threading.Event()
        self._before: tuple[float | None, int | None, int | None] = (None, None, None)
        self._peak = 0
        self._thread = threading.Thread(target=self._watch, name="dask-lens-memory", daemon=True)

    def __enter__(self) -> Self:
        resident = sent = None
        if self._thorough:
            resident, sent = self._crew.resident(), self._crew.sent()
            if resident is not None:
                self._peak = resident
                self._thread.start()
        self._before = (self._crew.cpu(), resident, sent)
        return self

    def __exit__(self, *error: object) -> None:
        crew, (cpu, resident, sent) = self._crew, self._before
        if self._thread.is_alive():
            self._over.set()
            self._thread.join()
        if error[0] is not None:
            return
        if cpu is not None and (now := crew.cpu()) is not None:
            self.cpu = max(now - cpu, 0.0)
        if resident is not None and (last := crew.resident()) is not None:
            self.memory = max(self._peak, last) - resident
        if sent is not None and (then := crew.sent()) is not None:
            self.moved = max(then - sent, 0)

    def _watch(self) -> None:
        while not self._over.wait(HEARTBEATS if self._crew.remote else INTERVAL):
            self._peak = max(self._peak, self._crew.resident(by_heartbeat=True) or 0)


class Others:
    """Tells how many cores other programs kept busy."""

    def __init__(self) -> None:
        # A tenth of a second before anything runs here, as a start.
        moment = psutil.cpu_percent(interval=0.1) / 100 * (psutil.cpu_count() or 1)
        self._at_first = float(moment)
        self._began = (time.monotonic(), _busy(), _own())

    def busy(self) -> float:
        """Return the mean since the start, or that of the moment before where it is more."""
        since, busy, own = self._began
        seconds = time.monotonic() - since
        others = (_busy() - busy) - (_own() - own)
        return max(self._at_first, others / seconds if seconds > 0 else 0.0)


def _busy() -> float:
    """Return the seconds that all cores of this machine have worked so far."""
    times = psutil.cpu_times()._asdict()
    # Linux counts the time of guests as that of users, too.
    return sum(
        float(times[name]) for name in times.keys() - {"idle", "iowait", "guest", "guest_nice"}
    )


def _own() -> float:
    """Return the CPU seconds of this process and its children so far."""
    me = psutil.Process()
    reaped = me.cpu_times()
    total = getattr(reaped, "children_user", 0.0) + getattr(reaped, "children_system", 0.0)
    return float(total + sum(map(_cpu, (me, *me.children(recursive=True)))))


def _cpu(process: psutil.Process) -> float:
    with contextlib.suppress(psutil.Error):  # it has just ended
        times = process.cpu_times()
        return float(times.user + times.system)
    return 0.0


def _asked(client: Any, question: Callable[..., Any], workers: Any = None) -> Any:
    """Return each worker's answer; None where nobody may ask, or they are gone."""
    try:
        return client.run(question, workers=workers)
    except Exception:  # noqa: BLE001 - no permission, or gone: then it is not measured
        return None


def _heartbeats(client: Any) -> Any:
    """Return what the scheduler knows of each worker's memory; empty where nobody may ask."""
    try:
        return client.run_on_scheduler(
            lambda dask_scheduler: {
                address: state.metrics.get("memory")
                for address, state in dask_scheduler.workers.items()
            }
        )
    except Exception:  # noqa: BLE001 - no permission, or gone: then it is not measured
        return {}
