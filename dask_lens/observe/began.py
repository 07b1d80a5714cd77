"""Runs in the kernel: when a call began that computes, before its graph was optimised."""

from __future__ import annotations

import threading
from time import time
from types import CodeType, FrameType

#: Frames between what is called first and what has the graph.
NEAR = 8


class _Here(threading.local):
    #: The frame that was current, by its ``id`` and its code, and the time.
    mark: tuple[int, CodeType, float] | None = None


class Began:
    """Remembers, for each thread, the last time something was asked for."""

    def __init__(self) -> None:
        self._here = _Here()

    def note(self, frame: FrameType, *_: object) -> None:
        """Take note that a call is about to be made from a frame; never raises."""
        self._here.mark = id(frame), frame.f_code, time()

    def when(self, frame: FrameType | None) -> float | None:
        """Return when the call began that a frame is part of; None where that was not noted."""
        mark, self._here.mark = self._here.mark, None
        for _ in range(NEAR):
            if frame is None or mark is None:
                return None
            if id(frame) == mark[0] and frame.f_code is mark[1]:
                return mark[2]
            frame = frame.f_back
        return None
