"""What a change was predicted to bring, and what it brought.

Each case runs code as it is, observed once, predicts seconds for a change of it, and then makes
that change: the median of three runs, timed around the calls that compute, from call to result.
New clusters are started before. Tasks sleep, or compute in Python, which holds the GIL.

    python benchmarks/predict.py [NAME ...]
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from itertools import chain

import dask
from dask.delayed import Delayed
from distributed import Client

import dask_lens
from dask_lens.metrics.change import Change
from dask_lens.metrics.estimate import Estimate
from dask_lens.metrics.whatif import predict
from dask_lens.record.run import Run

#: What the predictions are held to.
MEDIAN, MOST = 0.10, 0.25

Work = Callable[[], None]
Place = Callable[[], AbstractContextManager[object]]


@dask.delayed(pure=False)
def sleep(seconds: float, *_: object) -> float:
    time.sleep(seconds)
    return seconds


@dask.delayed(pure=False)
def spin(seconds: float, *_: object) -> float:
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass
    return seconds


@dask.delayed(pure=False)
def mixed(seconds: float, *_: object) -> float:
    time.sleep(seconds)
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass
    return seconds


@dask.delayed(pure=False)
def many(task: Callable[..., float], arguments: list[float]) -> list[float]:
    return [task(argument) for argument in arguments]


def tiny(number: float) -> float:
    return sum(i * number for i in range(3_000))


def independent(task: Callable[..., Delayed], seconds: float, count: int) -> list[Delayed]:
    return [task(seconds) for _ in range(count)]


def one_after_another(task: Callable[..., Delayed], seconds: float, count: int) -> list[Delayed]:
    last = task(seconds)
    for _ in range(count - 1):
        last = task(seconds, last)
    return [last]


def map_reduce(task: Callable[..., Delayed], seconds: float, count: int) -> list[Delayed]:
    level = [task(seconds) for _ in range(count)]
    while len(level) > 1:
        level = [task(seconds / 2, *level[i : i + 2]) for i in range(0, len(level), 2)]
    return level


def skewed(task: Callable[..., Delayed]) -> list[Delayed]:
    return [task(seconds) for seconds in (0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.8)]


def once(build: Callable[[], list[Delayed]], **how: object) -> Work:
    """Compute all in one call."""

    def work() -> None:
        dask.compute(*build(), **how)

    return work


def one_by_one(build: Callable[[], list[Delayed]], **how: object) -> Work:
    """Compute each in a call of its own."""

    def work() -> None:
        for one in build():
            one.compute(**how)

    return work


def shared(first: Callable[[], Delayed], *, kept: bool) -> Work:
    """Compute two things that need the same, which is kept or not."""

    def work() -> None:
        source = first()
        if kept:
            source = source.persist(scheduler="threads")
        for _ in range(3):
            sleep(0.1, source).compute(scheduler="threads")

    return work


def cluster(workers: int, threads: int = 1) -> Place:
    @contextmanager
    def place() -> Iterator[None]:
        with Client(
            n_workers=workers, threads_per_worker=threads, dashboard_address=None
        ) as client:
            client.submit(time.sleep, 0).result()
            yield

    return place


@dataclass
class Case:
    """Code, a change of it, and the code with the change."""

    name: str
    before: Work
    change: Change
    after: Work
    where: Place = nullcontext
    then: Place = nullcontext
    measured: list[float] = field(default_factory=list)


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


def seconds(run: Run) -> float:
    done = [c for c in run.computations if c.stop is not None]
    return max(c.stop or 0.0 for c in done) - min(c.begin for c in done)


def judge(case: Case) -> tuple[Estimate | None, float]:
    with case.where(), dask_lens.observe() as seen:
        case.before()
    if seen.run is None:
        raise RuntimeError("the block was not observed")
    outcome = predict(seen.run, case.change, measure=True)
    with case.then():
        for _ in range(3):
            start = time.perf_counter()
            case.after()
            case.measured.append(time.perf_counter() - start)
    if not isinstance(outcome, Estimate):
        print(f"{case.name:42}  {outcome.reason}", flush=True)
        return None, 0.0
    measured = statistics.median(case.measured)
    error = outcome.mid / measured - 1
    told = outcome.low <= measured <= outcome.high
    print(
        f"{case.name:42}{seconds(seen.run):8.2f}{outcome.mid:8.2f}"
        f"{outcome.low:8.2f} -{outcome.high:6.2f}{measured:9.2f}{error:+8.0%}"
        f"  {'inside' if told else 'outside'}",
        flush=True,
    )
    return outcome, error


def main(names: list[str]) -> None:
    print(f"{'':42}{'before':>8}{'predicted, between':>23}{'measured':>10}{'error':>8}")
    errors = []
    kinds = (other_schedulers, other_schedulers_for_the_gil, other_workers, rewritten)
    for case in chain.from_iterable(kind() for kind in kinds):
        if names and not any(name in case.name for name in names):
            continue
        outcome, error = judge(case)
        if outcome is not None:
            errors.append(abs(error))
    if errors:
        print(
            f"median error {statistics.median(errors):.0%} (at most {MEDIAN:.0%}),"
            f" largest {max(errors):.0%} (at most {MOST:.0%}, or inside)"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
