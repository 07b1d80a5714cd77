"""Runs in the kernel: what distributed's clients are asked.

``submit`` and ``map`` look ``_graph_to_futures`` up when they know their keys; a ``submit`` of a
key that exists already makes a ``Future`` of it and returns. ``Client.__init__`` looks ``start``
up when it knows what it will connect to.

https://github.com/dask/distributed/blob/2026.8.0/distributed/client.py#L2125
"""

from __future__ import annotations

import weakref
from itertools import islice
from types import FrameType
from typing import Any

import dask.config
from dask.utils import parse_bytes
from distributed.client import Client, Future

from dask_lens.observe import looking
from dask_lens.observe.asked import MOST_COLLECTIONS
from dask_lens.observe.computing import collection_facts, layer_names, layers_of
from dask_lens.observe.facts import LARGE, Facts, module_of
from dask_lens.observe.frames import caller_of_dask, variables
from dask_lens.observe.notes import Note
from dask_lens.observe.sites import Site, Sites
from dask_lens.observe.tap import MethodTap, Patches

#: How the methods that send graphs are called in the record.
NAMES = {
    "submit": "distributed.Client.submit",
    "map": "distributed.Client.map",
    "compute": "distributed.Client.compute",
    "persist": "distributed.Client.persist",
    "get": "dask.compute",
}
#: Bytes below which no graph is large, whatever the setting says.
SMALL = 1_000_000
#: Keys, and items of what is mapped over, that are looked at.
MOST_KEYS = 10_000
MOST_MAPPED = 20


