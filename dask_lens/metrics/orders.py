"""Tasks that run in another order each time: those of random keys, as order follows keys.

Of equals, :mod:`dask.order` takes the one first whose key is least. ``dask.delayed`` gives impure
calls random keys, so that a long task comes early one time and late the next; with few tasks much
of the time depends on it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from dask_lens.metrics.work import Work

#: How a key ends that was drawn for a single call.
_RANDOM = re.compile(r"-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")


def orders(work: Work, rounds: int) -> Iterator[tuple[list[float], list[float]]]:
    """Give seconds off and on the CPU for tasks that come in other orders, as often as is told.

    Nothing where the order is always the same, or makes no difference.
    """
    alike = [group for group in _alike(work) if _differ(work, group)]
    shuffle = random.Random(0).shuffle  # noqa: S311 - no secret; the same orders every time
    for _ in range(rounds if alike else 0):
        off, cpu = list(work.off), list(work.cpu)
        for group in alike:
            other = list(group)
            shuffle(other)
            for lineage, came in zip(group, other, strict=True):
                for i, j in zip(lineage, came, strict=True):
                    off[i], cpu[i] = work.off[j], work.cpu[j]
        yield off, cpu


def _alike(work: Work) -> list[list[list[int]]]:
    """Return tasks of random keys that need none, with what follows each, by equal names."""
    dependents = work.dependents
    found: dict[tuple[str, ...], list[list[int]]] = {}
    for task, needs in enumerate(work.dependencies):
        if needs or not _RANDOM.search(work.keys[task]):
            continue
        lineage = [task]
        while len(after := dependents[lineage[-1]]) == 1:
            if len(work.dependencies[after[0]]) > 1:
                break
            lineage.append(after[0])
        found.setdefault(tuple([work.prefixes[i] for i in lineage]), []).append(lineage)
    return list(found.values())


def _differ(work: Work, group: list[list[int]]) -> bool:
    """Whether some of the tasks take half as long again as others, or more."""
    seconds = [sum([work.off[i] + work.cpu[i] for i in lineage]) for lineage in group]
    return max(seconds) > 1.5 * min(seconds)
