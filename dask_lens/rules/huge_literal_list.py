"""A delayed call is given a very long list, which Dask walks through item by item.

``delayed`` looks for lazy objects inside the lists and dicts that it is given, to make them
dependencies. In a long list of plain numbers or texts there is nothing to find, and the search
and the copy of the list that goes into the graph are paid for with every call.

*Why it costs*: a list of 300,000 numbers takes a second, each time that it is passed.

*When it is fine*: the list holds lazy objects, which are to be found; it is short.

*References*: the ``traverse`` parameter of ``dask.delayed``,
https://docs.dask.org/en/stable/delayed-api.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._ran import concerns
from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.program import Program, read
from dask_lens.source.sizes import length

#: Items, from which the search takes longer (30 ms) than the task will as a rule.
LEAST_ITEMS = 10_000

rule = Rule(
    __name__,
    code="DSK411",
    kind="slow",
    needs=("source", "tasks"),
    message=(
        "{what} has {n_items:,} items, and delayed looked into each of them for something lazy: "
        "{times} times."
    ),
    forecast="{what} has {n_items:,} items, and delayed looks into each for something lazy.",
    advice="Wrap the list once, with traverse=False.",
    rewrite=("skip-traversal",),
    thresholds={"least_items": LEAST_ITEMS},
    dont="""
from dask import delayed

numbers = list(range(30_000))
length = delayed(len)(numbers)  # found here
n_numbers = length.compute()
""",
    do="""
from dask import delayed

numbers = list(range(30_000))
length = delayed(len)(delayed(numbers, traverse=False))
n_numbers = length.compute()
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find delayed calls with long lists, by source and by what was seen."""
    program = read(run.cells)
    for call in program.calls:
        if not concerns(run, call.cell) or not _is_delayed(call):
            continue
        seen = [s for s in _seen(run, call) if s["length"] >= settings["least_items"]]
        written = _longest(program, call)
        if written is None and not seen:
            continue
        what, n_items = written or (seen[0]["name"] or "A list", seen[0]["length"])
        if n_items < settings["least_items"]:
            continue
        yield rule.finding(
            program.place(call.cell, call.node),
            certainty="seen" if seen else "likely",
            fixes=(Fix("skip-traversal"),),
            what=what[:60],
            n_items=n_items,
            times=max([s["times"] for s in seen], default=1),
        )


def _is_delayed(call: Call) -> bool:
    """Whether a call makes a Delayed of its arguments."""
    made = call.result
    lazy = made is not None and made.is_instance(api.DELAYED_OBJECT) and made.call is call.node
    if call.name == api.DELAYED:
        return lazy and call.keyword("traverse") is None
    return lazy and not call.name and call.receiver is None


def _longest(program: Program, call: Call) -> tuple[str, int] | None:
    given = [*call.node.args, *(k.value for k in call.node.keywords if k.arg is not None)]
    known = [(found, node) for node in given if (found := length(program, node)) is not None]
    if not known:
        return None
    n_items, node = max(known, key=lambda pair: pair[0])
    return (node.id if isinstance(node, ast.Name) else ast.unparse(node)), n_items


def _seen(run: Run, call: Call) -> Iterator[dict[str, Any]]:
    """Yield the long lists that calls on this line were given."""
    last = call.node.end_lineno or call.node.lineno
    for seen in run.calls:
        place = seen.place
        if seen.name != "dask.delayed" or place is None or place.cell != call.cell:
            continue
        if call.node.lineno <= place.line <= last:
            for entry in seen.facts.get("lists", ()):
                yield {**entry, "times": seen.count}
