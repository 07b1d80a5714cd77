"""Runs in the kernel: looks through the user's variables for futures without a client.

Only exact types are looked into and only plain attributes are read: nothing of the user's is
called, printed or counted.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Iterator, Mapping

from dask_lens.observe.keys import text
from dask_lens.record.run import UnboundFuture

#: Containers inside containers that are looked into, and values looked at in all.
DEPTH = 3
MAX_VALUES = 10_000
#: IPython's own names, which hold what others hold too.
HISTORY = frozenset({"In", "Out", "_ih", "_oh", "_dh"})


class Namespace:
    """Finds what each cell adds."""

    def __init__(self) -> None:
        self._known: set[int] = set()

    def unbound_futures(self, variables: Mapping[str, object]) -> tuple[UnboundFuture, ...]:
        """Return the futures without a client that were not there the last time.

        Parameters
        ----------
        variables
            The user's variables by name.
        """
        kind = getattr(sys.modules.get("distributed.client"), "Future", None)
        if kind is None:
            return ()
        found = list(_futures(variables, kind))
        fresh: dict[int, UnboundFuture] = {}
        for name, future in found:
            if id(future) not in self._known and id(future) not in fresh:
                fresh[id(future)] = UnboundFuture(name, text(getattr(future, "key", "")))
        # By object, not by name: IPython's own _, __ and ___ pass results on from cell to cell.
        self._known = {id(future) for _, future in found}
        return tuple(fresh.values())


def _futures(variables: Mapping[str, object], kind: type) -> Iterator[tuple[str, object]]:
    """Walk names, then what they hold; names that begin with an underscore come last."""
    names = [name for name in list(variables) if name not in HISTORY]
    names.sort(key=lambda name: name.startswith("_"))
    queue = deque((name, variables[name], 0) for name in names)
    left = MAX_VALUES
    while queue and left > 0:
        name, value, depth = queue.popleft()
        left -= 1
        if type(value) is kind:
            if getattr(value, "_client", value) is None:
                yield name, value
        elif depth < DEPTH:
            queue.extend((name, item, depth + 1) for item in _items(value, left))


def _items(value: object, most: int) -> list[object]:
    if type(value) is list or type(value) is tuple:
        return list(value[:most])
    if type(value) is dict and len(value) <= most:
        return list(value.values())
    return []
