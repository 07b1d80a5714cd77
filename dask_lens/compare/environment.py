"""Pools and clusters for the variants: opened once, timed apart, and always closed.

A variant's scheduler is set around the cell by standing in for ``dask.base.get_scheduler``,
which every compute and persist asks: so it also holds where the cell itself names a scheduler.

https://github.com/dask/dask/blob/2026.8.0/dask/base.py#L1078
"""

from __future__ import annotations

import contextlib
import functools
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import dask.base
import dask.local
import dask.multiprocessing
import dask.system
import dask.threaded

from dask_lens.compare.variant import Setting

if TYPE_CHECKING:
    from typing_extensions import Self

#: Seconds that all processes of a pool get to come up.
START_UP = 60.0


class UnavailableError(RuntimeError):
    """A scheduler that cannot be had here; the message says why."""


class Environment:
    """Where one variant runs.

    Parameters
    ----------
    setting
        Its scheduler and options.
    get
        What takes the graphs; None leaves the cell's own choice.
    client
        The client that it uses; None on local schedulers.
    threads
        Tasks that it can run at once; None where the cell decides.
    startup
        Seconds that it took to open, where that is known beforehand.
    pools
        The pools that the cell's own computations get; None where ``get`` has one.
    """

    def __init__(
        self,
        setting: Setting,
        get: Callable[..., Any] | None = None,
        *,
        client: Any = None,
        threads: int | None = None,
        startup: float | None = None,
        pools: _Pools | None = None,
    ) -> None:
        self.setting = setting
        self.get = get
        self.client = client
        self.threads = threads
        self._startup = startup
        self._pools = pools
        #: Keys in the cluster's memory from before, as text: what has them is not computed.
        self.held = frozenset(map(str, client.futures)) if client is not None else frozenset()
        #: Those of them that runs asked for.
        self.reused: set[str] = set()

    @property
    def startup(self) -> float | None:
        """Seconds that it took to open; None where nothing had to be opened."""
        if self._pools is not None:
            took = [self._pools.startup.get(count, 0.0) for count in self._pools.lent]
            return max(took, default=None)
        return self._startup

    def names(self, namespace: Mapping[str, Any]) -> dict[str, Any]:
        """Return the names of a run: the user's, with this client where theirs stood."""
        names = dict(namespace)
        if self.client is not None:
            kind = type(self.client)
            for name, value in namespace.items():
                if type(value) is kind:
                    names[name] = self.client
        return names

    @contextlib.contextmanager
    def __call__(self) -> Iterator[None]:
        """Set the scheduler around a block."""
        with contextlib.ExitStack() as stack:
            if self.get is not None:
                stack.enter_context(
                    _replaced(dask.base, "get_scheduler", lambda *_, **__: self.get)
                )
            if self._pools is not None:
                lend = self._pools.lend
                stack.enter_context(_replaced(dask.multiprocessing, "ProcessPoolExecutor", lend))
            if self.client is not None:
                stack.enter_context(self.client.as_current())
                stack.enter_context(self._noting_held(self.client))
            if "distributed.client" in sys.modules:
                stack.enter_context(_fresh_keys(sys.modules["distributed.client"].Client))
            yield

    @contextlib.contextmanager
    def _noting_held(self, client: Any) -> Iterator[None]:
        """Note which results that are asked for are in memory already."""
        name = "_graph_to_futures"  # every compute, persist, submit and map goes through it
        send = getattr(client, name)

        def noted(*args: Any, **options: Any) -> Any:
            graph, keys = [*args, *options.values()][:2]  # its first was "dsk", and is "expr"
            tasks = graph if isinstance(graph, Mapping) else {}
            # Lazy graphs are looked into only where there is something to find out.
            held = [key for key in options.get("keys", keys) if str(key) in self.held]
            self.reused.update(str(key) for key in held if not _is_future(tasks.get(key)))
            return send(*args, **options)

        setattr(client, name, noted)
        try:
            yield
        finally:
            delattr(client, name)


def _is_future(task: Any) -> bool:
    return type(task).__name__ == "Future"


