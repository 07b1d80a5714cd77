"""Runs in the kernel: keeps, for each cell that ran, what schedulers do for it."""

from __future__ import annotations

import dataclasses
import functools
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from time import time
from types import FrameType
from typing import Protocol

from dask_lens.observe.began import Began
from dask_lens.observe.breaker import Breaker
from dask_lens.observe.interpreter import Interpreter
from dask_lens.observe.made import NOTHING, Layers, Made
from dask_lens.observe.made import PART as MADE
from dask_lens.observe.notes import Notes
from dask_lens.observe.places import Cells
from dask_lens.record.cell import Cell, Place
from dask_lens.record.computation import Computation
from dask_lens.record.graph import Graph
from dask_lens.record.live import Live
from dask_lens.record.run import NotJudged, Run, UnboundFuture

#: Cells whose late work still finds its way home.
REMEMBERED = 100
#: Tasks of all cells that are kept one by one; beyond it the oldest cells are forgotten.
KEPT_TASKS = 500_000
#: Computations of one cell kept one by one; a loop may call compute any number of times.
MAX_COMPUTATIONS = 2_000
#: The part of the observer that tells how time is spent while it is.
ACCOUNTS = "accounts so far"
#: Calls that make the tasks that they send.
SUBMITS = frozenset({"submit", "map", "scatter"})


class Ongoing(Protocol):
    """A computation that is, or was, under way."""

    start: float
    asked: float | None
    limit: int
    interpreter: Interpreter | None

    @property
    def open(self) -> bool:
        """Whether it is still under way."""

    @property
    def final(self) -> bool:
        """Whether nothing can be added any more."""

    @property
    def settled(self) -> bool:
        """Whether all that has ended is known in full."""

    @property
    def pool(self) -> object:
        """What it shares its threads with."""

    @property
    def source(self) -> object:
        """Who tells how it stands, of all its computations at once."""

    def accounts(self) -> dict[str, float]:
        """Thread-seconds of its source so far; empty where not known."""

    def snapshot(self) -> Computation:
        """How it stands, without its place."""

    def forget(self) -> None:
        """Let go of what the snapshot was made of."""

    def live(self) -> tuple[int, int, int, int]:
        """Tasks running, threads, tasks done, tasks known."""


class Entry:
    """A computation and its place; once over, only the record of it is kept.

    Parameters
    ----------
    ongoing
        The computation.
    place
        The place of the call.
    placed
        Adds to a graph the places of the calls that made its tasks.
    """

    def __init__(
        self, ongoing: Ongoing, place: Place | None, placed: Callable[[Graph], Graph]
    ) -> None:
        self.ongoing = ongoing
        self.place = place
        self._placed = placed
        self._graphs: tuple[Graph, Graph] | None = None
        self._record: Computation | None = None

    def computation(self) -> Computation:
        """How it stands."""
        if self._record is not None:
            return self._record
        ongoing = self.ongoing
        is_over = ongoing.final
        record = ongoing.snapshot()
        graph = record.graph
        if graph is not None:
            if self._graphs is None or self._graphs[0] is not graph:
                self._graphs = graph, self._placed(graph)
            graph = self._graphs[1]
        record = dataclasses.replace(record, place=self.place, graph=graph, asked=ongoing.asked)
        if is_over:
            self._graphs = None
            self._record = record
            ongoing.forget()
        return record

    def size(self) -> int:
        """Return about how many tasks are kept."""
        if self._record is not None:
            return len(self._record.tasks)
        return min(self.ongoing.live()[2], self.ongoing.limit)


