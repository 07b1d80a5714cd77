"""Chunks and partitions of which a worker's memory does not hold as many as it has threads."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dask_lens.record.cluster import Worker
from dask_lens.record.computation import Computation
from dask_lens.record.run import Run
from dask_lens.rules._chunked import Pieces, asked, pieces

#: What works on a piece holds it, what it makes of it, and something in between.
IN_MEMORY = 3
_TABLES = ("DataFrame", "Series")


@dataclass(frozen=True)
class Oversized:
    """Pieces that are too big for the workers that worked on them.

    Parameters
    ----------
    found
        The pieces.
    worker
        The worker with least memory for each thread.
    """

    found: Pieces
    worker: Worker

    @property
    def limit(self) -> int:
        """Bytes of memory of the worker."""
        return self.worker.memory_limit or 0

    @property
    def fits(self) -> int:
        """Bytes of a piece that would fit."""
        return self.limit // (IN_MEMORY * self.worker.nthreads)


def oversized(run: Run, computation: Computation, settings: Mapping[str, Any]) -> Oversized | None:
    """Return the pieces that are too big for their workers, where their memory is known.

    Parameters
    ----------
    run
        What happened.
    computation
        One of its computations.
    settings
        ``copies``: how often a piece is in memory while it is worked on.
    """
    known = [w for w in computation.workers if w.memory_limit and w.nthreads]
    if not known:
        return None
    worker = min(known, key=lambda w: (w.memory_limit or 0) / w.nthreads)
    found = pieces(asked(run, computation.place).get("coarsest")) or _partitions(computation)
    if found is None or found.largest is None:
        return None
    ran = min(found.count, computation.n_tasks)  # of others, only some are needed
    at_once = min(worker.nthreads, math.ceil(ran / len(known)))
    needed = settings["copies"] * at_once * found.largest
    small = found.count < 2 or needed <= (worker.memory_limit or 0)  # noqa: PLR2004 - one is DSK503
    return None if small else Oversized(found, worker)


def _partitions(computation: Computation) -> Pieces | None:
    """Return the partitions of tables that other tasks took, as the scheduler knows their size."""
    if computation.graph is None:
        return None
    last = {computation.graph.keys[sink] for sink in computation.graph.sinks()}
    kinds: dict[str, list[int]] = {}
    for task in computation.tasks:
        table = str(task.typename).rpartition(".")[2] in _TABLES
        if table and task.nbytes is not None and task.key not in last:
            kinds.setdefault(task.prefix, []).append(task.nbytes)
    if not kinds:
        return None
    sizes = max(kinds.values(), key=statistics.median)
    return Pieces("partitions", len(sizes), int(statistics.median(sizes)), sum(sizes))
