"""Work that a cell sends past its variant: to a client that a function of it holds on to."""

from __future__ import annotations

import contextlib
import functools
import inspect
from collections.abc import Callable, Iterable, Iterator
from typing import Any

#: Every compute, persist, submit and map of a client goes through it.
_DOOR = "_graph_to_futures"


class Strays:
    """Tells whether a block uses clients that are not its own.

    Parameters
    ----------
    clients
        The clients that it is not meant to use.

    Attributes
    ----------
    seen : bool
        Whether any was used so far.
    """

    def __init__(self, clients: Iterable[Any]) -> None:
        self.seen = False
        self.clients = tuple(clients)

    @contextlib.contextmanager
    def __call__(self) -> Iterator[None]:
        """Look at what a block sends."""
        watched = [client for client in self.clients if _DOOR not in vars(client)]
        for client in watched:
            setattr(client, _DOOR, functools.partial(self._sent, client))
        try:
            yield
        finally:
            for client in watched:
                delattr(client, _DOOR)

    def _sent(self, client: Any, *args: Any, **options: Any) -> Any:
        self.seen = True
        kind = type(client)
        # Looked up as a caller does: what observes calls sees that.
        send: Callable[..., Any] = inspect.getattr_static(kind, _DOOR).__get__(client, kind)
        return send(*args, **options)
