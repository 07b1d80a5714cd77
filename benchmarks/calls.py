"""What being asked costs: building graphs and submitting, as paired ratios against no lens.

Short blocks of the same calls from one line are timed with the lens and without, in turn and in
changing order. A ratio is that of two neighbours; of all of them the median is printed, between
the quartiles. CPU time is that of the thread that calls: it says more where the machine is not
idle.

    python benchmarks/calls.py [PAIRS]
"""

from __future__ import annotations

import contextlib
import gc
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import dask
import dask.array as da
import dask.bag as db
from distributed import Client

from dask_lens.observe.observer import Observer
from dask_lens.record.cell import Cell

#: Largest ratio, as for empty tasks.
BUDGET = 1.03

Block = Callable[[], object]

OBSERVER = Observer(lambda _run: None)
CELL = Cell(Path(__file__).read_text(encoding="utf-8"))


def increment(x: int) -> int:
    return x + 1


def blocks(client: Client) -> dict[str, tuple[Block, int]]:
    """Return what is timed, with the number of calls in a block."""
    lazy = dask.delayed(increment)
    impure = dask.delayed(increment, pure=False)
    numbers = iter(range(1_000_000_000))
    submit = client.submit

    def some() -> list[int]:
        return [next(numbers) for _ in range(20)]

    x = da.ones((100, 100), chunks=(10, 10))
    b = db.from_sequence(range(100), npartitions=10)
    return {
        "delayed(f)(x)": (lambda: [lazy(i) for i in range(500)], 500),
        "delayed, not pure": (lambda: [impure(i) for i in range(500)], 500),
        "delayed, in a chain": (lambda: chain(impure, 100), 100),
        "array operations": (lambda: [x + i for i in range(10)], 10),
        "bag operations": (lambda: [b.map(increment) for _ in range(20)], 20),
        "client.submit": (
            lambda: [submit(increment, next(numbers)) for _ in range(50)],
            50,
        ),
        "client.map": (
            lambda: [client.map(increment, [next(numbers) for _ in range(20)]) for _ in range(5)],
            5,
        ),
    }


def chain(function: Callable[[object], object], length: int) -> object:
    """Call a function with what it returned, again and again."""
    result: object = 0
    for _ in range(length):
        result = function(result)
    return result


@contextlib.contextmanager
def observed() -> Iterator[None]:
    OBSERVER.start()
    OBSERVER.begin(CELL, __file__)
    try:
        yield
    finally:
        OBSERVER.end()
        OBSERVER.stop()


def timed(block: Block, client: Client) -> float:
    """Return the CPU time of this thread for one block."""
    gc.collect()
    began = time.thread_time()
    made = block()
    took = time.thread_time() - began
    del made
    client.sync(_idle, client)
    return took


async def _idle(client: Client) -> None:
    """Let the event loop do what it was asked to."""
    await client.scheduler.identity()


def compare(block: Block, client: Client, pairs: int) -> tuple[list[float], list[float]]:
    """Return seconds for each block without the lens, and with it."""
    bare: list[float] = []
    lens: list[float] = []
    for turn in range(pairs):
        for observe in (turn % 2, 1 - turn % 2):
            with observed() if observe else contextlib.nullcontext():
                block()  # the first calls of a cell are looked at more closely
                (lens if observe else bare).append(timed(block, client))
    return bare, lens


def main(pairs: int) -> None:
    print(f"{'':20}{'without':>11}{'more':>10}   ratio (quartiles)")
    with Client(
        n_workers=1, threads_per_worker=1, dashboard_address=None, set_as_default=False
    ) as client:
        for name, (block, calls) in blocks(client).items():
            bare, lens = compare(block, client, pairs)
            ratios = [one / other for one, other in zip(lens, bare, strict=True)]
            low, median, high = statistics.quantiles(ratios, n=4)
            each = statistics.median(bare) / calls
            more = statistics.median(one - other for one, other in zip(lens, bare, strict=True))
            print(
                f"{name:20}{each * 1e6:>8.1f} us{more / calls * 1e6:>7.2f} us"
                f"   {median:.3f} ({low:.3f} to {high:.3f}), at most {BUDGET}",
                flush=True,
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 40)
