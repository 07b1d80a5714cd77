"""Runs in pool threads and in the worker processes of local pools: stamps tasks from inside.

Standard library only, so that a worker process has next to nothing to import.

:func:`dask.local.execute_task` calls ``loads`` directly before a task and ``get_id`` directly
after it, both in the thread that runs the task. The stand-ins below note the time there. The
stamp travels back in the place of the worker id and is taken out again before any callback
sees it, so that others go on getting what Dask gives them.

https://github.com/dask/dask/blob/2026.8.0/dask/local.py#L221-L242

Pickled by anything but the standard library's own pools, a stand-in turns into what it stands
for: machines without this package never hear of it.
"""

from __future__ import annotations

import os
import pickle
import pkgutil
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from itertools import chain
from multiprocessing import current_process
from multiprocessing.reduction import ForkingPickler
from threading import get_ident
from time import thread_time, time
from types import FrameType
from typing import Any

from dask_lens.observe.lanes import BRIEF, FRESH, Lane
from dask_lens.observe.warned import begin_task, end_task

new = tuple.__new__

#: Seconds that unpickling or pickling takes, below which it is what a scheduler takes for any
#: task, however little it moves.
_SMALL = 0.000_2

#: Types whose values are small: to pickle one takes no time.
SMALL_TYPES = frozenset({int, float, complex, bool, type(None)})
#: What a stamp begins with that is pickled as the plain tuple it is, for small results: a Parcel
#: would take longer than the result.
TAG = "dask-lens stamp"
_TAG, _MOST_PLAIN = TAG.encode(), 300

#: What ``__reduce__`` may return.
Reduced = tuple[Callable[..., Any], tuple[Any, ...]]


class Stamp(tuple[Any, ...]):
    """(worker id for others to see, thread, start, stop, cpu, movement, process or None)."""

    __slots__ = ()

    def __reduce__(self) -> Reduced:
        return Stamp, ((*self[:6], self[6] or os.getpid()),)


class Parcel(Stamp):
    """A stamp that is a plain worker id once it has been unpickled.

    It travels behind the result, so that once it is its turn the result has been pickled. Of a
    task that warned it brings what it warned of, last of all.
    """

    __slots__ = ()

    def __reduce__(self) -> Reduced:
        packing = _moved(time() - self[3])
        return arrive, (*self[:6], self[6] or os.getpid(), here.sent, packing, *self[7:])


#: Threads of which it is worth to see whether they are still there.
MANY_THREADS = 200
#: What each thread is at, by its identifier: the one way to look from another.
lanes: dict[int, Lane] = {}


class _Here(threading.local):
    def __init__(self) -> None:
        if len(lanes) > MANY_THREADS:
            there = {thread.ident for thread in threading.enumerate()}
            for ident in lanes.keys() - there:
                lanes.pop(ident, None)
        self.lane = lanes[get_ident()] = Lane()

    #: (start, cpu then, movement) of the task that runs in this process of a pool.
    mark: tuple[float, float, float] | None = None
    #: Bytes of the pickle that the task which runs in this thread came in.
    sent: int | None = None
    #: Stamp of the result that this thread, a scheduler's, took in last; of one from a process
    #: also the bytes of its task's pickle, and the seconds that pickling the result took.
    arrived: tuple[Any, ...] | None = None
    #: Bytes of the pickle of that result.
    back: int | None = None
    #: Calls of ``get_async`` that this thread is in.
    depth: int = 0


here = _Here()

#: Stamps of erred tasks by ``id`` of the exception, until the scheduler's thread asks.
erred: dict[int, Stamp] = {}


def arrive(*stamp: Any) -> Any:
    """Keep a stamp for the scheduler's thread and return the plain worker id."""
    here.arrived = stamp
    return stamp[0]


