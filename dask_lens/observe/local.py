"""Runs in the kernel: watches ``dask.local.get_async``, which all local schedulers share.

``get_async`` asks ``local_callbacks`` for the callbacks of a computation. A stand-in adds
ours to that answer, nowhere else: :attr:`dask.callbacks.Callback.active` stays as it is.

https://github.com/dask/dask/blob/2026.8.0/dask/local.py#L459
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing.pool import ThreadPool
from pickle import loads as unpickle
from types import FrameType
from typing import Any

import dask.base
import dask.local
import dask.multiprocessing
import dask.threaded

from dask_lens.observe import stamps, warned
from dask_lens.observe.breaker import Breaker
from dask_lens.observe.journal import Journal, Recording
from dask_lens.observe.local_computation import LocalComputation
from dask_lens.observe.tap import Patches, Tap
from dask_lens.record.run import NotJudged

PART = "local schedulers"
#: By which warnings are asked for.
_NAME = "dask-lens-kernel"
IN_PROCESS = (stamps.ThreadId, stamps.NoId)


class LocalSchedulers:
    """The hooks into the synchronous, threads and processes schedulers and into executors."""

    def __init__(self, journal: Journal, breaker: Breaker) -> None:
        self.journal = journal
        self.breaker = breaker
        self.pid = os.getpid()
        self._patches = Patches()
        self._callbacks: Callable[..., Any] | None = None
        #: Computations of tasks in this process.
        self.under_way: list[LocalComputation] = []

    def install(self) -> None:
        """Put every hook in place."""
        self._callbacks = dask.local.local_callbacks
        put = self._patches.put
        put(dask.local, "local_callbacks", self._watch)
        put(dask.local.get_async, "__defaults__", _stamping_defaults(dask.local.get_async))
        unpack = Tap(dask.base.unpack_collections, self.journal.began.note)
        put(dask.base, "unpack_collections", unpack)  # the first that compute and persist call
        put(dask.threaded, "_thread_get_id", stamps.ThreadId())
        put(dask.threaded, "pack_exception", Tap(dask.threaded.pack_exception, self._note_erred))
        if dask.multiprocessing._loads is unpickle:  # noqa: SLF001 - the seam named above
            put(dask.multiprocessing, "_loads", stamps.loads)
            put(dask.multiprocessing, "_process_get_id", stamps.process_id)
            stamps.pack_exception.original = dask.multiprocessing.pack_exception
            put(dask.multiprocessing, "pack_exception", stamps.pack_exception)
        stamps.register()
        warned.listen(_NAME, self._warned)

    def remove(self) -> None:
        """Put everything back."""
        self._patches.undo()
        warned.forget(_NAME)
        self.journal.interpreter.stop()
        stamps.unregister()
        stamps.erred.clear()

    def _watch(self, callbacks: Any = None) -> Any:
        """Stand in for ``dask.callbacks.local_callbacks``."""
        inner = self._callbacks(callbacks)  # type: ignore[misc]  # set on start
        return Watch(self, inner)

    def _warned(self, frame: FrameType, message: Any) -> None:
        """Take note of a warning of a task that is shown with a line of Dask's, not the user's."""
        if os.getpid() == self.pid and self.under_way and warned.leads_nowhere(message):
            told = warned.described(frame, message)
            if told is not None:
                any(computation.hear(told) for computation in list(self.under_way))

    def _note_erred(self, frame: FrameType) -> None:
        try:
            stamps.note_erred(frame)
        except Exception as error:  # noqa: BLE001 - ours must not become the user's
            self.breaker.trip(PART, error)

    def open(self, frame: FrameType) -> LocalComputation | None:
        """Return the computation that begins, None where it is not for us to watch.

        Parameters
        ----------
        frame
            The frame of ``get_async``.
        """
        # A child of a fork has our hooks and nobody to tell; a call from inside a task is
        # part of that task.
        if os.getpid() != self.pid or runs_a_task():
            return None
        recording, place = self.journal.recording_of(frame.f_back)
        if recording is None:
            return None
        values = frame.f_locals
        scheduler, known = _scheduler(values["submit"])
        loads, get_id = values["loads"], values["get_id"]
        pickled = known and loads is stamps.loads and get_id is stamps.process_id
        shared = known and loads is stamps.carry and isinstance(get_id, IN_PROCESS)
        exact = pickled or shared
        computation = LocalComputation(
            scheduler, values["num_workers"], values["chunksize"], exact=exact, pickled=pickled
        )
        computation.number = _number(values["submit"])
        if not exact:
            _say_inexact(recording, known=known)
        if computation.in_threads:
            self.journal.interpreter.wake()
        computation.asked = self.journal.began.when(frame.f_back)
        self.journal.note_layers(recording, place, frame.f_back)
        if not self.journal.open(computation, recording, place):
            return None
        self.under_way.append(computation)
        return computation


class Watch:
    """The context of one ``get_async``: Dask's own, and our computation with it."""

    def __init__(self, hooks: LocalSchedulers, inner: Any) -> None:
        self.hooks = hooks
        self.inner = inner
        self.computation: LocalComputation | None = None
        self._aside: tuple[Any, ...] | None = None

    def __enter__(self) -> Any:
        callbacks = self.inner.__enter__()
        hooks, here = self.hooks, stamps.here
        nested = here.lane.start is not None or here.depth > 0
        here.depth += 1
        self._aside = here.lane.set_aside()
        try:
            if (
                not nested
                and hooks.breaker.works(PART)
                and type(callbacks) in (tuple, list, set, frozenset)
            ):
                frame = sys._getframe(1)  # noqa: SLF001 - no public way
                self.computation = hooks.open(frame)
                if self.computation is not None:
                    _, start_state, pretask, posttask, finish = self.computation.callbacks(
                        self, len(frame.f_locals["dsk"])
                    )
                    ours = None, start_state, pretask, posttask, finish
                    callbacks = (ours, *callbacks)
        except Exception as error:  # noqa: BLE001 - ours must not become the user's
            hooks.breaker.trip(PART, error)
        return callbacks

    def __exit__(self, *error: object) -> Any:
        stamps.here.depth -= 1
        if self._aside is not None:
            stamps.here.lane.resume(self._aside)
        try:
            return self.inner.__exit__(*error)
        finally:
            if self.computation is not None:
                self.close(self.computation, failed=error[0] is not None)

    def close(self, computation: LocalComputation, *, failed: bool) -> None:
        """End the computation, if that has not happened yet."""
        try:
            if computation.open:
                try:
                    computation.close(failed=failed)
                finally:
                    self.hooks.under_way.remove(computation)
                    self.hooks.journal.close(computation)
        except Exception as error:  # noqa: BLE001 - ours must not become the user's
            self.broken(error)

    def broken(self, error: Exception) -> None:
        """Give the computation up."""
        self.hooks.breaker.trip(PART, error)


