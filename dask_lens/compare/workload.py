"""A cell, or a function, that is run again and again apart from the user's own names."""

from __future__ import annotations

import ast
import inspect
import linecache
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dask_lens.compare.awaiting import awaited
from dask_lens.source.free import from_around

#: A line that begins another version of a cell's code: ``# %% name``.
_MARK = re.compile(r"^#\s*%%[ \t]*(?P<name>.*?)[ \t]*$", re.MULTILINE)
#: What Jupytext writes at the top of a script, and behind the marks of its cells.
_HEADER = re.compile(r"^# +(jupytext|jupyter):", re.MULTILINE)
_KIND = re.compile(r"\[(markdown|md|raw)\]|\w+=")
#: Names that IPython and the kernel keep for themselves.
_KEPT = frozenset({"In", "Out", "get_ipython", "exit", "quit", "open"})
#: Containers looked into for futures.
_DEPTH = 3


class WorkloadError(ValueError):
    """Code that cannot be compared; the message says why and what to do."""


@dataclass(frozen=True)
class Outcome:
    """What one run left.

    Parameters
    ----------
    names
        What it bound or rebound, its last expression as ``""``.
    namespace
        All names after the run.
    """

    names: Mapping[str, Any] = field(default_factory=dict)
    namespace: Mapping[str, Any] = field(default_factory=dict)


class Workload:
    """Code to be timed.

    Parameters
    ----------
    code
        Python source, or a function without parameters.
    name
        How errors and tracebacks call it.
    """

    def __init__(self, code: str | Callable[[], Any], name: str = "cell") -> None:
        self.name = name
        self.source = code if isinstance(code, str) else ""
        self._function = None if isinstance(code, str) else code
        self._filename = f"<dask-lens {name}>"
        if isinstance(code, str):
            self._statements, self._last, self._outer = _compiled(code, self._filename, name)

    def run(self, namespace: Mapping[str, Any]) -> Outcome:
        """Run once, with a copy of the names; wait for the futures it leaves.

        Parameters
        ----------
        namespace
            The names that the code sees; they stay as they are.
        """
        if self._function is not None:
            value = self._function()
            if inspect.iscoroutine(value):
                value = awaited(value)
            wait_for_futures([value])
            return Outcome({"": value})
        copy = dict(namespace)
        made = self._run(copy)
        wait_for_futures([made.get(""), *_changed(namespace, copy).values()])
        made.update(_changed(namespace, copy))
        return Outcome(made, copy)

    def _run(self, names: dict[str, Any]) -> dict[str, Any]:
        """Run the code; return its last expression by the name ``""``."""
        codes = [code for code in (self._statements, self._last) if code is not None]
        if any(code.co_flags & inspect.CO_COROUTINE for code in codes):
            self._check_clients(names)
            value = awaited(_each(codes, names))
        else:
            value = None
            for code in codes:
                value = eval(code, names)  # noqa: S307 - the user's own cell
        return {} if self._last is None else {"": value}

    def _check_clients(self, names: Mapping[str, Any]) -> None:
        kind = getattr(sys.modules.get("distributed.client"), "Client", None)
        for name in sorted(self._outer):
            if type(names.get(name)) is kind and names[name].asynchronous:
                raise WorkloadError(
                    f"{name} is asynchronous, and its event loop waits for this comparison: take "
                    "a synchronous client (asynchronous=False), or open one in the cell "
                    "(async with Client(asynchronous=True) as client)"
                )


async def _each(codes: Sequence[Any], names: dict[str, Any]) -> Any:
    value = None
    for code in codes:
        value = eval(code, names)  # noqa: S307 - the user's own cell
        if code.co_flags & inspect.CO_COROUTINE:
            value = await value
    return value


