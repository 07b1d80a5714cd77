"""``delayed`` is given the result of a call, where it should be given the function.

``delayed(f(x))`` calls ``f`` here and now, and wraps what it returned. ``delayed(f)(x)`` makes a
task that calls ``f`` later.

*Why it costs*: all the work is done while the graph is built, one call after another; what is
computed in parallel afterwards is nothing.

*When it is fine*: data is wrapped once to be used by many tasks (``delayed(np.ones(...))``); the
call makes the function that is to be delayed (``partial``, a decorator, a class that can be
called); the call returns something lazy.

*References*:
https://docs.dask.org/en/stable/delayed-best-practices.html#call-delayed-on-the-function-not-the-result
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._ran import concerns
from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.loops import loop_around, names_in
from dask_lens.source.program import Program, read
from dask_lens.source.values import Function, contained
from dask_lens.source.words import words

#: Packages whose functions make data to be wrapped.
_DATA_PACKAGES = words("numpy pandas xarray scipy sklearn torch tensorflow json yaml pickle")
_MAKERS = words(
    "functools.partial functools.wraps builtins.list builtins.dict builtins.tuple builtins.set "
    "builtins.range builtins.zip builtins.map builtins.getattr builtins.type builtins.enumerate "
    "builtins.str builtins.int builtins.float builtins.open operator.attrgetter "
    "operator.itemgetter operator.methodcaller"
)
#: Of NumPy's functions, those that make little of much.
_REDUCTIONS = words(
    "numpy.mean numpy.sum numpy.std numpy.var numpy.median numpy.percentile numpy.quantile "
    "numpy.max numpy.min numpy.dot numpy.matmul numpy.linalg.norm numpy.linalg.inv"
)
_OF_DELAYED = words("compute persist visualize")
_METHODS = words("copy items values keys get format join split strip")

rule = Rule(
    __name__,
    code="DSK303",
    kind="slow",
    needs=("source",),
    message="{function} is called here and now: delayed() is given what it returns.",
    advice="Give delayed the function, and the arguments to what delayed returns.",
    rewrite=("delay-the-call",),
    dont="""
import dask
from dask import delayed

def square(x):
    return x ** 2

parts = [delayed(square(x)) for x in range(4)]  # found here
total = sum(dask.compute(*parts))
""",
    do="""
import dask
from dask import delayed

def square(x):
    return x ** 2

parts = [delayed(square)(x) for x in range(4)]
total = sum(dask.compute(*parts))
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find calls of delayed whose argument is a call that does the work."""
    del settings
    program = read(run.cells)
    for call in program.by_name.get(api.DELAYED, ()):
        inner = next(_called(call.node.args[0]), None) if call.node.args else None
        if inner is None or not concerns(run, call.cell):
            continue
        worked = program.by_node.get(inner)
        whole = inner is call.node.args[0]
        if worked is None or not (
            _is_work(program, call, worked) if whole else worked.name in _REDUCTIONS
        ):
            continue
        yield rule.finding(
            program.place(call.cell, call.node),
            certainty="likely",
            fixes=(Fix("delay-the-call"),),
            function=f"{ast.unparse(inner.func)}()",
        )


def _called(node: ast.expr) -> Iterator[ast.Call]:
    """Yield the calls whose results are delayed, alone or in a sum, a product and the like."""
    if isinstance(node, ast.Call):
        yield node
    elif isinstance(node, ast.BinOp):
        yield from _called(node.left)
        yield from _called(node.right)


def _is_work(program: Program, call: Call, worked: Call) -> bool:
    """Whether the inner call does work, rather than make something to be delayed."""
    made = worked.result
    if made is not None and made.kind in ("instance", "function", "name"):
        return False
    if contained(made, *api.COLLECTIONS) is not None or _is_meant(program, call, worked):
        return False
    func = worked.node.func
    last = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "A")
    if last[:1].isupper() or last in _METHODS or worked.name in _MAKERS:
        return False
    if worked.callee is not None:
        return not _is_maker(worked.callee) or _goes_round(program, call, worked)
    root = worked.name.partition(".")[0]
    if root in ("dask", "distributed", "builtins", "xarray"):
        return False
    if worked.name and root not in _DATA_PACKAGES:
        return True
    return _goes_round(program, call, worked)


def _is_meant(program: Program, call: Call, worked: Call) -> bool:
    """Whether what is done with the result tells that it, and not the call, is to be delayed."""
    parent = next(program.cells[call.cell].parents(call.node), None)
    if isinstance(parent, ast.Call) and parent.func is call.node:
        return True  # what the inner call returned is called by a task
    if call.keyword("traverse") is not None or _takes_opened(program, call, worked):
        return True
    return worked.callee is None and _is_object(program, call)


def _is_object(program: Program, call: Call) -> bool:
    """Whether what is delayed has a name, and methods of it are called: then it is an object."""
    statement = program.cells[call.cell].statement(call.node)
    alone = isinstance(statement, ast.Assign) and statement.value is call.node
    name = ast.unparse(statement.targets[0]) if isinstance(statement, ast.Assign) else ""
    return alone and any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == name
        and node.func.attr not in _OF_DELAYED
        for cell in program.cells
        if name in cell.names
        for node in ast.walk(cell.tree)
    )


def _is_maker(function: Function) -> bool:
    """Whether it is a method of a class that makes its objects."""
    decorators = getattr(function.node, "decorator_list", ())
    return any(ast.unparse(decorator) == "classmethod" for decorator in decorators)


def _takes_opened(program: Program, call: Call, worked: Call) -> bool:
    """Whether the inner call is given what a ``with`` block closes before any task could run."""
    opened: set[str] = set()
    for parent in program.cells[call.cell].parents(call.node):
        for item in getattr(parent, "items", ()) if isinstance(parent, ast.With) else ():
            opened |= names_in(item.optional_vars)
    given = [*worked.node.args, *(keyword.value for keyword in worked.node.keywords)]
    return any(isinstance(node, ast.Name) and node.id in opened for node in given)


def _goes_round(program: Program, call: Call, worked: Call) -> bool:
    """Whether a loop makes the inner call again and again, with other arguments."""
    loop = loop_around(program.cells[call.cell], call.node)
    if loop is None:
        return False
    targets: set[str] = set()
    for generator in getattr(loop, "generators", [loop]):
        targets |= names_in(getattr(generator, "target", None))
    given = [*worked.node.args, *(keyword.value for keyword in worked.node.keywords)]
    return any(names_in(argument) & targets for argument in given)
