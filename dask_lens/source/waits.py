"""Where the code stops and waits until Dask has computed something."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass

from dask_lens.source import api, libraries, methods
from dask_lens.source.calls import POSITION, Call, Placed, Read
from dask_lens.source.lineage import ancestors
from dask_lens.source.program import Program
from dask_lens.source.purpose import in_test, is_asserted, is_test, only_defines
from dask_lens.source.tasks import task_functions
from dask_lens.source.values import Function, Value, contained
from dask_lens.source.words import words

#: Ways to wait that say so: the rest computes without being told.
EXPLICIT = ("compute", "load")

#: Packages whose users have collections, whatever made them.
_FAMILY = words(
    "distributed coiled xarray rioxarray stackstac odc intake intake_esm lsdb satpy xclim "
    "climpred merlin nvtabular"
)
#: Packages whose own objects have a ``compute``.
_OTHERS = words("torch torchmetrics evaluate torcheval ignite ray vaex modin datasets pyspark")
_KEYWORDS = words(
    "scheduler num_workers n_workers optimize_graph get traverse pool retries resources priority "
    "workers chunksize allow_other_workers"
)
_NUMBERS = words("builtins.float builtins.int builtins.bool builtins.complex builtins.round")
_PASSES = words(
    "builtins.list builtins.tuple builtins.set builtins.sorted builtins.max builtins.min "
    "builtins.sum"
)
_ITERATED = (api.SERIES, api.INDEX, api.BAG)
#: Libraries that draw, what they draw every row of, and what they take in as arrays.
_DRAW = ("matplotlib.pyplot", "seaborn")
_DRAWN = (api.DATAFRAME, api.SERIES)
_TAKEN = (api.ARRAY, *api.XARRAY)
#: Methods of axes that draw what they are given.
_DRAWS = words("bar contour contourf errorbar fill_between hist imshow pcolormesh plot scatter")
_LOOKS = words("head tail take")
_SELECTS = words("isel sel interp")
_ROWS = words("head iloc iterrows itertuples loc tail")
#: What collections are asked to do before they are computed.
_LIKE_LAZY = words(
    "agg aggregate all any apply argmax argmin assign astype chunk count describe drop dropna "
    "fillna groupby histogram interp isel isin isnull map_blocks map_overlap map_partitions max "
    "mean median min nunique persist prod quantile rechunk repartition resample reshape rolling "
    "sel set_index sort_values squeeze std sum to_dask to_delayed transpose unique value_counts "
    "var where"
)


@dataclass(frozen=True, eq=False)
class Wait(Placed):
    """One such expression.

    Parameters
    ----------
    node
        The expression.
    cell
        Index of its cell.
    how
        ``"compute"`` or ``"load"``; ``"values"``, ``"look"`` (head, tail, take), ``"len"``,
        ``"lengths"`` (of all partitions, for ``to_dask_array(lengths=True)``),
        ``"bool"``, ``"number"``, ``"array"``, ``"ufunc"`` (of xarray), ``"iterate"``, ``"plot"``,
        ``"drawn"`` (by another library);
        ``"write"``;
        ``"result"`` and ``"gather"`` of futures.
    values
        What is computed.
    inside
        The function it stands in; None at the top level of a cell.
    call
        The call; None for other expressions. Of a future that is awaited, the call that made it,
        where that was one of ``compute``.
    known
        Whether what is computed is known to be lazy; else it has a ``compute`` and nothing
        more is known of it.
    """

    node: ast.expr
    cell: int
    how: str
    values: tuple[Value | None, ...]
    inside: Function | None = None
    call: Call | None = None
    known: bool = True

    @property
    def lazies(self) -> tuple[ast.expr, ...]:
        """The expressions of what is computed."""
        if self.call is None:
            return (self.node.value,) if isinstance(self.node, ast.Attribute) else (self.node,)
        func = self.call.node.func
        if self.call.receiver is None and self.known:
            return tuple(self.call.node.args)
        if self.call.receiver is not None and self.call.receiver.is_instance(api.CLIENT):
            return tuple(self.call.node.args)
        return (func.value,) if isinstance(func, ast.Attribute) else ()


def is_loaded_copy(wait: Wait) -> bool:
    """Whether ``load()`` is called on what nothing else holds: then it gives what compute does."""
    func = wait.call.node.func if wait.call is not None and wait.known else None
    return (
        wait.how == "load" and isinstance(func, ast.Attribute) and isinstance(func.value, ast.Call)
    )


def value_of(program: Program, wait: Wait) -> ast.expr | None:
    """Return the expression that is what is computed; None where that is several things.

    It is the wait itself or, of one that computes a single argument, ``dask.compute(x)[0]``.
    """
    call = wait.call.node if wait.call is not None else None
    if call is None or wait.node is not call or not call.args:
        return wait.node
    parent = next(program.cells[wait.cell].parents(call), None)
    alone = len(call.args) == 1 and not isinstance(call.args[0], ast.Starred)
    first = isinstance(parent, ast.Subscript) and ast.unparse(parent.slice) == "0"
    return parent if alone and first and isinstance(parent, ast.Subscript) else None


@functools.lru_cache(maxsize=8)
def waits(program: Program) -> tuple[Wait, ...]:
    """Return every place where the user's code waits, in the order of the text.

    Functions that run as tasks are left out: they wait on a worker. So are tests, which compute
    in order to compare.
    """
    if is_test(program):
        return ()
    tasks = task_functions(program)
    found = [w for call in program.calls if (w := _wait(program, call)) is not None]
    found += [_read(program, read) for read in program.reads if read.how != "shown"]
    return tuple(
        sorted(
            (w for w in found if w.inside not in tasks and not _compares(program, w)),
            key=POSITION,
        )
    )


def _compares(program: Program, wait: Wait) -> bool:
    if in_test(program, wait.cell, wait.node):
        return True
    return wait.how in EXPLICIT and is_asserted(program, wait.cell, wait.node)


def _read(program: Program, read: Read) -> Wait:
    """Return the wait that an expression other than a call is."""
    if read.how != "await":
        return Wait(read.node, read.cell, read.how, (read.value,), read.inside)
    made = program.by_node.get(read.value.call) if read.value.call is not None else None
    if made is not None and made.name == "distributed.Client.compute":
        return Wait(read.node, read.cell, "compute", made.arguments[:1], read.inside, made)
    return Wait(read.node, read.cell, "result", (read.value,), read.inside)


def _wait(program: Program, call: Call) -> Wait | None:
    how, values, known = "", call.arguments, True
    owner, _, last = call.name.rpartition(".")
    receiver = call.receiver
    if receiver is not None and owner in api.COLLECTIONS:
        how, values = _of_collection(call, owner, last), (receiver,)
    elif call.name == "dask.compute":
        how = "compute" if _is_lazy(call.arguments) else ""
    elif owner in (api.CLIENT, api.FUTURE):
        how, values = _of_client(program, call, last)
    elif receiver is None and last in methods.WRITERS and owner.startswith(("dask.", "xarray")):
        how = "" if _is_delayed_write(call) else "write"
    elif call.name == "xarray.apply_ufunc":
        how = _of_ufunc(program, call)
        values = tuple(v for v in values if v is not None and v.is_instance(*api.XARRAY))
    elif owner == "builtins" or call.name in libraries.TAKES_IN:
        how = _taken_in(call)
    elif owner in _DRAW or _is_on_axes(call):
        how, values = _drawn(call)
    elif not call.name and receiver is None:
        how, values, known = _of_unknown(program, call), (None,), False
    if not how:
        return None
    return Wait(call.node, call.cell, how, values, call.inside, call, known)


def _is_lazy(values: tuple[Value | None, ...]) -> bool:
    """Whether there may be something to compute in these values."""
    return any(value is None or value.kind != "data" for value in values)


def _of_collection(call: Call, owner: str, last: str) -> str:
    if last == "compute":
        return "compute"
    if last == "to_dask_array" and call.literal("lengths") is True:
        return "lengths"
    if last in methods.WRITERS:
        return "" if _is_delayed_write(call) else "write"
    if last not in methods.EAGER.get(owner, ()):
        return ""
    if last in _LOOKS:
        lazily = call.literal("compute") is False
        return "" if lazily else "look"
    if last == "load":
        return "load"
    if last == "plot":
        return "plot"
    return "values" if owner in api.XARRAY else "iterate"


def _is_delayed_write(call: Call) -> bool:
    given = call.keyword("compute")
    return given is not None and not (isinstance(given, ast.Constant) and given.value is True)


def _of_client(program: Program, call: Call, last: str) -> tuple[str, tuple[Value | None, ...]]:
    if last == "compute" and call.literal("sync") is True:
        return "compute", call.arguments
    if last == "gather":
        return "gather", call.arguments
    if last != "result" or call.receiver is None:
        return "", ()
    made = program.by_node.get(call.receiver.call) if call.receiver.call is not None else None
    if made is not None and made.name == "distributed.Client.compute":
        return "compute", made.arguments
    return "result", (call.receiver,)


def _taken_in(call: Call) -> str:
    first = call.arguments[0] if call.arguments else None
    if first is not None and first.kind == "items" and call.name in libraries.TAKES_IN:
        return "array" if contained(first, api.ARRAY, *api.XARRAY) is not None else ""
    if first is None or not first.is_instance(*api.COLLECTIONS):
        return ""
    if call.name == "builtins.len":
        return "len" if first.is_instance(api.DATAFRAME, api.SERIES, api.INDEX) else ""
    if call.name in _NUMBERS:
        return "number" if first.is_instance(api.ARRAY, *api.XARRAY) else ""
    if call.name in _PASSES:
        return "iterate" if first.is_instance(*_ITERATED) else ""
    return "array" if call.name in libraries.TAKES_IN else ""


def _is_on_axes(call: Call) -> bool:
    """Whether axes, of which nothing more is known, are told to draw something."""
    func = call.node.func
    known = call.name or call.receiver is not None
    return not known and isinstance(func, ast.Attribute) and func.attr in _DRAWS


def _drawn(call: Call) -> tuple[str, tuple[Value | None, ...]]:
    """Return what is drawn: a frame row by row, an array as it plots itself."""
    given = [v for v in (*call.arguments, *call.keywords.values()) if v is not None]
    for how, kinds in (("drawn", _DRAWN), ("plot", _TAKEN)):
        values = tuple(v for v in given if v.is_instance(*kinds))
        if values:
            return how, values
    return "", ()


def _of_ufunc(program: Program, call: Call) -> str:
    """Whether xarray hands lazy arrays to a function that makes NumPy's of them."""
    function = call.arguments[0] if call.arguments else None
    if call.literal("dask") != "allowed" or function is None:
        return ""
    body = program.body(function.function) if function.function is not None else None
    names = [function.name] if body is None else [inner.name for inner in body.calls]
    return "ufunc" if any(map(_is_eager, names)) else ""


