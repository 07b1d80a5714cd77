"""Runs on a distributed scheduler, sent there by value: the tasks that one graph brought."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from itertools import islice
from typing import Any

from dask_lens.observe.bins import ALIVE, Bins

#: States in which a task has ended.
ENDS = frozenset({"memory", "erred", "forgotten"})
#: Share of the time in tasks of which it must be known how much was on the CPU.
KNOWN = 0.9
#: Seconds within which a thread is given the task that waited for its worker to write.
DIRECTLY = 0.05

#: Tasks of a graph that are sent in one event.
CHUNK = 200

#: By the key of a task, those of tasks that it needs.
Needs = dict[Any, list[Any]]


class Group:
    """The tasks that one graph brought.

    Parameters
    ----------
    number
        It is known to the kernel by this.
    tasks
        The scheduler's states of them.
    now
        The time.
    """

    __slots__ = (
        "alive", "bins", "busy", "changed", "cpu", "dropped", "erred", "kept", "left", "names",
        "number", "numbers", "parent", "prefixes", "ran", "spent", "told",
    )  # fmt: skip

    def __init__(self, number: int, tasks: list[Any], now: float) -> None:
        self.number = number
        #: The task that has submitted it from inside.
        self.parent: Any = None
        self.left = len(tasks)
        self.ran = 0
        self.kept = 0
        self.busy = 0.0
        self.dropped = 0
        self.erred = False
        self.prefixes = {state.prefix.name for state in tasks}
        #: By key prefix: seconds that tasks took since the last reading of CPU times, seconds
        #: that they took before, and how many of those were on the CPU.
        self.spent: dict[str, float] = {}
        self.told: dict[str, float] = {}
        self.cpu: dict[str, float] = {}
        #: Where it is too large to keep its tasks.
        self.bins: Bins | None = None
        #: Where they are too many to know them one by one: the task groups they are in.
        self.names: AbstractSet[str] = frozenset()
        #: Of its tasks, where they are known one by one.
        self.numbers = range(0)
        self.alive = 0
        self.changed = now

    def ran_one(self, prefix: str, seconds: float) -> None:
        """Take note of a task that came back."""
        self.ran += 1
        self.busy += seconds
        self.spent[prefix] = self.spent.get(prefix, 0.0) + seconds

    def take_spent(self) -> dict[str, float]:
        """Return what tasks took since the last reading, and begin anew."""
        spent, self.spent = self.spent, {}
        return spent

    def learn(self, spent: Mapping[str, float], shares: Mapping[str, float]) -> None:
        """Take in which share of what was spent was on the CPU."""
        for prefix, seconds in spent.items():
            if prefix in shares:
                self.told[prefix] = self.told.get(prefix, 0.0) + seconds
                self.cpu[prefix] = self.cpu.get(prefix, 0.0) + seconds * shares[prefix]
            else:  # it may yet be told
                self.spent[prefix] = self.spent.get(prefix, 0.0) + seconds

    def shares(self) -> dict[str, float]:
        """Return, by key prefix, the share of time on the CPU where nearly all is known."""
        return {
            prefix: self.cpu[prefix] / told if told > 0 else 1.0
            for prefix, told in self.told.items()
            if told >= KNOWN * (told + self.spent.get(prefix, 0.0))
        }

    def add_up(self, now: float) -> None:
        """Add its tasks up from now on."""
        self.bins = Bins(now)

    def has(self, state: Any, finish: str) -> bool:
        """Whether a task that is not known one by one is one of its own, and has not ended.

        Parameters
        ----------
        state
            The scheduler's state of it, where there is one.
        finish
            What becomes of it.
        """
        if state is None or state.group.name not in self.names:
            return False
        # What ran, or never will, has been counted before it is forgotten.
        return finish != "forgotten" or (state.nbytes < 0 and not self.erred)

    def becomes(self, change: int, now: float) -> None:
        """Take note that more of its tasks can run, or fewer."""
        if self.bins is not None and now > self.changed:
            self.bins.add(ALIVE, self.changed, now, self.alive)
            self.changed = now
        self.alive += change


def brought(scheduler: Any, keys: Iterable[Any]) -> tuple[list[Any], Needs | None]:
    """Return states of tasks that a graph has just brought, and what they need, of a small one."""
    states = (scheduler.tasks.get(key) for key in keys)
    new = [
        state
        for state in states
        if state is not None and state.state == "released" and state.run_spec is not None
    ]
    return new, _needed_by(new) if len(new) <= CHUNK else None


def _needed_by(states: Iterable[Any]) -> Needs:
    """Return what tasks need: the scheduler forgets that together with them."""
    return {state.key: [d.key for d in state.dependencies] for state in states}


def shape(
    number: int, tasks: list[Any], needs: Needs | None, index: Mapping[Any, int]
) -> Iterator[tuple[Any, ...]]:
    """Yield the events that tell of a graph's tasks and of what each needs.

    Parameters
    ----------
    number
        Of the graph.
    tasks
        The scheduler's states of them, by priority.
    needs
        The keys that they need, where the states may no longer tell.
    index
        The numbers of tasks that are not forgotten.
    """
    for at in range(0, len(tasks), CHUNK):
        part = tasks[at : at + CHUNK]
        keys = [state.key for state in part]
        known = _needed_by(part) if needs is None else needs
        edges = [[index[need] for need in known[key] if need in index] for key in keys]
        yield "shape", number, [index.get(key, -1) for key in keys], keys, edges


def counted(groups: Mapping[int, Group]) -> list[list[Any]]:
    """Return how many tasks of graphs ran, and how long, where not all are kept."""
    ran = ([g.number, g.ran, g.busy] for g in groups.values() if g.ran > g.kept)
    return list(islice(ran, CHUNK))


def unfinished(wanted: Iterable[Any]) -> dict[Any, Any]:
    """Return, by key, the scheduler's states of tasks that have not ended, all they need included.

    Parameters
    ----------
    wanted
        Those of tasks that are wanted.
    """
    seen: dict[Any, Any] = {}
    stack = list(wanted)
    while stack:
        state = stack.pop()
        if state.key not in seen and state.state not in ENDS:
            seen[state.key] = state
            stack.extend(state.dependencies)
    return seen


def steps(told: Iterable[Any]) -> tuple[float | None, float | None, float]:
    """Return when a task ran, and how long its data was on the way before.

    Parameters
    ----------
    told
        The worker's ``startstops``; those on the way at once count once.
    """
    start = stop = until = None
    movement = 0.0
    for step in told:
        if step["action"] == "compute":
            start, stop = step["start"], step["stop"]
        elif start is None and (until is None or step["stop"] > until):
            begin = step["start"] if until is None else max(step["start"], until)
            movement += step["stop"] - begin
            until = step["stop"]
    return start, stop, movement


class Written:
    """What workers wrote to disk last: while they do, none of their threads is given a task.

    https://github.com/dask/distributed/blob/2026.8.0/distributed/worker_state_machine.py#L2425
    """

    def __init__(self) -> None:
        self._last: dict[str | None, tuple[float, float]] = {}

    def before(self, worker: str | None, begin: float, told: Iterable[Any]) -> float:
        """Return for how long a worker wrote directly before one of its tasks.

        Parameters
        ----------
        worker
            Its address.
        begin
            When the task began, or its data was begun to be fetched.
        told
            The worker's ``startstops`` of the task, which tell of what it wrote after it.
        """
        ended, wrote = self._last.get(worker, (0.0, 0.0))
        directly = begin > ended and abs(begin - ended - wrote) <= DIRECTLY
        seconds = wrote if directly else 0.0
        for step in told:
            if step["action"] == "compute":
                ended = step["stop"]
            elif step["action"] == "disk-write":  # by the worker's clock, unlike the others
                self._last[worker] = ended, step["stop"] - step["start"]
        return seconds

    def forget(self, worker: str) -> None:
        """Forget a worker that has left."""
        self._last.pop(worker, None)
