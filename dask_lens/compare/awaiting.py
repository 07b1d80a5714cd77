"""Code that awaits, run to its end in an event loop of its own.

The notebook's own loop waits for the comparison, so it is another one, in another thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import sys
import threading
from collections.abc import Coroutine, Iterator
from typing import Any

#: Seconds that interrupted code gets to clean up.
GRACE = 3.0


def awaited(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Return what a coroutine returns.

    Parameters
    ----------
    coroutine
        Not begun yet. It sees the context variables of the caller.

    Raises
    ------
    BaseException
        What it raises; an interrupt of the caller, after the coroutine was cancelled.
    """
    one = _Awaiting(coroutine)
    with _as_main(one.thread):
        one.thread.start()
        try:
            one.ended.wait()
        except BaseException:
            one.cancel()
            raise
    if one.error is not None:
        raise one.error
    return one.value


@contextlib.contextmanager
def _as_main(thread: threading.Thread) -> Iterator[None]:
    """Have Dask's threaded scheduler take a thread for the main one, if this is it.

    Others get a pool of their own, and a larger one.
    https://github.com/dask/dask/blob/2026.8.0/dask/threaded.py#L36
    """
    scheduler: Any = sys.modules.get("dask.threaded")
    main = getattr(scheduler, "main_thread", None)
    if main is not threading.current_thread():
        yield
        return
    scheduler.main_thread = thread
    try:
        yield
    finally:
        scheduler.main_thread = main


class _Awaiting:
    def __init__(self, coroutine: Coroutine[Any, Any, Any]) -> None:
        self.value: Any = None
        self.error: BaseException | None = None
        self._coroutine = coroutine
        self._task: asyncio.Task[Any] | None = None
        # Waited for instead of the thread: an interrupted join takes the thread for ended
        # (https://github.com/python/cpython/issues/90882).
        self.ended = threading.Event()
        run = contextvars.copy_context().run
        # What does not let itself be cancelled does not keep Python from ending.
        self.thread = threading.Thread(target=run, args=(self._run,), daemon=True)

    def _run(self) -> None:
        try:
            self.value = asyncio.run(self._main())
        except BaseException as error:  # noqa: BLE001 - it is raised where it is waited for
            self.error = error
        finally:
            self.ended.set()

    async def _main(self) -> Any:
        self._task = asyncio.current_task()
        return await self._coroutine

    def cancel(self) -> None:
        """End it early."""
        task = self._task
        if task is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: it has just ended
                task.get_loop().call_soon_threadsafe(task.cancel)
        self.ended.wait(GRACE)
