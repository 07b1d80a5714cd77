"""The result of ``persist()`` is dropped.

``persist`` changes nothing in place: it returns a collection whose data is, or soon will be, in
memory. The collection that it is called on stays as lazy as it was.

*Why it costs*: the work is done for nothing. On a cluster the data is forgotten as soon as the
returned collection is; locally it is thrown away. Whatever comes next computes it again.

*When it is fine*: the returned collection is kept: ``ddf = ddf.persist()``; it is passed on, to
``wait`` or ``progress``, say.

*References*: https://docs.dask.org/en/stable/dataframe-best-practices.html#persist-intelligently;
https://distributed.dask.org/en/stable/manage-computation.html#dask-collections-to-futures
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._ran import concerns, is_over
from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.computes import has_client
from dask_lens.source.definitions import uses
from dask_lens.source.program import Program, read
from dask_lens.source.purpose import only_defines
from dask_lens.source.timing import is_timed_line, tells_time
from dask_lens.source.waits import uses_dask

rule = Rule(
    __name__,
    code="DSK306",
    kind="slow",
    needs=("source",),
    message="What {call} returns is dropped: {name} stays lazy, and is computed again when used.",
    advice="Keep what persist returns: it returns the collection whose data is in memory.",
    rewrite=("assign-persisted",),
    dont="""
import dask.array as da

x = da.ones((100, 100), chunks=50) + 1
x.persist()  # found here
total = float(x.sum().compute())
""",
    do="""
import dask.array as da

x = da.ones((100, 100), chunks=50) + 1
x = x.persist()
total = float(x.sum().compute())
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find statements that are nothing but a call of persist."""
    del settings
    program = read(run.cells)
    for call in program.calls:
        if not concerns(run, call.cell) or not _is_persist(program, call):
            continue
        cell = program.cells[call.cell]
        parents = cell.parents(call.node)
        statement = next(parents, None)
        if not _drops(program, call, statement) or is_timed_line(cell, call.node):
            continue
        block = next(parents, None)
        if tells_time(program, ast.walk(block) if block is not None else ()):
            continue
        yield rule.finding(
            program.place(call.cell, call.node),
            certainty="likely",
            fixes=(Fix("assign-persisted", ran=run.computations if is_over(run) else None),),
            call=f"{ast.unparse(call.node.func)}()",
            name=_persisted(call),
        )


def _drops(program: Program, call: Call, statement: ast.AST | None) -> bool:
    """Whether a statement does nothing with a value, or calls it ``_`` and never looks at that.

    Under any name, a cluster keeps the data for what is computed later.
    """
    if not isinstance(statement, ast.Assign):
        return isinstance(statement, ast.Expr)
    named = call.receiver is not None and isinstance(
        getattr(call.node.func, "value", None), ast.Name
    )
    unused = [ast.unparse(target) for target in statement.targets] == ["_"]
    return named and unused and not has_client(program) and not uses(program, "_")


def _is_persist(program: Program, call: Call) -> bool:
    if call.keyword("inplace") is not None:
        return False  # another library's
    owner, _, last = call.name.rpartition(".")
    if call.name == "dask.persist":
        return bool(call.node.args)
    if last == "persist" and owner in api.COLLECTIONS:
        return True
    func = call.node.func
    bare = isinstance(func, ast.Attribute) and func.attr == "persist" and not call.node.args
    unknown = bare and not call.name and call.receiver is None
    return unknown and uses_dask(program) and not only_defines(program)


def _persisted(call: Call) -> str:
    func = call.node.func
    if call.node.args:
        return ", ".join(ast.unparse(argument) for argument in call.node.args)
    return ast.unparse(func.value) if isinstance(func, ast.Attribute) else "the collection"
