"""A lazy function builds lazy calls.

The body of a ``delayed`` function runs as a task. Lazy calls that are made in it are not tasks of
the graph: they come out as the result, uncomputed, or are thrown away.

*Why it costs*: the result is a list of ``Delayed`` objects and nothing has run. Computing that
list afterwards starts the real work only then.

*When it is fine*: the function computes what it builds (``dask.compute`` inside a task is
allowed); it is a plain function that builds the graph here; what it calls is not lazy.

*References*:
https://docs.dask.org/en/stable/delayed-best-practices.html#avoid-calling-delayed-within-delayed-functions;
https://github.com/dask/dask/issues/5751; https://github.com/dask/dask/issues/8135
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._nested import computes_inside, is_delayed_task
from dask_lens.rules._task_bodies import task_bodies
from dask_lens.source import api
from dask_lens.source.calls import Call

rule = Rule(
    __name__,
    code="DSK108",
    kind="wrong",
    needs=("source",),
    message=(
        "{function} is a lazy function and makes lazy calls itself: they come back uncomputed."
    ),
    advice="Make the outer one a plain function, and compute what it returns.",
    rewrite=("compute-outside",),
    dont="""
import dask
from dask import delayed

def double(x):
    return 2 * x

@delayed
def process_all(numbers):
    return [delayed(double)(x) for x in numbers]  # found here

results = process_all([1, 2, 3]).compute(scheduler="sync")
""",
    do="""
import dask
from dask import delayed

def double(x):
    return 2 * x

def process_all(numbers):
    return [delayed(double)(x) for x in numbers]

results = dask.compute(*process_all([1, 2, 3]), scheduler="sync")
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find the first lazy call that a lazy function makes and does not compute."""
    del settings
    for task in task_bodies(run):
        if not is_delayed_task(task) or computes_inside(task):
            continue
        made = next((call for call in task.calls if _makes_lazy(call)), None)
        if made is not None:
            yield rule.finding(
                task.program.place(made.cell, made.node),
                certainty="likely",
                fixes=(Fix("compute-outside"),),
                function=task.name,
            )


def _makes_lazy(call: Call) -> bool:
    """Whether a call calls a lazy function."""
    made = call.result
    if made is None or not made.is_instance(api.DELAYED_OBJECT) or made.call is not call.node:
        return False
    if call.receiver is not None:
        return False
    return call.callee is not None or not call.name or isinstance(call.node.func, ast.Call)
