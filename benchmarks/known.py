"""Graphs of known truth: each task tells itself when it ran, and plain code adds that up.

Nothing here knows of the lens. Where :mod:`dask_lens.metrics` sweeps over events, this looks at
one short stretch of time after another and asks of each thread what it was doing.
"""

from __future__ import annotations

import hashlib
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import dask

ACCOUNTS = ("cpu", "waiting", "movement", "scheduling", "dependencies", "tail", "client")
#: Big enough that hashing it lets other threads run, small enough to end on time.
BLOCK = bytes(100_000)


@dataclass
class Stamp:
    """When a task ran, by its own clocks.

    ``moved`` is when its inputs were unpickled, ``submitted`` when another task sent it off.
    """

    begin: float
    end: float
    cpu: float
    moved: tuple[float, float] | None = None
    submitted: float = 0.0


class Heavy:
    """Takes a known time to unpickle."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.moved: tuple[float, float] | None = None

    def __getstate__(self) -> float:
        return self.seconds

    def __setstate__(self, seconds: float) -> None:
        begin = time.time()
        time.sleep(seconds)
        self.seconds = seconds
        self.moved = begin, time.time()


Told = dict[str, Any]


def sleep(seconds: float) -> None:
    """Wait."""
    time.sleep(seconds)


def spin(seconds: float) -> None:
    """Use the CPU and let other threads do so, too."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        hashlib.sha256(BLOCK)


def hold(seconds: float) -> None:
    """Use the CPU and keep the GIL."""
    end = time.thread_time() + seconds
    number = 0
    while time.thread_time() < end:
        for _ in range(1000):
            number += 1


def mix(seconds: float) -> None:
    """Use the CPU half of the time."""
    spin(seconds / 2)
    sleep(seconds / 2)


def work(
    name: bytes, how: Callable[[float], None], seconds: float, heavy: float, *before: Told
) -> Told:
    """Run as a task: do it, and tell of it and of all that it waited for.

    Older versions of Dask take a text that is a key for the task's result: so ``name`` is bytes.
    """
    begin, cpu = time.time(), time.thread_time()
    how(seconds)
    told: Told = {}
    moved = None
    for one in before:
        told.update(one)
        load = told.pop("load", None)
        if load is not None and load.moved is not None:
            first = moved or load.moved
            moved = min(first[0], load.moved[0]), max(first[1], load.moved[1])
    if heavy:
        told["load"] = Heavy(heavy)
    told[name.decode()] = Stamp(begin, time.time(), time.thread_time() - cpu, moved)
    return told


@dataclass
class Known:
    """A graph: tasks by name, and the names of those each waits for."""

    ends: list[Any] = field(default_factory=list)
    edges: dict[str, tuple[str, ...]] = field(default_factory=dict)
    #: When the scheduler had it.
    sent: float = 0.0
    #: A task that has left its thread to wait for those it submitted.
    nested: str | None = None

    def add(
        self, how: Callable[[float], None], seconds: float, *before: Any, heavy: float = 0.0
    ) -> Any:
        """Add a task and return it as a Delayed."""
        name = f"{how.__name__}-{len(self.edges)}"
        task = dask.delayed(work, pure=False)(
            name.encode(), how, seconds, heavy, *before, dask_key_name=name
        )
        self.edges[name] = tuple(one.key for one in before)
        self.ends = [end for end in self.ends if end.key not in self.edges[name]]
        self.ends.append(task)
        return task


def side_by_side(how: Callable[[float], None], *seconds: float) -> Known:
    """Return tasks that wait for nothing."""
    known = Known()
    for one in seconds:
        known.add(how, one)
    return known


def chain() -> Known:
    """Return tasks of which each waits for the one before."""
    known = Known()
    task = known.add(sleep, 0.25)
    for _ in range(3):
        task = known.add(sleep, 0.25, task)
    return known


def fan_in() -> Known:
    """Return tasks, and one that waits for all of them."""
    known = Known()
    known.add(sleep, 0.4, *[known.add(sleep, 0.2) for _ in range(4)])
    return known


def map_reduce() -> Known:
    """Return a tree."""
    known = Known()
    mapped = [known.add(mix, 0.2) for _ in range(6)]
    pairs = [known.add(spin, 0.1, *mapped[i : i + 2]) for i in range(0, 6, 2)]
    known.add(sleep, 0.2, *pairs)
    return known


