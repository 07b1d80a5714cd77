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
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import dask.base
import dask.local
import dask.multiprocessing
import dask.system
import dask.threaded

from dask_lens.compare.fresh import FreshGraphs, fresh_submits, uncached
from dask_lens.compare.meters import Crew
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
        The pools of processes: the cell's own computations get them where ``get`` is None.
    beside
        The user's client, which the cell may use where ``get`` is None.
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
        beside: Any = None,
    ) -> None:
        self.setting = setting
        self.get = get
        self.client = client
        self.threads = threads
        self._startup = startup
        self._pools = pools
        used = client if client is not None else beside
        #: The processes that it runs in.
        self.crew = Crew(used, pools.carried if pools is not None else None)
        self._graphs = FreshGraphs(used) if used is not None else None

    @property
    def startup(self) -> float | None:
        """Seconds that it took to open; None where nothing had to be opened."""
        if self._pools is not None and self.get is None:
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

    @property
    def stale(self) -> int:
        """Number of results asked for that were in memory already, and not computed."""
        return len(self._graphs.stale) if self._graphs is not None else 0

    @contextlib.contextmanager
    def __call__(self, *, first: bool = False) -> Iterator[None]:
        """Set the scheduler around a block, with fresh keys.

        Parameters
        ----------
        first
            Whether it is the run to warm up, which is not timed.
        """
        with contextlib.ExitStack() as stack:
            stack.enter_context(uncached())
            if self.get is not None:
                stack.enter_context(
                    _replaced(dask.base, "get_scheduler", lambda *_, **__: self.get)
                )
            if self._pools is not None and self.get is None:
                lend = self._pools.lend
                stack.enter_context(_replaced(dask.multiprocessing, "ProcessPoolExecutor", lend))
            if self.client is not None:
                stack.enter_context(self.client.as_current())
            if self._graphs is not None:
                stack.enter_context(self._graphs(first=first))
            stack.enter_context(fresh_submits())
            yield


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
            self._tell_apart()
        return known

    def _tell_apart(self) -> None:
        """Have each environment know the workers that are none of its own."""
        opened = self._open.values()
        workers: frozenset[int] = frozenset().union(*(e.crew.workers or () for e in opened))
        for one in opened:
            one.crew.strangers = workers - {os.getpid()} - (one.crew.workers or frozenset())

    def _as_written(self, setting: Setting) -> Environment:
        client = self._user_client
        usable = client is not None and not client.asynchronous and client.status == "running"
        return Environment(setting, pools=self._pools, beside=client if usable else None)

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
        startup = self._pools.startup[count]
        return Environment(setting, get, threads=count, startup=startup, pools=self._pools)

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


class _Pool(ProcessPoolExecutor):
    """A pool that stays open for all runs, and counts what goes through it."""

    #: Bytes that Dask has pickled, on their way here and back.
    carried = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **options: Any) -> Future[Any]:
        """Submit, and count."""
        self.carried += _packed(args)
        future = super().submit(fn, *args, **options)
        future.add_done_callback(self._count)
        return future

    def _count(self, future: Future[Any]) -> None:
        if not future.cancelled() and future.exception() is None:
            self.carried += _packed(future.result())

    def shutdown(self, wait: bool = True, **options: Any) -> None:
        """Stay open: Dask closes the pools that it makes, and believes it made this one."""

    def close(self) -> None:
        """End the processes."""
        super().shutdown()


class _Pools:
    """Pools of processes by size, kept for all runs and closed at the end."""

    def __init__(self, stack: contextlib.ExitStack) -> None:
        self._stack = stack
        self._open: dict[int, _Pool] = {}
        #: Seconds that each took to come up.
        self.startup: dict[int, float] = {}
        #: Sizes that the cell itself has asked for.
        self.lent: set[int] = set()

    def carried(self) -> int:
        """Return the bytes that went to the processes and back, of all pools so far."""
        return sum(pool.carried for pool in self._open.values())

    def of(self, count: int) -> _Pool:
        """Return the pool of this size, with all its processes up."""
        if count not in self._open:
            began = time.perf_counter()
            pool = _Pool(
                count,
                mp_context=dask.multiprocessing.get_context(),
                initializer=dask.multiprocessing.initialize_worker_process,
            )
            self._stack.callback(pool.close)
            _warm(pool, count)
            self.startup[count] = time.perf_counter() - began
            self._open[count] = pool
        return self._open[count]

    def lend(self, max_workers: int | None = None, **_: Any) -> _Pool:
        """Stand in for the ``ProcessPoolExecutor`` that Dask makes for each compute."""
        count = max_workers or os.cpu_count() or 1
        self.lent.add(count)
        return self.of(count)


def _packed(value: Any) -> int:
    """Return the bytes of the pickles in a job of :func:`dask.local.batch_execute_tasks`."""
    if isinstance(value, bytes):
        return len(value)
    return sum(map(_packed, value)) if isinstance(value, (list, tuple)) else 0


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
