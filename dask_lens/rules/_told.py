"""What was seen of a call of a client when it was made."""

from __future__ import annotations

from collections.abc import Iterator

from dask_lens.record.call import ObservedCall
from dask_lens.record.run import Run
from dask_lens.source.calls import Call

#: Calls that send functions to a cluster.
SENDS = ("distributed.Client.submit", "distributed.Client.map")


def told(run: Run, call: Call, name: str | None = None) -> Iterator[ObservedCall]:
    """Yield what was seen of a call, by the lines it stands on.

    Parameters
    ----------
    run
        What happened.
    call
        The call in the source.
    name
        What it is called in the record; None for the name that it has in the source.
    """
    last = call.node.end_lineno or call.node.lineno
    for seen in run.calls:
        place = seen.place
        same = seen.name == (name or call.name) and place is not None and place.cell == call.cell
        if same and place is not None and call.node.lineno <= place.line <= last:
            yield seen
