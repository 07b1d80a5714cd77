"""Runs in the kernel: the stamps of tasks that came back, kept at the least cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from dask_lens.observe import stamps
from dask_lens.observe.stamps import SMALL_TYPES
from dask_lens.observe.weights import Weights

#: Values of a stamp; and with those of the way there and back, where tasks run in processes: bytes
#: of the task's pickle, seconds of pickling the result, bytes of the result's pickle.
SIZE, WITH_WAY = 7, 10


class Kept:
    """Keys and stamps in two flat lists.

    An object for each task would be one more for the garbage collector to go through, again
    and again while the tasks run: that costs more than all the rest.

    Parameters
    ----------
    size
        Values of each stamp.
    """

    def __init__(self, size: int = SIZE) -> None:
        self.keys: list[Any] = []
        self.values: list[Any] = []
        self._size = size
        self._missing = (None,) * size

    def __len__(self) -> int:
        return len(self.keys)

    def add(self, key: Any, stamp: tuple[Any, ...] | None) -> None:
        """Keep one; another thread may look meanwhile."""
        self.values.extend(stamp or self._missing)
        self.keys.append(key)

    def adder(self, weights: Weights) -> Callable[..., None]:
        """Return the fastest ``posttask``, for graphs whose tasks can all be kept."""
        extend, append, weigh = self.values.extend, self.keys.append, weights.add
        here, missing = stamps.here, self._missing

        def posttask(key: Any, result: Any, _dsk: Any, _state: Any, _worker: Any) -> None:
            extend(here.arrived or missing)
            append(key)
            if type(result) not in SMALL_TYPES:
                weigh(key, result)

        return posttask

    def key_adder(self, weights: Weights) -> Callable[..., None]:
        """Return a faster one, where values are added as tasks end and results come in order."""
        append, weigh = self.keys.append, weights.add

        def posttask(key: Any, result: Any, _dsk: Any, _state: Any, _worker: Any) -> None:
            append(key)
            if type(result) not in SMALL_TYPES:
                weigh(key, result)

        return posttask

    def between(self, first: int, until: int) -> Iterator[tuple[Any, tuple[Any, ...]]]:
        """Return keys and stamps, by the order in which they came, where there is a stamp."""
        values = islice(self.values, first * self._size, until * self._size)
        each = zip(*[values] * self._size, strict=True)
        pairs = zip(islice(self.keys, first, until), each, strict=True)
        return (pair for pair in pairs if pair[1][2] is not None)

    def clear(self) -> None:
        """Let go of all."""
        self.keys.clear()
        self.values.clear()
