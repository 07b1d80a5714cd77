"""What an expression is known to be, worked out from the names in scope."""

from __future__ import annotations

import ast
import builtins
import functools
from collections.abc import Callable
from dataclasses import replace

from dask_lens.source import api, methods
from dask_lens.source.calls import Body, Call, Read, Recorded, calls_something
from dask_lens.source.catalogs import CATALOG
from dask_lens.source.classes import constructed
from dask_lens.source.columns import kept, named_in, with_column
from dask_lens.source.libraries import in_store
from dask_lens.source.results import (
    MOST_PARTS,
    attribute_of,
    combined,
    delayed_call,
    derived,
    derived_from,
    element,
    of_items,
    result_of,
)
from dask_lens.source.selections import is_piece
from dask_lens.source.values import (
    DATA,
    NONE,
    Function,
    Scope,
    Value,
    items,
    iterator,
    join,
    keyed,
    unpacked,
)

_BUILTINS = {name: Value("name", f"builtins.{name}") for name in dir(builtins)}
#: Of these, text shows what they are, and not the value that was meant.
_SHOWN_IN_VAIN = (api.SCALAR, api.BAG_ITEM, api.DELAYED_OBJECT)
#: Comparisons of one item after the other.
_BY_ITEM = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_ADDING = frozenset({"append", "add", "appendleft", "extend", "insert", "put", "update"})


@functools.cache
def _method(kind: str) -> str:
    return f"_{kind.lower()}"


