"""Runs in the kernel: what a scheduler that takes no plugin of ours tells all the same.

Dask's own task stream has the times of tasks, where they ran and what came out; neither graphs
nor which client sent a task. A task is taken for one of the last call before it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

from distributed.utils import sync

from dask_lens.observe.group import steps
from dask_lens.observe.submission import Submission
from dask_lens.observe.workers import Workers

#: Seconds by which clocks may differ.
CLOCKS = 0.05
#: Seconds that the scheduler may take to answer.
TIMEOUT = 1.0


def reason(error: BaseException) -> str:
    """Return what to tell the user of a scheduler that refused the plugin."""
    return (
        f"the scheduler did not take the plugin of dask_lens ({type(error).__name__}: "
        f"{str(error)[:200]}), so graphs are not known, nor what other clients of it ran; allow "
        "client.register_plugin there, or try on a LocalCluster"
    )


def begin(client: Any) -> None:
    """Let the scheduler keep its task stream from now on."""
    with contextlib.suppress(Exception):  # then it tells nothing
        stream = client.scheduler.get_task_stream
        sync(client.loop, stream, count=0, callback_timeout=TIMEOUT)


def fill(client: Any, over: Sequence[Submission], workers: Workers) -> None:
    """Ask for the tasks of calls that are over, and give them to their computations.

    Parameters
    ----------
    client
        The client.
    over
        What it sent.
    workers
        Told which workers there are.
    """
    calls = sorted(over, key=lambda submission: submission.sent)
    with contextlib.suppress(Exception):  # then they have no tasks
        threads, stream = sync(
            client.loop, _ask, client, calls[0].sent - CLOCKS, callback_timeout=TIMEOUT
        )
        for address, nthreads in threads.items():
            workers.joined(address, nthreads, None, None)
        for told in stream:
            _give(told, calls)


async def _ask(client: Any, since: float) -> tuple[dict[str, int], list[dict[str, Any]]]:
    stream = await client.scheduler.get_task_stream(start=since)
    return await client.scheduler.ncores(), stream


def _give(told: dict[str, Any], calls: Sequence[Submission]) -> None:
    start, stop, movement = steps(told.get("startstops") or ())
    before = [call for call in calls if start is not None and call.sent - CLOCKS <= start]
    if before and before[-1].computation is not None:
        erred = "exception" in told or told.get("status") == "error"
        before[-1].computation.add_stray(
            str(told["key"]),
            *(told.get("worker"), told.get("thread"), start, stop, movement),
            *(told.get("nbytes"), told.get("typename"), "erred" if erred else "memory"),
        )
