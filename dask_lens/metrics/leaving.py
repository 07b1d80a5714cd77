"""What tasks that shared memory take along when they go to processes or workers of their own."""

from __future__ import annotations

from dask_lens.metrics.boot import measured
from dask_lens.metrics.change import Change
from dask_lens.metrics.costs import DEFAULTS, slowness
from dask_lens.metrics.setup import Setup
from dask_lens.record.run import Run

#: Bytes per second of what tasks are given, on its way to where they run.
_COPIED = {"processes": 0.8e9, "distributed": 0.4e9}

#: Why nothing is said of bags and dataframes that leave the memory they were made in.
DATA = (
    "how much data bags and dataframes would send to other processes is not known: "
    "%%lens_compare measures it"
)


def leaves_memory(ran: Setup, change: Change) -> bool:
    """Tell whether tasks that shared memory would run in processes of their own."""
    return ran.scheduler in ("sync", "threads") and change.scheduler in _COPIED


def holds_data(run: Run) -> bool:
    """Tell whether collections were computed that may hold their data in the graph."""
    kinds = (c.get("type", "") for call in run.calls for c in call.facts.get("collections", ()))
    return any(kind.startswith(("dask.bag", "dask.dataframe")) for kind in kinds)


def sending(run: Run, change: Change) -> float:
    """Return seconds to send the large arguments that delayed functions were given."""
    nbytes: int = sum(c.facts.get("nbytes", 0) for c in run.calls if c.name == "dask.delayed")
    return nbytes / _COPIED[str(change.scheduler)]


def first_use(setup: Setup, *, own: bool, measure: bool) -> float:
    """Return seconds in which workers that never ran such tasks may import what they use.

    Parameters
    ----------
    setup
        Where they are.
    own
        Whether tasks ran on that scheduler before.
    measure
        Whether to measure it where that has not been done.
    """
    if own or setup.scheduler not in _COPIED:
        return 0.0
    known = measured(now=measure, heavy=True)
    one = DEFAULTS["processes"].boot * slowness() if known is None else known
    return one * max(1.0, setup.workers / (setup.cores or setup.workers))