class Expressions:
    """Evaluates expressions of one cell, or of one function, to what is known of them.

    Parameters
    ----------
    cell
        Index of the cell.
    scope
        The names in scope; bindings made by expressions go there.
    inside
        The function whose body this is.
    read_body
        Gives the body of a function of the notebook, as a call of it sees it.
    """

    def __init__(
        self,
        cell: int,
        scope: Scope,
        inside: Function | None,
        read_body: Callable[[Function, ast.Call, list[Value | None]], Body | None],
    ) -> None:
        self.cell = cell
        self.scope = scope
        self.inside = inside
        self.read_body = read_body
        #: An object of the class whose body is read.
        self.owner: Value | None = None
        self.recorded = Recorded()

    def value(self, node: ast.expr | None) -> Value | None:
        """Return what ``node`` is known to be."""
        if node is None:
            return None
        method = getattr(self, _method(type(node).__name__), None)
        if method is not None:
            known: Value | None = method(node)
            return known
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.value(child)
        return None

    def bind(self, target: ast.expr, value: Value | None) -> None:
        """Assign a value to a target, unpacked where the target is a tuple."""
        if isinstance(target, ast.Name):
            self.scope.names[target.id] = value
        elif isinstance(target, ast.Starred):
            self.bind(target.value, iterator(None))
        elif isinstance(target, (ast.Tuple, ast.List)):
            parts = value.parts if value is not None and value.kind == "items" else None
            item = value.item if value is not None and value.kind == "items" else None
            matching = parts is not None and len(parts) == len(target.elts)
            for number, element in enumerate(target.elts):
                self.bind(element, parts[number] if parts is not None and matching else item)
        elif isinstance(target, ast.Subscript):
            self.value(target.slice)
            holder = with_column(self.value(target.value), target.slice, value)
            if holder is not None and isinstance(target.value, ast.Name):
                self.bind(target.value, holder)
            self._add_item(target.value, value)
        elif isinstance(target, ast.Attribute):
            holder = self.value(target.value)
            if holder is not None and holder.members is not None:
                holder.members.keep(target.attr, value)

    def define(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> Value:
        """Return the value of a function definition."""
        name = getattr(node, "name", "lambda")
        function = Function(node, self.cell, name, self.scope, self.owner)
        self.recorded.functions[node] = function
        return Value("function", function.name, function=function)

    # One method per kind of expression, named as in ``ast``, in lower case.

    def _constant(self, node: ast.Constant) -> Value:
        return NONE if node.value is None else DATA

    def _name(self, node: ast.Name) -> Value | None:
        scope: Scope | None = self.scope
        while scope is not None:
            if node.id in scope.names:
                return scope.names[node.id]
            scope = scope.parent
        return _BUILTINS.get(node.id)

    def _attribute(self, node: ast.Attribute) -> Value | None:
        base = self.value(node.value)
        if base is None:
            return None
        if base.kind == "name":
            return Value("name", api.canonical(f"{base.name}.{node.attr}"))
        if base.kind == "data":
            return DATA
        if base.members is not None:
            return base.members.get(node.attr)
        if base.kind != "instance":
            return None
        if node.attr == "values" and base.is_instance(*api.XARRAY):
            self.recorded.add_read(Read(node, self.cell, "values", base, self.inside))
        return attribute_of(base, node.attr)

    def _subscript(self, node: ast.Subscript) -> Value | None:
        base = self.value(node.value)
        self.value(node.slice)
        if base is None:
            return None
        if base.kind == "items":
            return element(base, node.slice)
        if base.is_instance(*api.COLLECTIONS, *api.PARTS, api.LOADED, api.DERIVED):
            constant = node.slice.value if isinstance(node.slice, ast.Constant) else None
            if isinstance(node.slice, ast.Name) and methods.names_coordinate(node.slice.id):
                constant = node.slice.id
            kind = methods.item(base.name, constant, is_list=isinstance(node.slice, ast.List))
            taken = constant if base.name == api.DATASET and isinstance(constant, str) else ""
            part = ast.dump(node.slice) if is_piece(node, base) else ""
            parts = (base, *named_in(base, [node.slice]))
            return kept(base, Value("instance", kind, parts=parts, variable=taken, part=part))
        if base.is_instance(CATALOG) or in_store(base, node.slice):
            return base
        return DATA if base.kind == "data" else None

    def _starred(self, node: ast.Starred) -> Value | None:
        return self.value(node.value)

    def _await(self, node: ast.Await) -> Value | None:
        value = self.value(node.value)
        if value is None or not value.is_instance(api.FUTURE) or value.call is None:
            return value
        made = self.recorded.calls.get(value.call)
        # An asynchronous client's scatter gives a coroutine of a Future; a Future itself,
        # awaited, gives its result.
        if made is not None and made.name == "distributed.Client.scatter":
            return value if value.call is node.value else DATA
        self.recorded.add_read(Read(node, self.cell, "await", value, self.inside))
        return DATA

    def _namedexpr(self, node: ast.NamedExpr) -> Value | None:
        value = self.value(node.value)
        self.bind(node.target, value)
        return value

    def _ifexp(self, node: ast.IfExp) -> Value | None:
        self.value(node.test)
        return join(self.value(node.body), self.value(node.orelse))

    def _boolop(self, node: ast.BoolOp) -> Value | None:
        values = [self.value(part) for part in node.values]
        known = values[0]
        for value in values[1:]:
            known = join(known, value)
        return known

    def _binop(self, node: ast.BinOp) -> Value | None:
        return combined(self.value(node.left), self.value(node.right))

    def _unaryop(self, node: ast.UnaryOp) -> Value | None:
        value = self.value(node.operand)
        return DATA if isinstance(node.op, ast.Not) else combined(value, value)

    def _compare(self, node: ast.Compare) -> Value | None:
        value = self.value(node.left)
        for part in node.comparators:
            value = combined(value, self.value(part))
        # Whether it is the same object, or what is in it, is answered at once.
        return value if all(isinstance(op, _BY_ITEM) for op in node.ops) else DATA

    def _joinedstr(self, node: ast.JoinedStr) -> Value:
        for child in ast.walk(node):
            if isinstance(child, ast.FormattedValue):
                value = self.value(child.value)
                if value is not None and value.is_instance(*_SHOWN_IN_VAIN):
                    read = Read(child.value, self.cell, "shown", value, self.inside)
                    self.recorded.add_read(read)
        return DATA

    def _sequence(self, node: ast.List | ast.Tuple | ast.Set) -> Value:
        starred = any(isinstance(element, ast.Starred) for element in node.elts)
        return items([self._spread(element) for element in node.elts], counted=not starred)

    _list = _tuple = _set = _sequence

    def _spread(self, element: ast.expr) -> Value | None:
        value = self.value(element)
        if isinstance(element, ast.Starred):
            return value.item if value is not None and value.kind == "items" else None
        return value

    def _dict(self, node: ast.Dict) -> Value:
        for key in node.keys:
            self.value(key)
        return keyed(node.keys, [self.value(value) for value in node.values])

    def _lambda(self, node: ast.Lambda) -> Value:
        return self.define(node)

    def _yield(self, node: ast.Yield) -> None:
        self.recorded.yields.append(self.value(node.value))

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
    ) -> Value:
        outer = self.scope
        self.scope = Scope(outer)
        try:
            return self._generate(node)
        finally:
            self.scope = outer

    _listcomp = _setcomp = _generatorexp = _dictcomp = _comprehension

    def _generate(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
    ) -> Value:
        element = node.value if isinstance(node, ast.DictComp) else node.elt
        for generator in node.generators:
            source = self.value(generator.iter)
            parts = source.parts if source is not None and source.kind == "items" else None
            one_by_one = len(node.generators) == 1 and not generator.ifs
            if parts and one_by_one and len(parts) <= MOST_PARTS:
                return items(self._one_by_one(generator.target, parts, element))
            self.bind(generator.target, self.item_of(source))
            for condition in generator.ifs:
                self.value(condition)
        if isinstance(node, ast.DictComp):
            self.value(node.key)
        return iterator(self.value(element))

    def _one_by_one(
        self, target: ast.expr, parts: tuple[Value | None, ...], element: ast.expr
    ) -> list[Value | None]:
        if not calls_something(element):
            # Without a call, one item is as good as another.
            self.bind(target, parts[0])
            return [self.value(element)] * len(parts)
        made = []
        for part in parts:
            self.bind(target, part)
            made.append(self.value(element))
        return made

    def item_of(self, value: Value | None) -> Value | None:
        """Return what iterating over a value gives."""
        if value is None:
            return None
        if value.is_instance(*api.XARRAY_PARTS):
            kind = api.DATASET if value.is_instance(api.XARRAY_GROUPED) else api.DATA_ARRAY
            return items([DATA, Value("instance", kind, parts=(value,))])
        return value.item if value.kind == "items" else DATA if value.kind == "data" else None

    def _call(self, node: ast.Call) -> Value | None:
        name, receiver, callee = self._callee(node.func)
        arguments = [self.value(argument) for argument in node.args]
        keywords = unpacked([(k.arg, self.value(k.value)) for k in node.keywords])
        result: Value | None
        if callee is not None and callee.kind == "function" and callee.function is not None:
            bound = [receiver] if callee.function.is_bound and receiver is not None else []
            result = self.of_function(callee.function, node, [*bound, *arguments])
        elif callee is not None and callee.members is not None and callee.kind == "class":
            result = constructed(callee.members, node, arguments, self.of_function)
        elif callee is not None and callee.is_instance(api.DELAYED_FUNCTION, api.DELAYED_OBJECT):
            result = delayed_call(callee, node, [*arguments, *keywords.values()])
        elif name == "builtins.map" and arguments:
            result = iterator(self._mapped(node, arguments))
        elif receiver is not None and receiver.kind == "items":
            result = self._of_items(node, receiver, arguments)
        elif receiver is not None and receiver.kind == "data":
            result = DATA
        else:
            result = result_of(name, node, receiver, arguments, keywords) if name else None
        function = callee.function if callee is not None else None
        if result is None and function is None:
            result = derived_from(name, node, [callee, *arguments, *keywords.values()])
        made = (tuple(arguments), keywords, self.inside, result, derived(callee))
        self.recorded.add(Call(node, self.cell, name, receiver, function, *made))
        return result

    def _mapped(self, node: ast.Call, arguments: list[Value | None]) -> Value | None:
        """Return what each call of a function gives that ``map`` makes."""
        function, *over = arguments
        row = [self.item_of(value) for value in over]
        if function is not None and function.kind == "function" and function.function is not None:
            return self.of_function(function.function, node, row)
        lazy = function is not None and function.is_instance(api.DELAYED_FUNCTION)
        return delayed_call(function, node, row) if lazy and function is not None else None

    def of_function(
        self, function: Function, node: ast.Call, arguments: list[Value | None]
    ) -> Value | None:
        """Return what a call of a function of the notebook gives."""
        body = self.read_body(function, node, arguments)
        if body is None:
            return None
        self.recorded.bodies.append(body)
        return body.result

    def _callee(self, node: ast.expr) -> tuple[str, Value | None, Value | None]:
        """Return the qualified name, the object of a method, and the function's own value."""
        if isinstance(node, ast.Attribute):
            base = self.value(node.value)
            if base is not None and base.members is not None:
                member = base.members.get(node.attr)
                name = member.name if member is not None and member.kind == "name" else ""
                return name, base if base.kind == "instance" else None, member
            if base is not None and base.kind in ("instance", "items"):
                if base.is_instance(api.DELAYED_FUNCTION):
                    base = replace(base, name=api.DELAYED_OBJECT)
                if derived(base) is not None:
                    return "", None, base
                owner = base.name if base.kind == "instance" else "builtins.items"
                return f"{owner}.{node.attr}", base, None
            if base is None or base.kind != "name":
                return "", base, None
            return api.canonical(f"{base.name}.{node.attr}"), None, None
        value = self.value(node)
        if value is not None and value.is_instance(CATALOG):
            return f"{CATALOG}.__call__", value, None
        return value.name if value is not None and value.kind == "name" else "", None, value

    def _of_items(
        self, node: ast.Call, receiver: Value, arguments: list[Value | None]
    ) -> Value | None:
        if not isinstance(node.func, ast.Attribute):
            return None
        attribute = node.func.attr
        if attribute in _ADDING and arguments:
            added = arguments[-1]
            if attribute in ("extend", "update"):
                self._extend(node.func.value, added)
            else:
                self._add_item(node.func.value, added)
            return NONE
        return of_items(attribute, receiver)

    def _add_item(self, holder: ast.expr, added: Value | None) -> None:
        self._extend(holder, items([added]))

    def _extend(self, holder: ast.expr, added: Value | None) -> None:
        known = self.value(holder)
        if not isinstance(holder, ast.Name) or known is None or known.kind != "items":
            return
        scope = self.scope.holder(holder.id)
        if scope is not None:
            joined = combined(known, added)
            scope.names[holder.id] = joined if joined is not None else iterator(known.item)