class Carry:
    """Stand-in for the ``loads`` that does nothing, of schedulers that share memory."""

    def __call__(self, info: Any) -> Any:
        """Stamp a task on its way in, take the stamp off a result on its way back."""
        if type(info) is not tuple or len(info) != 2:  # noqa: PLR2004 - a pair, as below
            return info
        second = info[1]
        kind = type(second)
        if kind is dict:  # (task, data): the task is about to run in this thread
            lane = here.lane
            now = time()
            if not 0.0 <= now - lane.asked < FRESH:
                lane.cpu = thread_time()
                lane.asked = now
            lane.start = now
        elif kind is Stamp:  # (result, worker id): back in the scheduler's thread
            here.arrived = second
            return info[0], second[0]
        else:  # (error, traceback)
            here.arrived = None
        return info

    def __reduce__(self) -> Reduced:
        return pkgutil.resolve_name, ("dask.local:identity",)


class _Id:
    """Stand-in for a ``get_id`` of schedulers that share memory."""

    #: What it stands for, and whether that returns the thread's identifier.
    original: str
    tells: bool

    def __call__(self) -> Any:
        lane = here.lane
        start = lane.start
        ident = get_ident()
        shown = ident if self.tells else None
        if start is None:
            return shown
        stop = time()
        cpu = stop - start
        if cpu >= BRIEF:
            cpu = lane.spent(start, stop)
        lane.start = None
        if lane.keep is None:
            return new(Stamp, (shown, ident, start, stop, cpu, 0.0, None))
        lane.keep((shown, ident, start, stop, cpu, 0.0, None))
        return shown

    def __reduce__(self) -> Reduced:
        return pkgutil.resolve_name, (self.original,)


class NoId(_Id):
    """Stand-in for ``dask.local.default_get_id``."""

    original = "dask.local:default_get_id"
    tells = False


class ThreadId(_Id):
    """Stand-in for ``dask.threaded._thread_get_id``."""

    original = "dask.threaded:_thread_get_id"
    tells = True


class _LoadsCall:
    """What to call for ``loads(...)``, so that no frame of ours is below the user's."""

    def __get__(self, loads: Loads | None, owner: type | None = None) -> Any:
        caller = sys._getframe(1)  # noqa: SLF001 - no public way
        name = "" if loads is None else caller.f_code.co_name
        if name == "execute_task":
            return _unpickle_and_mark
        if name == "get_async":
            info = caller.f_locals.get("res_info")
            if type(info) is not bytes:
                here.back = None
                return pickle.loads
            here.back = len(info)
            if here.back < _MOST_PLAIN and _TAG in info:
                return _unpickle_and_take_off
        return pickle.loads


class Loads:
    """Stand-in for ``dask.multiprocessing._loads``."""

    __call__ = _LoadsCall()

    def __reduce__(self) -> Reduced:
        return pkgutil.resolve_name, ("cloudpickle:loads",)


def _unpickle_and_mark(info: Any) -> Iterator[Any]:
    """Return an iterator that unpickles while ``task, data = ...`` unpacks it.

    Lazily, because a frame of ours would show in the traceback of an error in there.
    """
    return chain.from_iterable(map(pickle.loads, _mark_after(info, time())))


def _mark_after(info: Any, began: float) -> Iterator[Any]:
    here.sent = len(info) if type(info) is bytes else None
    yield info
    start = time()
    begin_task()
    here.mark = (start, thread_time(), _moved(start - began))


def _unpickle_and_take_off(info: bytes) -> Any:
    """Unpickle a small result, which cannot fail."""
    back = pickle.loads(info)  # noqa: S301 - which Dask would do
    stamp = back[1] if type(back) is tuple and len(back) == 2 else None  # noqa: PLR2004 - a pair
    if type(stamp) is not tuple or stamp[:1] != (TAG,):
        return back
    here.arrived = stamp[1:]
    return back[0], stamp[1]


def _moved(seconds: float) -> float:
    return seconds if seconds >= _SMALL else 0.0


