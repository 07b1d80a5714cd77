"""Runs where tasks run (on clusters, sent there by value): passes on what they warn of.

Standard library only. ``warnings`` looks its ``_showwarnmsg`` up for each warning that it shows,
and only then: tasks that do not warn pay nothing. Unlike ``showwarning``, it is not among what
``catch_warnings`` puts back, in whatever thread. What that records is nobody's loss, and what
filters hide was not to be seen; neither is passed on. Python shows a warning once for each line
and process, however often it is raised.

https://github.com/python/cpython/blob/v3.11.7/Lib/warnings.py#L97
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import sys
import threading
import warnings
from collections import deque
from collections.abc import Callable
from time import monotonic
from types import FrameType
from typing import Any

#: Characters of a text that are kept.
LENGTH = 300
#: What a process may tell at once, and then in each second; more is counted.
AT_ONCE, EACH_SECOND = 100, 10
#: Different warnings that are counted.
MOST_KINDS = 100
#: Loggers of which what they say of a worker is passed on.
LOGGERS = ("distributed.core", "distributed.worker.memory")
#: Modules below which a stack is the scheduler's own.
_BELOW = ("distributed.worker", "dask.local")
#: What cloudpickle calls the text of functions.
_PICKLED = "<dynamic-code>"
#: Functions there whose frames know the key: of a distributed task, where it is asynchronous.
_WITH_KEY = frozenset({"execute", "execute_task"})
#: What Python makes of parts of a function, until 3.12.
_PARTS = frozenset({"<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>"})

#: The name of this module where it was not sent by value, and topics that its notebook left.
_HERE = "dask_lens.observe.warned"
left: deque[str] = deque(maxlen=1_000)

Told = dict[str, Any]

#: Warnings of one task of a local pool that are told, and the name that they are asked for by.
MOST_TOLD = 20
_TASK = "dask-lens-pool"
_of_task: list[Told] = []


class Hook:
    """Stands in for ``warnings._showwarnmsg``.

    Several may listen, each sent by value with classes of its own: they share the first hook.

    Parameters
    ----------
    original
        What it stands in for.
    """

    def __init__(self, original: Callable[[Any], None]) -> None:
        self.original = original
        #: Who is told, by the name of who asked for it.
        self.dask_lens: dict[str, Callable[[FrameType, Any], None]] = {}

    def __call__(self, message: Any) -> None:
        """Show a warning as it would be shown, and tell of it."""
        for tell in list(self.dask_lens.values()):
            with contextlib.suppress(Exception):  # ours must not become the user's
                if not _is_recorded():
                    tell(sys._getframe(1), message)  # noqa: SLF001 - no public way to the caller
        self.original(message)


def _is_recorded() -> bool:
    """Whether ``catch_warnings(record=True)`` takes it, in either way that Python knows."""
    context = getattr(warnings, "_get_context", None)
    if context is not None and getattr(context(), "log", None) is not None:
        return True
    shows = getattr(warnings, "_showwarnmsg_impl", None)
    return getattr(shows, "__module__", None) not in ("warnings", "_py_warnings")


def listen(name: str, tell: Callable[[FrameType, Any], None]) -> None:
    """Begin to pass on what is shown in this process; not where Python has no such hook.

    Parameters
    ----------
    name
        Of who asks.
    tell
        Told of each warning, and of the frame that raised it.
    """
    hook: Any = getattr(warnings, "_showwarnmsg", None)
    if hook is None:
        return
    if not hasattr(hook, "dask_lens"):
        hook = warnings._showwarnmsg = Hook(hook)  # type: ignore[attr-defined]  # noqa: SLF001 - the same
    hook.dask_lens[name] = tell


def forget(name: str) -> None:
    """Pass nothing on any more to who has this name."""
    hook: Any = getattr(warnings, "_showwarnmsg", None)
    if hasattr(hook, "dask_lens"):
        hook.dask_lens.pop(name, None)
        if not hook.dask_lens:
            warnings._showwarnmsg = hook.original  # type: ignore[attr-defined]  # noqa: SLF001 - the same


def described(frame: FrameType, message: Any) -> Told | None:
    """Return what is told of a warning; None of what Dask shows in the notebook by itself.

    Parameters
    ----------
    frame
        The frame that raised it.
    message
        The :class:`warnings.WarningMessage`.
    """
    key = user = None
    at: FrameType | None = frame
    is_below = False
    while at is not None:
        name, code = at.f_globals.get("__name__"), at.f_code
        if name in _BELOW:
            if code.co_name == "warn":
                return None
            is_below = True
            if code.co_name in _WITH_KEY:
                key = at.f_locals.get("key")
        elif not (user or is_below or code.co_name in _PARTS) and _is_the_users(name, code):
            user = code.co_name, at.f_lineno - code.co_firstlineno
        at = at.f_back
    kind, said = message.category, message.message
    first = said.args[0] if getattr(said, "args", None) else ""
    return {
        "key": key,
        "category": kind.__qualname__[:LENGTH],
        "message": first[:LENGTH] if type(first) is str else "",
        "file": str(message.filename)[-LENGTH:],
        "line": int(message.lineno),
        "function": user[0] if user is not None else "",
        "below": user[1] if user is not None else 0,
    }


def begin_task() -> None:
    """Take note of what a task of a local pool warns of, from here on."""
    listen(_TASK, _hear)


def _hear(frame: FrameType, message: Any) -> None:
    told = described(frame, message) if len(_of_task) < MOST_TOLD else None
    if told is not None:
        _of_task.append(told)


def end_task() -> tuple[list[Told], ...]:
    """Return what the task that ends warned of, if it did, and listen no longer."""
    forget(_TASK)
    if not _of_task:
        return ()
    told = _of_task[:]
    _of_task.clear()
    return (told,)


def _is_the_users(name: object, code: Any) -> bool:
    """Whether code was written in a notebook: such functions travel by value."""
    file = code.co_filename
    return name == "__main__" or (file.startswith("<") and not file.startswith("<frozen"))


def leads_nowhere(message: Any) -> bool:
    """Whether the line that Python shows is one of Dask's own, or has lost its name.

    The first is so of what C code warns of, the second of functions that were pickled.
    """
    if message.filename == _PICKLED:
        return True
    packages = [sys.modules.get(name) for name in ("dask", "distributed")]
    files = [getattr(package, "__file__", None) for package in packages]
    homes = tuple(os.path.join(os.path.dirname(file), "") for file in files if file)  # noqa: PTH118, PTH120 - texts are compared
    return str(message.filename).startswith(homes)


class Allowance:
    """Lets so many things through at once, and so many in each second."""

    def __init__(self) -> None:
        self._left: float = AT_ONCE
        self._last = monotonic()
        #: How often each kind was held back since it was last let through.
        self._held: dict[Any, int] = {}
        self._lock = threading.RLock()  # a finalizer of the user may warn inside

    def take(self, kind: Any) -> int:
        """Return for how many of a kind the one stands that is let through, 0 if it is not."""
        with self._lock:
            now = monotonic()
            self._left = min(self._left + EACH_SECOND * (now - self._last), AT_ONCE)
            self._last = now
            if self._left >= 1:
                self._left -= 1
                return 1 + self._held.pop(kind, 0)
            if kind in self._held or len(self._held) < MOST_KINDS:
                self._held[kind] = self._held.get(kind, 0) + 1
            return 0


class Worker:
    """Tells a scheduler what tasks of one of its workers warn of, and what the worker logs.

    Parameters
    ----------
    worker, topic
        The worker, and under which topic to tell.
    is_kernel
        Whether it runs in the notebook's process, which shows what its tasks warn of: then only
        that is told which is shown with a line that is not the user's.
    """

    def __init__(self, worker: Any, topic: str, *, is_kernel: bool) -> None:
        self._worker = worker
        self._topic = topic
        self._is_kernel = is_kernel
        self._allowance = Allowance()

    def warned(self, frame: FrameType, message: Any) -> None:
        """Tell of a warning."""
        if self._is_kernel and not leads_nowhere(message):
            return
        told = described(frame, message)
        if told is None:
            return
        if told["key"] is None:
            told["key"] = getattr(sys.modules["distributed.worker"].thread_state, "key", None)
        if told["key"] is not None:
            self._send(told, (told["category"], told["file"], told["line"]))

    def logged(self, record: logging.LogRecord) -> None:
        """Tell of a log record."""
        said = record.getMessage()[:LENGTH]
        self._send({"logger": record.name, "level": record.levelno, "message": said}, record.msg)

    def _send(self, told: Told, kind: Any) -> None:
        told["count"] = self._allowance.take(kind)
        if told["count"]:
            self._worker.log_event(self._topic, {**told, "worker": self._worker.address})


class Handler(logging.Handler):
    """Passes log records on."""

    def __init__(self, name: str, tell: Callable[[logging.LogRecord], None]) -> None:
        super().__init__(logging.INFO)
        self.dask_lens = name
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        """Tell of a record."""
        with contextlib.suppress(Exception):  # ours must not become the user's
            self._tell(record)


def this_process() -> str:
    """Return what tells this process from those of other machines."""
    return f"{socket.gethostname()} {os.getpid()} {threading.main_thread().ident}"


def begin(dask_worker: Any, topic: str, kernel: str) -> bool:
    """Begin to tell, on a worker; what the notebook's own process logs, that hears by itself."""
    if not hasattr(warnings, "_showwarnmsg"):
        return False
    end(dask_worker, topic)
    is_kernel = this_process() == kernel
    here = sys.modules.get(_HERE) if is_kernel else None
    if here is not None and topic in here.left:
        return False
    worker = Worker(dask_worker, topic, is_kernel=is_kernel)
    listen(topic, worker.warned)
    for name in () if is_kernel else LOGGERS:
        logger = logging.getLogger(name)
        if logger.hasHandlers():  # the first one would silence the one that logging falls back to
            logger.addHandler(Handler(topic, worker.logged))
    return True


def leave(topic: str) -> None:
    """Tell nothing more in the notebook's own process, where workers may yet be asked to begin."""
    left.append(topic)
    forget(topic)


def end(dask_worker: Any, topic: str) -> None:  # noqa: ARG001 - Dask asks for the name
    """Tell nothing more, on a worker."""
    forget(topic)
    for name in LOGGERS:
        logger = logging.getLogger(name)
        for handler in list(logger.handlers):
            if getattr(handler, "dask_lens", None) == topic:
                logger.removeHandler(handler)