def transfers() -> Known:
    """Return two tasks whose results take a while to unpickle, and one that takes them."""
    known = Known()
    known.add(sleep, 0.3, *[known.add(sleep, 0.2, heavy=0.4) for _ in range(2)])
    return known


GRAPHS: dict[str, Callable[[], Known]] = {
    "sleep": lambda: side_by_side(sleep, 0.4, 0.4, 0.4, 0.4),
    "spin": lambda: side_by_side(spin, 0.3, 0.3, 0.3, 0.3),
    "gil-bound": lambda: side_by_side(hold, 0.4, 0.4),
    "mixed": lambda: side_by_side(mix, 0.4, 0.4, 0.4, 0.4),
    "skewed": lambda: side_by_side(sleep, 0.9, 0.1, 0.1, 0.1),
    "transfer-heavy": transfers,
    "chain": chain,
    "fan-in": fan_in,
    "map-reduce": map_reduce,
    "tiny tasks": lambda: side_by_side(sleep, 0.05, *[0.004] * 200),
}


@dataclass
class Truth:
    """What a run should be said to be."""

    parallelism: float
    ceiling: float
    accounts: dict[str, float]


def truth(known: Known, told: Told, threads: int, called: float) -> Truth:
    """Add up what the tasks told.

    Parameters
    ----------
    known
        The graph.
    told
        Stamps by task.
    threads
        Threads that could run tasks.
    called
        When the computation was asked for.
    """
    stamps: dict[str, Stamp] = {k: v for k, v in told.items() if isinstance(v, Stamp)}
    ready = {
        name: max(
            [known.sent, stamp.submitted, *(stamps[key].end for key in known.edges.get(name, ()))]
        )
        for name, stamp in stamps.items()
    }
    first = max(stamp.begin for stamp in stamps.values())
    end = max(stamp.end for stamp in stamps.values())
    edges = {called, known.sent, first, end}
    for stamp in stamps.values():
        edges |= {stamp.begin, stamp.end, *(stamp.moved or ())}
    edges |= set(ready.values())
    cuts = sorted(cut for cut in edges if called <= cut <= end)
    accounts = dict.fromkeys(ACCOUNTS, 0.0)
    for left, right in itertools.pairwise(cuts):
        middle, width = (left + right) / 2, right - left
        parts = _moment(known, stamps, ready, middle, threads)
        idle = threads - sum(parts.values())
        rest = "client" if middle < known.sent else "tail" if middle > first else "dependencies"
        parts[rest] = idle
        for account, count in parts.items():
            accounts[account] += count * width
    busy = accounts["cpu"] + accounts["waiting"]
    return Truth(busy / (end - called), _ceiling(known, stamps), accounts)


def _moment(
    known: Known, stamps: dict[str, Stamp], ready: dict[str, float], when: float, threads: int
) -> dict[str, float]:
    running = [
        stamp
        for name, stamp in stamps.items()
        if stamp.begin < when < stamp.end and not _away(known, name, stamps, when)
    ]
    moving = [s for s in stamps.values() if s.moved and s.moved[0] < when < s.moved[1]]
    able = [n for n, s in stamps.items() if ready[n] < when < s.begin and s not in moving]
    cpu = sum(min(stamp.cpu / (stamp.end - stamp.begin), 1.0) for stamp in running)
    moved = min(len(moving), threads - len(running))
    starved = min(len(able), threads - len(running) - moved)
    return {
        "cpu": cpu,
        "waiting": len(running) - cpu,
        "movement": moved,
        "scheduling": starved,
    }


def _away(known: Known, name: str, stamps: dict[str, Stamp], when: float) -> bool:
    """Whether a task has left its thread to those it submitted."""
    if name != known.nested:
        return False
    inner = [stamp for other, stamp in stamps.items() if other != name]
    return min(s.begin for s in inner) < when < max(s.end for s in inner)


def _ceiling(known: Known, stamps: dict[str, Stamp]) -> float:
    long = {name: stamp.end - stamp.begin for name, stamp in stamps.items()}
    if known.nested is not None:
        inner = [stamp for name, stamp in stamps.items() if name != known.nested]
        away = max(s.end for s in inner) - min(s.begin for s in inner)
        work = sum(long.values()) - away
        return work / long[known.nested]

    def reach(name: str) -> float:
        return long[name] + max((reach(other) for other in known.edges.get(name, ())), default=0.0)

    return sum(long.values()) / max(reach(name) for name in long)
