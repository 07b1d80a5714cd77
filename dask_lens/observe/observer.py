"""Runs in the kernel: the one observer of a process, and its parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dask_lens.observe.asked import Asked
from dask_lens.observe.breaker import Breaker
from dask_lens.observe.complaints import Complaints
from dask_lens.observe.facts import Facts
from dask_lens.observe.journal import Journal
from dask_lens.observe.local import LocalSchedulers
from dask_lens.observe.made import FRAMES, PART
from dask_lens.observe.namespace import Namespace
from dask_lens.observe.on_import import OnImport
from dask_lens.observe.sites import Sites
from dask_lens.observe.variables import snapshot
from dask_lens.record.cell import Cell
from dask_lens.record.live import Live
from dask_lens.record.run import Run, UnboundFuture

if TYPE_CHECKING:
    from dask_lens.observe.clients import Clients


class Observer:
    """Watches the schedulers of this process, cell by cell.

    Parameters
    ----------
    deliver
        Called, in any thread, with a run that ended with work under way, once that work is
        done.
    """

    def __init__(self, deliver: Callable[[Run], None]) -> None:
        self.breaker = Breaker()
        self.journal = Journal(self.breaker, deliver)
        self.busy = self.journal.busy
        self._sites = Sites(self.journal, self.breaker)
        self._facts = Facts()
        self._asked = Asked(self._sites, self._facts)
        self._complaints = Complaints(self._sites)
        self._local: LocalSchedulers | None = None
        self._clients: Clients | None = None
        self._namespace = Namespace()
        self._on_import = OnImport(self._distributed_has_come, "Client", "distributed.client")
        self._on_frames = OnImport(self._frames_have_come, "FrameBase", *FRAMES)
        self._on_array = OnImport(self._array_has_come, "Array", "dask.array.core")

    def start(self) -> None:
        """Install every hook; does nothing when they are there."""
        if self._local is None:
            self._local = LocalSchedulers(self.journal, self.breaker)
            self._local.install()
            self.journal.made.install()
            self._guarded("calls", self._asked.install)
            for on_import in (self._on_import, self._on_frames, self._on_array):
                on_import.install()
            self._look()

    def _look(self) -> None:
        self._guarded("distributed", self._on_import.look)
        self._guarded(PART, self._on_frames.look)
        self._guarded("calls", self._on_array.look)

    def _array_has_come(self) -> None:
        self._guarded("calls", self._complaints.listen_to_arrays)

    def _distributed_has_come(self) -> None:
        self._guarded("distributed", self._watch_clients)

    def _frames_have_come(self) -> None:
        self._guarded(PART, self.journal.made.watch_frames)

    def _watch_clients(self) -> None:
        from dask_lens.observe.asked_clients import AskedClients  # noqa: PLC0415 - the same
        from dask_lens.observe.clients import Clients  # noqa: PLC0415 - loads distributed

        asked = AskedClients(self._sites, self._facts)
        self._clients = Clients(self.journal, self.breaker, asked)
        self._clients.install()
        self._guarded("calls", self._complaints.listen_to_logs)

    def _guarded(self, part: str, function: Callable[..., Any], *arguments: object) -> Any:
        if self.breaker.works(part):
            try:
                return function(*arguments)
            except Exception as error:  # noqa: BLE001 - ours must not become the user's
                self.breaker.trip(part, error)
        return None

    def stop(self) -> None:
        """Put everything back as it was; does nothing when it is."""
        if self._local is not None:
            for on_import in (self._on_import, self._on_frames, self._on_array):
                on_import.remove()
            self.journal.made.remove()
            self._complaints.remove()
            self._asked.remove()
            if self._clients is not None:
                self._clients.remove()
                self._clients = None
            self._local.remove()
            self._local = None
            self.breaker.reset()

    def begin(
        self,
        cell: Cell,
        filename: str | None = None,
        namespace: Mapping[str, object] | None = None,
    ) -> None:
        """Take note that a cell starts to run.

        Parameters
        ----------
        cell
            The cell.
        filename
            The code name that its frames will have; None where that is not known: then its
            calls have no line.
        namespace
            The user's variables, of which those that concern Dask are noted.
        """
        self._look()
        if namespace is not None:
            noted = self._guarded("variables", snapshot, namespace)
            cell = replace(cell, variables=noted) if noted else cell
        if self._clients is not None:
            self._guarded("distributed", self._clients.greet)
        self.journal.begin(cell, filename)

    def begin_part(self, source: str, filename: str | None) -> None:
        """Take note that the cell that runs starts to run a part of itself, as magics do.

        Parameters
        ----------
        source
            The part's text.
        filename
            The code name that its frames will have.
        """
        self.journal.begin_part(source, filename)

    def end(
        self,
        error: BaseException | None = None,
        namespace: Mapping[str, object] | None = None,
    ) -> Run:
        """Take note that the cell is done and return its run, which may have open work.

        Parameters
        ----------
        error
            What ended the cell; None where it ended well.
        namespace
            The user's variables, looked through for futures without a client.
        """
        name = None if error is None else _qualified(type(error))
        if self._clients is not None:
            self._guarded("distributed", self._clients.greet)
            self.flush()
        run = self.journal.end(name, self._unbound_futures(namespace))
        if run is None:
            raise RuntimeError("end() without begin(): no cell is being observed")
        return run

    def _unbound_futures(
        self, namespace: Mapping[str, object] | None
    ) -> tuple[UnboundFuture, ...]:
        if namespace is None:
            return ()
        return self._guarded("variables", self._namespace.unbound_futures, namespace) or ()

    def begin_block(self) -> None:
        """Take note that a block of the running cell begins, to be told apart from the rest."""
        self.journal.begin_block()

    def flush(self) -> None:
        """Take in what clusters did so far, as far as that can be had in the time set."""
        if self._clients is not None:
            self._guarded("distributed", self._clients.flush)

    def current(self) -> Run | None:
        """Return the cell that runs, or else work that outlived its cell, as it stands."""
        return self.journal.current()

    def live(self) -> Live:
        """Return what the gauge draws."""
        return self.journal.live()


def _qualified(kind: type) -> str:
    return (
        kind.__qualname__
        if kind.__module__ == "builtins"
        else (f"{kind.__module__}.{kind.__qualname__}")
    )
