"""Changes of code whose time is predicted, and measured: see :mod:`predict`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import dask
from dask.delayed import Delayed
from workloads import (
    Case,
    arrays,
    both,
    cluster,
    each_result_first,
    independent,
    lines,
    many,
    map_reduce,
    mixed,
    once,
    one_after_another,
    one_by_one,
    shared,
    skewed,
    sleep,
    sorts,
    spin,
    table,
    tiny,
    uneven,
)

from dask_lens.metrics.change import Change

PROCESSES = {"scheduler": "processes", "num_workers": 2}
THREADS = {"scheduler": "threads", "num_workers": 2}


def to(scheduler: str, workers: int, threads: int = 1) -> Change:
    return Change(scheduler=scheduler, workers=workers, threads_per_worker=threads)


def naps() -> list[Delayed]:
    return independent(sleep, 0.5, 6)


def spins() -> list[Delayed]:
    return independent(spin, 0.4, 8)


def other_schedulers() -> Iterator[Case]:
    yield Case(
        "processes to chunksize=1",
        once(naps, **PROCESSES),
        Change(chunksize=1),
        once(naps, chunksize=1, **PROCESSES),
    )
    yield Case(
        "processes to LocalCluster",
        once(naps, **PROCESSES),
        to("distributed", 2),
        once(naps),
        then=cluster(2),
    )
    yield Case(
        "threads to processes, GIL-bound",
        once(spins, **THREADS),
        to("processes", 2),
        once(spins, chunksize=1, **PROCESSES),
    )
    yield Case(
        "threads to processes, sleeping",
        once(naps, **THREADS),
        to("processes", 2),
        once(naps, chunksize=1, **PROCESSES),
    )


def other_schedulers_for_the_gil() -> Iterator[Case]:
    yield Case(
        "threads to processes, both",
        once(lambda: independent(mixed, 0.15, 12), scheduler="threads", num_workers=4),
        to("processes", 2),
        once(lambda: independent(mixed, 0.15, 12), chunksize=1, **PROCESSES),
    )
    yield Case(
        "threads to LocalCluster, GIL-bound",
        once(spins, **THREADS),
        to("distributed", 2),
        once(spins),
        then=cluster(2),
    )
    yield Case(
        "sync to threads, sleeping",
        once(lambda: independent(sleep, 0.2, 8), scheduler="sync"),
        to("threads", 4),
        once(lambda: independent(sleep, 0.2, 8), scheduler="threads", num_workers=4),
    )
    yield Case(
        "sync to threads, computing",
        once(lambda: independent(spin, 0.15, 8), scheduler="sync"),
        to("threads", 2),
        once(lambda: independent(spin, 0.15, 8), **THREADS),
    )


def other_workers() -> Iterator[Case]:
    yield Case(
        "1 to 2 workers, sleeping",
        once(naps),
        Change(workers=2),
        once(naps),
        where=cluster(1),
        then=cluster(2),
    )
    yield Case(
        "2 to 1 workers, computing",
        once(lambda: independent(spin, 0.2, 6)),
        Change(workers=1),
        once(lambda: independent(spin, 0.2, 6)),
        where=cluster(2),
        then=cluster(1),
    )
    yield Case(
        "1 to 4 threads, sleeping",
        once(lambda: independent(sleep, 0.1, 16), scheduler="threads", num_workers=1),
        Change(workers=4),
        once(lambda: independent(sleep, 0.1, 16), scheduler="threads", num_workers=4),
    )
    yield Case(
        "chain, processes to threads",
        once(lambda: one_after_another(sleep, 0.1, 8), **PROCESSES),
        to("threads", 2),
        once(lambda: one_after_another(sleep, 0.1, 8), **THREADS),
    )
    yield Case(
        "map and reduce, 1 to 4 workers",
        once(lambda: map_reduce(sleep, 0.2, 8)),
        Change(workers=4),
        once(lambda: map_reduce(sleep, 0.2, 8)),
        where=cluster(1),
        then=cluster(4),
    )
    yield Case(
        "skewed, 1 to 4 threads",
        once(lambda: skewed(sleep), scheduler="threads", num_workers=1),
        Change(workers=4),
        once(lambda: skewed(sleep), scheduler="threads", num_workers=4),
    )


def rewritten() -> Iterator[Case]:
    yield Case(
        "loop of computes to one, threads",
        one_by_one(lambda: independent(sleep, 0.2, 6), **THREADS),
        Change(joined=True),
        once(lambda: independent(sleep, 0.2, 6), **THREADS),
    )
    yield Case(
        "loop of computes to one, processes",
        one_by_one(lambda: independent(sleep, 0.2, 3), chunksize=1, **PROCESSES),
        Change(joined=True),
        once(lambda: independent(sleep, 0.2, 3), chunksize=1, **PROCESSES),
    )
    numbers = [float(i) for i in range(2_000)]
    slices = [numbers[i : i + 100] for i in range(0, len(numbers), 100)]
    yield Case(
        "tiny tasks batched by 100, LocalCluster",
        once(lambda: [dask.delayed(tiny, pure=False)(number) for number in numbers]),
        Change(batched=100),
        once(lambda: [many(tiny, part) for part in slices]),
        where=cluster(2),
        then=cluster(2),
    )
    yield Case(
        "tiny tasks batched by 100, threads",
        once(lambda: [dask.delayed(tiny, pure=False)(number) for number in numbers], **THREADS),
        Change(batched=100),
        once(lambda: [many(tiny, part) for part in slices], **THREADS),
    )
    yield Case(
        "removed recomputation",
        shared(lambda: sleep(0.4), kept=False),
        Change(once=True),
        shared(lambda: sleep(0.4), kept=True),
    )


def of_every_kind() -> Iterator[Case]:
    four, sync = {"scheduler": "threads", "num_workers": 4}, {"scheduler": "sync"}
    yield Case(
        "mixed, threads to LocalCluster of 2 x 2",
        once(both, **four),
        to("distributed", 2, 2),
        once(both),
        then=cluster(2, 2),
    )
    yield Case("mixed, sync to threads", once(both, **sync), to("threads", 4), once(both, **four))
    yield Case(
        "NumPy, threads to processes",
        once(sorts, **THREADS),
        to("processes", 2),
        once(sorts, chunksize=1, **PROCESSES),
    )
    yield Case(
        "NumPy, processes to threads",
        once(sorts, chunksize=1, **PROCESSES),
        to("threads", 2),
        once(sorts, **THREADS),
    )
    yield Case(
        "GIL-bound, LocalCluster of 1 x 2 to 2 x 1",
        once(spins),
        to("distributed", 2),
        once(spins),
        where=cluster(1, 2),
        then=cluster(2),
    )
    yield Case(
        "GIL-bound, 2 to 4 threads", once(spins, **THREADS), Change(workers=4), once(spins, **four)
    )


def of_every_shape() -> Iterator[Case]:
    four, sync = {"scheduler": "threads", "num_workers": 4}, {"scheduler": "sync"}
    yield Case(
        "skewed, 1 to 2 workers",
        once(lambda: skewed(sleep)),
        Change(workers=2),
        once(lambda: skewed(sleep)),
        where=cluster(1),
        then=cluster(2),
    )
    yield Case(
        "chain, threads to LocalCluster",
        once(lambda: one_after_another(sleep, 0.05, 12), **THREADS),
        to("distributed", 2),
        once(lambda: one_after_another(sleep, 0.05, 12)),
        then=cluster(2),
    )
    yield Case(
        "map and reduce, LocalCluster to threads",
        once(lambda: map_reduce(sleep, 0.1, 16)),
        to("threads", 4),
        once(lambda: map_reduce(sleep, 0.1, 16), **four),
        where=cluster(2),
    )
    yield Case(
        "loop of computes to one, LocalCluster",
        one_by_one(lambda: independent(sleep, 0.1, 8)),
        Change(joined=True),
        once(lambda: independent(sleep, 0.1, 8)),
        where=cluster(2, 2),
        then=cluster(2, 2),
    )
    yield Case(
        "loop of computes to one, sync",
        one_by_one(lambda: independent(sleep, 0.1, 8), **sync),
        Change(joined=True),
        once(lambda: independent(sleep, 0.1, 8), **sync),
    )


def of_every_size() -> Iterator[Case]:
    for before, after in ((6, 1), (50, 6), (1, 50)):
        yield Case(
            f"uneven tasks, chunksize {before} to {after}",
            once(uneven, chunksize=before, **PROCESSES),
            Change(chunksize=after),
            once(uneven, chunksize=after, **PROCESSES),
        )
    yield Case(
        "large results, processes to threads",
        once(arrays, chunksize=1, **PROCESSES),
        to("threads", 2),
        once(arrays, **THREADS),
    )
    yield Case(
        "large results, threads to LocalCluster",
        once(arrays, **THREADS),
        to("distributed", 2),
        once(arrays),
        then=cluster(2),
    )


def of_collections() -> Iterator[Case]:
    for name, build in (("bag", lines), ("dataframe", table)):
        yield Case(
            f"{name}, threads to processes",
            once(build, **THREADS),
            to("processes", 2),
            once(build, chunksize=1, **PROCESSES),
        )
        yield Case(
            f"{name}, threads to LocalCluster",
            once(build, **THREADS),
            to("distributed", 2),
            once(build),
            then=cluster(2),
        )
    yield Case(
        "each result before the next submit, 1 to 4 workers",
        each_result_first,
        Change(workers=4),
        each_result_first,
        where=cluster(1),
        then=cluster(4),
    )


def cases() -> Iterator[Case]:
    """Yield every change."""
    kinds = (
        other_schedulers,
        other_schedulers_for_the_gil,
        other_workers,
        rewritten,
        of_every_kind,
        of_every_shape,
        of_every_size,
        of_collections,
    )
    return chain.from_iterable(kind() for kind in kinds)