class Environments:
    """All environments of a comparison; a context manager that closes what it opened.

    Parameters
    ----------
    namespace
        The user's names: a client among them is used for ``distributed``.
    """

    def __init__(self, namespace: Mapping[str, Any]) -> None:
        self._user_client = _client_of(namespace)
        self._stack = contextlib.ExitStack()
        self._pools = _Pools(self._stack)
        self._open: dict[Setting, Environment] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    @property
    def threads(self) -> int:
        """How many tasks at once are fair for all: the client's threads, else the cores."""
        client = self._user_client
        if client is not None and (threads := sum(client.nthreads().values())):
            return int(threads)
        return int(dask.system.CPU_COUNT)

    def of(self, setting: Setting) -> Environment:
        """Return the environment of a setting, opened the first time.

        Raises
        ------
        UnavailableError
            When it cannot be opened.
        """
        known = self._open.get(setting)
        if known is None:
            opener = getattr(self, "_" + setting.scheduler.replace(" ", "_"))
            known = self._open[setting] = opener(setting)
        return known

    def _as_written(self, setting: Setting) -> Environment:
        return Environment(setting, pools=self._pools)

    def _sync(self, setting: Setting) -> Environment:
        return Environment(setting, dask.local.get_sync, threads=1)

    def _threads(self, setting: Setting) -> Environment:
        count = setting.workers or self.threads
        pool = self._stack.enter_context(ThreadPoolExecutor(count))
        return Environment(setting, self._local(dask.threaded.get, setting, pool), threads=count)

    def _processes(self, setting: Setting) -> Environment:
        count = setting.workers or self.threads
        pool = self._pools.of(count)
        get = self._local(dask.multiprocessing.get, setting, pool)
        return Environment(setting, get, threads=count, startup=self._pools.startup[count])

    def _local(self, get: Callable[..., Any], setting: Setting, pool: Any) -> Callable[..., Any]:
        given = {"pool": pool}
        if setting.chunksize is not None:
            given["chunksize"] = setting.chunksize

        @functools.wraps(get)
        def on_pool(graph: Any, keys: Any, **options: Any) -> Any:
            return get(graph, keys, **{**options, **given})

        return on_pool

    def _distributed(self, setting: Setting) -> Environment:
        client = self._user_client
        own = setting.workers is not None or setting.threads_per_worker is not None
        startup = None
        if client is None or own:
            client, startup = self._cluster(setting)
        elif client.asynchronous:
            raise UnavailableError("an asynchronous client cannot be waited for here")
        elif client.status != "running":
            raise UnavailableError(f"the client is {client.status}: make a new one")
        threads = sum(client.nthreads().values())
        return Environment(setting, client.get, client=client, threads=threads, startup=startup)

    def _cluster(self, setting: Setting) -> tuple[Any, float]:
        from distributed import Client, LocalCluster  # noqa: PLC0415 - slow, and not always used

        began = time.perf_counter()
        cluster = self._stack.enter_context(
            LocalCluster(
                n_workers=setting.workers or self.threads,
                threads_per_worker=setting.threads_per_worker or 1,
                dashboard_address=":0",
            )
        )
        client = self._stack.enter_context(Client(cluster, set_as_default=False))
        client.wait_for_workers(setting.workers or self.threads, timeout=START_UP)
        return client, time.perf_counter() - began


class _Pools:
    """Pools of processes by size, kept for all runs and closed at the end."""

    def __init__(self, stack: contextlib.ExitStack) -> None:
        self._stack = stack
        self._open: dict[int, ProcessPoolExecutor] = {}
        #: Seconds that each took to come up.
        self.startup: dict[int, float] = {}
        #: Sizes that the cell itself has asked for.
        self.lent: set[int] = set()

    def of(self, count: int) -> ProcessPoolExecutor:
        """Return the pool of this size, with all its processes up."""
        if count not in self._open:
            began = time.perf_counter()
            pool = ProcessPoolExecutor(
                count,
                mp_context=dask.multiprocessing.get_context(),
                initializer=dask.multiprocessing.initialize_worker_process,
            )
            self._stack.callback(ProcessPoolExecutor.shutdown, pool)
            # Dask closes the pools that it makes; this one it only believes it made.
            setattr(pool, "shutdown", _stay_open)  # noqa: B010 - mypy holds methods to be fixed
            _warm(pool, count)
            self.startup[count] = time.perf_counter() - began
            self._open[count] = pool
        return self._open[count]

    def lend(self, max_workers: int | None = None, **_: Any) -> ProcessPoolExecutor:
        """Stand in for the ``ProcessPoolExecutor`` that Dask makes for each compute."""
        count = max_workers or os.cpu_count() or 1
        self.lent.add(count)
        return self.of(count)


def _stay_open(*_: Any, **__: Any) -> None:
    """Stand in for ``shutdown``."""


def _client_of(namespace: Mapping[str, Any]) -> Any:
    """Return the user's client: Dask's default one, or else one of the names."""
    module = sys.modules.get("distributed.client")
    if module is None:
        return None
    try:
        return module.default_client()
    except ValueError:
        found = [value for value in namespace.values() if type(value) is module.Client]
        return next((client for client in found if client.status == "running"), None)


def _warm(pool: ProcessPoolExecutor, count: int) -> None:
    """Have every process of a pool come up before anything is timed."""
    until = time.perf_counter() + START_UP
    seen: set[int] = set()
    while len(seen) < count and time.perf_counter() < until:
        seen.update(pool.map(_identity, [0.02] * count))


def _identity(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


@contextlib.contextmanager
def _replaced(owner: Any, name: str, value: Any) -> Iterator[None]:
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


@contextlib.contextmanager
def _fresh_keys(kind: Any) -> Iterator[None]:
    """Give every submit a key of its own, so that no earlier result stands in for the work."""
    tables = [kind.submit.__kwdefaults__, kind.map.__kwdefaults__]
    before = [table["pure"] for table in tables]
    for table in tables:
        table["pure"] = False
    try:
        yield
    finally:
        for table, value in zip(tables, before, strict=True):
            table["pure"] = value
