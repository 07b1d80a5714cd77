"""Runs in the kernel: what is sent to a scheduler, of the user's and of ours."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from time import time
from typing import TYPE_CHECKING, Any

import cloudpickle

from dask_lens import config
from dask_lens.observe import (
    attempts,
    bins,
    clocks,
    cpu_probe,
    events,
    group,
    keys,
    later,
    meter,
    parents,
    standstill,
    warned,
)
from dask_lens.observe.distributed_computation import DistributedComputation
from dask_lens.observe.journal import Recording
from dask_lens.observe.sites import Site
from dask_lens.record.cell import Place
from dask_lens.record.run import NotJudged

if TYPE_CHECKING:
    from dask_lens.observe.scheduler_plugin import LensPlugin


@dataclass(eq=False, slots=True)
class Submission:
    """One graph on its way to the scheduler.

    Parameters
    ----------
    site
        Where it comes from.
    call
        Name of the client's method; submits from one line belong together.
    nested
        Whether a task of this process sends it.
    asked
        When the call began; None where not noted.
    away
        The task of this process that sends it, where that has left its thread.
    """

    site: Site
    call: str
    nested: bool = False
    sample: str | None = None
    sent: float = 0.0
    computation: DistributedComputation | None = None
    asked: float | None = None
    away: str | None = None

    @property
    def recording(self) -> Recording:
        """The cell's."""
        return self.site.recording

    @property
    def place(self) -> Place | None:
        """Where in the cell it was sent."""
        return self.site.place

    def missed(self, reason: str | None) -> None:
        """Take note that its tasks are over and the scheduler's half has not seen them.

        Parameters
        ----------
        reason
            Why; None where it was only late.
        """
        late = (
            "tasks were over before the scheduler's half was in place, as can happen with a new "
            "asynchronous client; run the cell again"
        )
        self.recording.not_judged["distributed-tasks"] = NotJudged(
            "distributed-tasks", reason or late
        )
        if self.computation is not None:
            self.computation.sent -= 1
            self.computation.stop = self.computation.stop or time()


def make_plugin(client_id: str, name: str) -> LensPlugin:
    """Return the scheduler's half for one client."""
    from dask_lens.observe.hearing import HearingPlugin  # noqa: PLC0415 - heavy to load

    limits = config.get("observe.max-tasks"), config.get("observe.max-graph")
    requests = (
        partial(warned.begin, topic=name, kernel=warned.this_process()),
        partial(warned.end, topic=name),
    )
    return HearingPlugin(
        *(client_id, name, *limits),
        question=by_value(cpu_probe.worker_sums),
        requests=tuple(map(by_value, requests)),
    )


def by_value(thing: Any) -> bytes:
    """Pickle a part of ours together with its code: the cluster may not have this package."""
    from dask_lens.observe import hearing, scheduler_plugin  # noqa: PLC0415 - heavy to load

    ours: Any = (bins, clocks, cpu_probe, events, group, keys, later, meter, parents, standstill)
    modules = [attempts, *ours, hearing, scheduler_plugin, warned]
    for module in modules:
        cloudpickle.register_pickle_by_value(module)
    try:
        return bytes(cloudpickle.dumps(thing))
    finally:
        for module in modules:
            cloudpickle.unregister_pickle_by_value(module)
