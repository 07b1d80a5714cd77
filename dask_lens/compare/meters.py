"""What a run took beside time: memory of this machine's processes, bytes between workers."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, Any

import psutil

if TYPE_CHECKING:
    from typing_extensions import Self

#: Seconds between two looks at the memory.
INTERVAL = 0.05


class Meter:
    """Measures a block; a context manager.

    Parameters
    ----------
    client
        The client whose workers are asked for what they sent; None for none.

    Attributes
    ----------
    memory : int or None
        Bytes by which this process and its children grew at most.
    moved : int or None
        Bytes that the workers sent, to each other and to the client.
    """

    def __init__(self, client: Any = None) -> None:
        self.memory: int | None = None
        self.moved: int | None = None
        self._client = client
        self._over = threading.Event()
        self._peak = self._first = 0
        self._sent: int | None = None
        self._thread = threading.Thread(target=self._watch, name="dask-lens-memory", daemon=True)

    def __enter__(self) -> Self:
        self._sent = _sent_by(self._client)
        self._first = self._peak = _resident()
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._thread.join()
        self._peak = max(self._peak, _resident())
        self.memory = max(self._peak - self._first, 0)
        if self._sent is not None and (now := _sent_by(self._client)) is not None:
            self.moved = max(now - self._sent, 0)

    def _watch(self) -> None:
        while not self._over.wait(INTERVAL):
            self._peak = max(self._peak, _resident())


def others_busy() -> float:
    """Return how many cores other processes kept busy during a tenth of a second."""
    total = psutil.cpu_percent(interval=0.1) / 100 * (psutil.cpu_count() or 1)
    return float(total)


def _resident() -> int:
    me = psutil.Process()
    total = 0
    for process in (me, *me.children(recursive=True)):
        with contextlib.suppress(psutil.Error):  # it has just ended
            total += process.memory_info().rss
    return int(total)


def _sent_by(client: Any) -> int | None:
    if client is None:
        return None
    try:
        answers = client.run(_sent)
    except Exception:  # noqa: BLE001 - no permission, or gone: then it is not measured
        return None
    return sum(answers.values()) if None not in answers.values() else None


def _sent(dask_worker: Any) -> Any:
    return getattr(dask_worker, "transfer_outgoing_bytes_total", None)
