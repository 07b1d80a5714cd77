"""Tasks wait longer for their data than they run.

A task runs where a worker is free, and what it needs is brought there: sent by other workers,
unpacked, or read from disk. Where that takes longer than the work itself, the workers move data.

*Why it costs*: a thread that waits for data runs nothing. More workers make it worse.

*When it is fine*: the tasks are few and short, so that it adds up to next to nothing; data has to
move, as in a shuffle or a transposition, and moves once.

*References*: https://distributed.dask.org/en/stable/locality.html;
https://distributed.dask.org/en/stable/diagnosing-performance.html
"""

from __future__ import annotations

from collections.abc import Iterator

from dask_lens.record.computation import Computation
from dask_lens.record.run import Run
from dask_lens.rule import Finding, Rule, Settings
from dask_lens.source.computes import computed_at
from dask_lens.source.program import read

#: Seconds of movement to each second of work, above which data is what the workers do.
LEAST_SHARE = 0.5

#: Seconds of all threads together: less is not worth a word.
LEAST_MOVED = 0.2

#: Seconds that movement took of the time of each thread: less is not worth a word.
LEAST_LOST = 0.05

rule = Rule(
    __name__,
    code="DSK406",
    kind="slow",
    needs=("tasks",),
    message=(
        "{n_tasks} tasks waited {moved:.1f} s for their data to be brought to them, and ran for "
        "{busy:.1f} s."
    ),
    advice="Keep together what belongs together: fewer, larger workers, or reduce before sharing.",
    thresholds={
        "least_share": LEAST_SHARE,
        "least_moved": LEAST_MOVED,
        "least_lost": LEAST_LOST,
    },
    dont="""
import time
from dask.distributed import Client

client = Client(
    processes=False, protocol="tcp", n_workers=2, threads_per_worker=1, dashboard_address=":0"
)

def worker(number):
    return list(client.scheduler_info()["workers"])[number]

class Table:
    def __getstate__(self):
        return {"rows": 3}

    def __setstate__(self, state):
        time.sleep(0.3)

def count(table):
    return 3

table = client.submit(Table, workers=[worker(0)])
# %%
rows = client.submit(count, table, workers=[worker(1)])  # found here
n_rows = rows.result()
# %%
client.shutdown()
""",
    do="""
import time
from dask.distributed import Client

client = Client(
    processes=False, protocol="tcp", n_workers=2, threads_per_worker=1, dashboard_address=":0"
)

def worker(number):
    return list(client.scheduler_info()["workers"])[number]

class Table:
    def __getstate__(self):
        return {"rows": 3}

    def __setstate__(self, state):
        time.sleep(0.3)

def count(table):
    return 3

table = client.submit(Table, workers=[worker(0)])
# %%
rows = client.submit(count, table, workers=[worker(0)])
n_rows = rows.result()
# %%
client.shutdown()
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Compare, for each computation on a cluster, movement with work."""
    program = read(run.cells)
    for computation in run.computations:
        moved = sum(task.movement for task in computation.tasks)
        lost = moved / max(computation.threads, 1)
        if not _is_much(computation, moved, settings) or lost < settings["least_lost"]:
            continue
        yield rule.finding(
            computed_at(program, computation.place),
            certainty="seen",
            cost=lost,
            n_tasks=computation.n_tasks,
            moved=moved,
            busy=computation.busy,
        )


def _is_much(computation: Computation, moved: float, settings: Settings) -> bool:
    if computation.scheduler != "distributed" or computation.stop is None:
        return False
    whole = len(computation.tasks) >= computation.n_tasks
    busy = sum(task.duration for task in computation.tasks)
    share = moved >= settings["least_share"] * busy
    return whole and moved >= settings["least_moved"] and share
