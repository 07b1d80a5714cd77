"""Runs in the kernel: what is worth knowing of a function and of what it is called with."""

from __future__ import annotations

import dis
import functools
import types
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from dask_lens.observe import looking
from dask_lens.observe.frames import variables

#: Bytes from which an argument or a captured value is kept.
LARGE = 100_000
#: Items from which a list of plain values is kept.
LONG = 10_000
#: Functions inside functions that are followed.
MOST_DEPTH = 3
#: Characters of a module's file: larger ones hold data, or are made by programs.
MOST_TEXT = 200_000

Entries = list[dict[str, Any]]


class Facts:
    """Works out facts; remembers the sizes of tables."""

    def __init__(self) -> None:
        self.sizes = looking.Sizes()

    def function(self, function: object) -> tuple[dict[str, Any], Entries]:
        """Return what is known of a function, and the futures hidden in it.

        Parameters
        ----------
        function
            What is to run as a task.
        """
        found: dict[str, Any] = {"name": _name(function), "module": _module(function)}
        if looking.is_delayed_function(function):
            found["delayed"] = True
        owner = _owner(function)
        if owner is not None:
            found["owner"] = looking.qualified(type(owner))
        captured: Entries = []
        futures: Entries = []
        for where, name, value in _captured(function):
            if looking.is_generator(value):
                found.setdefault("random", f"{where} {name}".strip())
            held = {"argument": "function", "name": f"{where} {name}".strip()}
            if looking.is_future(value):
                futures.append(held | {"type": "distributed.Future"})
            futures += [held | entry for entry in _hidden(value)]
            nbytes = self.sizes.of(value)
            if nbytes >= LARGE:
                kind = looking.qualified(type(value))
                captured.append({"name": name, "where": where, "type": kind, "nbytes": nbytes})
        if captured:
            found["captured"] = sorted(captured, key=lambda entry: -entry["nbytes"])[:10]
        return found, futures

    def arguments(
        self, given: Iterable[tuple[str, object]], caller: types.FrameType | None
    ) -> dict[str, Entries]:
        """Return what is worth a rule's look among arguments.

        Parameters
        ----------
        given
            Arguments by position or keyword.
        caller
            Whose variables have the names of arguments; None where they are not wanted.
        """
        found: dict[str, Entries] = {}
        names: Mapping[str, object] | None = None
        for argument, value in given:
            if type(value) in (int, float, bool, type(None)):
                continue
            for what, entry in self._of_argument(value):
                if names is None:
                    names = {} if caller is None else variables(caller)
                name = looking.name_of(value, names)
                found.setdefault(what, []).append({"argument": argument, "name": name, **entry})
        return found

    def _of_argument(self, value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
        kind = type(value)
        for item in (value, *looking.items_of(value)):
            what = _special(item)
            if what is not None:
                yield what, {"type": looking.qualified(type(item))}
            else:
                yield from (("futures", entry) for entry in _hidden(item))
        nbytes = self.sizes.of(value)
        if nbytes >= LARGE:
            yield "arguments", {"type": looking.qualified(kind), "nbytes": nbytes}
        if kind in (list, tuple) and len(value) >= LONG and _is_plain(value):
            yield "lists", {"length": len(value)}

    def nbytes(self, given: Iterable[object]) -> int:
        """Return the bytes of large texts, arrays and tables among arguments, added up."""
        found = map(self.sizes.direct, given)
        return sum(nbytes for nbytes in found if nbytes >= LARGE)


def _is_plain(value: Any) -> bool:
    return all(type(item) in looking.PLAIN for item in looking.items_of(value))


def _special(value: object) -> str | None:
    """Name the list of facts that a value of one of Dask's or NumPy's types belongs in."""
    if looking.is_delayed_function(value):
        return "delayed"
    if looking.is_collection(value):
        return "collections"
    return "generators" if looking.is_generator(value) else None


def _hidden(value: object) -> Entries:
    """Return futures in the attributes of objects of the user's: no scheduler looks there."""
    if type(value) in looking.PLAIN or not looking.is_own_object(value):
        return []
    return [
        {"attribute": name, "type": looking.qualified(type(value))}
        for name, held in looking.attributes(value).items()
        if looking.is_future(held) or any(map(looking.is_future, looking.items_of(held)))
    ]


def _name(function: Any) -> str:
    if type(function) is functools.partial:
        return _name(function.func)
    if looking.is_delayed_function(function):
        return _name(function._obj)  # noqa: SLF001 - Dask's own type
    if type(function) in _NAMED:
        return str(function.__qualname__)
    return looking.qualified(type(function))


def _module(function: Any) -> str | None:
    if type(function) is functools.partial:
        return _module(function.func)
    module = function.__module__ if type(function) in _NAMED else None
    return module if type(module) is str else None


def module_of(function: Any) -> dict[str, str]:
    """Return the module of a function, with the text of its file; nothing for one of a cell."""
    while type(function) is functools.partial:
        function = function.func
    if type(function) is not types.FunctionType:
        return {}
    path, module = function.__code__.co_filename, function.__module__
    if type(module) is not str or not path.endswith(".py"):
        return {}
    try:
        with Path(path).open(encoding="utf-8") as file:
            text = file.read(MOST_TEXT + 1)
    except (OSError, ValueError):
        return {}
    return {module: text} if len(text) <= MOST_TEXT else {}


_NAMED = (types.FunctionType, types.MethodType, types.BuiltinFunctionType)


def _owner(function: Any) -> object:
    """Return what a method is bound to."""
    if type(function) is functools.partial:
        return _owner(function.func)
    if type(function) is types.MethodType or type(function) is types.BuiltinFunctionType:
        owner: object = function.__self__
        return None if looking.is_import(owner) else owner
    return None


def _captured(function: Any, depth: int = 0) -> Iterator[tuple[str, str, object]]:
    """Yield what travels with a function: (where, name, value)."""
    if depth > MOST_DEPTH:
        return
    if type(function) is functools.partial:
        given = {str(number): value for number, value in enumerate(function.args)}
        for name, value in (given | function.keywords).items():
            yield "partial", name, value
        yield from _captured(function.func, depth + 1)
        return
    owner = _owner(function)
    if owner is not None:
        yield from _of_owner(owner)
        function = getattr(function, "__func__", function)
    if type(function) is types.FunctionType and _travels_by_value(function):
        for where, name, value in _of_function(function):
            if type(value) is types.FunctionType:
                yield from _captured(value, depth + 1)
            else:
                yield where, name, value


def _of_owner(owner: object) -> Iterator[tuple[str, str, object]]:
    yield "self", "", owner
    if looking.is_own_object(owner):
        for name, value in looking.attributes(owner).items():
            if looking.is_generator(value):
                yield "self", name, value


def _travels_by_value(function: types.FunctionType) -> bool:
    """Whether cloudpickle sends the code itself, rather than the name of an import."""
    return function.__module__ == "__main__" or "<" in function.__qualname__


def _of_function(function: types.FunctionType) -> Iterator[tuple[str, str, object]]:
    names = function.__code__.co_freevars
    for name, cell in zip(names, function.__closure__ or (), strict=False):
        yield "closure", name, _content(cell)
    known = function.__globals__
    for name in _global_names(function.__code__):
        if name in known and not looking.is_import(known[name]):
            yield "global", name, known[name]
    for number, value in enumerate(function.__defaults__ or ()):
        yield "default", str(number), value
    for name, value in (function.__kwdefaults__ or {}).items():
        yield "default", name, value


def _content(cell: types.CellType) -> object:
    try:
        return cell.cell_contents
    except ValueError:
        return None  # not bound yet


@functools.lru_cache(maxsize=256)
def _global_names(code: types.CodeType) -> tuple[str, ...]:
    """Return the global names that a function reads, those of functions inside it included."""
    found = dict.fromkeys(
        instruction.argval
        for instruction in dis.get_instructions(code)
        if instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME")
    )
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            found |= dict.fromkeys(_global_names(constant))
    return tuple(found)
