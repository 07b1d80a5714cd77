"""Workers wait for the scheduler, which hands out tasks more slowly than they are done.

A scheduler handles some thousand tasks a second, and no more, however many workers there are.
Where they finish tasks faster than that, they are idle most of the time.

*Why it costs*: on 100 threads, tasks of ten milliseconds could be done 10,000 a second. The
scheduler hands out a thousand, and 90 threads are idle.

*When it is fine*: it is over soon; most of the time goes into tasks of a tenth of a second and
more.

*What is not looked at*: local schedulers, which have no workers to wait (DSK501); an event loop
that a task stopped (DSK607).

*References*: https://distributed.dask.org/en/stable/limitations.html;
https://distributed.dask.org/en/stable/efficiency.html#use-larger-tasks;
https://github.com/dask/distributed/issues/3783
"""

from __future__ import annotations

from collections.abc import Iterator

from dask_lens.record.run import Run
from dask_lens.rule import Finding, Rule, Settings
from dask_lens.rules._many import BOUND, fewer, many

#: Tasks of one computation: fewer are handed out in a moment.
LEAST_TASKS = BOUND["least_tasks"]

#: Share of the threads' time in which they were idle although tasks were ready.
LEAST_IDLE = BOUND["least_idle"]

#: Tasks a second: a scheduler that hands out fewer waits for something else.
LEAST_RATE = BOUND["least_rate"]

#: Seconds of each thread: less is not worth a word.
LEAST_LOST = BOUND["least_lost"]

rule = Rule(
    __name__,
    code="DSK512",
    kind="slow",
    needs=("tasks",),
    message=(
        "The scheduler handed out {rate:.0f} tasks a second, too few for {threads} threads: they "
        "were idle for {idle:.0%} of the time although tasks were ready, {lost:.1f} s each."
    ),
    advice="Let each task do more, so that there are fewer: a list of items, or a larger chunk.",
    rewrite=("make-fewer-tasks",),
    thresholds={
        "least_tasks": LEAST_TASKS,
        "least_idle": LEAST_IDLE,
        "least_rate": LEAST_RATE,
        "least_lost": LEAST_LOST,
    },
    dont="""
import time
from dask.distributed import Client

client = Client(processes=False, n_workers=1, threads_per_worker=32, dashboard_address=":0")

def work(n):
    time.sleep(0.004)
    return n
# %%
futures = client.map(work, range(1_000))  # found here
total = sum(client.gather(futures))
# %%
client.shutdown()
""",
    do="""
import time
from dask.distributed import Client

client = Client(processes=False, n_workers=1, threads_per_worker=32, dashboard_address=":0")

def work(ns):
    time.sleep(0.004 * len(ns))
    return sum(ns)
# %%
futures = client.map(work, [range(n, n + 25) for n in range(0, 1_000, 25)])
total = sum(client.gather(futures))
# %%
client.shutdown()
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find computations whose threads were idle although the scheduler had tasks for them."""
    if any(call.name == "logging.event-loop" for call in run.calls):
        return
    for found in many(run):
        if found.is_bound(settings):
            lost = found.idle * found.span
            yield rule.finding(
                found.computation.place,
                certainty="seen",
                cost=lost,
                fixes=(fewer(found.computation, found.median),),
                rate=found.computation.n_tasks / found.span,
                threads=found.computation.threads,
                idle=found.idle,
                lost=lost,
            )