class AskedClients:
    """The hooks into what ``Client`` is asked."""

    def __init__(self, sites: Sites, facts: Facts) -> None:
        self.sites = sites
        self.facts = facts
        self._patches = Patches()
        self._made: weakref.WeakKeyDictionary[Any, Note] = weakref.WeakKeyDictionary()
        self._submit = Client.submit.__code__
        self._init = Client.__init__.__code__

    def install(self) -> None:
        """Put every hook in place."""
        self._tap(Future, "__init__", self._before_future)
        self._tap(Client, "start", self._before_start)
        for name in ("__enter__", "__aenter__"):
            self._tap(Client, name, self._before_enter)

    def remove(self) -> None:
        """Put everything back."""
        self._patches.undo()

    def _tap(self, owner: type, name: str, before: Any) -> None:
        self._patches.put(owner, name, MethodTap(vars(owner)[name], before))

    def graph(self, frame: FrameType, client: Client, site: Site) -> None:
        """Note what a method of the client is about to send.

        Parameters
        ----------
        frame
            The frame of the method.
        client
            The client.
        site
            Where the method was called.
        """
        caller, outermost = (frame.f_back, frame) if site.direct else caller_of_dask(frame)
        call = frame.f_code.co_name
        if call == "get" or outermost.f_globals is not frame.f_globals:
            return  # dask.compute and dask.persist are seen on their own
        name = NAMES.get(call)
        note = site.note(name) if name is not None else None
        if note is not None and caller is not None:
            look = {"submit": self._submitted, "map": self._mapped}.get(call, self._computed)
            self.sites.guarded(look, note, frame, caller, client)

    def sent(self, call: str, site: Site, nbytes: int, frame: FrameType) -> None:
        """Note how large a graph was when it was sent.

        Parameters
        ----------
        call
            The method of the client.
        site
            Where it was called.
        nbytes
            Size of the graph.
        frame
            Called by the frame of the method.
        """
        self.sites.guarded(self._sent, call, site, nbytes, frame)

    def _sent(self, call: str, site: Site, nbytes: int, frame: FrameType) -> None:
        note = site.note(NAMES[call]) if call in NAMES else None
        if note is None:
            return
        note.add("graph_nbytes", nbytes)
        if nbytes < LARGE:
            return  # nothing in it is large
        if call == "submit" and frame.f_back is not None:
            values = frame.f_back.f_locals
            self._sized(note, (*values["args"], *values["kwargs"].values()))
        setting = "distributed.admin.large-graph-warning-threshold"
        if nbytes > SMALL and nbytes > parse_bytes(dask.config.get(setting)):
            warned = site.note("warnings.warn")
            if warned is not None:
                warned.again()
                message = f"Sending large graph of {nbytes} bytes"
                warned.set(kind="large-graph", message=message, nbytes=nbytes)

    # submit and map

    def _submitted(self, note: Note, frame: FrameType, caller: FrameType, _client: Client) -> None:
        note.add("keys", 1)
        if note.again():
            values = frame.f_locals
            note.add("repeated", 0)
            note.set(pure=bool(values["pure"]))
            given = [(str(number), value) for number, value in enumerate(values["args"])]
            given += values["kwargs"].items()
            self._closely(note, values["func"], given, caller)

    def _mapped(self, note: Note, frame: FrameType, caller: FrameType, client: Client) -> None:
        values = frame.f_locals
        keys, kwargs = values["keys"], values["kwargs"]
        known = client.futures
        repeated = len(keys) - len(values["internal_priority"])
        if known:
            first = keys[:MOST_KEYS]
            repeated += len(set(first) & known.keys())
        note.add("keys", len(keys))
        note.add("repeated", repeated)
        if kwargs:
            self._sized(note, kwargs.values())
        if note.again():
            note.set(pure=bool(values["pure"]))
            mapped = [
                (str(number), item)
                for number, iterable in enumerate(values["iterables"])
                for item in islice(looking.items_of(iterable), MOST_MAPPED)
            ]
            self._closely(note, values["func"], [*mapped, *kwargs.items()], caller)

    def _sized(self, note: Note, given: Any) -> None:
        nbytes = self.facts.nbytes(given)
        if nbytes:
            note.add("nbytes", nbytes)

    def _closely(
        self, note: Note, function: Any, given: list[tuple[str, Any]], caller: FrameType
    ) -> None:
        if note.is_function_due():
            found, futures = self.facts.function(function)
            note.set(function=found)
            note.list("futures", futures)
        told = self.facts.arguments(given, caller)
        for what, entries in told.items():
            note.list(what, entries)
        running = self.sites.journal.running
        if "collections" in told and running is not None:
            running.modules |= module_of(function)

    def _before_future(self, frame: FrameType, _future: Future) -> None:
        if frame.f_code is self._submit:
            self.sites.guarded(self._repeated, frame)

    def _repeated(self, frame: FrameType) -> None:
        note = self.sites.note(NAMES["submit"], frame.f_back)
        if note is not None:
            values = frame.f_locals
            note.add("keys", 1)
            note.add("repeated", 1)
            if note.again() and "function" not in note.facts and frame.f_back is not None:
                note.set(pure=bool(values["pure"]))
                self._closely(note, values["func"], [], frame.f_back)

    # compute and persist of the client itself

    def _computed(self, note: Note, frame: FrameType, caller: FrameType, _client: Client) -> None:
        values = frame.f_locals
        collections = list(values.get("variables") or values.get("collections") or ())
        note.add("n_collections", len(collections))
        if note.again():
            names = variables(caller)
            entries = [
                {"name": looking.name_of(collection, names), **collection_facts(collection)}
                for collection in collections[:MOST_COLLECTIONS]
            ]
            note.set(scheduler="distributed", client=True)
            note.list("collections", entries)
            note.set(**layers_of(collections[:MOST_COLLECTIONS]))
            note.set(layers=layer_names(collections[:MOST_COLLECTIONS]))

    # Clients that are made

    def _before_start(self, frame: FrameType, client: Client) -> None:
        if frame.f_code is self._init:
            self.sites.guarded(self._starts, frame, client)

    def _starts(self, frame: FrameType, client: Client) -> None:
        values = frame.f_locals
        caller, _ = caller_of_dask(frame)
        note = self.sites.note("distributed.Client", caller)
        if values.get("name") == "worker" or note is None or caller is None:
            return
        note.again()
        known = list(Client._instances)  # noqa: SLF001 - no public list
        others = [other for other in known if _has_own_cluster(other, client)]
        names = variables(caller)
        name = next((n for other in others if (n := looking.name_of(other, names))), None)
        address = values.get("address")
        note.add("others", len(others))
        note.set(
            address="none" if address is None else "text" if type(address) is str else "cluster",
            name=name,
            context=False,
            options={
                key: value
                for key, value in values.get("kwargs", {}).items()
                if type(value) in (int, bool)
            },
        )
        self._made[client] = note

    def _before_enter(self, _frame: FrameType, client: Client) -> None:
        note = self._made.get(client)
        if note is not None:
            note.set(context=True)


def _has_own_cluster(other: Client, client: Client) -> bool:
    """Whether another client made a cluster of its own, which is still there."""
    if other is client or other.status != "running" or getattr(other, "_start_arg", None):
        return False
    return other.cluster is not None
