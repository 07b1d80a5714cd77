"""The event loop of a worker, or of the scheduler, stood still.

Workers talk to the scheduler from an event loop in their process. A task that holds the GIL for
seconds (a long call into C code that does not release it, pure Python in many threads), or a very
large piece of data on its way, keeps the loop from running.

*Why it costs*: heartbeats and transfers wait; other workers wait for data; a worker that is silent
for too long is taken for dead, and its work is done again.

*When it is fine*: once, while a library is being imported.

*References*: https://docs.dask.org/en/stable/scheduling.html#local-threads;
https://distributed.dask.org/en/stable/worker.html#event-loop;
https://distributed.dask.org/en/stable/efficiency.html#adjust-between-threads-and-processes
"""

from __future__ import annotations

from collections.abc import Iterator

from dask_lens.record.call import ObservedCall
from dask_lens.record.cell import Place
from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings

#: Seconds, in all, that a loop stood still: ``distributed.admin.tick.limit`` reports 3 s at once.
LEAST_SECONDS = 1.0

rule = Rule(
    __name__,
    code="DSK607",
    kind="slow",
    needs=("tasks",),
    message=(
        "The event loop of the {where} stood still for {seconds:.1f} s: a task held the GIL, or "
        "a large piece of data was moved."
    ),
    advice="Use more processes with one thread each, or smaller pieces.",
    rewrite=("more-processes",),
    thresholds={"least_seconds": LEAST_SECONDS},
    dont="""
import ctypes
from dask.distributed import Client

client = Client(processes=False, n_workers=1, threads_per_worker=2, dashboard_address=":0")

def work(seconds):
    ctypes.PyDLL(None).sleep(seconds)  # C code that keeps the GIL
    return "done"
# %%
result = client.submit(work, 4).result()  # found here
# %%
client.shutdown()
""",
    do="""
import ctypes
from dask.distributed import Client

client = Client(processes=False, n_workers=1, threads_per_worker=2, dashboard_address=":0")

def work(seconds):
    ctypes.CDLL(None).sleep(seconds)  # C code that leaves the GIL to others
    return "done"
# %%
result = client.submit(work, 1).result()
# %%
client.shutdown()
""",
)

_LOGGED = "logging.event-loop"


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Add up what distributed logged of its event loops while the cell ran."""
    told = [call for call in run.calls if call.name == _LOGGED]
    seconds = sum(call.facts.get("seconds", 0.0) for call in told)
    if told and seconds >= settings["least_seconds"]:
        yield rule.finding(
            _place(run, told),
            certainty="seen",
            fixes=(Fix("more-processes"),),
            where=str(told[-1].facts.get("where", "worker")).lower(),
            seconds=seconds,
        )


def _place(run: Run, told: list[ObservedCall]) -> Place | None:
    """Return the call that ran meanwhile; of several, the one whose tasks took longest."""
    last = max(call.last for call in told)
    meanwhile = [c for c in run.computations if c.place is not None and c.start <= last]
    longest = max(meanwhile, key=lambda c: c.busy, default=None)
    return longest.place if longest is not None else None
