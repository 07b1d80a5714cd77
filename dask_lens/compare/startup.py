"""What it takes to begin: opening a pool or cluster, and what only new processes do."""

from __future__ import annotations

from dask_lens.compare.variant import Setting
from dask_lens.report import Report

#: Schedulers whose processes are new for every compute.
PAID_EACH_TIME = ("processes", "as written")

#: Seconds, and share of a usual run, by which a first run has to be longer to tell of a cost
#: that new processes have.
LONGER = (0.2, 0.25)


def startup(
    setting: Setting,
    opened: float | None,
    first: tuple[float, Report] | None,
    usual: tuple[float, Report] | None,
) -> float | None:
    """Return the seconds to open, with what new processes do first, such as importing modules.

    That is what the first run took longer while there were tasks; what Python did before, such
    as building the graph for the first time, is none of it.

    Parameters
    ----------
    setting
        Of the variant.
    opened
        Seconds that opening took; None where there was nothing to open.
    first, usual
        Seconds and report of the run to warm up and of the one in the middle; None where there
        is none.
    """
    if opened is None or first is None or usual is None:
        return opened
    if setting.scheduler not in PAID_EACH_TIME:
        return opened
    seconds = _with_tasks(*usual)
    more = _with_tasks(*first) - seconds
    least, share = LONGER
    return opened + more if more > max(least, share * seconds) else opened


def _with_tasks(seconds: float, report: Report) -> float:
    """Return how long there were tasks, of the seconds of a run."""
    budget = report.budget
    if budget is None or budget.total <= 0:
        return seconds
    return seconds * (1 - budget.client / budget.total)
