"""Everything is brought here, and only a little of it is used."""

from __future__ import annotations

import ast
import functools
from collections.abc import Sequence
from dataclasses import dataclass

from dask_lens.rules._looped import looped
from dask_lens.source import api
from dask_lens.source.free import declared
from dask_lens.source.lineage import ancestors, made_by
from dask_lens.source.program import Program
from dask_lens.source.timing import is_timed_line
from dask_lens.source.waits import Wait, value_of, waits
from dask_lens.source.words import words

#: Methods that make little of much.
REDUCTIONS = words(
    "all any argmax argmin count describe head idxmax idxmin max mean median min nlargest "
    "nsmallest nunique prod quantile sample skew std sum tail unique value_counts var"
)
#: What is known, or cheap to learn, without computing.
METADATA = words("columns dims dtype dtypes ndim shape size sizes")

#: Functions of NumPy that make one number, or a few, of an array.
_OF_NUMPY = words(
    "all any average count_nonzero max mean median min nanmax nanmean nanmin nanstd nansum "
    "percentile prod quantile std sum unique var"
)
_OF_GROUPS = words("agg aggregate count first last max mean median min nunique size std sum var")

#: Methods after which little is left.
LITTLE = REDUCTIONS | words(
    "agg aggregate apply size cov corr autocorr nanmean nansum first last groupby resample "
    "drop_duplicates isel topk argtopk histogram bincount trace norm integrate isel sel "
    "to_frame reduction fold foldby frequencies take pluck mode median_approximate kurtosis "
    "memory_usage nanmin nanmax nanstd nanvar percentile average"
)
#: Methods after which there is as much of a frame as before, about.
_ROW_BY_ROW = words(
    "sort_values sort_index reset_index set_index dropna fillna rename astype assign"
)
_ALL = ("1", "1.0")
_BIG = (api.ARRAY, api.DATAFRAME, api.SERIES, api.INDEX, *api.XARRAY)


@dataclass(frozen=True)
class Use:
    """What is done with a computed value.

    Parameters
    ----------
    node
        The expression that makes little of it: a call, a subscript or an attribute.
    kind
        ``"reduce"``, ``"part"`` (a subscript), ``"count"`` (by a loop) or ``"metadata"``.
    what
        The name of the method or attribute; ``"len"``; empty for a subscript and a loop.
    direct
        Whether it is done to the call itself, not to a name that holds the value.
    """

    node: ast.expr
    kind: str
    what: str
    direct: bool


@functools.lru_cache(maxsize=8)
def brought(program: Program) -> dict[Wait, Use]:
    """Return the computations of much of which little is used.

    Parameters
    ----------
    program
        The cells.
    """
    found: dict[Wait, Use] = {}
    for wait in waits(program):
        if not _brings(program, wait) or wait in looped(program):
            continue
        if is_timed_line(program.cells[wait.cell], wait.node):
            continue
        use = _direct_use(program, wait) or _named_use(program, wait)
        # A part of ``.values`` is taken of short lists, of names or of stations, most of all.
        short = wait.how == "values" and use is not None and use.kind == "part"
        if use is not None and not short and _is_much(wait, use):
            found[wait] = use
    return found


def _brings(program: Program, wait: Wait) -> bool:
    """Whether it is a compute of one thing, or ``.values`` and ``.to_numpy()`` of xarray."""
    if wait.how == "values":
        return isinstance(wait.node, ast.Attribute) or ast.unparse(wait.node).endswith(
            "to_numpy()"
        )
    if wait.how != "compute" or wait.call is None:
        return False
    return value_of(program, wait) is not None


def _is_much(wait: Wait, use: Use) -> bool:
    """Whether what is computed has not been made little of before."""
    value = wait.values[0]
    at_once = getattr(getattr(use.node, "func", use.node), "value", None) is wait.node
    rows = _takes_rows(wait, use)
    if value is None and ((not at_once and not rows and use.what != "len") or _is_element(wait)):
        return False
    if value is None:
        text = ast.unparse(wait.lazies[0]) if wait.lazies else ""
        words_of = set(text.replace("(", ".").split("."))
        return (rows or use.kind != "part") and use.direct and not words_of & LITTLE
    if not value.is_instance(*_BIG):
        return False
    return not any(made_by(one) in LITTLE for one in ancestors(wait.values))


def _takes_rows(wait: Wait, use: Use) -> bool:
    """Whether rows are taken as they are of tables only: ``x.compute().iloc[0]``."""
    taken = getattr(use.node, "value", None)
    rows = isinstance(taken, ast.Attribute) and taken.attr in ("iloc", "loc")
    return rows and isinstance(taken, ast.Attribute) and taken.value is wait.node


def _is_element(wait: Wait) -> bool:
    """Whether one element is computed, as ``x[0]`` and ``x[i, j]`` are."""
    lazy = wait.lazies[0] if wait.lazies else None
    if not isinstance(lazy, ast.Subscript):
        return False
    constant = lazy.slice.value if isinstance(lazy.slice, ast.Constant) else None
    return isinstance(lazy.slice, (ast.Tuple, ast.BinOp)) or isinstance(constant, int)


