"""Keys and stamps of the tasks that came back."""

from __future__ import annotations

import gc

from dask_lens.observe import stamps
from dask_lens.observe.kept import Kept
from dask_lens.observe.weights import Weights


def stamp(number: int) -> stamps.Stamp:
    return stamps.Stamp((None, 1, float(number), number + 0.5, 0.25, 0.0, None))


def test_what_was_kept_comes_in_order_and_what_has_no_stamp_does_not() -> None:
    kept = Kept()
    post = kept.adder(Weights(0.0))
    for number in range(4):
        stamps.here.arrived = stamp(number) if number != 2 else None
        post(("x", number), None, None, None, None)
    kept.add("last", stamp(9))
    assert len(kept) == 5
    assert list(kept.between(0, 5)) == [
        (("x", 0), stamp(0)), (("x", 1), stamp(1)), (("x", 3), stamp(3)), ("last", stamp(9)),
    ]  # fmt: skip
    assert list(kept.between(3, 4)) == [(("x", 3), stamp(3))]
    kept.clear()
    assert list(kept.between(0, len(kept))) == []


def test_what_is_kept_is_nothing_for_the_garbage_collector_to_go_through() -> None:
    kept = Kept()
    before = len(gc.get_objects())
    for number in range(1_000):
        kept.add("key", stamp(number))
    gc.collect()
    assert len(gc.get_objects()) < before + 100
