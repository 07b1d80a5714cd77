"""Keys made fresh, so that no result from before stands in for the work of a run.

A cluster computes nothing twice that it has in memory: a task whose key it knows is done. Runs
release what they made, but the user may hold a future or a persisted collection of the same
keys. Data that a run only reads (``df = df.persist()`` before it) keeps its keys.
"""

from __future__ import annotations

import contextlib
import copy
import importlib
import inspect
import itertools
import sys
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

#: What numbers graphs within this process.
_numbers = itertools.count()


@contextlib.contextmanager
def fresh_submits() -> Iterator[None]:
    """Give what a block submits other keys than any other block's.

    Equal calls within the block still share one task, as they do in the user's cell: only what
    keys are made from changes.
    """
    module: Any = sys.modules.get("distributed.client")
    if module is None:
        yield
        return
    before, mark = module.tokenize, _mark()
    module.tokenize = lambda *args, **options: before(mark, *args, **options)
    try:
        yield
    finally:
        module.tokenize = before


@contextlib.contextmanager
def uncached() -> Iterator[None]:
    """Set the user's ``dask.cache.Cache`` aside, which keeps results of local schedulers."""
    module: Any = sys.modules.get("dask.cache")
    active = sys.modules["dask.callbacks"].Callback.active if module is not None else set()
    caches = {
        callback
        for callback in active
        if any(isinstance(getattr(part, "__self__", None), module.Cache) for part in callback)
    }
    active -= caches
    try:
        yield
    finally:
        active |= caches


class FreshGraphs:
    """Renames the tasks of graphs that a cluster has results of.

    Parameters
    ----------
    client
        The client that sends the graphs.

    Attributes
    ----------
    stale : set of str
        Keys in memory that a graph has and that could not be renamed.
    """

    def __init__(self, client: Any) -> None:
        self.stale: set[str] = set()
        self._client = client
        self._clashes = False
        #: Keys in memory before the first run, and before this one.
        self._before: set[Any] = set()
        self._held: set[Any] = set()

    @contextlib.contextmanager
    def __call__(self, *, first: bool) -> Iterator[None]:
        """Look into the graphs that a block sends.

        Parameters
        ----------
        first
            Whether it is not timed: then every graph is looked into while results are held.
            Later only those are whose outputs are held, or all where one had to be renamed.
        """
        if first:
            with contextlib.suppress(Exception):  # no permission: then by what is held here
                self._before.update(self._client.who_has())
        self._client.sync(_nothing)  # what has been released is forgotten then
        self._held = self._before.union(self._client.futures)
        # Every compute, persist, submit and map goes through the first.
        stand_ins = {"_graph_to_futures": self._sender(first=first), "submit": self._submit}
        for name, value in stand_ins.items():
            setattr(self._client, name, value)
        try:
            yield
        finally:
            for name in stand_ins:
                delattr(self._client, name)

    def _original(self, name: str) -> Callable[..., Any]:
        """Look a method up now, as its caller does: what observes calls sees that."""
        kind = type(self._client)
        method: Callable[..., Any] = inspect.getattr_static(kind, name).__get__(self._client, kind)
        return method

    def _sender(self, *, first: bool) -> Callable[..., Any]:
        def fresh(*args: Any, **options: Any) -> Any:
            send = self._original("_graph_to_futures")
            bound = inspect.signature(send).bind(*args, **options).arguments
            graph_name, keys_name = [*bound][:2]  # the first was "dsk", and is "expr"
            keys = list(bound[keys_name])
            look = self._held and (first or self._clashes or not self._held.isdisjoint(keys))
            made = self._renamed(bound[graph_name], keys) if look else None
            if made is None:
                return send(*args, **options)
            bound[graph_name], names = made
            bound[keys_name] = [names.get(key, key) for key in keys]
            order = bound.get("internal_priority")
            if isinstance(order, dict):
                bound["internal_priority"] = {names.get(k, k): v for k, v in order.items()}
            futures = send(**bound)
            return {key: futures[names.get(key, key)] for key in keys}

        return fresh

    def _submit(self, *args: Any, **options: Any) -> Any:
        """Stand in for ``submit``, which takes a held result for what is named the same."""
        if options.get("key") in self._held:
            self._clashes = True
            options["key"] = next(_fresh([options["key"]]))
        return self._original("submit")(*args, **options)

    def _renamed(self, graph: Any, keys: Iterable[Any]) -> tuple[Any, dict[Any, Any]] | None:
        """Return a graph under other keys, and those by the old ones; None where none clash."""
        try:
            tasks = _tasks(graph)
            clash = self._held & tasks.keys()
            if not clash:
                return None
            self._clashes = True
            names = dict(zip(tasks, _fresh(tasks), strict=True))
            return _graph(
                {names[k]: _renamed(t, names, names[k]) for k, t in tasks.items()}
            ), names
        except Exception:  # noqa: BLE001 - a graph unlike all that are known; it is told
            self.stale.update(map(str, self._held.intersection(keys)))
            return None


async def _nothing() -> None:
    """Come after what is under way."""


def _fresh(keys: Iterable[Any]) -> Iterator[Any]:
    """Name keys anew; what Dask takes for the name of a task stays."""
    mark = _mark()
    for key in keys:
        if isinstance(key, tuple):
            yield (f"{key[0]}-{mark}", *key[1:])
        else:
            yield f"{key}-{mark}"


def _mark() -> str:
    return f"{next(_numbers)}{uuid.uuid4().hex}"  # begins with a digit: no part of a name


def _specification() -> Any:
    """Return the module that has tasks as objects; None in Dask before 2025."""
    with contextlib.suppress(ImportError):
        module = importlib.import_module("dask._task_spec")
        return module if hasattr(module, "convert_legacy_graph") else None
    return None


def _tasks(graph: Any) -> dict[Any, Any]:
    """Return the tasks of a graph by key, without what is a future of data."""
    made = graph if isinstance(graph, Mapping) else graph.__dask_graph__()
    # Of copies: a layer that was looked into travels in another way.
    layers = made.layers.values() if hasattr(made, "layers") else [made]
    made = {key: task for layer in layers for key, task in copy.copy(layer).items()}
    specification = _specification()
    if specification is not None:
        return dict(specification.convert_legacy_graph(made))
    return {key: task for key, task in made.items() if type(task).__name__ != "Future"}


def _graph(tasks: dict[Any, Any]) -> Any:
    try:
        expressions: Any = importlib.import_module("dask._expr")
        wrap: Callable[[dict[Any, Any]], Any] = expressions.LLGExpr
    except (ImportError, AttributeError):
        return tasks
    return wrap(tasks)


def _renamed(task: Any, names: Mapping[Any, Any], key: Any) -> Any:
    if hasattr(task, "substitute"):
        return task.substitute(names, key=key)
    return _replaced(task, names)


def _replaced(task: Any, names: Mapping[Any, Any]) -> Any:
    """Rename keys in a task that is a tuple, as they were before 2025."""
    kind = type(task)
    if kind in (str, tuple) and _is_key(task, names):
        return names[task]
    if kind is tuple and task and callable(task[0]):
        return (task[0], *(_replaced(part, names) for part in task[1:]))
    if kind is list:
        return [_replaced(part, names) for part in task]
    if kind is dict:
        return {name: _replaced(part, names) for name, part in task.items()}
    return task


def _is_key(value: Any, names: Mapping[Any, Any]) -> bool:
    try:
        return value in names
    except TypeError:
        return False  # a tuple that holds a list