class Recording:
    """One execution of a cell, in the making.

    Parameters
    ----------
    cells
        The cells that ran so far, this one last.
    """

    def __init__(self, cells: tuple[Cell, ...]) -> None:
        self.cells = cells
        self.start = time()
        self.stop: float | None = None
        self.error: str | None = None
        self.unbound: tuple[UnboundFuture, ...] = ()
        self.not_judged: dict[str, NotJudged] = {}
        self.notes = Notes()
        #: Modules whose functions were given something lazy, with their text.
        self.modules: dict[str, str] = {}
        self.entries: dict[Ongoing, Entry] = {}
        #: Computations that more submits from the same line may join.
        self.bursts: dict[tuple[object, Place | None], Ongoing] = {}
        #: By the place of a compute call, those of what it computes: see :mod:`.made`.
        self.layers: dict[Place | None, Layers] = {}

    def is_open(self) -> bool:
        """Whether any of its computations is still under way."""
        return any(entry.ongoing.open for entry in self.entries.values())

    def is_settled(self) -> bool:
        """Whether nothing more will be known of the computations that are over."""
        return all(entry.ongoing.settled for entry in self.entries.values())

    def place(self, cell: Cell | None, line: int | None) -> Place | None:
        """Turn a cell and a line into a place within the run."""
        if cell is None or line is None:
            return None
        for index in range(len(self.cells) - 1, -1, -1):
            if self.cells[index] is cell:
                return Place(index, line)
        return None

    def run(self, off: tuple[NotJudged, ...]) -> Run:
        """How it stands.

        Parameters
        ----------
        off
            What could not be looked at because a part of the observer is off.
        """
        records = [entry.computation() for entry in list(self.entries.values())]
        # A call whose results were all there already ran nothing.
        computations = [c for c in records if c.n_tasks or c.dropped or c.status != "finished"]
        return Run(
            cells=self.cells,
            observed=len(self.cells) - 1,
            start=self.start,
            stop=self.stop,
            computations=tuple(sorted(computations, key=lambda c: c.start)),
            unbound_futures=self.unbound,
            error=self.error,
            not_judged=(*self.not_judged.values(), *off),
            calls=self.notes.calls(),
            modules=tuple(self.modules.items()),
        )


