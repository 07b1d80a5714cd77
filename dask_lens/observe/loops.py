"""Runs in the kernel: which event loop is whose."""

from __future__ import annotations

import asyncio
from typing import Any


def scheduler_here(client: Any) -> Any:
    """Return the client's scheduler if it lives on the event loop of this very thread."""
    scheduler = getattr(client.cluster, "scheduler", None)
    loop = getattr(getattr(scheduler, "loop", None), "asyncio_loop", None)
    here = loop is not None and loop is client.loop.asyncio_loop is running_loop()
    return scheduler if here else None


def running_loop() -> asyncio.AbstractEventLoop | None:
    """Return the event loop that runs in this thread; None where there is none."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
