"""The cells of a notebook read together: every call, every function, every task."""

from __future__ import annotations

import ast
import functools
from collections.abc import Mapping, Sequence
from typing import TypeAlias
from weakref import WeakKeyDictionary

from dask_lens.record.cell import Cell, Place
from dask_lens.record.variable import Variable
from dask_lens.source.calls import POSITION, Body, Call, Read, Recorded
from dask_lens.source.cell import ParsedCell, parse
from dask_lens.source.flow import Flow
from dask_lens.source.free import free_names
from dask_lens.source.learned import learn
from dask_lens.source.parameters import parameter_values
from dask_lens.source.values import Function, Scope, Value, iterator, join

_MOST_NESTED = 8
_MOST_BODIES = 2048
#: Bodies of one cell that are read as one call of them sees them, arguments and all; beyond
#: that a body is read once for all its calls.
_MOST_CLOSELY = 1000
#: Forms of a cell that are remembered: the one that ran, and what is being typed.
_MOST_NEXT = 4

_Part: TypeAlias = tuple[tuple[Call, ...], tuple[Function, ...], tuple[Read, ...]]
_Form: TypeAlias = tuple[str, tuple[tuple[str, str, object], ...]]
_Key: TypeAlias = tuple[Function, int, tuple[tuple[str, object], ...]]

#: Bodies that were read, by what they depend on; the second part keeps that alive.
_bodies: dict[_Key, tuple[Body, object]] = {}


#: What a cell and the functions it defines call and define; valid while the bodies, named
#: first by identity, are the same.
_flat: WeakKeyDictionary[Recorded, tuple[tuple[int, ...], object, _Part]] = WeakKeyDictionary()


