"""What is slow to open, given up in the middle."""

from __future__ import annotations

import math
import signal
import sys
import threading
import time

import pytest

from dask_lens.compare.alarm import TimeIsUpError
from dask_lens.compare.opening import opened


class Slow:
    """What comes up when it is let; it counts how often it was closed."""

    def __init__(self) -> None:
        self.comes_up = threading.Event()
        self.closed = threading.Event()

    def make(self):
        self.comes_up.wait(10)
        return self

    def close(self) -> None:
        assert not self.closed.is_set()
        self.closed.set()


@pytest.fixture
def slow(monkeypatch):
    monkeypatch.setattr(sys.modules[opened.__module__], "GRACE", 0.05)
    one = Slow()
    yield one
    one.comes_up.set()


def test_what_comes_up_in_time_is_open():
    one = Slow()
    one.comes_up.set()
    assert opened(one.make, Slow.close, lambda: math.inf) is one
    assert not one.closed.is_set()


def test_what_comes_up_too_late_is_closed(slow):
    began = time.monotonic()
    with pytest.raises(TimeIsUpError):
        opened(slow.make, Slow.close, lambda: 0.1)
    assert time.monotonic() - began < 5
    assert not slow.closed.is_set()
    slow.comes_up.set()
    assert slow.closed.wait(5)


def test_what_the_user_interrupts_is_closed(slow):
    main = threading.main_thread().ident
    threading.Timer(0.1, signal.pthread_kill, (main, signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        opened(slow.make, Slow.close, lambda: math.inf)
    slow.comes_up.set()
    assert slow.closed.wait(5)


def test_what_fails_raises_its_error():
    with pytest.raises(ZeroDivisionError):
        opened(lambda: 1 / 0, Slow.close, lambda: 5.0)


def test_nothing_is_opened_when_the_time_is_over_already():
    with pytest.raises(TimeIsUpError):
        opened(lambda: pytest.fail("opened"), Slow.close, lambda: 0.0)
