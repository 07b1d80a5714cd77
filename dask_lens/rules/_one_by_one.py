"""Computations of one line that ran one after another, measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dask_lens.metrics.together import elapsed, together
from dask_lens.record.computation import Computation


def one_by_one(ran: tuple[Computation, ...], settings: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what the computations of a line cost; None where that is nothing.

    Parameters
    ----------
    ran
        The computations.
    settings
        ``least_computes``, ``most_busy`` (a share of the threads) and ``least_lost`` (seconds).
    """
    least = together(ran)
    if len(ran) < settings["least_computes"] or least is None:
        return None
    took = elapsed(ran)
    busy = sum(c.busy for c in ran) / took if took > 0 else 0.0
    threads = max(c.threads for c in ran)
    lost = took - least
    if lost < settings["least_lost"] or busy > settings["most_busy"] * threads:
        return None
    return {"n_computes": len(ran), "busy": busy, "threads": threads, "lost": lost}
