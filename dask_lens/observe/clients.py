"""Runs in the kernel: watches distributed clients send their graphs.

``Client._graph_to_futures`` carries submit, map, compute, persist and get. It is looked up
before the client takes its lock: that is when the scheduler's half is put in place. Inside,
directly before the graph is sent and with the lock held, it calls ``_get_computation_code``:
that is when the keys are known, and when nothing may wait.

https://github.com/dask/distributed/blob/2026.8.0/distributed/client.py#L3373
"""

from __future__ import annotations

import contextlib
import sys
import threading
from time import time
from types import FrameType
from typing import Any

from dask.utils import parse_timedelta

from dask_lens import config
from dask_lens.observe.actors import Actors
from dask_lens.observe.asked_clients import AskedClients
from dask_lens.observe.breaker import Breaker
from dask_lens.observe.drainer import Drainer
from dask_lens.observe.journal import SUBMITS, Journal
from dask_lens.observe.keys import sample, text
from dask_lens.observe.link import Link
from dask_lens.observe.local import runs_a_task
from dask_lens.observe.sites import Site
from dask_lens.observe.submission import Submission
from dask_lens.observe.tap import MethodTap, Patches
from dask_lens.record.run import NotJudged

PART = "distributed"
#: Methods of clients that optimise graphs before they send them.
COMPUTES = frozenset({"compute", "persist", "get"})
#: Seconds that the end of a cell may wait for workers to tell their tasks' CPU time.
CPU_WAIT = 0.25


class _Here(threading.local):
    #: What the client's method that runs in this thread is about to send.
    submission: Submission | None = None


