"""What a call gives back, by the name of what is called."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from dask_lens.source import api, catalogs, estimators, methods
from dask_lens.source.columns import assigned, kept, named_in
from dask_lens.source.libraries import of_library, written
from dask_lens.source.values import (
    DATA,
    Function,
    Value,
    instance,
    items,
    iterator,
    made,
    told_apart,
)
from dask_lens.source.words import words

Arguments: TypeAlias = Sequence["Value | None"]

#: Items that are followed one by one, at most.
MOST_PARTS = 64

_SAME_ITEMS = frozenset({"list", "tuple", "set", "sorted", "reversed", "iter", "frozenset"})
_PLAIN = words(
    "abs bool bytes complex float format hash id input int isinstance len ord open pow "
    "print repr round str type"
)
#: Built-in functions that ask an object for another one of its kind.
_BY_METHODS = frozenset({"abs", "pow"})
_BY_OPERATORS = frozenset({"sum", "max", "min"})
_TOGETHER = frozenset({"dask.compute", "dask.persist", "dask.optimize"})
#: Packages of whose functions it is known what they give.
_KNOWN = frozenset({"builtins", "dask", "distributed", "numpy", "pandas"})
#: What an unknown function may make something lazy of.
_DERIVES = (api.ARRAY, *api.FRAMES, api.BAG, *api.XARRAY, *api.PARTS, api.DERIVED)
_FIRST = frozenset({"functools.partial", "functools.wraps", "copy.copy", "copy.deepcopy"})


def result_of(
    name: str,
    call: ast.Call,
    receiver: Value | None,
    arguments: Arguments,
    keywords: Mapping[str, Value | None],
) -> Value | None:
    """Return what the call of ``name`` gives; None where it is not known.

    Parameters
    ----------
    name
        Qualified name of the callee.
    call
        The call in the syntax tree.
    receiver
        The object, for a method.
    arguments, keywords
        What is known of what is passed.
    """
    root, _, rest = name.partition(".")
    if name in api.TO_DATA:
        return DATA
    if root == "builtins":
        return _builtin(rest, call, arguments, keywords)
    if name in _FIRST:
        return arguments[0] if arguments else None
    if root == "distributed" or name in api.RETURNS or name == api.DELAYED:
        return _of_dask(name, call, arguments, keywords)
    if api.is_cluster(name):
        return instance(api.CLUSTER, call)
    if name in _TOGETHER:
        return _together(name, call, arguments)
    given = _of_package(name, call, receiver, arguments)
    if given is not None:
        return given
    if receiver is not None and receiver.kind == "instance":
        return _of_collection(name, call, receiver, arguments, keywords)
    return of_library(name, call, arguments, keywords)


def _of_package(
    name: str, call: ast.Call, receiver: Value | None, arguments: Arguments
) -> Value | None:
    """Return what packages give whose own objects make collections."""
    root = name.partition(".")[0]
    if root in estimators.PACKAGES:
        return estimators.of_estimator(name, call, receiver, arguments)
    return catalogs.of_intake(name, call, receiver) if root == "intake" else None


def _of_dask(
    name: str, call: ast.Call, arguments: Arguments, keywords: Mapping[str, Value | None]
) -> Value | None:
    if name in api.RETURNS:
        lazy = (v for v in keywords.values() if v is not None and v.is_instance(*api.COLLECTIONS))
        return made(api.RETURNS[name], call, (*arguments, *lazy), _function(arguments))
    if api.is_cluster(name):
        return instance(api.CLUSTER, call)
    if name == api.DELAYED:
        return _delayed(call, arguments)
    return _of_client(name, call, arguments)


def _together(name: str, call: ast.Call, arguments: Arguments) -> Value:
    starred = any(isinstance(argument, ast.Starred) for argument in call.args)
    given: list[Value | None] = [DATA] * len(arguments)
    if name != "dask.compute":
        given = [_made_by(call, argument) for argument in arguments]
    return items(given, counted=not starred)


def delayed_call(leaf: Value, call: ast.Call, arguments: Arguments) -> Value:
    """Return the Delayed that calling a delayed function, or what is delayed, gives."""
    if leaf.is_instance(api.DELAYED_OBJECT):
        return made(api.DELAYED_OBJECT, call, [leaf, *arguments])
    return made(api.DELAYED_OBJECT, call, arguments, leaf.function)


def derived(value: Value | None) -> Value | None:
    """Return a value that an unknown function made of something lazy; None for any other."""
    return value if value is not None and value.is_instance(api.DERIVED) else None


def derived_from(name: str, call: ast.Call, given: Arguments) -> Value | None:
    """Return what a function that is not known makes of what is lazy; None for all else.

    Parameters
    ----------
    name
        Qualified name of the callee; empty where that is not known either.
    call
        The call.
    given
        What is called, and what is passed.
    """
    if name.partition(".")[0] in _KNOWN:
        return None
    lazy = [v for v in given if v is not None and v.is_instance(*_DERIVES)]
    first = given[0] if given else None
    if lazy and first is not None and first.is_instance(api.REGRIDDER):
        return made(lazy[0].name, call, lazy)
    return made(api.DERIVED, call, lazy) if lazy else None


def _function(arguments: Arguments) -> Function | None:
    first = arguments[0] if arguments else None
    return first.function if first is not None else None


def _made_by(call: ast.Call, value: Value | None) -> Value | None:
    if value is None or value.kind != "instance":
        return value
    return replace(value, call=call, entries=None)


def _delayed(call: ast.Call, arguments: Arguments) -> Value | None:
    if not call.args:
        return Value("name", api.DELAYED)
    given = arguments[0]
    if given is not None and given.is_instance(*api.COLLECTIONS):
        return Value("instance", api.DELAYED_OBJECT, parts=(given,), call=call)
    if given is not None and given.kind in ("data", "items"):
        return made(api.DELAYED_OBJECT, call, [given])
    return instance(api.DELAYED_FUNCTION, call, given.function if given else None)


def _of_client(name: str, call: ast.Call, arguments: Arguments) -> Value | None:
    last = name.rpartition(".")[2]
    first = arguments[0] if arguments else None
    if name in ("distributed.Client.map", "distributed.as_completed", "distributed.futures_of"):
        function = first.function if first is not None else None
        return iterator(instance(api.FUTURE, call, function))
    if name == "distributed.Client.compute" and any(k.arg == "sync" for k in call.keywords):
        return None
    if name in ("distributed.Client.scatter", "distributed.Client.compute"):
        future = instance(api.FUTURE, call)
        return iterator(future) if first is not None and first.kind == "items" else future
    if name == "distributed.Client.persist":
        return _made_by(call, first)
    if last[:1].isupper() and name.count(".") == 1:
        return instance(name, call)
    return None


def _of_collection(
    name: str,
    call: ast.Call,
    receiver: Value,
    arguments: Arguments,
    keywords: Mapping[str, Value | None],
) -> Value | None:
    attribute = name.rpartition(".")[2]
    if attribute == "to_delayed" and receiver.is_instance(*api.COLLECTIONS):
        return iterator(Value("instance", api.DELAYED_OBJECT, parts=(receiver,), call=call))
    if attribute in methods.WRITERS and receiver.is_instance(*api.COLLECTIONS):
        return written(call)
    if attribute == "pipe":
        return None
    if receiver.is_instance(api.LOADED):
        return _of_loaded(attribute, call, arguments)
    kind = methods.called(receiver.name, attribute)
    if kind is None or kind == methods.PLAIN:
        return DATA if kind else None
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    result = kept(receiver, made(kind, call, [receiver, *named_in(receiver, given)]))
    return (assigned(result, keywords) if attribute == "assign" else None) or result


def attribute_of(base: Value, name: str) -> Value | None:
    """Return what an attribute of an object gives."""
    if base.is_instance(*api.RANDOM_GENERATORS):
        # A bound method: it takes the generator with it wherever it goes.
        return Value("name", f"{base.name}.{name}", parts=(base,))
    if name == "shape" and base.is_instance(api.DATAFRAME, api.SERIES):
        rows = Value("instance", api.SCALAR, parts=(base,))
        return items([rows, DATA] if base.name == api.DATAFRAME else [rows])
    if base.is_instance(catalogs.CATALOG):
        return catalogs.part(base, name)
    if base.is_instance(api.DERIVED) and name not in methods.METADATA:
        return Value("instance", api.DERIVED, parts=(base,))
    kind = methods.attribute(base.name, name)
    if kind is None:
        return DATA if name in methods.METADATA else None
    if kind == methods.PLAIN:
        return DATA
    taken = name if base.name == api.DATASET and kind == api.DATA_ARRAY else ""
    parts = (base, *named_in(base, [ast.Constant(name)]))
    return Value("instance", kind, parts=parts, variable=taken)


def _of_loaded(attribute: str, call: ast.Call, arguments: Arguments) -> Value:
    kind = api.LOADED
    lazy = any(a is not None and a.is_instance(*api.COLLECTIONS) for a in arguments)
    if attribute == "chunk" or lazy:
        kind = api.DATASET
    return made(kind, call)


def _builtin(
    name: str, call: ast.Call, arguments: Arguments, keywords: Mapping[str, Value | None]
) -> Value | None:
    first = arguments[0] if arguments else None
    if name in _SAME_ITEMS:
        return first if first is not None and first.kind == "items" else iterator(None)
    if name == "range":
        return _range(call)
    if name == "enumerate":
        return _zip([iterator(DATA), first])
    if name == "zip":
        return _zip(arguments)
    if name == "dict":
        return _dict(call, first, keywords)
    if name == "map":
        return iterator(None)
    if name in _BY_OPERATORS and first is not None and first.kind == "items":
        item = first.item
        if item is not None and item.is_instance(*api.COLLECTIONS):
            return Value("instance", item.name, parts=first.parts, call=call)
        return DATA if item is not None else None
    if name in _BY_METHODS and first is not None and first.is_instance(*api.COLLECTIONS):
        return made(first.name, call, [first])
    return DATA if name in _PLAIN else None


def _dict(call: ast.Call, first: Value | None, keywords: Mapping[str, Value | None]) -> Value:
    pairs = first.item if first is not None and first.kind == "items" else None
    last = pairs.parts[-1] if pairs is not None and pairs.parts else None
    held = items([last, *keywords.values()], counted=False)
    read = not call.args and all(keyword.arg for keyword in call.keywords)
    return replace(held, entries={**keywords} if read else None)


def _range(call: ast.Call) -> Value:
    numbers = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
    if len(numbers) == len(call.args) and all(isinstance(n, int) for n in numbers) and numbers:
        try:
            length = len(range(*numbers))  # type: ignore[arg-type]  # all are int
        except (TypeError, ValueError, OverflowError):
            return iterator(DATA)
        if length <= MOST_PARTS:
            return items([DATA] * length)
    return iterator(DATA)


def _zip(arguments: Arguments) -> Value:
    row = [a.item if a is not None and a.kind == "items" else None for a in arguments]
    lengths = [len(a.parts) for a in arguments if a is not None and a.parts is not None]
    if len(lengths) == len(arguments) and lengths:
        return items([items(list(row)) for _ in range(min(lengths))])
    return iterator(items(list(row)))


def element(base: Value, index: ast.expr) -> Value | None:
    """Return what a subscript of a list, tuple or dict gives."""
    if isinstance(index, ast.Slice):
        return iterator(base.item)
    number = index.value if isinstance(index, ast.Constant) else None
    if base.parts is not None and isinstance(number, int) and number < len(base.parts):
        return base.parts[number]
    return told_apart(base.item, ast.dump(index)) if isinstance(index, ast.Constant) else base.item


def combined(one: Value | None, other: Value | None) -> Value | None:
    """Return what an operator makes of two values."""
    for value in (one, other):
        if value is not None and value.is_instance(*api.COLLECTIONS, api.DERIVED):
            return Value("instance", value.name, parts=(one, other))
    if one is None or other is None:
        return None
    if one.kind == other.kind == "items":
        first = one.parts if one.parts is not None else (one.item,)
        second = other.parts if other.parts is not None else (other.item,)
        counted = one.parts is not None and other.parts is not None
        return items([*first, *second], counted=counted)
    return one if one.kind == "items" else DATA if one.kind == other.kind == "data" else None


def of_items(method: str, receiver: Value) -> Value | None:
    """Return what a method of a list, tuple, set or dict gives."""
    if method in ("pop", "popleft", "get", "setdefault"):
        return receiver.item
    if method == "items":
        return iterator(items([DATA, receiver.item]))
    if method in ("values", "copy"):
        return receiver
    return iterator(DATA) if method == "keys" else None