def split(source: str) -> dict[str | None, str]:
    """Split a cell at its lines ``# %% name`` into versions of one piece of code.

    What stands above the first such line belongs to every version.

    Parameters
    ----------
    source
        The cell.

    Returns
    -------
    dict
        Code by name; one entry under None for a cell without such lines. Line numbers are
        kept.

    Raises
    ------
    WorkloadError
        When two versions have one name, or a version has no code.
    """
    marks = list(_MARK.finditer(source))
    if not marks:
        return {None: source}
    shared = source[: marks[0].start()]
    versions: dict[str | None, str] = {}
    for number, mark in enumerate(marks):
        name = mark["name"] or f"version {number + 1}"
        if name in versions:
            raise WorkloadError(f"two versions are called {name!r}: name them apart")
        end = marks[number + 1].start() if number + 1 < len(marks) else len(source)
        own = source[mark.end() : end]
        if not own.strip():
            raise WorkloadError(f"there is no code below `# %% {name}`")
        skipped = source[len(shared) : mark.end()].count("\n")
        versions[name] = shared + "\n" * skipped + own
    return versions


def is_notebook(source: str) -> bool:
    """Whether a script is a notebook in the percent format, whose marks divide it into cells.

    So it is where a mark has no name, says what kind of cell it begins, or where Jupytext has
    left its header; then the cells need each other, and are no versions of one another.
    """
    names = [mark["name"] for mark in _MARK.finditer(source)]
    return bool(_HEADER.search(source)) or any(not n or _KIND.search(n) for n in names)


def gathered(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return results with what futures among them, and in lists and dicts there, stand for.

    Parameters
    ----------
    values
        What a run left.
    """
    kind = getattr(sys.modules.get("distributed.client"), "Future", None)
    return dict(values) if kind is None else {n: _gathered(v, kind, 0) for n, v in values.items()}


def _gathered(value: Any, kind: Any, depth: int) -> Any:
    if type(value) is kind and not value.client.asynchronous:
        return value.result()
    if depth == _DEPTH:
        return value
    if type(value) in (list, tuple):
        return type(value)(_gathered(item, kind, depth + 1) for item in value)
    if type(value) is dict:
        return {key: _gathered(item, kind, depth + 1) for key, item in value.items()}
    return value


def wait_for_futures(values: list[Any]) -> None:
    """Wait until the futures among ``values``, and in lists and dicts there, are done.

    A cell such as ``futures = client.map(f, xs)`` returns long before its work is done.
    """
    kind = getattr(sys.modules.get("distributed.client"), "Future", None)
    if kind is None:
        return
    found: list[Any] = []
    queue = [(value, 0) for value in values]
    while queue:
        value, depth = queue.pop()
        if type(value) is kind:
            if not value.client.asynchronous:
                found.append(value)
        elif depth < _DEPTH and type(value) in (list, tuple, set):
            queue += [(item, depth + 1) for item in value]
        elif depth < _DEPTH and type(value) is dict:
            queue += [(item, depth + 1) for item in value.values()]
    if found:
        from distributed import wait  # noqa: PLC0415 - it is loaded: there is a Future

        wait(found)


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    gone = object()
    return {
        name: value
        for name, value in after.items()
        if before.get(name, gone) is not value and name not in _KEPT and name[:2] != "__"
    }


def _compiled(code: str, filename: str, name: str) -> tuple[Any, Any, set[str]]:
    """Return the statements, the last expression apart, and the names that they take."""
    try:
        tree = ast.parse(code, filename)
    except SyntaxError as error:
        raise WorkloadError(f"{name}, line {error.lineno}: {error.msg}") from None
    outer = from_around(tree)
    last = tree.body[-1] if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    if last is not None:
        tree.body.pop()
    # As it is written: what this file takes from the future is not the cell's.
    how: dict[str, Any] = {"flags": ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, "dont_inherit": True}
    try:
        statements = compile(tree, filename, "exec", **how) if tree.body else None
        value = compile(ast.Expression(last.value), filename, "eval", **how) if last else None
    except SyntaxError as error:
        raise WorkloadError(f"{name}, line {error.lineno}: {error.msg}") from None
    # Tracebacks show the lines.
    lines = code.splitlines(keepends=True)
    linecache.cache[filename] = (len(code), None, lines, filename)
    return statements, value, outer
