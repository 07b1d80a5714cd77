"""A function is called for every row of a table.

``apply(f, axis=1)`` and ``iterrows`` make a pandas Series of each row and call Python with it.
Operations on whole columns do the same work in compiled code, some hundred times faster.

*Why it costs*: Python code holds the interpreter's lock, so that threads wait for one another
where operations on columns would run side by side.

*When it is fine*: there are few rows; the function takes long itself (a model, a request); it
cannot be said in operations on columns.

*What is not looked at*: functions applied to the values of one column; ``itertuples``; in
tasks other than those of ``map_partitions``, rows for which a function of the notebook is called.

*References*: https://docs.dask.org/en/stable/dataframe-best-practices.html#pandas-performance-tips-apply-to-dask-dataframe;
https://pandas.pydata.org/docs/user_guide/enhancingperf.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._ran import concerns
from dask_lens.rules._single import MOST_SMALL
from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.program import Program, read
from dask_lens.source.sizes import elements
from dask_lens.source.tasks import task_functions
from dask_lens.source.timing import is_measure, is_timed_cell
from dask_lens.source.values import Function
from dask_lens.source.words import words

_ON_PARTITIONS = ("dask.dataframe.DataFrame.map_partitions", "dask.dataframe.map_partitions")

#: Functions and methods that take no time to speak of.
_AT_ONCE = words(
    "abs add append bool extend float format get int len lower max min round split str strip sum "
    "upper"
)

rule = Rule(
    __name__,
    code="DSK513",
    kind="slow",
    needs=("source",),
    message="{what} calls Python for every row; threads wait for one another meanwhile.",
    advice="Say it in operations on whole columns, or with map_partitions on whole tables.",
    rewrite=("use-columns",),
    dont="""
import dask.dataframe as dd
import pandas as pd

data = pd.concat([pd.DataFrame({"a": [1, 2], "b": [3, 4]})] * 50)
ddf = dd.from_pandas(data, npartitions=4, sort=False)
both = ddf.apply(lambda row: row.a + row.b, axis=1, meta=(None, "int64"))  # found here
total = int(both.sum().compute(scheduler="sync"))
""",
    do="""
import dask.dataframe as dd
import pandas as pd

data = pd.concat([pd.DataFrame({"a": [1, 2], "b": [3, 4]})] * 50)
ddf = dd.from_pandas(data, npartitions=4, sort=False)
both = ddf.a + ddf.b
total = int(both.sum().compute(scheduler="sync"))
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find functions of rows, on collections and in the functions of their partitions."""
    del settings
    program = read(run.cells)
    found = [
        call
        for call in program.by_name.get(f"{api.DATAFRAME}.apply", ())
        if _is_by_row(call) and not _is_small(program, call)
    ]
    found += [call for call in program.calls if _is_of_dask(call) and _is_by_row(call)]
    found += _in_partitions(program) + _in_tasks(program)
    for call in found:
        if concerns(run, call.cell) and not _is_measured(program, call):
            what = f".{call.node.func.attr}()" if isinstance(call.node.func, ast.Attribute) else ""
            place = program.place(call.cell, call.node)
            fixes = (Fix("use-columns"),)
            yield rule.finding(place, certainty="likely", fixes=fixes, what=what)


def _is_measured(program: Program, call: Call) -> bool:
    """Whether it stands in a benchmark, beside other ways to do the same."""
    cell = program.cells[call.cell]
    around = [p.func for p in cell.parents(call.node) if isinstance(p, ast.Call)]
    return is_timed_cell(cell) or any(is_measure(ast.unparse(func)) for func in around)


def _is_by_row(call: Call) -> bool:
    return call.literal("axis") in (1, "columns")


def _is_of_dask(call: Call) -> bool:
    """Whether, of an object of which nothing is known, it is told what Dask alone asks for."""
    func = call.node.func
    unknown = not call.name and call.receiver is None
    method = isinstance(func, ast.Attribute) and func.attr == "apply"
    return unknown and method and call.keyword("meta") is not None


def _is_small(program: Program, call: Call) -> bool:
    """Whether it is made from a table that the text shows to be small."""
    made = call.receiver.call if call.receiver is not None else None
    if made is None or not made.args:
        return False
    known = elements(program, made.args[0])
    maker = program.by_node.get(made)
    if maker is None or known is None or not maker.name.endswith("from_pandas"):
        return False
    return known < MOST_SMALL


def _in_partitions(program: Program) -> list[Call]:
    """Return the calls that go row by row through what a function of partitions is given."""
    functions = {
        function
        for function, calls in task_functions(program).items()
        if any(call.name in _ON_PARTITIONS for call in calls)
    }
    return [
        call
        for call in program.calls
        if call.inside in functions and call.inside is not None and _goes_by_row(call, call.inside)
    ]


def _in_tasks(program: Program) -> list[Call]:
    """Return the calls in other tasks that do little with each row of a table of pandas'."""
    functions = {
        function
        for function, calls in task_functions(program).items()
        if not any(call.name in _ON_PARTITIONS for call in calls)
    }
    return [
        call for call in program.calls if call.inside in functions and _does_little(program, call)
    ]


def _does_little(program: Program, call: Call) -> bool:
    """Whether a call goes row by row, and calls nothing for a row that may take its time."""
    func = call.node.func
    last = func.attr if isinstance(func, ast.Attribute) else ""
    done: list[ast.AST] = []
    if last == "apply" and _is_by_row(call):
        done = [given.body for given in call.node.args[:1] if isinstance(given, ast.Lambda)]
    elif last == "iterrows":
        around = program.cells[call.cell].parents(call.node)
        loop = next((one for one in around if isinstance(one, ast.For)), None)
        done = [*loop.body] if loop is not None and call.node in ast.walk(loop.iter) else []
    inner = [node for part in done for node in ast.walk(part)]
    called = [ast.unparse(node.func) for node in inner if isinstance(node, ast.Call)]
    return bool(done) and all(name.rpartition(".")[2] in _AT_ONCE for name in called)


def _goes_by_row(call: Call, function: Function) -> bool:
    func = call.node.func
    arguments = function.node.args
    first = next(iter([*arguments.posonlyargs, *arguments.args]), None)
    if not isinstance(func, ast.Attribute) or not isinstance(func.value, ast.Name):
        return False
    if first is None or func.value.id != first.arg:
        return False
    if func.attr == "apply":
        return _is_by_row(call)
    # Rows that stand for jobs of their own, each of which may fail.
    jobs = any(isinstance(n, ast.Try) for n in ast.walk(function.node))
    return func.attr == "iterrows" and not jobs