def _is_eager(name: str) -> bool:
    scientific = name.startswith("scipy.") and not name.startswith("scipy.special.")
    return scientific or name in libraries.TAKES_IN


def _of_unknown(program: Program, call: Call) -> str:
    """Whether something of which nothing is known is computed, or loaded."""
    if _is_bare_load(program, call):
        return "load"
    if not _is_bare_compute(call) or not uses_dask(program):
        return ""
    # In a library it may be an object of its own, unless it is asked what collections are.
    like = _is_like_lazy(call.node.func) or _is_like_frame(program, call)
    like = like or call.derived is not None
    return "" if only_defines(program) and not like else "compute"


def _is_bare_compute(call: Call) -> bool:
    node = call.node
    if not isinstance(node.func, ast.Attribute):
        return False
    lazy = node.func.value
    name = getattr(lazy.slice, "value", None) if isinstance(lazy, ast.Subscript) else None
    return (
        node.func.attr == "compute"
        and not methods.is_coordinate(name)
        and not node.args
        and all(keyword.arg in _KEYWORDS for keyword in node.keywords)
    )


def _is_bare_load(program: Program, call: Call) -> bool:
    """Whether a selection is loaded of what an unknown function made of something lazy.

    Where there is a client, of whatever a function made.
    """
    func = call.node.func
    if not isinstance(func, ast.Attribute) or func.attr != "load" or call.node.args:
        return False
    made = func.value.func if isinstance(func.value, ast.Call) else None
    if call.derived is None:
        select = isinstance(made, ast.Attribute) and made.attr in _SELECTS
        return select and api.CLIENT in program.by_name and uses_dask(program)
    lazy = any(v.is_instance(*api.XARRAY) for v in ancestors((call.derived,)))
    return made is not None and lazy


