"""What a function does besides computing from its arguments: chance, clocks, files."""

from __future__ import annotations

from collections.abc import Iterator

from dask_lens.rules._generators import is_generator
from dask_lens.source.calls import Body, Call
from dask_lens.source.program import Program
from dask_lens.source.values import Function, Value
from dask_lens.source.words import words

RANDOM, CLOCK, FILES = "draws random numbers", "depends on time", "reads or writes outside"
UNKNOWN = "may give another result each time"

_MOST_DEEP = 4
_PURE_MODULES = words("math operator cmath itertools functools fractions decimal statistics")
_OUTSIDE_MODULES = words(
    "os pathlib shutil subprocess socket urllib requests httpx aiohttp boto3 s3fs fsspec sqlite3 "
    "logging sys"
)
_CLOCK_MODULES = words("time datetime uuid secrets")
_PURE_BUILTINS = words(
    "abs all any bin bool bytes chr complex dict divmod enumerate filter float format frozenset "
    "getattr hasattr hash hex int isinstance issubclass iter len list map max min oct ord pow "
    "range repr reversed round set slice sorted str sum tuple type zip"
)
_SEEDS = words(
    "random.seed random.Random numpy.random.seed numpy.random.default_rng numpy.random.RandomState"
)
_PURE_NUMPY = words("numpy scipy")


def effect_of(program: Program, value: Value | None) -> str | None:
    """Return why two equal calls of a function may differ; None where they cannot.

    Parameters
    ----------
    program
        The cells.
    value
        The function, as far as known.
    """
    if value is not None and value.function is not None:
        return _of_function(program, value.function, 0)
    if value is not None and value.kind == "name":
        return _of_name(value.name)
    return UNKNOWN


def _of_function(program: Program, function: Function, depth: int) -> str | None:
    body = program.body(function) if depth < _MOST_DEEP else None
    if body is None:
        return UNKNOWN
    found = set(_effects(program, body, depth))
    if RANDOM in found and any(_seeds(call) for call in body.calls):
        found.discard(RANDOM)
    return next((e for e in (RANDOM, CLOCK, FILES, UNKNOWN) if e in found), None)


def _effects(program: Program, body: Body, depth: int) -> Iterator[str]:
    for call in body.calls:
        effect = _of_call(program, call, depth)
        if effect is not None:
            yield effect


def _seeds(call: Call) -> bool:
    """Whether a call starts random numbers from a seed."""
    first = call.arguments[0] if call.arguments else None
    given = bool(call.node.args) and (first is None or first.name != "None")
    return given and call.name in _SEEDS


def _of_call(program: Program, call: Call, depth: int) -> str | None:
    if is_generator(call.receiver):
        return RANDOM
    if call.callee is not None:
        return _of_function(program, call.callee, depth + 1)
    if call.receiver is not None and call.receiver.kind in ("data", "items"):
        return None
    return _of_name(call.name) if call.name else UNKNOWN


def _of_name(name: str) -> str | None:
    root, _, rest = name.partition(".")
    if root == "random" or name.startswith("numpy.random"):
        return RANDOM
    if root in _CLOCK_MODULES:
        return CLOCK
    if root in _OUTSIDE_MODULES or name in ("builtins.open", "builtins.print", "builtins.input"):
        return FILES
    if root == "builtins":
        return None if rest in _PURE_BUILTINS or rest.startswith("items.") else UNKNOWN
    pure = root in _PURE_MODULES or root in _PURE_NUMPY
    return None if pure else UNKNOWN