class Program:
    """Cells in the order they run, with names followed from one to the next.

    Parameters
    ----------
    before
        The cells before the last one; None for none.
    source
        The text of the last cell; None for a program without cells.
    variables
        What names held when the last cell began.
    """

    def __init__(
        self,
        before: Program | None = None,
        source: str | None = None,
        variables: tuple[Variable, ...] = (),
    ) -> None:
        self.cells: tuple[ParsedCell, ...] = before.cells if before is not None else ()
        self.scope: Scope = Scope(None, dict(before.scope.names) if before is not None else {})
        self.recorded: tuple[Recorded, ...] = before.recorded if before is not None else ()
        #: The names as they were after each cell.
        self.after: tuple[Scope, ...] = before.after if before is not None else ()
        self._around: list[Scope] = []
        self._scopes: dict[Function, Scope] = {}
        self._reading: list[Function] = []
        self._closely = _MOST_CLOSELY
        self._next: dict[_Form, Program] = {}
        self.problems: dict[int, str] = dict(before.problems) if before is not None else {}
        if variables:
            learn(self.scope.names, variables)
        if source is not None:
            self._read(source)

    def _read(self, source: str) -> None:
        cell = parse(source)
        number = len(self.cells)
        self.cells += (cell,)
        flow = Flow(number, self.scope, None, self.called)
        if cell.problem is not None:
            self.problems[number] = cell.problem
        self.after += (self.scope,)
        self._around.append(self.scope)
        try:
            flow.run(cell.tree.body)
        except RecursionError:
            self.problems[number] = "it is nested too deeply"
        finally:
            self._around.pop()
        self.recorded += (flow.recorded,)

    def followed_by(self, source: str, variables: tuple[Variable, ...] = ()) -> Program:
        """Return the program with one more cell; the last few answers are remembered."""
        form = (source, tuple((v.name, v.type, v.facts.get("name")) for v in variables))
        known = self._next.get(form)
        if known is None:
            known = Program(self, source, variables)
            kept = list(self._next.items())[1 - _MOST_NEXT :]
            self._next = dict([*kept, (form, known)])
        return known

    @property
    def calls(self) -> tuple[Call, ...]:
        """Every call of every cell, those in functions included, in the order of the text."""
        return self._collected[0]

    @property
    def functions(self) -> tuple[Function, ...]:
        """Every function and lambda of every cell, nested ones included."""
        return self._collected[1]

    @property
    def reads(self) -> tuple[Read, ...]:
        """Every expression, other than a call, that makes Dask compute, or was meant to."""
        return self._collected[2]

    @functools.cached_property
    def _collected(self) -> _Part:
        # By cell, as cells of the same text share one syntax tree.
        parts = [self._of_cell(number) for number in range(len(self.cells))]
        elsewhere = [call for n, part in enumerate(parts) for call in part[0] if call.cell != n]
        touched = {call.cell for call in elsewhere}
        result: list[Call] = []
        for number, (calls, _, _) in enumerate(parts):
            if number not in touched:
                result += [call for call in calls if call.cell == number]
                continue
            merged = Recorded()
            for call in (*calls, *elsewhere):
                if call.cell == number:
                    merged.add(call)
            result += sorted(merged.calls.values(), key=POSITION)
        reads = {(r.cell, r.node): r for _, _, found in parts for r in found}
        functions = dict.fromkeys(f for _, found, _ in parts for f in found)
        return tuple(result), tuple(functions), tuple(reads.values())

    def _of_cell(self, number: int) -> _Part:
        """Return what one cell calls and defines, with what the functions it calls call."""
        recorded = self.recorded[number]
        bodies = [self.body(function) for function in recorded.functions.values()]
        known = _flat.get(recorded)
        if known is None or known[0] != tuple(map(id, bodies)):
            merged = Recorded(calls=dict(recorded.calls), reads=dict(recorded.reads))
            functions = dict.fromkeys(recorded.functions.values())
            seen: set[int] = set()
            waiting = [*bodies, *recorded.bodies]
            while waiting:
                body = waiting.pop()
                if body is None or id(body) in seen:
                    continue
                seen.add(id(body))
                for call in body.calls:
                    merged.add(call)
                for read in body.reads:
                    merged.add_read(read)
                waiting += [self.body(function) for function in body.functions]
                waiting += body.bodies
                functions |= dict.fromkeys(body.functions)
            calls = tuple(sorted(merged.calls.values(), key=POSITION))
            part = (calls, tuple(functions), tuple(merged.reads.values()))
            known = (tuple(map(id, bodies)), bodies, part)
            _flat[recorded] = known
        return known[2]

    @functools.cached_property
    def by_node(self) -> dict[ast.Call, Call]:
        """Every call by its node in the syntax tree."""
        return {call.node: call for call in self.calls}

    @functools.cached_property
    def by_name(self) -> dict[str, tuple[Call, ...]]:
        """The calls by qualified name, in the order of the text; unknown ones under ``""``."""
        found: dict[str, list[Call]] = {}
        for call in self.calls:
            found.setdefault(call.name, []).append(call)
        return {name: tuple(calls) for name, calls in found.items()}

    @functools.cached_property
    def names(self) -> frozenset[str]:
        """Every name that is written anywhere in the cells."""
        return frozenset().union(*(cell.names for cell in self.cells))

    def place(self, cell: int, node: ast.AST) -> Place:
        """Return where ``node`` of cell number ``cell`` stands."""
        return self.cells[cell].place(cell, node)

    def body(self, function: Function, given: tuple[tuple[str, Value], ...] = ()) -> Body | None:
        """Read the body of a function, with the names as they are where it runs.

        Parameters
        ----------
        function
            The function.
        given
            What is known of arguments, by parameter.

        Returns
        -------
        Body or None
            None for a function that calls itself, while it is read, and for one that is
            nested too deeply.
        """
        if given and self._closely <= 0:
            given = ()
        nested = function.scope.parent is not None
        names = self._names_of(function)
        seen = _seen_by(function, names.names)
        parts = [*given, *seen.items()]
        key: _Key = (
            function,
            id(function.scope) if nested else 0,
            tuple((name, _identity(value)) for name, value in parts),
        )
        known = _bodies.get(key)
        if known is not None:
            return known[0]
        # Not by key: a function that calls itself with other arguments goes on for ever.
        if function in self._reading or len(self._reading) >= _MOST_NESTED:
            return None
        self._reading.append(function)
        self._closely -= bool(given)
        self._around.append(names)
        try:
            body = self._read_body(function, given)
        finally:
            self._around.pop()
            self._reading.pop()
        if body is not None:
            if len(_bodies) >= _MOST_BODIES:
                _bodies.clear()
            # What the key tells apart by identity must live as long as the key.
            _bodies[key] = (body, (function.scope, parts))
        return body

    def _names_of(self, function: Function) -> Scope:
        """Return the notebook's names as a function sees them.

        A call sees them as they are then. Otherwise the function is taken to run in the last
        cell that names it, before another one gets its name: tasks do.
        """
        if self._around:
            return self._around[-1]
        known = self._scopes.get(function)
        if known is None:
            known = self._scopes[function] = self._last_named(function)
        return known

    def _last_named(self, function: Function) -> Scope:
        last = len(self.cells) - 1
        for number in range(last, function.cell - 1, -1):
            if function.name in self.cells[number].names:
                names = self.after[number].names
                value = names.get(function.name)
                if value is None or value.function != function:
                    continue
                known = {name: v for name, v in names.items() if v is not None}
                return self.scope if number == last else Scope(None, {**self.scope.names, **known})
        return self.scope

    def _read_body(self, function: Function, given: tuple[tuple[str, Value], ...]) -> Body | None:
        node = function.node
        # Functions at the top level see the names as they are now, not as they were defined.
        outer = self._around[-1] if function.scope.parent is None else function.scope
        flow = Flow(function.cell, Scope(outer), function, self.called)
        try:
            owner = function.owner if function.is_bound else None
            flow.scope.names.update(parameter_values(node, flow, owner))
            flow.scope.names.update(given)
            if isinstance(node, ast.Lambda):
                flow.recorded.returns.append((node.body, flow.value(node.body)))
            else:
                flow.run(node.body)
        except RecursionError:
            return None
        recorded = flow.recorded
        return Body(
            tuple(recorded.calls.values()),
            tuple(recorded.functions.values()),
            tuple(recorded.bodies),
            tuple(recorded.returns),
            _result(recorded),
            tuple(recorded.reads.values()),
        )

    def called(
        self, function: Function, call: ast.Call, arguments: list[Value | None]
    ) -> Body | None:
        """Read the body of a function as one call of it sees it."""
        plain = not any(isinstance(argument, ast.Starred) for argument in call.args)
        parameters = [*function.node.args.posonlyargs, *function.node.args.args]
        given = tuple(
            (parameter.arg, value)
            for parameter, value in zip(parameters, arguments, strict=False)
            if plain and value is not None and value.kind != "data"
        )
        return self.body(function, given)


