"""Runs in the kernel: one computation of a local scheduler, as its callbacks tell it."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterable, Sequence
from operator import attrgetter
from threading import get_ident
from time import perf_counter, time
from typing import TYPE_CHECKING, Any

from dask.system import CPU_COUNT

from dask_lens import config
from dask_lens.observe import cut_short, stamps
from dask_lens.observe.crowd import Crowd
from dask_lens.observe.heard import Heard
from dask_lens.observe.interpreter import Interpreter, Looked
from dask_lens.observe.jobs import Jobs
from dask_lens.observe.kept import SIZE, WITH_WAY, Kept
from dask_lens.observe.keys import text
from dask_lens.observe.progress import Progress
from dask_lens.observe.tasks import make_task, prefix_of
from dask_lens.observe.weights import Weights
from dask_lens.record.computation import Computation
from dask_lens.record.graph import Graph
from dask_lens.record.task import Task

if TYPE_CHECKING:
    from dask_lens.observe.local import Watch

START = attrgetter("start")
#: A key, and the values of its stamp.
Ended = tuple[Any, tuple[Any, ...]]


class LocalComputation:
    """What ``get_async`` does for one call.

    Parameters
    ----------
    scheduler
        Its name.
    threads
        Tasks it can run at once.
    chunksize
        Tasks in each job it hands to its pool.
    exact
        Whether stamps come back with the results.
    pickled
        Whether in pickles, which are weighed.
    """

    def __init__(
        self,
        scheduler: str,
        threads: int,
        chunksize: int,
        *,
        exact: bool,
        pickled: bool = False,
    ) -> None:
        self.scheduler = scheduler
        self.threads = threads
        self.chunksize = chunksize
        self.exact = exact
        self.start = time()
        self.asked: float | None = None
        #: Tells its pool from others.
        self.number: int | None = None
        #: That of this process, where tasks may run in its threads.
        self.interpreter: Interpreter | None = None
        self._process = os.getpid()
        self.stop: float | None = None
        self.open = True
        self.failed = False
        self.limit: int = config.get("observe.max-tasks")
        #: Tasks that ran; where they are more than the limit, all are added up in the crowd.
        self.kept = Kept(WITH_WAY if pickled else SIZE)
        self._pickled = pickled
        self.crowd: Crowd | None = None
        self._progress = Progress(self.start, threads)
        self.erred: tuple[Any, stamps.Stamp] | None = None
        #: Jobs of processes that were at work at the end, and how many of which no more is known.
        self.cut: list[tuple[Any, stamps.Stamp]] = []
        self.untold = 0
        self.total = 0
        self.keys: list[Any] = []
        self.dependencies: dict[Any, Any] = {}
        self.order: dict[Any, int] = {}
        self.jobs = Jobs(threads, chunksize)
        #: Of tasks that shared memory: bytes of results and of what they were given.
        self.weights = Weights(perf_counter())
        self._graph: Graph | None = None
        self._made: list[Task] = []
        self._looked_at = 0
        self._heard = Heard()
        self._lock = threading.RLock()  # a finalizer of the user may run inside
        self._state: dict[str, Any] = {}
        self._began: dict[Any, float] = {}
        self._watch: Watch | None = None

    def callbacks(self, watch: Watch, size: int) -> tuple[Any, ...]:
        """Return the five callbacks of :mod:`dask.callbacks`.

        Parameters
        ----------
        watch
            Told when one of them breaks.
        size
            Keys in the graph.
        """
        self._watch = watch
        if not self.exact:
            return None, self._start_state, self._pretask, self._posttask_outside, self._finish
        if self.chunksize != 1 or self._pickled:
            return None, self._start_state, self._job_begins, self._posttask, self._finish
        if size > self.limit:
            return None, self._start_state, None, self._posttask, self._finish
        adder = self.kept.adder(self.weights)
        if self.scheduler == "sync":  # which hands results back in the order of the tasks
            stamps.here.lane.keep = self.kept.values.extend
            adder = self.kept.key_adder(self.weights)
        return None, self._start_state, None, adder, self._finish

    def _start_state(self, _dsk: Any, state: dict[str, Any]) -> None:
        try:
            self._state = state
            self.total = len(state["ready"]) + len(state["waiting"])
            if self.total > self.limit:
                self.crowd = Crowd(self.start, state)
            if self.total <= config.get("observe.max-graph"):
                self.order = sys._getframe(1).f_locals["keyorder"]  # noqa: SLF001 - no public way
                self.keys = [*state["ready"], *state["waiting"]]
                self.dependencies = state["dependencies"]
        except Exception as error:  # noqa: BLE001 - ours must not become the user's
            self._broken(error)

    def _job_begins(self, key: Any, _dsk: Any, state: dict[str, Any]) -> None:
        try:
            self.jobs.sent(key, state["ready"])
        except Exception as error:  # noqa: BLE001 - ours must not become the user's
            self._broken(error)

    def _posttask(self, key: Any, result: Any, *_: Any) -> None:
        try:
            # A task that erred and was run again here brings no stamp of its own.
            stamp, stamps.here.arrived = stamps.here.arrived, None
            if stamp is not None and len(stamp) == WITH_WAY:
                stamp = self._heard.taken_off(stamp, text(key))
            if len(self.kept.keys) < self.limit:
                if stamp is not None and self._pickled:
                    stamp = *stamp, stamps.here.back
                self.kept.add(key, stamp)
                if not self._pickled and self.crowd is None:
                    self.weights.add(key, result)
            if self.crowd is not None and stamp is not None:
                self.crowd.add(stamp)
            if self.jobs.running:
                self.jobs.returned(key)
        except Exception as error:  # noqa: BLE001 - ours must not become the user's
            self._broken(error)

    def hear(self, told: dict[str, Any]) -> bool:
        """Take in what a task warned of; return whether it is one of those that run."""
        is_here = told["key"] in self._state.get("running", ())
        if is_here:
            self._heard.take_one(told, text(told["key"]))
        return is_here

    def _pretask(self, key: Any, dsk: Any, state: dict[str, Any]) -> None:
        self._began[key] = time()
        self._job_begins(key, dsk, state)

    def _posttask_outside(self, key: Any, result: Any, *_: Any) -> None:
        start = self._began.pop(key, None)
        if start is not None:
            stamps.here.arrived = stamps.Stamp((None, 0, start, time(), None, 0.0, None))
        self._posttask(key, result)

    def _finish(self, dsk: Any, state: Any, failed: bool) -> None:
        try:
            if not self._pickled and self.crowd is None and not failed:
                self.weights.add_given(dsk, state["dependencies"], self.keys)
            if failed:
                values = sys._getframe(1).f_locals  # noqa: SLF001 - no public way
                self._find_erred(values)
                cut_short.take_in(self, values)
        except Exception as error:  # noqa: BLE001 - ours must not become the user's
            self._broken(error)
        if self._watch is not None:
            self._watch.close(self, failed=failed)

    def _find_erred(self, values: dict[str, Any]) -> None:
        """Find out which task ended the computation, where that can be known."""
        running = self._state.get("running", ())
        ended = stamps.here.lane.end() if self.scheduler == "sync" else None
        if ended is not None and len(running) == 1:
            self.erred = next(iter(running)), stamps.Stamp((None, get_ident(), *ended, 0.0, None))
        elif values.get("failed"):
            stamp = stamps.erred.pop(id(values.get("exc")), None)
            key = values["key"]
            start = self._began.get(key)
            if stamp is None:
                stamp = stamps.erred_there(values.get("res_info"))
            if stamp is None and start is not None:
                stamp = stamps.Stamp((None, 0, start, time(), None, 0.0, None))
            if stamp is not None:
                self.erred = key, stamp

    def close(self, *, failed: bool) -> None:
        """Let go of the scheduler's state."""
        self.stop = time()
        self.failed = failed
        self._state = {}
        self._watch = None
        self.open = False

    def _broken(self, error: Exception) -> None:
        if self._watch is not None:
            self._watch.broken(error)

    @property
    def final(self) -> bool:
        """Whether nothing can be added any more."""
        return not self.open

    @property
    def in_threads(self) -> bool:
        """Whether its tasks run side by side in threads of this process."""
        return self.scheduler == "threads" and self.threads > 1

    def _looked(self, tasks: Sequence[Task]) -> Looked:
        """Return what was seen of this process while they ran."""
        here = self.interpreter
        return here.told_of(tasks) if here is not None and self.in_threads else Looked()

    @property
    def settled(self) -> bool:
        """Whether all that has ended is known in full."""
        return True

    @property
    def pool(self) -> object:
        """What it shares its threads with."""
        return self

    @property
    def source(self) -> object:
        """Who tells how it stands."""
        return self

    def accounts(self) -> dict[str, float]:
        """Thread-seconds so far; empty before the first task could run."""
        state, now = self._state, time()
        if not state:
            return {}
        with self._lock:
            return self._progress.look(now, self.kept, self.crowd, self._under_way(), state)

    def _under_way(self) -> list[float]:
        """Return since when each thread, or each job of processes, has been at work."""
        if self.scheduler == "processes" or not self.exact:
            return self.jobs.under_way()
        starts = [lane.start for lane in list(stamps.lanes.values())]
        return [start for start in starts if start is not None and start >= self.start]

    def forget(self) -> None:
        """Let go of what the snapshot was made of."""
        self.kept.clear()
        self.keys.clear()
        self.dependencies = self.order = {}
        self._graph = None
        self._made = []

    def live(self) -> tuple[int, int, int, int]:
        """Tasks running, threads, tasks done, tasks known."""
        running = self.jobs.running or len(self._state.get("running", ()))
        return (
            min(running, self.threads),
            self.threads,
            len(self.kept) if self.crowd is None else self.crowd.ran,
            self.total,
        )

    def snapshot(self) -> Computation:
        """How it stands, without its place."""
        with self._lock:
            graph = self._shape()
            tasks = self._tasks()
        ran, busy = len(tasks) + self.untold, sum([task.stop - task.start for task in tasks])
        if self.crowd is not None and self.crowd.ran > ran:
            ran, busy = self.crowd.ran, self.crowd.busy
        whole = self.crowd is not None and ran == self.crowd.ran
        return Computation(
            scheduler=self.scheduler,
            start=self.start,
            stop=self.stop,
            threads=self.threads,
            tasks=tuple(tasks),
            n_tasks=ran,
            busy=busy,
            chunksize=self.chunksize,
            graph=graph,
            status="open" if self.open else "erred" if self.failed else "finished",
            timeline=self.crowd.timeline() if self.crowd is not None and whole else None,
            cores=CPU_COUNT,
            pool=self.number,
            warnings=self._heard.all(),
            **self._looked(tasks)._asdict(),
        )

    def _tasks(self) -> list[Task]:
        """Make records of what has come in since the last look, and return all, by start."""
        until = len(self.kept)
        self._made += self._records(self.kept.between(self._looked_at, until), "memory")
        self._looked_at = until
        erred = self._records([] if self.erred is None else [self.erred], "erred")
        erred += self._records(self.cut, "released")
        return sorted([*self._made, *erred], key=START)

    def _records(self, ended: Iterable[Ended], status: str) -> list[Task]:
        here, exact = str(self._process), self.exact and status != "released"
        given, weight, came = self.weights.given, self.weights.of, status == "memory"
        made = []
        for key, (_, thread, start, stop, cpu, movement, process, *way) in ended:
            on = cpu if cpu is None or cpu <= stop - start else stop - start  # two clocks
            sent, packing, nbytes = way or (given.get(key), 0.0, weight(key) if came else None)
            made.append(make_task(
                text(key), prefix_of(key), str(process) if process else here, thread, start, stop,
                on, movement, nbytes, None, status, exact, None, sent, packing,
            ))  # fmt: skip
        return made

    def _shape(self) -> Graph | None:
        if self._graph is None and self.keys:
            keys = sorted(self.keys, key=self.order.__getitem__)
            index = {key: i for i, key in enumerate(keys)}
            waits_for = self.dependencies
            self._graph = Graph(
                tuple([text(key) for key in keys]),
                tuple(
                    [
                        tuple(sorted(index[d] for d in waits_for[key] if d in index))
                        if waits_for[key]
                        else ()
                        for key in keys
                    ]
                ),
            )
        return self._graph