class Journal:
    """All recordings, safe to use from any thread.

    Parameters
    ----------
    breaker
        Knows which parts are off.
    deliver
        Told of a run that ended with work under way, once that work is done.
    """

    def __init__(self, breaker: Breaker, deliver: Callable[[Run], None]) -> None:
        self.busy = threading.Event()
        self.cells = Cells()
        self.made = Made(self.cells, breaker)
        self.began = Began()
        self.interpreter = Interpreter(self.busy)
        self._breaker = breaker
        self._deliver = deliver
        self._lock = threading.RLock()
        self._recordings: dict[Cell, Recording] = {}
        #: The cell that is executing.
        self.running: Recording | None = None
        self._open: dict[Ongoing, Recording] = {}

    def begin(self, cell: Cell, filename: str | None) -> None:
        """Start the recording of a cell."""
        self.made.lines.turn()
        with self._lock:
            recording = Recording(self.cells.add(cell, filename))
            self._recordings.pop(cell, None)
            self._recordings[cell] = recording
            while len(self._recordings) > REMEMBERED:
                del self._recordings[next(iter(self._recordings))]
            self._forget_large()
            self.running = recording

    def _forget_large(self) -> None:
        room = KEPT_TASKS
        for cell, recording in reversed(list(self._recordings.items())):
            room -= sum(entry.size() for entry in recording.entries.values())
            if room < 0 and not recording.is_open():
                del self._recordings[cell]

    def begin_part(self, source: str, filename: str | None) -> None:
        """Let the frames of a part of the running cell count as the cell's own."""
        with self._lock:
            if self.running is not None and filename is not None:
                self.cells.add_part(self.running.cells[-1], source, filename)

    def begin_block(self) -> None:
        """Let no submit from here on join a computation from before."""
        with self._lock:
            if self.running is not None:
                self.running.bursts.clear()

    def end(self, error: str | None, unbound: tuple[UnboundFuture, ...]) -> Run | None:
        """End the recording that runs and return how it stands; None where none runs."""
        self.made.lines.turn()
        with self._lock:
            recording, self.running = self.running, None
            if recording is None:
                return None
            recording.stop = time()
            recording.error = error
            recording.unbound = unbound
        return self._run(recording)

    def recording_of(self, frame: FrameType | None) -> tuple[Recording | None, Place | None]:
        """Return the recording that a call belongs to and the place of the call."""
        origin, where, line = self.cells.locate(frame)
        # No lock: this may be called while a client holds its own.
        recording = self.running if origin is None else self._recordings.get(origin)
        return (None, None) if recording is None else (recording, recording.place(where, line))

    def note_layers(
        self, recording: Recording, place: Place | None, frame: FrameType | None, call: str = ""
    ) -> None:
        """Take note of what a call computes: where its parts were made.

        Parameters
        ----------
        recording, place
            Where the call belongs.
        frame
            Of the scheduler's function.
        call
            Its name.
        """
        if self._breaker.works(MADE):
            try:
                recording.layers[place] = self.made.layers(frame, all_here=call in SUBMITS)
            except Exception as error:  # noqa: BLE001 - ours must not become the user's
                self._breaker.trip(MADE, error)

    def _placed(self, recording: Recording, place: Place | None, graph: Graph) -> Graph:
        if self._breaker.works(MADE):
            try:
                layers = recording.layers.get(place, NOTHING)
                return self.made.placed(graph, layers, place, lambda spot: recording.place(*spot))
            except Exception as error:  # noqa: BLE001 - better without places than none
                self._breaker.trip(MADE, error)
        return graph

    def open(self, ongoing: Ongoing, recording: Recording, place: Place | None) -> bool:
        """Add a computation that begins; False where the recording has too many."""
        with self._lock:
            known = ongoing in recording.entries
            if not known and len(recording.entries) >= MAX_COMPUTATIONS:
                recording.not_judged["computations"] = NotJudged(
                    "computations",
                    f"only the first {MAX_COMPUTATIONS} computations of the cell were recorded; "
                    "split the cell to see the others",
                )
                return False
            if not known:
                placed = functools.partial(self._placed, recording, place)
                recording.entries[ongoing] = Entry(ongoing, place, placed)
            self._open[ongoing] = recording
            self.busy.set()
            ongoing.interpreter = self.interpreter
            return True

    def close(self, ongoing: Ongoing) -> None:
        """Take note that a computation is over, and deliver what waited for it."""
        with self._lock:
            recording = self._open.pop(ongoing, None)
            if not self._open:
                self.busy.clear()
        if recording is not None:
            self.changed(recording)

    def changed(self, recording: Recording) -> None:
        """Deliver a cell that is over, with all that is known of it by now."""
        with self._lock:
            if recording.stop is None or recording.is_open() or not recording.is_settled():
                return
        try:
            self._deliver(self._run(recording))
        except Exception as error:  # noqa: BLE001 - this may be inside a task of the user
            self._breaker.trip("work that outlives its cell", error)

    def _run(self, recording: Recording) -> Run:
        try:
            self.made.lines.sort()
            return recording.run(self._breaker.not_judged())
        except Exception as error:  # noqa: BLE001 - better a run without computations than none
            self._breaker.trip("computations", error)
            recording.entries.clear()
            recording.notes = Notes()
            return recording.run(self._breaker.not_judged())

    def current(self) -> Run | None:
        """Return the cell that runs as it stands, or else the last one with work under way."""
        with self._lock:
            recording = self.running
            if recording is None and self._open:
                recording = list(self._open.values())[-1]
        return None if recording is None else self._run(recording)

    def live(self) -> Live:
        """Sum up the computations that are under way."""
        now = time()
        with self._lock:
            ongoing = list(self._open)
        if not ongoing:
            return Live(now)
        running: dict[object, int] = {}
        threads: dict[object, int] = {}
        accounts: dict[object, dict[str, float]] = {}
        done = total = 0
        for one in ongoing:
            running[one.source], threads[one.pool], one_done, one_total = one.live()
            accounts[one.source] = self._accounts(one)
            done += one_done
            total += one_total
        return Live(
            now,
            min(sum(running.values()), sum(threads.values())),
            sum(threads.values()),
            done,
            total,
            max(now - min(one.start for one in ongoing), 0.0),
            _added(accounts.values()),
        )

    def _accounts(self, ongoing: Ongoing) -> dict[str, float]:
        if self._breaker.works(ACCOUNTS):
            try:
                return ongoing.accounts()
            except Exception as error:  # noqa: BLE001 - it must not cost the gauge
                self._breaker.trip(ACCOUNTS, error)
        return {}


def _added(parts: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """Add accounts up, by name; nothing where one part is not known."""
    total: Counter[str] = Counter()
    for part in parts:
        if not part:
            return {}
        total.update(part)
    return dict(total)