def _direct_use(program: Program, wait: Wait) -> Use | None:
    return _use_of(program, wait.cell, value_of(program, wait) or wait.node, direct=True)


def _named_use(program: Program, wait: Wait) -> Use | None:
    """Return the one use of the name that holds the value, where it is one of these."""
    cell = program.cells[wait.cell]
    statement = next(cell.parents(value_of(program, wait) or wait.node), None)
    if not isinstance(statement, ast.Assign) or wait.how == "values":
        return None
    target = statement.targets[0]
    if len(statement.targets) != 1 or not isinstance(target, ast.Name):
        return None
    loads: list[tuple[int, ast.Name]] = []
    trees: list[tuple[int, ast.AST]]
    trees = [(n, c.tree) for n, c in enumerate(program.cells) if target.id in c.names]
    if wait.inside is not None and target.id not in declared(wait.inside.node):
        trees = [(wait.cell, wait.inside.node)]
    for number, tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and node.id == target.id and node is not target:
                if not isinstance(node.ctx, ast.Load):
                    return None
                loads.append((number, node))
    if not loads or wait.values[0] is None:
        return None
    uses = [_use_of(program, number, node, direct=False) for number, node in loads]
    if None in uses:
        return None
    return next((use for use in uses if use is not None and use.kind == "reduce"), uses[0])


def _use_of(program: Program, cell: int, node: ast.expr, *, direct: bool) -> Use | None:
    parents = list(program.cells[cell].parents(node))
    parent = parents[0] if parents else None
    if isinstance(parent, ast.Call) and parent.args[:1] == [node]:
        return _passed(program, parent, direct=direct)
    if isinstance(parent, ast.For) and parent.iter is node:
        return Use(node, "count", "", direct) if all(map(_counts, parent.body)) else None
    if not isinstance(parent, (ast.Attribute, ast.Subscript)) or parent.value is not node:
        return None
    found = None
    if isinstance(parent, ast.Attribute):
        found = _asked(parents, direct=direct)
        above = parents[1]
        if isinstance(above, ast.Call):
            passes = found is None and parent.attr in _ROW_BY_ROW and above.func is parent
            further = _use_of(program, cell, above, direct=direct) if passes else None
            return found or (further if further is not None and further.kind == "reduce" else None)
    elif direct and _takes_part(parent.slice):
        return Use(parent, "part", "", direct)
    inner = found or _use_of(program, cell, parent, direct=direct)
    return inner if inner is not None and (found or inner.kind != "metadata") else None


def _counts(statement: ast.stmt) -> bool:
    """Whether a statement of a loop does nothing but add up numbers."""
    if isinstance(statement, ast.If):
        return all(map(_counts, [*statement.body, *statement.orelse]))
    if not isinstance(statement, ast.AugAssign) or not isinstance(statement.target, ast.Name):
        return isinstance(statement, (ast.Continue, ast.Pass))
    made = (ast.Call, ast.List, ast.ListComp, ast.Tuple, ast.JoinedStr)
    return not any(isinstance(node, made) for node in ast.walk(statement.value))


def _passed(program: Program, parent: ast.Call, *, direct: bool) -> Use | None:
    """Return what a function makes of a value that it is given first."""
    call = program.by_node.get(parent)
    root, _, last = (call.name if call is not None else "").rpartition(".")
    if (root, last) == ("builtins", "len"):
        return Use(parent, "metadata", "len", direct)
    if root == "numpy" and last in _OF_NUMPY:
        return Use(parent, "reduce", f"numpy.{last}", direct)
    return None


def _asked(parents: Sequence[ast.AST], *, direct: bool) -> Use | None:
    """Return what a method or an attribute makes of the value it is asked of."""
    parent, above, *_ = parents
    if not isinstance(parent, ast.Attribute):
        return None
    if isinstance(above, ast.Call) and above.func is parent:
        grouped = parent.attr == "groupby" and _is_aggregated(parents[1:])
        whole = any(k.arg == "frac" and ast.unparse(k.value) in _ALL for k in above.keywords)
        reduces = grouped or (parent.attr in REDUCTIONS and not whole)
        return Use(above, "reduce", parent.attr, direct) if reduces else None
    if parent.attr == "iloc" and isinstance(above, ast.Subscript):
        return Use(above, "part", "", direct) if _takes_part(above.slice) else None
    return Use(parent, "metadata", parent.attr, direct) if parent.attr in METADATA else None


def _is_aggregated(parents: Sequence[ast.AST]) -> bool:
    """Whether the groups that a call makes are reduced in the same chain."""
    for node in parents:
        if isinstance(node, ast.Attribute) and node.attr in _OF_GROUPS:
            return True
        if not isinstance(node, (ast.Attribute, ast.Call, ast.Subscript)):
            return False
    return False


def _takes_part(index: ast.expr) -> bool:
    """Whether an index takes rows: ``[:1000]`` and ``[0]``, and not ``["column"]``."""
    if isinstance(index, ast.Slice):
        return index.upper is not None and index.step is None
    return isinstance(index, ast.Constant) and isinstance(index.value, int)
