"""A task changes what it was given.

Tasks share their inputs: what a task returned, or what was passed to it, is handed to every
task that needs it, as it is. A task that changes it changes it for all the others, and for the
next time it is computed.

*Why it costs*: results depend on which task ran first, on the scheduler, and on how often
something was computed. Nothing is raised.

*When it is fine*: the function makes a copy first; it gives the name something new
(``df = df.assign(...)``); what it changes was made for this call alone; it counts with a number.

*References*: https://docs.dask.org/en/stable/delayed-best-practices.html#don-t-mutate-inputs;
https://github.com/dask/dask/pull/11524;
https://github.com/dask/dask/issues/3350
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._given import is_made_for_the_call, shares_inputs
from dask_lens.rules._task_bodies import TaskBody, task_bodies
from dask_lens.source.mutations import changed_names
from dask_lens.source.program import Program
from dask_lens.source.values import Function, FunctionNode
from dask_lens.source.words import words

rule = Rule(
    __name__,
    code="DSK603",
    kind="wrong",
    needs=("source",),
    message=(
        "{function} runs as a task and changes its argument {argument}, which other tasks, and "
        "the next compute, may be given as well."
    ),
    advice="Change a copy: make one in the first line of the function.",
    rewrite=("copy-first",),
    dont="""
import dask

@dask.delayed
def load():
    return [3, 1, 2]

@dask.delayed
def highest(numbers):
    numbers.sort()  # found here
    return numbers[-1]

@dask.delayed
def first(numbers):
    return numbers[0]

numbers = load()
found = dask.compute(highest(numbers), scheduler="sync")
""",
    do="""
import dask

@dask.delayed
def load():
    return [3, 1, 2]

@dask.delayed
def highest(numbers):
    numbers = numbers.copy()
    numbers.sort()
    return numbers[-1]

@dask.delayed
def first(numbers):
    return numbers[0]

numbers = load()
found = dask.compute(highest(numbers), scheduler="sync")
""",
)

#: Methods and functions that give tasks arrays and frames, never plain numbers.
_GIVE_ARRAYS = words(
    "map_blocks map_overlap map_partitions blockwise apply_gufunc apply_ufunc reduction"
)
#: Parameters that are there to be changed.
_NO_INPUT = ("self", "cls", "out")
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
#: Functions that call one another, as far as they are followed.
_DEEPEST = 2


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find the first change, in each task, of something it was given."""
    del settings
    for task in task_bodies(run):
        if not shares_inputs(task):
            continue
        found = next(_changes(task), None)
        if found is not None:
            argument, node, function = found
            yield rule.finding(
                task.program.place(function.cell, node),
                certainty="likely",
                fixes=(Fix("copy-first", arguments={"argument": argument}),),
                function=task.name if function == task.function else function.name,
                argument=argument,
            )


_Change: TypeAlias = "tuple[str, ast.AST, Function]"


@dataclass(frozen=True)
class _Here:
    """The function that is followed, the program, and how many others call it.

    ``block`` is the parameter that is an array, or a frame, for sure.
    """

    program: Program
    function: Function
    block: str = ""
    depth: int = 0


def _changes(task: TaskBody) -> Iterator[_Change]:
    """Yield the parameters that a function changes, in the order of the text, and where."""
    node = task.function.node
    parameters = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
    written = _written(node)
    names = [p.arg for p in parameters if p.arg not in {*_NO_INPUT, *written}]
    given = {name: name for name in names if not is_made_for_the_call(task, name)}
    body: list[ast.AST] = [node.body] if isinstance(node, ast.Lambda) else list(node.body)
    arrays = any(use.name.rpartition(".")[2] in _GIVE_ARRAYS for use in task.uses)
    here = _Here(task.program, task.function, names[0] if arrays and names else "")
    yield from _followed(here, body, given)


def _written(node: FunctionNode) -> set[str]:
    """Return the parameters that are there to be written to: ``out=``, where one is given."""
    arguments = [*node.args.posonlyargs, *node.args.args]
    defaults = [*zip(reversed(arguments), reversed(node.args.defaults), strict=False)]
    defaults += [
        (a, d) for a, d in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True) if d
    ]
    missing = {a.arg for a, d in defaults if isinstance(d, ast.Constant) and d.value is None}
    given = {
        k.value.id
        for k in ast.walk(node)
        if isinstance(k, ast.keyword) and k.arg == "out" and isinstance(k.value, ast.Name)
    }
    return missing & given


def _followed(here: _Here, body: Sequence[ast.AST], given: dict[str, str]) -> Iterator[_Change]:
    """Follow statements: yield what changes something that was given, and what that is.

    ``given`` has the names that mean something given; a name that means something else
    afterwards is taken out.
    """
    for statement in body:
        if isinstance(statement, _FUNCTIONS):
            given.pop(getattr(statement, "name", ""), None)
            continue
        blocks = list(_blocks(statement))
        nested = {id(part) for inside in blocks for part in inside}
        heads = [c for c in ast.iter_child_nodes(statement) if id(c) not in nested]
        for head in heads if blocks else [statement]:
            for name, node in changed_names(head):
                if name in given:
                    yield given[name], node, here.function
            yield from _handed_on(here, head, given)
            counted = head.target if isinstance(head, ast.AugAssign) else None
            if (
                isinstance(counted, ast.Name)
                and counted.id in given
                and _adds(head, given, here.block)
            ):
                yield given[counted.id], head, here.function
            _rebind(head, given)
        for inside in blocks:
            yield from _followed(here, inside, given)


def _handed_on(here: _Here, head: ast.AST, given: dict[str, str]) -> Iterator[_Change]:
    """Yield what functions of the notebook change of what is handed on to them, by position."""
    for node in ast.walk(head) if here.depth < _DEEPEST else ():
        call = here.program.by_node.get(node) if isinstance(node, ast.Call) else None
        helper = call.callee if call is not None else None
        if call is None or helper is None or isinstance(helper.node, ast.Lambda):
            continue
        if helper.is_bound or (call.result is not None and call.result.call is call.node):
            continue  # a method, or a lazy call
        names = [p.arg for p in (*helper.node.args.posonlyargs, *helper.node.args.args)]
        for name, value in zip(names, call.node.args, strict=False):
            if isinstance(value, ast.Starred):
                break
            if isinstance(value, ast.Name) and value.id in given:
                inner = _Here(here.program, helper, depth=here.depth + 1)
                yield from _followed(inner, helper.node.body, {name: name})


def _adds(head: ast.AST, given: dict[str, str], block: str) -> bool:
    """Whether ``x += y`` changes x in place, as it does arrays and lists, and not numbers."""
    if not isinstance(head, ast.AugAssign) or not isinstance(head.target, ast.Name):
        return False
    lists = isinstance(head.value, (ast.List, ast.ListComp)) and isinstance(head.op, ast.Add)
    return lists or given[head.target.id] == block != ""


def _blocks(statement: ast.AST) -> Iterator[list[ast.stmt]]:
    for _, value in ast.iter_fields(statement):
        if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
            yield value
    for part in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
        yield part.body


def _rebind(head: ast.AST, given: dict[str, str]) -> None:
    """Take note of names that are given something new, or another name for the same thing."""
    if isinstance(head, ast.AugAssign):
        return
    value = head.value if isinstance(head, ast.Assign) else None
    if isinstance(value, ast.Subscript) and isinstance(value.slice, ast.Constant):
        value = value.value if isinstance(value.slice.value, int) else value  # one of several
    same = given.get(value.id) if isinstance(value, ast.Name) else None
    for node in ast.walk(head):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            given.pop(node.id, None)
            if same is not None:
                given[node.id] = same