class ProcessId:
    """Stand-in for ``dask.multiprocessing._process_get_id``."""

    def __call__(self) -> Any:
        """Return the worker id, with the stamp of the task that has just ended."""
        stop = time()
        mark, here.mark = here.mark, None
        told = end_task() if mark is not None else ()
        # An earlier task that erred leaves its mark; with loads of the user's own, nobody
        # overwrites it.
        values = sys._getframe(1).f_locals  # noqa: SLF001 - no public way
        ident = current_process().ident
        if mark is None or type(values.get("loads")) is not Loads:
            return ident
        cpu = stop - mark[0]
        if cpu >= BRIEF:
            cpu = thread_time() - mark[1]
        if type(values.get("result")) in SMALL_TYPES and not told:
            return (
                TAG,
                ident,
                get_ident(),
                mark[0],
                stop,
                cpu,
                mark[2],
                os.getpid(),
                here.sent,
                0.0,
            )
        return Parcel((ident, get_ident(), mark[0], stop, cpu, mark[2], None, *told))

    def __reduce__(self) -> Reduced:
        return pkgutil.resolve_name, ("dask.multiprocessing:_process_get_id",)


#: How a stamp begins that is put after a pickle, where those who unpickle do not look.
MARK = b"dask-lens stamp "
_PACKED = struct.Struct("<4d2q")


class PackException:
    """Stand-in for ``dask.multiprocessing.pack_exception``: an error brings its task's stamp."""

    #: What it stands in for, in the process that put it there and in its forks.
    original: Callable[..., Any] | None = None

    def __call__(self, error: BaseException, dumps: Callable[[Any], Any]) -> Any:
        """Return what the original returns, with a stamp behind it."""
        stop = time()
        mark, here.mark = here.mark, None
        if mark is not None:
            end_task()
        original = self.original or pkgutil.resolve_name("dask.multiprocessing:pack_exception")
        packed = original(error, dumps)
        ours = type(sys._getframe(1).f_locals.get("loads")) is Loads  # noqa: SLF001 - no public way
        if mark is None or not ours or type(packed) is not bytes:
            return packed
        cpu = thread_time() - mark[1]
        return packed + MARK + _PACKED.pack(mark[0], stop, cpu, mark[2], get_ident(), os.getpid())

    def __reduce__(self) -> Reduced:
        return pkgutil.resolve_name, ("dask.multiprocessing:pack_exception",)


def erred_there(packed: object) -> Stamp | None:
    """Return the stamp of an error that a process sent, where there is one."""
    size = len(MARK) + _PACKED.size
    if type(packed) is not bytes or packed[-size:][: len(MARK)] != MARK:
        return None
    start, stop, cpu, movement, thread, process = _PACKED.unpack(packed[-_PACKED.size :])
    return Stamp((None, thread, start, stop, cpu, movement, process))


def note_erred(frame: FrameType) -> None:
    """Stamp the task whose exception is being packed in this thread.

    Parameters
    ----------
    frame
        The frame of ``dask.local.execute_task``.
    """
    ended = here.lane.end()
    if ended is not None:
        if len(erred) > 100:  # noqa: PLR2004 - of the many that can err together one is asked for
            erred.clear()
        erred[id(frame.f_locals["e"])] = Stamp((None, get_ident(), *ended, 0.0, None))


carry = Carry()
loads = Loads()
no_id = NoId()
pack_exception = PackException()
process_id = ProcessId()

#: What local process pools may carry, by the name to find it under over there.
_CARRIED: dict[type, str] = {
    Carry: "carry",
    Loads: "loads",
    NoId: "no_id",
    PackException: "pack_exception",
    ProcessId: "process_id",
}


def _reduce_for_local_pools(stand_in: object) -> str:
    return _CARRIED[type(stand_in)]  # a name in this module, which takes the least to look up


def register() -> None:
    """Let the standard library's process pools, and only them, carry the stand-ins."""
    for kind in _CARRIED:
        ForkingPickler.register(kind, _reduce_for_local_pools)


def unregister() -> None:
    """Undo :func:`register`."""
    for kind in _CARRIED:
        ForkingPickler._extra_reducers.pop(kind, None)  # type: ignore[attr-defined]  # noqa: SLF001 - there is no public way back
