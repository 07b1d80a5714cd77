"""The user and Dask do not notice that they are watched."""

from __future__ import annotations

import logging
import pickle
import re
import sys
import threading
import traceback
from collections.abc import Iterator
from multiprocessing.reduction import ForkingPickler
from typing import Any

import dask.base
import dask.callbacks
import dask.config
import dask.local
import dask.multiprocessing
import dask.threaded
import pytest
from dask.array.core import PerformanceWarning
from distributed import Client
from distributed.client import Client as ClientClass
from distributed.client import Future as FutureClass
from distributed.deploy.cluster import Cluster
from distributed.deploy.spec import SpecCluster
from miniature import Notebook, until

SCHEDULERS = ["sync", "threads", "processes", "distributed"]


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with Client(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None
    ) as client:
        yield client


def outcome(source: str, client: Client, *, observed: bool) -> dict[str, Any]:
    """Run a cell and return what it left behind, and how it failed."""
    notebook = Notebook()
    notebook.variables["client"] = client
    if observed:
        notebook.start()
    filename = "<the same cell>"
    error: BaseException | None = None
    try:
        exec(compile(source, filename, "exec"), notebook.variables)  # noqa: S102 - as a cell is
    except BaseException as raised:  # noqa: BLE001 - compared below
        error = raised
    finally:
        notebook.stop()
    return {
        "got": notebook.variables.get("got"),
        "error": type(error).__qualname__,
        "arguments": getattr(error, "args", None),
        "dict": getattr(error, "__dict__", None),
        "text": None if error is None else "".join(traceback.format_exception(error)),
        "depth": _depth(error),
    }


def _depth(error: BaseException | None) -> list[str]:
    return [
        f"{frame.name}:{frame.filename}"
        for frame in traceback.extract_tb(getattr(error, "__traceback__", None))
    ]


PREPARE = """
import dask
from dask import delayed

def add(x, y):
    return x + y

def divide(x, y):
    return x / y

class Unreadable:
    def __reduce__(self):
        return divide, (1, 0)

class Unwritable:
    def __reduce__(self):
        raise RuntimeError("not for sending")

def write():
    return Unwritable()

def interrupt():
    raise KeyboardInterrupt

class Odd(Exception):
    def __init__(self, a, b):
        super().__init__(a)
        self.b = b

def odd():
    raise Odd(1, b=2)

def give(x):
    return x
"""

CELLS = {
    "a result": "got = delayed(add)(1, delayed(add)(2, 3)).compute(**how)",
    "an error in a task": "delayed(divide)(1, delayed(add)(0, 0)).compute(**how)",
    "an error with arguments": "delayed(odd)().compute(**how)",
    "data that cannot be unpickled": "delayed(give)(Unreadable()).compute(**how)",
    "a result that cannot be pickled": "got = type(delayed(write)().compute(**how)).__name__",
    "callbacks that are no callbacks": "delayed(add)(1, 2).compute(callbacks=[1], **how)",
    "a missing dependency": "from dask.local import get_sync\nget_sync({'x': (abs, 'y')}, 'z')",
    "an interrupt": "delayed(interrupt)().compute(**how)",
}
SKIPPED = {
    ("an interrupt", "distributed"): "it ends the worker thread, with or without us",
    ("an interrupt", "processes"): "Dask itself waits for ever there, with or without us",
}


@pytest.mark.parametrize("scheduler", SCHEDULERS)
@pytest.mark.parametrize(
    "cell", [name for name in CELLS if not any(name == skipped for skipped, _ in SKIPPED)]
)
def test_results_errors_and_tracebacks_are_the_same(
    client: Client, cell: str, scheduler: str
) -> None:
    how = {} if scheduler == "distributed" else {"scheduler": scheduler, "num_workers": 1}
    source = f"{PREPARE}\nhow = {how!r}\n{CELLS[cell]}"
    without = outcome(source, client, observed=False)
    observed = outcome(source, client, observed=True)
    assert observed == without
    assert "dask_lens" not in str(observed["text"])


@pytest.mark.parametrize("scheduler", ["sync", "threads"])
def test_an_interrupt_looks_the_same(client: Client, scheduler: str) -> None:
    source = f"{PREPARE}\nhow = {{'scheduler': {scheduler!r}}}\n{CELLS['an interrupt']}"
    without = outcome(source, client, observed=False)
    assert outcome(source, client, observed=True) == without


def test_keys_and_graphs_are_the_same(client: Client) -> None:
    source = """
import dask, dask.array as da
seen = []
class See(dask.callbacks.Callback):
    def _start(self, dsk):
        seen.append({key: repr(task) for key, task in dsk.items()})
x = da.ones(8, chunks=2).sum()
with See():
    x.compute(scheduler="sync")
    x.compute(scheduler="threads")
    x.compute(scheduler="processes", num_workers=1)
future = client.submit(abs, -3)
got = (seen, sorted(map(str, x.__dask_graph__())), future.key, future.result(),
       dask.get_annotations(), client.run_on_scheduler(
           lambda dask_scheduler: dask_scheduler.tasks[future.key].annotations))
"""
    without = outcome(source, client, observed=False)
    assert without["error"] == "NoneType", without["text"]
    observed = outcome(source, client, observed=True)
    assert _without_tokens(observed["got"]) == _without_tokens(without["got"])


def _without_tokens(got: object) -> str:
    """Dask makes some keys up at random."""
    return re.sub(r"finalize-hlgfinalizecompute-[0-9a-f]{32}", "finalize", str(got))


