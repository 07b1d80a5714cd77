"""A function carries a large object with it to the workers.

A function of the notebook is sent with what it reads: variables of the notebook, variables of the
function around it, its defaults, the object whose method it is. Nothing in the call shows that.

*Why it costs*: a lambda that reads a table of 100 MB is 100 MB, with every ``submit``. The
scheduler keeps them; the workers unpack them.

*When it is fine*: what is read is small; it is a function or module that was imported, which is
sent by its name; the tasks run in threads of this process.

*References*: https://docs.dask.org/en/stable/best-practices.html#load-data-with-dask;
https://github.com/dask/distributed/issues/3108
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._ran import concerns
from dask_lens.rules._told import SENDS, told
from dask_lens.source.program import read

#: Bytes of what a function carries: less is no matter for a scheduler.
LEAST_BYTES = 1_000_000

#: Bytes sent in all: where distributed warns of a large graph.
LEAST_SENT = 10_000_000

_WHERE = {
    "closure": "a variable of the function around it",
    "global": "a variable of the notebook",
    "default": "a default of a parameter",
    "partial": "an argument of partial",
    "self": "the object that the method belongs to",
}

rule = Rule(
    __name__,
    code="DSK402",
    kind="slow",
    needs=("tasks",),
    message=(
        "{function} carries {what} with it ({megabytes:.0f} MB, {where}), and was sent {often}."
    ),
    advice="Make it a parameter, and pass a future of it.",
    rewrite=("pass-captured",),
    thresholds={"least_bytes": LEAST_BYTES, "least_sent": LEAST_SENT},
    dont="""
import numpy as np
from dask.distributed import Client

client = Client(processes=False, n_workers=1, threads_per_worker=2, dashboard_address=":0")
table = np.ones(1_500_000)

def look_up(number):
    return float(table[number])
# %%
futures = client.map(look_up, range(3))  # found here
total = sum(client.gather(futures))
# %%
client.shutdown()
""",
    do="""
import numpy as np
from dask.distributed import Client

client = Client(processes=False, n_workers=1, threads_per_worker=2, dashboard_address=":0")
table = np.ones(1_500_000)

def look_up(number, table):
    return float(table[number])
# %%
futures = client.map(look_up, range(3), table=client.scatter(table))
total = sum(client.gather(futures))
# %%
client.shutdown()
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Add up what the functions that were sent carried."""
    program = read(run.cells)
    for name in SENDS:
        for call in program.by_name.get(name, ()):
            if not concerns(run, call.cell):
                continue
            for seen in told(run, call):
                function: dict[str, Any] = seen.facts.get("function") or {}
                carried = function.get("captured") or ()
                large = next((e for e in carried if e["nbytes"] >= settings["least_bytes"]), None)
                if large is None or large["nbytes"] * seen.count < settings["least_sent"]:
                    continue
                yield rule.finding(
                    program.place(call.cell, call.node),
                    certainty="seen",
                    fixes=(Fix("pass-captured", arguments={"name": large["name"]}),),
                    function=function.get("name", "the function"),
                    what=_what(large),
                    megabytes=large["nbytes"] / 1e6,
                    where=_WHERE.get(large["where"], large["where"]),
                    times=seen.count,
                    often="once" if seen.count == 1 else f"{seen.count} times",
                )
                break


def _what(large: dict[str, Any]) -> str:
    """Name what is carried: by its name, or else, as an argument by position, by its type."""
    name = str(large["name"] or "")
    return name if name.isidentifier() else str(large["type"]).removeprefix("__main__.")
