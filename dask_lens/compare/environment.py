"""Pools and clusters for the variants: opened once, timed apart, and always closed.

A variant's scheduler is set around the cell by standing in for ``dask.base.get_scheduler``,
which every compute and persist asks: so it also holds where the cell itself names a scheduler.

https://github.com/dask/dask/blob/2026.8.0/dask/base.py#L1078
"""

from __future__ import annotations

import contextlib
import functools
import math
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import dask.base
import dask.local
import dask.multiprocessing
import dask.system
import dask.threaded

from dask_lens.compare.fresh import FreshGraphs, fresh_submits, uncached
from dask_lens.compare.meters import Crew
from dask_lens.compare.opening import opened
from dask_lens.compare.pools import Pools
from dask_lens.compare.strays import Strays
from dask_lens.compare.variant import Setting

if TYPE_CHECKING:
    from typing_extensions import Self

#: Seconds that all workers of a cluster get to come up.
START_UP = 60.0

#: Seconds that a scheduler gets for an answer.
ASK = 5.0


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
        pools: Pools | None = None,
        beside: Any = None,
    ) -> None:
        self.setting = setting
        self.get = get
        self.client = client
        self.threads = threads
        self._startup = startup
        self._pools = pools
        self._used = used = client if client is not None else beside
        #: The processes that it runs in.
        self.crew = Crew(used, pools.carried if pools is not None else None)
        #: What it sends past its scheduler.
        self.strays = Strays(())
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
                if type(value) is kind and not value.asynchronous:
                    names[name] = self.client
        return names

    @property
    def stale(self) -> int:
        """Number of results asked for that were in memory already, and not computed."""
        return len(self._graphs.stale) if self._graphs is not None else 0

    @property
    def held_elsewhere(self) -> list[str]:
        """Keys of what clients that are not its own hold in memory."""
        return [str(key) for client in self.strays.clients for key in list(client.futures)]

    @property
    def workers_left(self) -> int | None:
        """Number of workers that its cluster has now; None where nobody told."""
        client = self._used
        if client is None:
            return None
        try:
            return len(client.sync(client.scheduler.ncores, workers=None, callback_timeout=ASK))
        except Exception:  # noqa: BLE001 - the scheduler is gone, too
            return None

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
            stack.enter_context(self.strays())
            stack.enter_context(fresh_submits())
            yield


class Environments:
    """All environments of a comparison; a context manager that closes what it opened.

    Parameters
    ----------
    namespace
        The user's names: a client among them is used for ``distributed``.
    left
        Returns the seconds until the time for opening is over.
    """

    def __init__(
        self, namespace: Mapping[str, Any], left: Callable[[], float] = lambda: math.inf
    ) -> None:
        self._left = left
        self._clients = _clients_of(namespace)
        self._user_client = next(
            (client for client in self._clients if client.status == "running"),
            self._clients[0] if self._clients else None,
        )
        self._stack = contextlib.ExitStack()
        self._pools = Pools(self._stack, left)
        self._open: dict[Setting, Environment] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    @property
    def threads(self) -> int:
        """How many tasks at once are fair for all: the client's threads, else the cores."""
        client: Any = self._user_client
        if _is_usable(client) and (threads := sum(client.nthreads().values())):
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
            if setting.scheduler != "as written":
                known.strays = Strays(c for c in self._clients if c is not known.client)
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
        beside = client if _is_usable(client) else None
        return Environment(setting, pools=self._pools, beside=beside)

    def _sync(self, setting: Setting) -> Environment:
        return Environment(setting, dask.local.get_sync, threads=1)

    def _threads(self, setting: Setting) -> Environment:
        count = setting.workers or self.threads
        pool = ThreadPoolExecutor(count)
        # Threads in a task that never ends are not waited for.
        self._stack.callback(pool.shutdown, wait=False, cancel_futures=True)
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
            raise UnavailableError(
                "an asynchronous client cannot be waited for here: "
                f'compare "distributed, workers={self.threads}", which gets a cluster of its own'
            )
        elif client.status != "running":
            raise UnavailableError(f"the client is {client.status}: make a new one")
        threads = sum(client.nthreads().values())
        return Environment(setting, client.get, client=client, threads=threads, startup=startup)

    def _cluster(self, setting: Setting) -> tuple[Any, float]:
        began = time.perf_counter()
        count = setting.workers or self.threads
        made = opened(lambda: _started(count, setting), _closed, self._left)
        self._stack.callback(_closed, made)
        return made[0], time.perf_counter() - began


def _started(count: int, setting: Setting) -> tuple[Any, Any]:
    """Return a client with a cluster of its own, all its workers up."""
    from distributed import Client, LocalCluster  # noqa: PLC0415 - slow, and not always used

    with contextlib.ExitStack() as failing:
        cluster = LocalCluster(
            n_workers=count,
            threads_per_worker=setting.threads_per_worker or 1,
            dashboard_address=":0",
        )
        failing.callback(cluster.close)
        client = Client(cluster, set_as_default=False)
        failing.callback(client.close)
        client.wait_for_workers(count, timeout=START_UP)
        failing.pop_all()
    return client, cluster


def _closed(made: tuple[Any, Any]) -> None:
    client, cluster = made
    try:
        client.close()
    finally:
        cluster.close()


def _is_usable(client: Any) -> bool:
    return client is not None and not client.asynchronous and client.status == "running"


def _clients_of(namespace: Mapping[str, Any]) -> list[Any]:
    """Return the user's clients: Dask's default one first, then those among the names."""
    module = sys.modules.get("distributed.client")
    if module is None:
        return []
    found = [value for value in namespace.values() if type(value) is module.Client]
    with contextlib.suppress(ValueError):  # there is none
        found.insert(0, module.default_client())
    return list({id(client): client for client in found}.values())


@contextlib.contextmanager
def _replaced(owner: Any, name: str, value: Any) -> Iterator[None]:
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)
