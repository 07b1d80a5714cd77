"""Whether one pass of a loop needs what the pass before it computed."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dask_lens.source.loops import COMPREHENSIONS, Loop, LoopNode, names_in
from dask_lens.source.methods import METADATA

_CHANGES = frozenset({"append", "extend", "insert", "add", "update", "put", "setdefault"})


@dataclass(frozen=True)
class _Store:
    """A name that is given, or holds, something new."""

    targets: set[str]
    reads: set[str]
    nodes: tuple[ast.AST, ...]
    #: Line and column where it ends.
    end: tuple[int, int]


@dataclass(frozen=True)
class _Stores:
    """The stores of a cell, by the names they read and by all that they are made of."""

    reading: dict[str, list[_Store]]
    made_of: dict[ast.AST, list[_Store]]


@functools.lru_cache(maxsize=256)
def _stores_of(module: ast.Module) -> _Stores:
    found = _Stores({}, {})
    for store in _stores(module.body):
        for name in store.reads:
            found.reading.setdefault(name, []).append(store)
        for part in {part for node in store.nodes for part in ast.walk(node)}:
            found.made_of.setdefault(part, []).append(store)
    return found


def names_reached(module: ast.Module, node: ast.expr, before: ast.expr | None = None) -> set[str]:
    """Return the names of a cell into which the value of ``node`` goes.

    Parameters
    ----------
    module
        The cell.
    node
        The expression.
    before
        What comes after this expression does not count; None: in any order, as in a loop.
    """
    stores = _stores_of(module)
    start = (before.lineno, before.col_offset) if before is not None else None
    reached: set[str] = set()
    waiting = list(stores.made_of.get(node, ()))
    while waiting:
        store = waiting.pop()
        if start is not None and store.end > start:
            continue
        for name in store.targets - reached:
            waiting += stores.reading.get(name, ())
        reached |= store.targets
    return reached


def _stores(body: Sequence[ast.stmt]) -> Iterator[_Store]:
    for node in (n for statement in body for n in ast.walk(statement)):
        if isinstance(node, ast.Assign):
            targets = set().union(*(_given(t) for t in node.targets))
            nodes = (node.value, *node.targets)
            yield _Store(targets, names_in(node.value), nodes, _end(node))
        elif isinstance(node, ast.AugAssign):
            targets = _given(node.target)
            yield _Store(targets, targets | names_in(node.value), (node.value,), _end(node))
        elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value is not None:
            targets = names_in(node.target)
            yield _Store(targets, names_in(node.value), (node.value,), _end(node))
        elif isinstance(node, (ast.For, ast.AsyncFor)):
            targets = names_in(node.target)
            yield _Store(targets, names_in(node.iter), (node.iter,), _end(node.iter))
        elif isinstance(node, ast.withitem) and node.optional_vars is not None:
            targets, given = names_in(node.optional_vars), names_in(node.context_expr)
            yield _Store(targets, given, (), _end(node.optional_vars))
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in _CHANGES
        ):
            given = set().union(*(names_in(argument) for argument in node.args))
            yield _Store(_given(node.func.value), given, tuple(node.args), _end(node))


def _end(node: ast.stmt | ast.expr) -> tuple[int, int]:
    return node.end_lineno or node.lineno, node.end_col_offset or node.col_offset


def _given(target: ast.expr) -> set[str]:
    """Return the names that hold something new; those of an index only say where."""
    while isinstance(target, ast.Subscript):
        target = target.value
    return names_in(target)


def hands_on(loop: Loop) -> bool:
    """Whether what a pass is asked for is made from what the pass before it has made.

    Parameters
    ----------
    loop
        The loop; ``loop.repeated`` is what computes.
    """
    body = loop.body
    needed = _needed(list(_stores(body)), loop.repeated)
    return any(is_exposed(body, n) for n in (needed & stored_names(body)) - loop.targets)


def carried(loop: Loop) -> set[str]:
    """Return the names by which a pass can be told what the passes before it did.

    Parameters
    ----------
    loop
        The loop.
    """
    stored = stored_names(loop.body) - loop.targets
    return {name for name in stored if is_exposed(loop.body, name)}


def is_sequential(loop: Loop) -> bool:
    """Whether a pass needs what an earlier pass computed, or it decides when the loop ends.

    Parameters
    ----------
    loop
        The loop; ``loop.repeated`` is what computes.
    """
    if isinstance(loop.node, COMPREHENSIONS):
        return False
    body, node = loop.body, loop.repeated
    stores = list(_stores(body))
    computed = _reached([*stores, *_decided(body)], node)
    tests = [t for t in _deciding(loop.node) if t is not None]
    if any(names_in(test) & computed or _holds(test, node) for test in tests):
        return True
    needed = _needed(stores, node)
    own = loop.targets | _taken_apart(loop, computed & needed)
    return any(is_exposed(body, n) for n in (computed & needed) - own)


def _taken_apart(loop: Loop, names: set[str]) -> set[str]:
    """Return the names of which each pass reads and changes one item, a column say, of its own."""
    used: dict[str, list[str | None]] = {name: [] for name in names}
    for statement in loop.body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and node.id in used:
                used[node.id].append(None)
            holder = getattr(node, "value", None)
            if not isinstance(holder, ast.Name) or holder.id not in used:
                continue
            if isinstance(node, ast.Subscript) and _is_own(node.slice, loop.targets):
                used[holder.id] += ["", ast.dump(node.slice)]
            elif isinstance(node, ast.Attribute) and node.attr in METADATA:
                used[holder.id].append("")
    return {name for name, found in used.items() if _is_one_item(found)}


def _is_own(index: ast.expr, targets: set[str]) -> bool:
    """Whether an index is another one in each pass."""
    parts = index.elts if isinstance(index, ast.Tuple) else [index]
    return any(isinstance(part, ast.Name) and part.id in targets for part in parts)


def _is_one_item(found: Sequence[str | None]) -> bool:
    """Whether every mention of a name, None, is that of the same item or of what is known."""
    return found.count(None) == found.count("") and len(set(found) - {None, ""}) == 1


def _decided(body: Sequence[ast.stmt]) -> Iterator[_Store]:
    """Yield what is given something by a branch that a condition decides about."""
    for node in (n for statement in body for n in ast.walk(statement)):
        if isinstance(node, ast.If):
            targets = stored_names([*node.body, *node.orelse])
            yield _Store(targets, names_in(node.test), (node.test,), _end(node.test))


def _reached(stores: Sequence[_Store], node: ast.expr) -> set[str]:
    """Return the names into which the value of ``node`` goes."""
    reached: set[str] = set()
    size = -1
    while size != len(reached):
        size = len(reached)
        for store in stores:
            if store.reads & reached or any(_holds(part, node) for part in store.nodes):
                reached |= store.targets
    return reached


def _needed(stores: Sequence[_Store], node: ast.expr) -> set[str]:
    """Return the names from which the value of ``node`` is made."""
    needed = names_in(node)
    size = -1
    while size != len(needed):
        size = len(needed)
        for store in stores:
            if store.targets & needed:
                needed |= store.reads
    return needed


def _deciding(loop: LoopNode) -> Iterator[ast.expr | None]:
    """Yield the conditions that decide whether there is another pass."""
    if isinstance(loop, ast.While):
        yield loop.test
    for node in (n for s in getattr(loop, "body", ()) for n in ast.walk(s)):
        if isinstance(node, ast.If):
            ends = (ast.Break, ast.Return)
            if any(isinstance(n, ends) for s in (*node.body, *node.orelse) for n in ast.walk(s)):
                yield node.test


@functools.lru_cache(maxsize=4096)
def _inner(node: ast.AST) -> frozenset[ast.AST]:
    return frozenset(ast.walk(node))


def _holds(node: ast.AST, part: ast.AST) -> bool:
    return part in _inner(node)


def is_exposed(body: Sequence[ast.stmt], name: str) -> bool:
    """Whether a name is read in a pass before the pass gives it a value.

    Parameters
    ----------
    body
        The statements of a pass, or of a function.
    name
        The name, ``self.x`` as one.
    """
    return _first_use(body, name) is True


def _first_use(body: Sequence[ast.stmt], name: str) -> bool | None:
    """Return True where a read comes first, False where a value does, None where neither."""
    for node in body:
        found = _first_in(node, name)
        if found is not None:
            return found
    return None


def _first_in(node: ast.stmt, name: str) -> bool | None:
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        return _first_in_assignment(node, name)
    if isinstance(node, ast.If):
        found = {_first_use(node.body, name), _first_use(node.orelse, name)}
        if True in found or name in names_in(node.test):
            return True
        return False if found == {False} else None
    read: set[str] = set()
    given: set[str] = set()
    if isinstance(node, (ast.For, ast.AsyncFor)):
        read, given = names_in(node.iter), names_in(node.target)
    elif isinstance(node, ast.While):
        read = names_in(node.test)
    elif isinstance(node, (ast.With, ast.AsyncWith)):
        for item in node.items:
            read |= names_in(item.context_expr)
            given |= names_in(item.optional_vars)
    elif not isinstance(node, ast.Try):
        read = names_in(node)
    if name in read or name in given:
        return name in read
    return _first_use(getattr(node, "body", ()), name)


def _first_in_assignment(node: ast.Assign | ast.AnnAssign, name: str) -> bool | None:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    if name in names_in(node.value):
        return True
    if any(name in _bound(target) for target in targets):
        return False
    return True if any(name in names_in(target) for target in targets) else None


def _bound(target: ast.expr) -> Iterator[str]:
    """Yield the names that an assignment gives a value of their own."""
    if isinstance(target, ast.Name):
        yield target.id
    elif isinstance(target, ast.Attribute):
        yield from names_in(target) if names_in(target.value) == {"self"} else ()
    elif isinstance(target, (ast.Tuple, ast.List)):
        for element in target.elts:
            yield from _bound(element)


def ends_at_once(loop: Loop) -> bool:
    """Whether the loop is left after the pass in which the work succeeds."""
    ends = (ast.Break, ast.Return)
    if any(isinstance(statement, ends) for statement in loop.body):
        return True
    inner = [n for s in loop.body for n in ast.walk(s)]
    if any(_leaves(block, loop.repeated) for n in inner for block in _blocks(n)):
        return True
    tries = [n for n in inner if isinstance(n, ast.Try)]
    return any(
        isinstance(statement, ends) and _holds(attempt, loop.repeated)
        for attempt in tries
        for statement in (*attempt.body, *attempt.orelse)
    )


def _blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """Yield the statements of a branch, which nothing repeats."""
    if isinstance(node, (ast.If, ast.Try, ast.With, ast.ExceptHandler)):
        yield node.body
        yield getattr(node, "orelse", [])


def _leaves(block: Sequence[ast.stmt], node: ast.AST) -> bool:
    """Whether the loop is left by the statement that an expression stands in, or below it."""
    place = next((n for n, statement in enumerate(block) if _holds(statement, node)), None)
    ends = (ast.Break, ast.Return)
    return place is not None and any(isinstance(later, ends) for later in block[place:])


def stored_names(body: Sequence[ast.stmt]) -> set[str]:
    """Return the names to which a pass gives something new.

    Parameters
    ----------
    body
        The statements of the loop.
    """
    return set().union(*(store.targets for store in _stores(body)))
