"""What a change would bring: the recorded tasks, replayed as they would run then.

For a rule, one line::

    estimate(run, Change(scheduler="distributed", workers=4))
    estimate(run.computations, Change(joined=True))  # a loop of computes made one

It is an :class:`~dask_lens.metrics.estimate.Estimate`, or None where nothing supports one;
:func:`predict` says why. Estimates are seconds as the user waits for them: from when the first
call begins until the last returns, Python between the calls included as it ran.
The start and end of the processes scheduler's processes are part of that; the start of a new
cluster is not part of any computation.

Start-up and what a scheduler takes for each task are those of the run where the scheduler stays;
of another scheduler they are typical ones, scaled to this machine, and their spread is part of
the interval. So are resampled durations, and what could not be seen, see
:mod:`dask_lens.metrics.unseen`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from os import cpu_count

from dask_lens.metrics.calibration import Calibrated
from dask_lens.metrics.change import Change
from dask_lens.metrics.costs import Costs, middle, typical
from dask_lens.metrics.estimate import Estimate
from dask_lens.metrics.leaving import DATA, first_use, holds_data, leaves_memory, sending
from dask_lens.metrics.recorded import between, calibrated, off
from dask_lens.metrics.replays import across, moved, replayed
from dask_lens.metrics.setup import Setup
from dask_lens.metrics.unseen import behind, crowding
from dask_lens.metrics.work import Work
from dask_lens.record.computation import Computation
from dask_lens.record.run import NotJudged, Run

#: Shares by which what a scheduler takes may be lower and higher: of the run's own, and of
#: another scheduler's.
_OWN, _TYPICAL = (0.25, 0.35), (0.4, 0.8)

#: Share by which two runs of the same may differ on a machine that does little else.
_NOISE = 0.03

#: What sending data takes may be so many times as much.
_COPIES = 3

#: The same of time on the CPU, which others have a part in.
_CPU_NOISE = 0.08


def estimate(what: Run | Computation | Iterable[Computation], change: Change) -> Estimate | None:
    """Predict seconds after a change.

    Parameters
    ----------
    what, change
        As for :func:`predict`; None where nothing supports a prediction.
    """
    outcome = predict(what, change)
    return outcome if isinstance(outcome, Estimate) else None


def predict(
    what: Run | Computation | Iterable[Computation], change: Change, *, measure: bool = False
) -> Estimate | NotJudged:
    """Predict seconds after a change, or say why not.

    Parameters
    ----------
    what
        What ran: a cell, one computation or several.
    change
        What would be different.
    measure
        Whether to start a Python, once, to see how long that takes on this machine, where the
        answer depends on it.

    Raises
    ------
    ValueError
        When the change makes no sense: an unknown scheduler, numbers below one.
    """
    if change.dropped:
        return Estimate(0.0, 0.0, 0.0)
    ran = calibrated(what)
    if isinstance(ran, NotJudged):
        return ran
    made = predicted(ran, change, measure=measure)
    unsized = (part for part in ran if not part.work.sized)
    if isinstance(what, Run) and any(leaves_memory(part.setup, change) for part in unsized):
        if holds_data(what):
            return NotJudged("whatif", DATA)
        more = sending(what, change)
        made = Estimate(made.low, made.mid + more, made.high + _COPIES * more)
    return made


def parts(
    ran: Sequence[Calibrated], change: Change, *, measure: bool = False
) -> Iterator[tuple[Work, Setup, Costs, bool]]:
    """Give the tasks of each computation after a change, where they run, and at what costs.

    The last item tells whether the costs are those of the run itself.
    """
    setups = [change.setup(part.setup, cpu_count() or 1) for part in ran]
    for part, setup, work in zip(
        ran, setups, change.tasks([part.work for part in ran]), strict=False
    ):  # joined, they are fewer
        own = setup.scheduler == part.setup.scheduler
        costs = part.costs if own else typical(setup.scheduler, measure=measure)
        if setup.scheduler == "distributed" and not own:
            costs = across(work, costs)
        if own and change.joined:
            costs = middle([one.costs for one in ran])
        if change.pooled and part is not ran[0]:
            costs = replace(costs, boot=0.0, close=0.0)
        yield moved(work, part.setup, setup), setup, costs, own


def predicted(ran: Sequence[Calibrated], change: Change, *, measure: bool = False) -> Estimate:
    """Predict from what has been calibrated: see :func:`predict`."""
    pauses, handed_over = between(ran)
    low = mid = high = pauses + _prepared(ran, change)
    if change.joined and handed_over:  # one call is left; all pauses may have been Dask's
        low, mid = low - pauses, mid - handed_over
    computing = 0.0
    for work, setup, costs, own in parts(ran, change, measure=measure):
        less, more = _OWN if own else _TYPICAL
        more += crowding(work, setup)
        made = replayed(work, setup, costs, low=less, high=more)
        low, mid, high = low + made.low, mid + made.mid, high + made.high
        high += first_use(setup, own=own, measure=measure) + behind(work, setup)
        computing += sum(work.cpu) / setup.slots
    noise = max(_NOISE * mid + _CPU_NOISE * min(computing, mid), mid * abs(off(ran)))
    return Estimate(max(low - noise, 0.0), mid, high + noise)


def _prepared(ran: Sequence[Calibrated], change: Change) -> float:
    """Return seconds from the calls until the scheduler has their graphs: some for each task."""
    seconds = [part.start - part.begin for part in ran]
    before = [part.work for part in ran]
    after = change.tasks(before)
    count = sum(len(work.keys) for work in before)
    share = sum(len(work.keys) for work in after) / count if count else 1.0
    whole = sum(seconds)
    if len(after) < len(before):  # some for each call, too
        whole = (whole + max(seconds)) / 2
    return whole * share