def _is_like_lazy(node: ast.AST) -> bool:
    """Whether something is asked of an object that collections, and little else, are asked."""
    return any(
        isinstance(part, ast.Call)
        and isinstance(part.func, ast.Attribute)
        and part.func.attr in _LIKE_LAZY
        for part in ast.walk(node)
    )


def _is_like_frame(program: Program, call: Call) -> bool:
    """Whether what it gives is asked for rows as tables, and nothing else, are."""
    parent = next(iter(program.cells[call.cell].parents(call.node)), None)
    return isinstance(parent, ast.Attribute) and parent.attr in _ROWS


@functools.lru_cache(maxsize=8)
def uses_dask(program: Program) -> bool:
    """Whether what has a ``compute`` in these cells can be taken for a collection."""
    roots = set(_roots(program))
    family = any(root.startswith("dask") or root in _FAMILY for root in roots)
    return family and not roots & _OTHERS


def _roots(program: Program) -> Iterator[str]:
    for value in program.scope.names.values():
        if value is not None and value.kind in ("name", "instance"):
            yield value.name.partition(".")[0]
    for name in program.by_name:
        yield name.partition(".")[0]
    for node in (n for cell in program.cells for n in ast.walk(cell.tree)):  # in functions, too
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield str(node.module).partition(".")[0]