def _seen_by(function: Function, names: Mapping[str, Value | None]) -> dict[str, Value | None]:
    """Return the notebook's names that a function reads, itself or by what it calls."""
    found: dict[str, Value | None] = {}
    waiting = [function.node]
    while waiting:
        for name in free_names(waiting.pop()):
            if name in names and name not in found:
                value = found[name] = names[name]
                if value is not None and value.function is not None:
                    waiting.append(value.function.node)
    return found


def _identity(value: Value | None) -> object:
    """Return what tells a value apart: its meaning where that is all there is to it."""
    if value is not None and value.kind in ("name", "data"):
        return (value.kind, value.name)
    if value is not None and value.members is not None:
        return (id(value), value.members.version)
    return id(value)


def _result(recorded: Recorded) -> Value | None:
    if recorded.yields:
        return iterator(functools.reduce(join, recorded.yields))
    values = [value for _, value in recorded.returns]
    return functools.reduce(join, values) if values else None


_NOTHING = Program()

#: The cells that were read last: every rule asks for the same ones.
_last: tuple[Sequence[Cell], Program] = ((), _NOTHING)


def read(cells: Sequence[Cell]) -> Program:
    """Read cells together; what was read before is not read again.

    Parameters
    ----------
    cells
        Cells in the order they run.
    """
    global _last  # noqa: PLW0603 - a memory of one
    known, program = _last
    if cells is not known:
        program = _NOTHING
        for cell in cells:
            program = program.followed_by(cell.source, cell.variables)
        if isinstance(cells, tuple):
            _last = (cells, program)
    return program
