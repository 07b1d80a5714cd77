"""A lazy function is submitted to the cluster.

``client.submit(train, x)`` with a ``@delayed`` function ``train``: the task that runs calls the
lazy function, and that makes a ``Delayed``. Nothing of the function's own has run when the
future is done.

*Why it costs*: the futures hold lazy objects, and computing those is a second round trip.
Where they are taken for results, everything after that is wrong.

*When it is fine*: the plain function is submitted; the lazy call is given to ``client.compute``.

*References*: https://docs.dask.org/en/stable/futures.html;
https://docs.dask.org/en/stable/delayed-best-practices.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dask_lens.record.call import ObservedCall
from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._told import told
from dask_lens.source import api
from dask_lens.source.program import read

rule = Rule(
    __name__,
    code="DSK110",
    kind="wrong",
    needs=("source", "tasks"),
    message=(
        "{call} runs the lazy function {function}: the future will hold a Delayed, and nothing "
        "of {function} has run by then."
    ),
    advice="Submit the plain function.",
    rewrite=("submit-plain",),
    dont="""
from dask import delayed
from dask.distributed import Client

client = Client(processes=False, n_workers=1, threads_per_worker=2, dashboard_address=":0")

@delayed
def train(x):
    return 2 * x
# %%
futures = client.map(train, [1, 2, 3])  # found here
# %%
client.shutdown()
""",
    do="""
from dask import delayed
from dask.distributed import Client

client = Client(processes=False, n_workers=1, threads_per_worker=2, dashboard_address=":0")

def train(x):
    return 2 * x
# %%
futures = client.map(train, [1, 2, 3])
# %%
client.shutdown()
""",
)

_SENDS = ("distributed.Client.submit", "distributed.Client.map")


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find submits and maps whose function is a lazy one."""
    del settings
    program = read(run.cells)
    for call in [call for name in _SENDS for call in program.by_name.get(name, ())]:
        function = call.arguments[0] if call.arguments else call.keywords.get("func")
        if function is None or not function.is_instance(api.DELAYED_FUNCTION):
            continue
        if run.observed in (None, call.cell):
            node = call.node.args[0] if call.node.args else call.keyword("func")
            yield rule.finding(
                program.place(call.cell, call.node),
                certainty="seen" if any(map(_is_lazy, told(run, call))) else "likely",
                fixes=(Fix("submit-plain"),),
                call=ast.unparse(call.node.func),
                function=ast.unparse(node) if node is not None else "",
            )


def _is_lazy(seen: ObservedCall) -> bool:
    return bool((seen.facts.get("function") or {}).get("delayed"))
