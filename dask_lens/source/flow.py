"""Reads statements in order, and keeps what each name is known to be."""

from __future__ import annotations

import ast
import functools
from collections.abc import Sequence
from dataclasses import replace

from dask_lens.source import api
from dask_lens.source.calls import Read, calls_something
from dask_lens.source.classes import complete, inherited
from dask_lens.source.expressions import Expressions
from dask_lens.source.results import combined
from dask_lens.source.values import DATA, Value, iterator, join

#: Passes of a loop that are followed one by one, where their number is known.
MOST_PASSES = 12

_STAR_IMPORTS = {
    "distributed": "Client Future LocalCluster Queue Variable as_completed fire_and_forget "
    "futures_of get_client get_worker progress rejoin secede wait worker_client",
    "dask": "compute delayed persist",
    "dask.array": " ".join(api.ARRAY_MAKERS),
    "dask.dataframe": " ".join(api.FRAME_MAKERS),
    "dask.bag": " ".join(api.BAG_MAKERS),
}

#: What computes when it is asked whether it is true: a bag, and a Dataset, always are.
_ASKED = tuple(kind for kind in api.COLLECTIONS if kind not in (api.BAG, api.DATASET))
#: What a loop over it computes piece by piece.
_ITERATED = (api.SERIES, api.INDEX, api.BAG)

_Names = dict[str, "Value | None"]


@functools.cache
def _method(kind: str) -> str:
    return f"_on_{kind.lower()}"