def _stamping_defaults(function: Callable[..., Any]) -> tuple[Any, ...]:
    """Return the function's defaults with ``loads`` and ``get_id`` that stamp."""
    code = function.__code__
    names = code.co_varnames[: code.co_argcount]
    defaults = function.__defaults__ or ()
    values = dict(zip(names[-len(defaults) :], defaults, strict=True))
    if values["loads"] is dask.local.identity and values["get_id"] is dask.local.default_get_id:
        values.update(loads=stamps.carry, get_id=stamps.no_id)
    return tuple(values.values())


def _executor(submit: Any) -> Any:
    arguments = getattr(submit, "args", None)  # dask.local.get_apply_async makes a partial
    return getattr(arguments[0] if arguments else submit, "__self__", None)


def _number(submit: Any) -> int:
    """Return what tells the pool behind a ``submit`` from others: of none, it is the thread."""
    executor = _executor(submit)
    if isinstance(executor, dask.local.SynchronousExecutor):
        return threading.get_ident()
    return id(getattr(executor, "pool", executor))


def _scheduler(submit: Any) -> tuple[str, bool]:
    """Name the scheduler behind a ``submit``, and whether stamps come back from there."""
    executor = _executor(submit)
    if isinstance(executor, dask.local.SynchronousExecutor):
        return "sync", True
    if isinstance(executor, ThreadPoolExecutor):
        return "threads", True
    if isinstance(executor, ProcessPoolExecutor):
        return "processes", True
    pool = getattr(executor, "pool", executor)
    if isinstance(pool, ThreadPool):
        return "threads", True
    if type(pool).__module__ == "multiprocessing.pool":
        return "processes", True
    return "custom", False


def runs_a_task() -> bool:
    """Whether this thread is running a task of a distributed worker."""
    worker = sys.modules.get("distributed.worker")
    return worker is not None and getattr(worker.thread_state, "key", None) is not None


def _say_inexact(recording: Recording, *, known: bool) -> None:
    reason = (
        "the call brings its own loads or get_id, so tasks could only be timed from outside"
        if known
        else "tasks of this executor could only be timed from outside; with one of Dask's "
        "schedulers, or an executor of concurrent.futures, they are timed inside"
    )
    recording.not_judged["task-times"] = NotJudged("task-times", reason)