def test_callbacks_of_others_get_what_dask_gives_them(notebook: Notebook) -> None:
    notebook.works("""
        import dask, os, threading
        from dask.callbacks import Callback
        from dask.diagnostics import ProgressBar, Profiler

        workers, active = {}, []
        def run(scheduler, **how):
            workers[scheduler] = []
            def posttask(key, result, dsk, state, worker):
                workers[scheduler].append(worker)
                active.append(len(Callback.active))
            with Callback(posttask=posttask), Profiler() as profiler, ProgressBar(dt=0.01):
                dask.compute(*[dask.delayed(abs)(-i) for i in range(3)],
                             scheduler=scheduler, **how)
            assert len(profiler.results) == 3
            return {type(worker) for worker in workers[scheduler]}

        kinds = [run("sync"), run("threads"), run("processes", num_workers=1)]
    """)
    assert notebook.variables["kinds"] == [{type(None)}, {int}, {int}]
    assert set(notebook.variables["active"]) == {0}
    workers = notebook.variables["workers"]
    assert threading.get_ident() not in workers["threads"]


PLACES: list[tuple[Any, str]] = [
    (dask.base, "get_scheduler"),
    (sys.modules["dask.delayed"], "call_function"),
    *((dask.config.set, name) for name in list(vars(dask.config.set))),
    *((FutureClass, name) for name in list(vars(FutureClass))),
    (PerformanceWarning, "__init__"),
    (dask.local, "local_callbacks"),
    (dask.local, "get_async"),
    (dask.local.get_async, "__defaults__"),
    (dask.threaded, "get_async"),
    (dask.threaded, "_thread_get_id"),
    (dask.threaded, "pack_exception"),
    (dask.multiprocessing, "get_async"),
    (dask.multiprocessing, "_loads"),
    (dask.multiprocessing, "_dumps"),
    (dask.multiprocessing, "_process_get_id"),
    (dask.multiprocessing, "pack_exception"),
    *((ClientClass, name) for name in list(vars(ClientClass))),
    *((Cluster, name) for name in list(vars(Cluster))),
    *((SpecCluster, name) for name in list(vars(SpecCluster))),
]


LOGGERS = ["distributed", "distributed.core", "distributed.worker.memory"]


def look() -> list[Any]:
    return [
        vars(owner)[name] if name in vars(owner) else getattr(owner, name)
        for owner, name in PLACES
    ]


def test_stop_puts_every_attribute_back(client: Client) -> None:
    before = look()
    warning = dict(vars(PerformanceWarning))
    handlers = [list(logging.getLogger(name).handlers) for name in LOGGERS]
    hooks, reducers = list(sys.meta_path), dict(ForkingPickler._extra_reducers)
    notebook = Notebook()
    notebook.variables["client"] = client
    for _ in range(2):
        notebook.start()
        notebook.start()
        assert any(now is not then for now, then in zip(look(), before, strict=True))
        notebook.works(
            "import dask\nx = client.submit(abs, -1).result()\ndask.delayed(1).compute()"
        )
        notebook.stop()
        notebook.stop()
        assert all(now is then for now, then in zip(look(), before, strict=True))
    assert dict(vars(PerformanceWarning)) == warning
    assert [logging.getLogger(name).handlers for name in LOGGERS] == handlers
    assert sys.meta_path == hooks
    assert ForkingPickler._extra_reducers == reducers
    ours = [thread for thread in threading.enumerate() if "dask-lens" in thread.name]
    assert ours == []


def test_what_somebody_else_replaced_meanwhile_stays(notebook: Notebook) -> None:
    original = dask.local.local_callbacks

    def theirs(callbacks: Any = None) -> Any:
        return original(callbacks)

    dask.local.local_callbacks = theirs
    try:
        notebook.stop()
        assert dask.local.local_callbacks is theirs
        notebook.works("import dask\ngot = dask.delayed(abs)(-1).compute(scheduler='sync')")
        assert notebook.variables["got"] == 1
    finally:
        dask.local.local_callbacks = dask.callbacks.local_callbacks


def test_what_stands_in_is_pickled_as_what_it_stands_for(notebook: Notebook) -> None:
    assert dask.threaded.pack_exception.__name__ == "pack_exception"
    for value in (
        dask.multiprocessing._loads,
        dask.multiprocessing._process_get_id,
        dask.threaded._thread_get_id,
        *(dask.local.get_async.__defaults__ or ()),
    ):
        assert b"dask_lens" not in pickle.dumps(value)
    data = dask.multiprocessing._dumps((1, 2))
    assert dask.multiprocessing._loads(data) == (1, 2)
    assert isinstance(dask.threaded._thread_get_id(), int)
    assert isinstance(dask.multiprocessing._process_get_id(), int)
    assert notebook.observer.live().total == 0


def test_nothing_is_left_in_the_users_namespace(notebook: Notebook) -> None:
    before = set(notebook.variables)
    notebook.works("x = 1")
    assert set(notebook.variables) == before | {"x"}


def test_the_thread_that_asks_schedulers_ends_by_itself(
    notebook: Notebook, client: Client
) -> None:
    notebook.variables["client"] = client
    notebook.works("client.submit(abs, -1).result()")
    assert any(thread.name == "dask-lens-drainer" for thread in threading.enumerate())
    until(lambda: all(thread.name != "dask-lens-drainer" for thread in threading.enumerate()), 10)
