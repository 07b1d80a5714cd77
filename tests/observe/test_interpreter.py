"""Whether threads that compute hold the interpreter's lock, seen from beside them."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator

import pytest
from miniature import Notebook

from dask_lens.observe.interpreter import Interpreter
from dask_lens.record.task import Task

FUNCTIONS = """
import time, zlib, dask
from concurrent.futures import ThreadPoolExecutor
__name__ = '__main__'
data = bytes(range(256)) * 8_000

def count(n):
    until = time.thread_time() + 0.6
    while time.thread_time() < until:
        n += 1
    return n > 0

def pack(n):
    until = time.thread_time() + 0.6
    while time.thread_time() < until:
        zlib.compress(data, 9)  # lets go of the lock

def nap(n):
    time.sleep(0.6)

def crowd(n):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(pack, range(4)))

def compute(function, scheduler, number=2):
    dask.compute(*[dask.delayed(function)(i) for i in range(number)],
                 scheduler=scheduler, num_workers=2)
"""


@pytest.fixture
def functions(notebook: Notebook) -> Notebook:
    notebook.works(FUNCTIONS)
    return notebook


@pytest.mark.parametrize("function", ["pack", "nap"])
def test_the_lock_is_free_beside(functions: Notebook, function: str) -> None:
    computation = functions.one(f"compute({function}, 'threads')")
    assert computation.looks > 0
    assert computation.held <= 0.5 * computation.looks


def test_the_lock_is_held_beside_loops_of_python(functions: Notebook) -> None:
    computation = functions.one("compute(count, 'threads')")
    assert computation.looks >= 3
    assert computation.held >= 0.6 * computation.looks


@pytest.mark.parametrize(
    ("function", "least", "most"), [("nap", 0.0, 0.5), ("pack", 0.9, 3.5), ("crowd", 3.6, 9.5)]
)
def test_threads_that_want_a_processor_are_counted(
    functions: Notebook, function: str, least: float, most: float
) -> None:
    computation = functions.one(f"compute({function}, 'threads')")
    told = sys.platform == "linux"  # other systems do not tell
    assert (computation.runnable is not None) == told
    assert least <= (computation.runnable if told else least) <= most


@pytest.mark.parametrize("scheduler", ["sync", "processes"])
def test_nobody_looks_where_no_threads_share_it(functions: Notebook, scheduler: str) -> None:
    assert functions.one(f"compute(nap, {scheduler!r}, 1)").looks == 0


def test_workers_that_are_threads_of_this_process_are_looked_at(cells: Notebook) -> None:
    cells.works(FUNCTIONS)
    computation = cells.one("ignored = client.gather(client.map(count, [1, 2]))")
    assert computation.looks >= 3
    assert computation.held >= 0.6 * computation.looks


@pytest.fixture
def many_threads() -> Iterator[None]:
    """150 threads that rest."""
    end = threading.Event()
    resting = [threading.Thread(target=end.wait) for _ in range(150)]
    for thread in resting:
        thread.start()
    yield
    end.set()
    for thread in resting:
        thread.join()


@pytest.mark.usefixtures("many_threads")
def test_threads_that_rest_do_not_hide_others_that_run(functions: Notebook) -> None:
    computation = functions.one("compute(crowd, 'threads')")
    assert sys.platform != "linux" or (computation.runnable or 0) >= 3.6


@pytest.mark.usefixtures("many_threads")
def test_threads_that_rest_do_not_hide_those_that_hold_the_lock(functions: Notebook) -> None:
    computation = functions.one("compute(count, 'threads')")
    assert computation.looks >= 3
    assert computation.held >= 0.6 * computation.looks


@pytest.fixture
def busy() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.clear()


def looking() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if "drainer" in thread.name]


def test_no_thread_is_left_when_it_stops(busy: threading.Event) -> None:
    before = looking()
    interpreter = Interpreter(busy)
    busy.set()
    interpreter.wake()
    assert len(looking()) == len(before) + 1
    interpreter.stop()
    assert looking() == before
    interpreter.stop()


def test_python_without_a_lock_is_not_looked_at(
    busy: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "_is_gil_enabled", lambda: False, raising=False)
    before = looking()
    interpreter = Interpreter(busy)
    interpreter.wake()
    assert looking() == before
    now = time.time()
    assert interpreter.told_of([Task("a", "a", "w", 1, now - 1, now)]) == (0, 0, None)
