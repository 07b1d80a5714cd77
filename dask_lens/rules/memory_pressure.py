"""A worker ran short of memory.

Workers write results to disk when their memory is 60 to 70 % full, take no new tasks at 80 %,
and are started anew, with the loss of all they held, at 95 %. Dask logs the latter two; of the
first, workers tell how much they hold on disk.

*Why it costs*: what goes to disk has to be read again; a worker that is paused runs nothing; the
tasks of one that was killed are run again, and kill the next.

*When it is fine*: once, at the peak of a computation that ends well; less than 50 MB on disk.
Where chunks are too big for the worker, DSK508 says so.

*References*: https://distributed.dask.org/en/stable/worker-memory.html;
https://github.com/dask/distributed/issues/7742
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from dask_lens.record.call import ObservedCall
from dask_lens.record.computation import Computation
from dask_lens.record.run import Run
from dask_lens.rule import Finding, Rule, Settings
from dask_lens.rules._oversized import IN_MEMORY, oversized
from dask_lens.source.computes import computed_at
from dask_lens.source.program import read

#: What a worker says when memory is short, not when it is well again.
_SHORT = re.compile(
    r"unmanaged memory use is high|pausing worker|exceeded .*budget|results to disk", re.IGNORECASE
)

_MOST_WORDS = 160
#: Seconds that a scheduler may take to tell of it after the last task.
_LATE = 1.0

rule = Rule(
    __name__,
    code="DSK409",
    kind="slow",
    needs=("tasks",),
    message="A worker ran short of memory: {said}",
    advice="Make the chunks or partitions smaller, or give each worker fewer threads.",
    dont="""
import time
from dask.distributed import Client, get_worker

client = Client(processes=False, n_workers=1, threads_per_worker=1, dashboard_address=":0")

def fill(memory_limit):
    get_worker().memory_manager.memory_limit = memory_limit  # too little, as if it were full
    time.sleep(0.5)
    return 1
# %%
done = client.submit(fill, 30_000_000).result()  # found here
# %%
client.shutdown()
""",
    do="""
import time
from dask.distributed import Client, get_worker

client = Client(processes=False, n_workers=1, threads_per_worker=1, dashboard_address=":0")

def fill(memory_limit):
    get_worker().memory_manager.memory_limit = memory_limit  # too little, as if it were full
    time.sleep(0.5)
    return 1
# %%
done = client.submit(fill, 10**15).result()
# %%
client.shutdown()
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find what Dask logged of memory while computations of the cell ran."""
    del settings
    for seen in run.calls:
        said = _said(seen)
        longest = _longest(run, seen) if said else None
        place = computed_at(read(run.cells), longest.place) if longest is not None else None
        if longest is not None and oversized(run, longest, {"copies": IN_MEMORY}) is not None:
            continue  # DSK508 says so
        if said and place is not None:
            yield rule.finding(place, certainty="seen", said=said)
            return


def _said(seen: ObservedCall) -> str:
    message = str(seen.facts.get("message", "")) if seen.facts.get("kind") == "memory" else ""
    return message[:_MOST_WORDS] if _SHORT.search(message) else ""


def _longest(run: Run, seen: ObservedCall) -> Computation | None:
    """Return the computation that ran at the time, the longest where there were several."""
    ran = [
        c
        for c in run.computations
        if c.scheduler == "distributed"
        and c.place is not None
        and c.start <= seen.last
        and (c.stop is None or seen.time <= c.stop + _LATE)
    ]
    return max(ran, key=lambda c: c.busy, default=None)