class Clients:
    """The hooks into distributed's clients, and the links to their schedulers."""

    def __init__(self, journal: Journal, breaker: Breaker, asked: AskedClients) -> None:
        self.journal = journal
        self.breaker = breaker
        self._asked = asked
        self._links: dict[str, Link] = {}
        self._patches = Patches()
        self._here = _Here()
        self._timeout = parse_timedelta(config.get("observe.timeout"))
        interval = parse_timedelta(config.get("observe.interval"))
        self._drainer = Drainer(self._drain_all, max(interval, 0.1))
        self._actors = Actors(journal, asked.sites, self._links, self._guarded, self._drainer.wake)

    def install(self) -> None:
        """Put every hook in place."""
        from distributed.client import Client  # noqa: PLC0415 - only once it is loaded anyway
        from distributed.deploy.cluster import Cluster  # noqa: PLC0415 - it is there now
        from distributed.deploy.spec import SpecCluster  # noqa: PLC0415 - it is there now

        self._tap(Client, "_graph_to_futures", self._before_graph)
        self._tap(Client, "_get_computation_code", self._before_sending)
        for method in ("compute", "persist"):
            self._tap(Client, method, self.journal.began.note)
        for method in ("close", "_close", "shutdown", "restart"):
            self._tap(Client, method, self._before_client_closes)
        self._tap(Cluster, "close", self._before_cluster_closes)
        self._tap(SpecCluster, "_close", self._before_cluster_closes)
        self._actors.install(self._patches)
        self._asked.install()
        self.greet()

    def remove(self) -> None:
        """Put everything back and leave the schedulers."""
        self._asked.remove()
        self._patches.undo()
        self._drainer.stop()
        self._guarded(self._actors.give_up)
        for link in self._links.values():
            with contextlib.suppress(Exception):  # it may be gone long since
                link.leave(self._timeout)
        self._links.clear()

    def _tap(self, owner: type, name: str, before: Any) -> None:
        self._patches.put(owner, name, MethodTap(vars(owner)[name], before))

    def greet(self) -> None:
        """Put the scheduler's half in place for every client there is."""
        from distributed.client import Client  # noqa: PLC0415 - it is there now

        for client in list(Client._instances):  # noqa: SLF001 - no public list
            if client.status == "running" and not _is_inside_tasks(client):
                self._guarded(self._link, client)

    def flush(self) -> None:
        """Take in what is new, as far as that can be had in the time set."""
        self._guarded(self._actors.drain)
        until = time() + self._timeout
        for link in list(self._links.values()):
            more = not link.idle
            while more and (left := until - time()) > 0:
                more = bool(self._guarded(link.drain, left, min(left / 2, CPU_WAIT)))

    # Called from inside a client

    def _before_graph(self, frame: FrameType, client: Any) -> None:
        self._here.submission = None
        self._guarded(self._expect, frame, client)

    def _expect(self, frame: FrameType, client: Any) -> None:
        link = self._links.get(client.id)
        if link is None or not (link.registered or link.refused):
            if _is_inside_tasks(client):
                return
            link = self._link(client)
        nested = runs_a_task()
        site = self._asked.sites.at(frame.f_back)
        if site is None:
            return
        if nested:  # the frames tell where the task was written, not which cell submitted it
            recording = self.journal.running or site.recording
            site = Site(site.code, recording, site.place, direct=site.direct)
        if link.refused is not None:
            site.recording.not_judged["distributed-tasks"] = NotJudged(
                "distributed-tasks", link.refused
            )
        call = frame.f_code.co_name
        if call not in SUBMITS or not site.is_layered:
            self.journal.note_layers(site.recording, site.place, frame, call)
            site.is_layered = True
        self._asked.graph(frame, client, site)
        asked = self.journal.began.when(frame) if call in COMPUTES else None
        away = _task_that_left_its_thread() if nested else None
        self._here.submission = Submission(site, call, nested=nested, asked=asked, away=away)
        if getattr(client.scheduler, "address", "").startswith("inproc://"):
            self.journal.interpreter.wake()
        self._drainer.wake()

    def _before_sending(self, frame: FrameType, client: Any) -> None:
        submission, self._here.submission = self._here.submission, None
        if submission is not None and frame.f_code.co_name == "_graph_to_futures":
            self._guarded(self._sent, submission, frame, client)

    def _sent(self, submission: Submission, frame: FrameType, client: Any) -> None:
        values = frame.f_locals
        submission.sample = sample(values["keyset"])
        self._asked.sent(submission.call, submission.site, values.get("pickled_size", 0), frame)
        if submission.sample is not None:
            submission.sent = time()
            self._links[client.id].outbox.append(submission)

    def _before_client_closes(self, _frame: FrameType, client: Any) -> None:
        link = self._links.get(client.id)
        if link is not None and not link.idle:
            self._guarded(self._drain_to_the_end, link)

    def _before_cluster_closes(self, _frame: FrameType, _cluster: Any) -> None:
        self._guarded(self.flush)

    # The links

    def _link(self, client: Any) -> Link:
        link = self._links.get(client.id)
        if link is None:
            link = Link(client, self.journal.open, self.journal.close, self.journal.changed)
            self._links[client.id] = link
        if not link.registered and not link.refused:
            try:
                link.register()
            except Exception as error:  # noqa: BLE001 - whatever the scheduler has against it
                link.refuse(error)
        return link

    def _drain_to_the_end(self, link: Link) -> None:
        until = time() + self._timeout
        while link.drain(self._timeout, min(self._timeout / 2, CPU_WAIT)) and time() < until:
            pass

    def _drain_all(self) -> bool:
        busy = bool(self._guarded(self._actors.drain))
        for name, link in list(self._links.items()):
            if not link.idle:
                self._guarded(link.drain, self._timeout)
                busy = busy or not link.idle
            elif link.over:
                self._guarded(self._links.pop(name).leave, self._timeout)
        return busy

    def _guarded(self, function: Any, *args: Any, **kwargs: Any) -> Any:
        if self.breaker.works(PART):
            try:
                return function(*args, **kwargs)
            except Exception as error:  # noqa: BLE001 - ours must not become the user's
                self.breaker.trip(PART, error)
                for link in list(self._links.values()):
                    with contextlib.suppress(Exception):  # it may be what is broken
                        link.give_up("observing distributed was turned off meanwhile")
        return None


def _task_that_left_its_thread() -> str | None:
    """Return the key of the task that this thread runs, if others have its place meanwhile."""
    from distributed.threadpoolexecutor import thread_state  # noqa: PLC0415 - it is there now

    left = getattr(thread_state, "proceed", True) is False
    key = getattr(sys.modules["distributed.worker"].thread_state, "key", None)
    return text(key) if left and key is not None else None


def _is_inside_tasks(client: Any) -> bool:
    """Whether the client is a worker's own; the plugin sees what it sends."""
    return bool(client.id.startswith("Client-worker-"))
