"""Tasks and places in the words that the user has for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dask_lens.record.cell import Cell, Place

#: Characters of a name in a sentence.
LENGTH = 40

#: Layers that Dask adds to, or names otherwise than, what was called.
LAYERS = {
    "blockwisehead": "head",
    "blockwisemerge": "merge",
    "blockwisetail": "tail",
    "diskshuffle": "shuffle",
    "finalize-hlgfinalizecompute": "finalize",
    "fromarray": "from-array",
    "fromgraph": "from-graph",
    "frommap": "from-map",
    "frompandas": "from-pandas",
    "hashjoinp2p": "merge",
    "p2pshuffle": "shuffle",
    "readcsv": "read-csv",
    "readparquet": "read-parquet",
    "readparquetfsspec": "read-parquet",
    "readparquetpyarrowfs": "read-parquet",
    "tasksshuffle": "shuffle",
}


def layer_name(prefix: str) -> str:
    """Return a key prefix as its reader would call the layer.

    Examples
    --------
    >>> layer_name("_mean_chunk"), layer_name("readparquet"), layer_name("sum-aggregate")
    ('mean-chunk', 'read-parquet', 'sum-aggregate')
    """
    plain = prefix.strip("_-")
    if prefix.startswith("_"):  # a function of Dask's own, named as functions are
        plain = plain.replace("_", "-")
    name = LAYERS.get(plain) or plain.removesuffix("-finalize-hlgfinalizecompute") or prefix
    return name if len(name) <= LENGTH else f"{name[:LENGTH]}…"


def lines(places: Iterable[Place | None], cells: Sequence[Cell] = ()) -> str:
    """Return where calls stand, as ``lines 3 and 5``; empty where no line is known.

    Parameters
    ----------
    places
        Where; those not known are passed over.
    cells
        All cells of the run; those that are not the last are named.
    """
    known = sorted({(p.cell, p.line) for p in places if p is not None})
    parts = []
    for cell in dict.fromkeys(cell for cell, _ in known):
        numbers = [str(line) for other, line in known if other == cell]
        if len(numbers) > 3:  # noqa: PLR2004 - more than one can take in
            said = f"lines {numbers[0]} to {numbers[-1]}"
        else:
            said = f"line{'s' * (len(numbers) > 1)} {' and '.join(numbers)}"
        count = cells[cell].execution_count if cell < len(cells) - 1 else None
        parts.append(said if count is None else f"{said} of In [{count}]")
    return ", ".join(parts)
