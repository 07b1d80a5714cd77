"""Whether threads that compute hold the interpreter's lock, seen from beside them."""

from __future__ import annotations

import subprocess
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


LOOKED = """
import sys, threading, dask_lens
end = threading.Event()
resting = [threading.Thread(target=end.wait) for _ in range(int(sys.argv[2]))]
for thread in resting:
    thread.start()
with dask_lens.observe() as seen:
    compute(globals()[sys.argv[1]], 'threads')
end.set()
computation = seen.run.computations[0]
print(computation.looks, computation.held, computation.runnable)
"""


def looked(function: str, resting: int = 0) -> tuple[int, int, float | None]:
    """Return what is seen in a process of its own: what else runs in this one is seen, too."""
    command = [sys.executable, "-c", FUNCTIONS + LOOKED, function, str(resting)]
    told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    looks, held, runnable = told.split()
    return int(looks), int(held), None if runnable == "None" else float(runnable)


@pytest.fixture
def functions(notebook: Notebook) -> Notebook:
    notebook.works(FUNCTIONS)
    return notebook


@pytest.mark.parametrize("function", ["pack", "nap"])
def test_the_lock_is_free_beside(function: str) -> None:
    looks, held, _ = looked(function)
    assert looks > 0
    assert held <= 0.5 * looks


@pytest.mark.parametrize("resting", [0, 150])
def test_the_lock_is_held_beside_loops_of_python(resting: int) -> None:
    looks, held, _ = looked("count", resting)
    assert looks >= 3
    assert held >= 0.6 * looks


@pytest.mark.parametrize(
    ("function", "resting", "least", "most"),
    [
        ("nap", 0, 0.0, 0.5),
        ("pack", 0, 0.9, 3.5),
        ("crowd", 0, 3.6, 9.5),
        ("crowd", 500, 3.6, 9.5),
    ],
)
def test_threads_that_want_a_processor_are_counted(
    function: str, resting: int, least: float, most: float
) -> None:
    runnable = looked(function, resting)[2]
    if sys.platform != "linux":  # other systems do not tell
        assert runnable is None
    else:
        assert runnable is not None
        assert least <= runnable <= most


@pytest.mark.parametrize("scheduler", ["sync", "processes"])
def test_nobody_looks_where_no_threads_share_it(functions: Notebook, scheduler: str) -> None:
    assert functions.one(f"compute(nap, {scheduler!r}, 1)").looks == 0


def test_workers_that_are_threads_of_this_process_are_looked_at(cells: Notebook) -> None:
    cells.works(FUNCTIONS)
    computation = cells.one("ignored = client.gather(client.map(count, [1, 2]))")
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
