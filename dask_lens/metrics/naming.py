"""Tasks and places in the words that the user has for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import inf

from dask_lens.record.cell import Cell, Place
from dask_lens.record.task import Task

#: Characters of a name in a sentence.
LENGTH = 40
#: Layers that are named in one breath.
NAMED = 4

#: Layers that Dask adds to, or names otherwise than, what was called.
LAYERS = {
    "apply_infer": "apply",
    "barrier": "shuffle-barrier",
    "blockwisehead": "head",
    "blockwisemerge": "merge",
    "blockwisetail": "tail",
    "call_with_list_arg": "aggregate",
    "diskshuffle": "shuffle",
    "finalize-hlgfinalizecompute": "finalize",
    "fromarray": "from-array",
    "fromgraph": "from-graph",
    "frommap": "from-map",
    "frompandas": "from-pandas",
    "group-taskshuffle": "shuffle-group",
    "groupby_apply_funcs": "groupby-aggregate-chunk",
    "hashjoinp2p": "merge",
    "mean_aggregate": "mean-aggregate",
    "p2pshuffle": "shuffle",
    "readcsv": "read-csv",
    "readparquet": "read-parquet",
    "readparquetfsspec": "read-parquet",
    "readparquetpyarrowfs": "read-parquet",
    "read_parquet": "read-parquet",
    "repartitiontofewer": "repartition",
    "repartitiontomore": "repartition",
    "seriesquantiledask": "quantile",
    "split-taskshuffle": "shuffle-split",
    "stackpartition": "concat",
    "taskshuffle": "shuffle",
    "to_string_dtype": "to-string",
    "zpartd": "shuffle-disk",
}
#: Endings that optimising adds: of several layers that are done as one, of the steps of a
#: reduction, and of what compute adds.
ENDINGS = {"-fused": "", "-tree": "-aggregate", "-finalize-hlgfinalizecompute": ""}


def duration(seconds: float) -> str:
    """Return a duration as a sentence has it: ``3.9 s``, ``28 ms``, ``0.4 ms``."""
    if seconds >= 0.1:  # noqa: PLR2004 - below it one digit of a second says too little
        return f"{seconds:.1f} s"
    return f"{1000 * seconds:.{int(seconds < 0.001)}f} ms"  # noqa: PLR2004 - the same


def layer_name(prefix: str, labels: Mapping[str, str] | None = None) -> str:
    """Return a key prefix as its reader would call the layer.

    Parameters
    ----------
    prefix
        Of a key, as :func:`dask.utils.key_split` has it.
    labels
        What is known better of the graph: see :class:`dask_lens.record.graph.Graph`.

    Examples
    --------
    >>> layer_name("sum-tree"), layer_name("read_parquet-fused"), layer_name("load_data")
    ('sum-aggregate', 'read-parquet', 'load_data')
    """
    name = (labels or {}).get(prefix) or LAYERS.get(prefix)
    if name is None:
        name = prefix
        for ending, instead in ENDINGS.items():
            if name.endswith(ending) and name != ending:
                name = name.removesuffix(ending) + instead
                name = LAYERS.get(name, name)
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
            said = f"line{'s' * (len(numbers) > 1)} {_and(numbers)}"
        count = cells[cell].execution_count if cell < len(cells) - 1 else None
        parts.append(said if count is None else f"{said} of In [{count}]")
    return ", ".join(parts)


def tasks_of(
    tasks: Sequence[Task],
    places: Mapping[str, Place | None],
    cells: Sequence[Cell] = (),
    labels: Mapping[str, str] | None = None,
) -> str:
    """Name tasks, as ``your load and clean tasks (lines 3 and 4)``.

    Parameters
    ----------
    tasks
        At least one.
    places
        By key, where tasks were put into the graph.
    cells
        All cells of the run.
    labels
        Readable names of layers.
    """
    at = lines({places.get(task.key) for task in tasks}, cells)
    by_line = sorted(tasks, key=lambda task: _order(places.get(task.key)))
    names = list(dict.fromkeys(layer_name(task.prefix, labels) for task in by_line))
    one = len(tasks) == 1
    count = f"{len(tasks):,} " if not one and (len(names) == 1 or len(names) > NAMED) else ""
    who = "" if len(names) > NAMED else f"{_and(names)} "
    return f"your {count}{who}task{'' if one else 's'}{f' ({at})' if at else ''}"


def _order(place: Place | None) -> tuple[float, float]:
    return (inf, inf) if place is None else (place.cell, place.line)


def _and(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
