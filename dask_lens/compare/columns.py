"""The columns of a comparison's two tables, as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dask_lens.record.wire import to_dict

if TYPE_CHECKING:
    from dask_lens.compare.comparison import Row
    from dask_lens.metrics.accounts import Budget

#: How long each variant took.
TIMES = ("variant", "median", "ratio", "95 % interval", "verdict", "in parallel", "result")

#: What it took beside time, and what was thought beforehand.
COSTS = (
    "variant",
    "mean ± deviation",
    "CPU time",
    "memory peak",
    "moved",
    "start-up",
    "predicted with it",
    "thread time",
)

#: Accounts that take a smaller share are left out of words.
SHARE = 0.05


def times(row: Row, *, with_error: bool = True) -> tuple[str, ...]:
    """Return what the first table shows of a row.

    Parameters
    ----------
    row
        The variant.
    with_error
        Whether why it failed is told beside that it did.
    """
    ratio = row.ratio
    word = "baseline" if row.is_baseline and row.runs else row.verdict
    return (
        row.name,
        seconds(row.median),
        "1.00" if row.is_baseline and row.runs else f"{ratio.mid:.2f}" if ratio else "",
        f"{ratio.low:.2f} to {ratio.high:.2f}" if ratio and not row.is_baseline else "",
        f"{word}: {row.error}" if row.error and with_error else word,
        f"{row.parallelism:.1f} of {row.threads or '?'}" if row.parallelism is not None else "",
        {True: "equal", False: "DIFFERENT", None: ""}[row.results_equal],
    )


def costs(row: Row) -> tuple[str, ...]:
    """Return what the second table shows of a row."""
    return (
        row.name,
        _mean(row),
        _measured(row, seconds(row.cpu)),
        _measured(row, f"+{size(row.memory)}" if row.memory is not None else ""),
        _measured(row, size(row.moved)),
        seconds(row.startup),
        predicted(row),
        shares(row.budget),
    )


def _mean(row: Row) -> str:
    spread = f" ± {seconds(row.deviation)}" if row.deviation is not None else ""
    return f"{seconds(row.mean)}{spread}"


def _measured(row: Row, text: str) -> str:
    """Tell apart what could not be looked at and what did not run."""
    return text or ("could not look" if row.runs else "")


def predicted(row: Row) -> str:
    """Return what was predicted and how far off it was, such as ``1.2 s (+5%)``."""
    if row.predicted is None:
        return ""
    mid = row.predicted.mid
    if row.waited is None or row.waited <= 0:
        return seconds(mid)
    return f"{seconds(mid)} ({mid / row.waited - 1:+.0%})"


def shares(budget: Budget | None) -> str:
    """Return where thread time went, the most first, such as ``cpu 80 %, scheduling 15 %``."""
    if budget is None or budget.total <= 0:
        return ""
    accounts = {name: value for name, value in to_dict(budget).items() if name != "total"}
    most = sorted(accounts, key=lambda name: -accounts[name])
    told = [name for name in most if accounts[name] >= SHARE * budget.total]
    return ", ".join(f"{name} {accounts[name] / budget.total:.0%}" for name in told)


def seconds(value: float | None) -> str:
    """Return a time with three digits, such as ``12.3 ms``; empty for None."""
    if value is None:
        return ""
    for scale, unit in ((1.0, "s"), (1e-3, "ms")):
        if value >= scale:
            return f"{value / scale:.3g} {unit}"
    return f"{value * 1e6:.3g} µs"


def size(nbytes: int | None) -> str:
    """Return a number of bytes, such as ``12 MiB``; empty for None."""
    if nbytes is None:
        return ""
    for scale, unit in ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB")):
        if nbytes >= scale:
            amount = nbytes / scale
            return f"{amount:.1f} {unit}" if amount < 10 else f"{amount:.0f} {unit}"  # noqa: PLR2004 - two digits
    return f"{nbytes} B"