class Flow(Expressions):
    """Follows the statements of one cell, or of one function."""

    def run(self, statements: Sequence[ast.stmt]) -> bool:
        """Follow statements; return whether the end of them is never reached."""
        return any(self.follow(statement) for statement in statements)

    def follow(self, node: ast.stmt) -> bool:
        """Follow one statement; return whether what comes after it is never reached."""
        method = getattr(self, _method(type(node).__name__), None)
        if method is not None:
            return bool(method(node))
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.value(child)
        return isinstance(node, (ast.Raise, ast.Break, ast.Continue))

    # One method per kind of statement, named as in ``ast``, in lower case.

    def _on_assign(self, node: ast.Assign) -> None:
        value = self.value(node.value)
        for target in node.targets:
            self.bind(target, value)

    def _on_expr(self, node: ast.Expr) -> None:
        self.value(node.value)
        call = node.value.func if isinstance(node.value, ast.Call) else None
        loads = isinstance(call, ast.Attribute) and call.attr == "load"
        holder = call.value if loads and isinstance(call, ast.Attribute) else None
        known = self.value(holder) if isinstance(holder, ast.Name) else None
        if holder is not None and known is not None and known.is_instance(*api.XARRAY):
            self.bind(holder, Value("instance", api.LOADED))  # it works in place

    def _on_annassign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.bind(node.target, self.value(node.value))

    def _on_augassign(self, node: ast.AugAssign) -> None:
        self.bind(node.target, combined(self.value(node.target), self.value(node.value)))

    def _on_delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.scope.names[target.id] = None

    def _on_import(self, node: ast.Import) -> None:
        for alias in node.names:
            name = alias.asname or alias.name.partition(".")[0]
            full = alias.name if alias.asname else name
            self.scope.names[name] = Value("name", api.canonical(full))

    def _on_importfrom(self, node: ast.ImportFrom) -> None:
        module = api.canonical(node.module or "") if not node.level else ""
        for alias in node.names:
            if alias.name != "*":
                full = api.canonical(f"{module}.{alias.name}")
                self.scope.names[alias.asname or alias.name] = Value("name", full)
                continue
            for name in _STAR_IMPORTS.get(module, "").split():
                self.scope.names[name] = Value("name", f"{module}.{name}")

    def _on_functiondef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        value: Value | None = self.define(node)
        for decorator in reversed(node.decorator_list):
            wrapper = self.value(decorator)
            if wrapper is not None and wrapper.kind == "name" and wrapper.name == api.DELAYED:
                value = Value(
                    "instance",
                    api.DELAYED_FUNCTION,
                    function=value.function if value is not None else None,
                )
        self.scope.names[node.name] = value

    _on_asyncfunctiondef = _on_functiondef

    def _on_classdef(self, node: ast.ClassDef) -> None:
        members = inherited([self.value(base) for base in node.bases])
        owner = Value("instance", f"__main__.{node.name}", members=members)
        before, around = dict(self.scope.names), self.owner
        # A class body sees the names around it, but its methods do not see its names.
        self.owner = owner
        self.run(node.body)
        self.owner = around
        own = {n: v for n, v in self.scope.names.items() if n not in before or before[n] is not v}
        self._reset(before)
        self.scope.names[node.name] = complete(node.name, owner, own, self.of_function)

    def _on_return(self, node: ast.Return) -> bool:
        self.recorded.returns.append((node, self.value(node.value)))
        return True

    def _on_if(self, node: ast.If) -> bool:
        self.ask(node.test)
        return self._branches([node.body, node.orelse])

    def _on_match(self, node: ast.Match) -> None:
        self.value(node.subject)
        for case in node.cases:
            for child in ast.walk(case.pattern):
                captured = getattr(child, "name", None) or getattr(child, "rest", None)
                if isinstance(captured, str):
                    self.scope.names[captured] = None
        self._branches([*(case.body for case in node.cases), []])

    def _branches(self, bodies: Sequence[Sequence[ast.stmt]]) -> bool:
        """Follow alternatives; afterwards a name is what it is after each of them."""
        before = dict(self.scope.names)
        after: list[_Names] = []
        for body in bodies:
            self._reset(before)
            if not self.run(body):
                after.append(dict(self.scope.names))
        if not after:
            return True
        merged = after[0]
        for names in after[1:]:
            merged = _merge(merged, names)
        self._reset(merged)
        return False

    def _reset(self, names: _Names) -> None:
        self.scope.names.clear()
        self.scope.names.update(names)

    def _on_for(self, node: ast.For | ast.AsyncFor) -> None:
        source = self.value(node.iter)
        if source is not None and source.is_instance(*_ITERATED):
            self.recorded.add_read(Read(node.iter, self.cell, "iterate", source, self.inside))
        parts = source.parts if source is not None and source.kind == "items" else None
        counted = parts and len(parts) <= MOST_PASSES and self.inside is None
        if parts and counted and any(calls_something(part) for part in node.body):
            for part in parts:
                self.bind(node.target, part)
                if self.run(node.body):
                    break
        else:
            self.bind(node.target, self.item_of(source))
            self.run(node.body)
            self._forget_numbers(node.body)
        self.run(node.orelse)

    _on_asyncfor = _on_for

    def _on_assert(self, node: ast.Assert) -> None:
        self.ask(node.test)
        self.value(node.msg)

    def ask(self, node: ast.expr) -> None:
        """Follow a condition: of a lazy value, asking whether it is true computes it."""
        while isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            node = node.operand
        value = self.value(node)
        if value is not None and value.is_instance(*_ASKED):
            self.recorded.add_read(Read(node, self.cell, "bool", value, self.inside))

    def _on_while(self, node: ast.While) -> None:
        self.ask(node.test)
        self.run(node.body)
        self._forget_numbers(node.body)
        self.run(node.orelse)

    def _forget_numbers(self, body: Sequence[ast.stmt]) -> None:
        """After a loop of unknown length, what it added to is of unknown length."""
        used = {n.id for part in body for n in ast.walk(part) if isinstance(n, ast.Name)}
        for name in used:
            value = self.scope.names.get(name)
            if value is not None and value.parts is not None:
                known = iterator(value.item) if value.kind == "items" else value
                self.scope.names[name] = replace(known, parts=None)

    def _on_with(self, node: ast.With | ast.AsyncWith) -> bool:
        for item in node.items:
            value = self.value(item.context_expr)
            if item.optional_vars is not None:
                self.bind(item.optional_vars, value)
        return self.run(node.body)

    _on_asyncwith = _on_with

    def _on_try(self, node: ast.Try) -> bool:
        before = dict(self.scope.names)
        ends = self.run(node.body) or self.run(node.orelse)
        after = [] if ends else [dict(self.scope.names)]
        for handler in node.handlers:
            self._reset(before)
            self.value(handler.type)
            if handler.name:
                self.scope.names[handler.name] = DATA
            if not self.run(handler.body):
                after.append(dict(self.scope.names))
        merged = after[0] if after else before
        for names in after[1:]:
            merged = _merge(merged, names)
        self._reset(merged)
        return self.run(node.finalbody) or not after

    _on_trystar = _on_try


def _merge(one: _Names, other: _Names) -> _Names:
    merged = {**one, **other}
    for name in one.keys() & other.keys():
        merged[name] = join(one[name], other[name])
    return merged
