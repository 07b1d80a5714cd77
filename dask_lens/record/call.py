"""What Dask was asked: the calls of a cell, repeats from one line put together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from dask_lens.record.cell import Place


@dataclass(frozen=True)
class ObservedCall:
    """Calls of one function of Dask from one line of a run.

    What is in ``facts`` depends on ``name``; a fact that could not be known is left out. Lists
    keep the first few that differ.

    ``distributed.Client.submit`` and ``distributed.Client.map``
        ``keys`` (asked for), ``repeated`` (of those, the ones that existed already), ``pure``;
        ``function``: ``{"name", "module"}`` and, where so, ``"delayed": true``, ``"owner"`` (type
        that the method is bound to), ``"random"`` (where it holds a random number generator),
        ``"captured": [{"name", "where", "type", "nbytes"}]``;
        ``arguments`` (the large ones): ``[{"argument", "name", "type", "nbytes"}]``, and
        ``nbytes`` (of texts, arrays and tables, their sum over all calls); ``graph_nbytes``;
        ``collections``, ``delayed`` (functions that are lazy), ``generators`` (of random
        numbers) and ``futures`` (where no scheduler looks: with ``"attribute"``, or with
        ``"function"`` for the argument): ``[{"argument", "name", "type"}]``;
        ``lists`` (long ones, of plain data): ``[{"argument", "name", "length"}]``.
        ``argument`` is a position or a keyword, ``name`` the variable that holds the value.
    ``dask.delayed``
        The facts of submit that concern the function and the arguments; ``nbytes`` of the calls
        that were looked at: while any of it is large, all of them.
    ``dask.compute``, ``dask.persist``, ``distributed.Client.compute``, ``...persist``
        ``given`` (the ``scheduler`` keyword), ``configured`` (``dask.config``'s), ``scheduler``
        (the one chosen), ``client`` (whether there is a default client), ``set_at`` (where the
        configured one was set: ``{"cell", "line"}``), ``chunksize`` (in ``dask.config``),
        ``pool`` (whether one is reused); ``asked`` (the method of Dask that computed of its own
        accord, such as ``DataFrame.__len__``); ``memory_left`` (bytes, where no client is there
        and what is computed is large); ``collections``: ``[{"type", "name", "npartitions",
        "nbytes", "largest", "chunks"}]``, as far as known without computing; ``finest`` and
        ``coarsest``: the same of the arrays with the most and with the largest chunks, among
        all that they are made from.
    ``distributed.Client``
        ``address`` (``"none"``, ``"text"`` or ``"cluster"``), ``others`` (live clients that had
        brought their own cluster), ``name`` (the variable of one of them), ``context``
        (whether a ``with`` statement will close it).
    ``dask.config.set``
        ``settings``: those of ``scheduler``, ``chunksize``, ``pool`` and ``num_workers`` that
        were set, as text or numbers, ``context`` (whether a ``with`` statement takes them back).
    ``warnings.warn``, ``logging.event-loop`` and the like
        What Dask itself complained of: ``kind`` (``"large-graph"``, ``"chunks"``,
        ``"event-loop"``, ``"memory"`` or ``"worker"``), ``message``, and its numbers; where
        chunks of arrays do not fit together, those of the ``arrays`` and those ``after``.

    Parameters
    ----------
    name
        Qualified name, such as ``"distributed.Client.submit"``.
    place
        Where in the run's cells; None where no line led to it.
    time
        When the first was made, seconds since the epoch.
    last
        When the last was made; of calls of delayed functions, the last that was looked at.
    count
        How many there were.
    facts
        JSON values only.
    """

    name: str
    place: Place | None
    time: float
    last: float
    count: int = 1
    facts: dict[str, Any] = field(default_factory=dict, hash=False)
