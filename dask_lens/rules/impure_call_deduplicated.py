"""Equal calls are submitted to be run again and again, and run once.

Dask takes a function for pure: the key of a task is made from the function and its arguments,
and a key that is there already is not run again. A function that draws random numbers, reads a
clock or a file is not pure, and gives its one result for all.

*Why it costs*: a hundred simulations are one simulation, a hundred times. Nothing is raised; the
results look like results.

*When it is fine*: the function is pure, so that one result is all there is; the calls differ in
an argument; ``pure=False`` or a ``key`` is given; the result is fetched, and dropped, before the
next call; the cell is run again to have the results that are there.

*References*: https://distributed.dask.org/en/stable/client.html#pure-functions-by-default;
https://github.com/dask/distributed/issues/2015;
https://github.com/dask/distributed/pull/4644
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._effects import UNKNOWN, effect_of
from dask_lens.rules._equal_calls import MAP, SUBMIT, is_open, is_repeated, is_twin
from dask_lens.rules._generators import is_hidden, shared_generator
from dask_lens.rules._told import told
from dask_lens.source.program import read

rule = Rule(
    __name__,
    code="DSK601",
    kind="wrong",
    needs=("source", "tasks"),
    message=(
        "{call} was asked for {asked} tasks and {repeated} of them were there already: equal "
        "calls are one task to Dask, and {function} {why}."
    ),
    forecast=(
        "{call} sends the same call of {function} again and again. Equal calls are one task to "
        "Dask, which runs once for all of them, and {function} {why}."
    ),
    advice="Add pure=False where each call has to run.",
    rewrite=("set-impure",),
    dont="""
import random
from dask.distributed import Client

client = Client(processes=False, n_workers=1, threads_per_worker=2, dashboard_address=":0")

def simulate():
    return random.Random().random()
# %%
futures = [client.submit(simulate) for _ in range(5)]  # found here
results = client.gather(futures)
# %%
client.shutdown()
""",
    do="""
import random
from dask.distributed import Client

client = Client(processes=False, n_workers=1, threads_per_worker=2, dashboard_address=":0")

def simulate():
    return random.Random().random()
# %%
futures = [client.submit(simulate, pure=False) for _ in range(5)]
results = client.gather(futures)
# %%
client.shutdown()
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find equal calls in loops and maps, and equal calls of what is known to be impure."""
    del settings
    program = read(run.cells)
    for call in [*program.by_name.get(SUBMIT, ()), *program.by_name.get(MAP, ())]:
        if run.observed not in (None, call.cell) or not is_open(program, call):
            continue
        function = call.arguments[0]
        why = effect_of(program, function)
        another = shared_generator(program, call) is not None and not is_hidden(function)
        if why is None or another:
            continue
        if is_repeated(program, call) or (why != UNKNOWN and is_twin(program, call)):
            sent = call.node.args[0]
            facts = [seen.facts for seen in told(run, call)]
            repeated = sum(fact.get("repeated", 0) for fact in facts)
            yield rule.finding(
                program.place(call.cell, call.node),
                certainty="seen" if repeated else "likely",
                asked=sum(fact.get("keys", 0) for fact in facts),
                repeated=repeated,
                fixes=(Fix("set-impure", arguments={"known": why != UNKNOWN}),),
                call=ast.unparse(call.node.func),
                function="a lambda" if isinstance(sent, ast.Lambda) else ast.unparse(sent),
                why=why,
            )
