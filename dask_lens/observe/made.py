"""Runs in the kernel: remembers which call put a layer, or a task, into a graph.

Collections build their graphs, layer by layer, through ``HighLevelGraph.from_collections``, and
those of dask.dataframe wrap an expression: both happen in the user's line, long before anything
is computed. What is kept is the name's hash and the place, nothing of the user's.

https://github.com/dask/dask/blob/2026.8.0/dask/highlevelgraph.py#L470
"""

from __future__ import annotations

import dataclasses
import functools
import sys
from collections.abc import Callable, Iterable, Iterator
from types import FrameType
from typing import Any, NamedTuple

from dask.highlevelgraph import HighLevelGraph

from dask_lens.observe.breaker import Breaker
from dask_lens.observe.frames import is_dask
from dask_lens.observe.lines import MANY, GraphTap, Lines
from dask_lens.observe.places import NOWHERE, Cells, Spot
from dask_lens.observe.tap import MethodTap, Patches
from dask_lens.record.cell import Place
from dask_lens.record.graph import Graph

PART = "where tasks were made"
#: Names remembered before the older half is forgotten.
REMEMBERED = 200_000
#: Modules that have the base of dask.dataframe's collections: now, and before it was Dask's own.
FRAMES = ("dask.dataframe.dask_expr._collection", "dask_expr._collection")
#: Frames between a scheduler and the call to compute, and expressions looked at.
NEAR = 8
MAX_EXPRESSIONS = 1_000
_COMPUTES = frozenset({"compute", "persist", "_persist", "_compute"})
#: Characters of :func:`dask.tokenize.tokenize`.
TOKEN = 32
#: What the call to compute itself puts into the graph.
FINALIZE = "finalize"


class Layers(NamedTuple):
    """What is known of a graph by the prefixes of its keys.

    Parameters
    ----------
    spots
        Where keys were made; by the empty prefix, where all others were.
    labels
        What their reader would call them.
    """

    spots: dict[str, Spot]
    labels: dict[str, str]


NOTHING = Layers({}, {})


class Made:
    """The places of calls that built graphs.

    Parameters
    ----------
    cells
        Finds the cell and the line.
    breaker
        Knows whether this part works.
    """

    def __init__(self, cells: Cells, breaker: Breaker) -> None:
        self._cells = cells
        self._breaker = breaker
        self._patches = Patches()
        self._names: dict[int, Spot] = {}
        self._older: dict[int, Spot] = {}
        #: By the token at the end of a layer's name, which its other names share.
        self._tokens: dict[str, Spot] = {}
        self.lines = Lines(
            cells,
            other=self._graph_begins,
            keep=self._keep,
            trip=functools.partial(breaker.trip, PART),
        )

    def install(self) -> None:
        """Put the hook into graphs in place."""
        put = self._patches.put
        put(HighLevelGraph, "__init__", GraphTap(HighLevelGraph.__init__, self.lines))

    def watch_frames(self) -> None:
        """Put the hook into dask.dataframe in place, if it has come; again and again is fine."""
        for name in FRAMES:
            kind = getattr(sys.modules.get(name), "FrameBase", None)
            init = vars(kind).get("__init__") if kind is not None else None
            if init is not None and not isinstance(init, MethodTap):
                self._patches.put(kind, "__init__", MethodTap(init, self._frame_begins))

    def remove(self) -> None:
        """Put everything back and forget."""
        self._patches.undo()
        self.lines.turn()
        self._names.clear()
        self._older.clear()
        self._tokens.clear()

    def _graph_begins(self, frame: FrameType) -> None:
        self._guarded(self._note_layer, frame)

    def _frame_begins(self, frame: FrameType, _collection: object) -> None:
        self._guarded(self._note_expression, frame)

    def _guarded(self, note: Callable[[FrameType], None], frame: FrameType) -> None:
        if self._breaker.works(PART):
            try:
                note(frame)
            except Exception as error:  # noqa: BLE001 - ours must not become the user's
                self._breaker.trip(PART, error)

    def _note_layer(self, frame: FrameType) -> None:
        text = frame.f_locals["name"]
        name = hash(text)
        caller = frame.f_back
        if caller is not None and caller.f_code is MANY:
            caller = caller.f_back
        # Some graphs are built only when they are asked for: not where they were written.
        if caller is None or caller.f_code.co_name != "dask" or name not in self._names:
            spot = self._cells.spot(caller)
            self._note(name, spot)
            token = _token(text)
            if token:
                known = self._tokens.get(token, spot)
                # The same again from elsewhere: the latest, or another call with this token?
                self._tokens[token] = spot if known[0] is not spot[0] or known == spot else NOWHERE

    def _note_expression(self, frame: FrameType) -> None:
        expression = frame.f_locals.get("expr")
        if expression is not None and not _in_compute(frame):
            self._note(hash(expression._name), self._cells.spot(frame))  # noqa: SLF001 - no public name

    def _note(self, name: int, spot: Spot) -> None:
        if spot[1] is not None:
            self._names[name] = spot
            self._forget()

    def _keep(self, names: list[Any], spot: Spot) -> None:
        """Note many names of one place."""
        while names and spot[1] is not None:
            room = REMEMBERED // 2 + 1 - len(self._names)
            self._names.update(dict.fromkeys(map(hash, names[:room]), spot))
            names = names[room:]
            self._forget()

    def _forget(self) -> None:
        if len(self._names) > REMEMBERED // 2:
            self._older, self._names = self._names, {}
            self._tokens = {}

    def _find(self, name: str) -> Spot:
        number = hash(name)
        return self._names.get(number) or self._older.get(number) or NOWHERE

    def layers(self, frame: FrameType | None, *, all_here: bool = False) -> Layers:
        """Return what is known by key prefix, for collections of expressions about to be computed.

        Optimising an expression makes new ones, with new names. A prefix that only one place
        has among the expressions of these collections still tells the place.

        Parameters
        ----------
        frame
            Of the scheduler's function, called not far below ``compute``.
        all_here
            Whether the call itself makes its tasks.
        """
        if all_here:
            return Layers({"": self._cells.spot(frame)}, {})
        found: dict[str, set[Spot]] = {}
        grouped: dict[str, bool] = {}
        for expression in _expressions(frame):
            name = expression._name  # noqa: SLF001 - no public name
            spot = self._find(name)
            prefix = name.rpartition("-")[0]
            if spot is not NOWHERE:
                found.setdefault(prefix, set()).add(spot)
            of_groups = type(expression).__module__.endswith("._groupby")
            grouped[prefix] = grouped.get(prefix, True) and of_groups
        all_of_one = set().union(*found.values())
        if len(all_of_one) == 1:
            found[""] = all_of_one
        spots = {prefix: spots.pop() for prefix, spots in found.items() if len(spots) == 1}
        return Layers(spots, _labels(prefix for prefix, groups in grouped.items() if groups))

    def placed(
        self,
        graph: Graph,
        layers: Layers,
        default: Place | None,
        place: Callable[[Spot], Place | None],
    ) -> Graph:
        """Return the graph with the places of the calls that made its tasks.

        Parameters
        ----------
        graph
            As the scheduler ran it.
        layers
            See :meth:`layers`.
        default
            The place of the call to compute.
        place
            Turns a cell and a line into a place.
        """
        self.lines.sort()
        names: dict[str, int] = {}
        places: dict[Place, int] = {}
        known: dict[int, tuple[Spot, int]] = {}  # by identity: to hash a cell takes longer
        noted = self._names

        def number(found: Place | None) -> int:
            return -1 if found is None else places.setdefault(found, len(places))

        def number_at(spot: Spot) -> int:
            if id(spot) not in known:
                known[id(spot)] = spot, number(place(spot))
            return known[id(spot)][1]

        made_at = []
        for key in graph.keys:
            spot = noted.get(hash(key))  # of a delayed function: its key is its layer's name
            if spot is not None and FINALIZE not in key:
                at = known.get(id(spot))
                made_at.append(number_at(spot) if at is None else at[1])
                continue
            name = _layer(key)
            if name not in names:
                final = FINALIZE in name
                names[name] = (
                    number(default) if final else number_at(self._spot(name, layers.spots))
                )
            made_at.append(names[name])
        if not places and not layers.labels:
            return graph
        return dataclasses.replace(
            graph, places=tuple(places), made_at=tuple(made_at), labels=layers.labels
        )

    def _spot(self, name: str, spots: dict[str, Spot]) -> Spot:
        spot = self._find(name)
        if spot is NOWHERE:
            # A fused task is named after all it does, its own name last.
            at = name.find("-")
            while at >= 0 and spot is NOWHERE:
                spot = self._find(name[at + 1 :])
                at = name.find("-", at + 1)
        if spot is NOWHERE:
            spot = self._tokens.get(_token(name), NOWHERE)
        if spot is NOWHERE and spots:
            prefix = name.rpartition("-")[0]
            spot = spots.get(prefix) or spots.get("") or _by_word(prefix, spots)
        return spot


def _layer(key: str) -> str:
    """Return the name of a key's layer: the key, or the first part of a tuple."""
    if key.startswith(("('", '("')):
        end = key.find(key[1], 2)
        return key[2:end] if end > 0 else key
    return key


def _token(name: object) -> str:
    """Return the token at the end of a name; empty where it has none."""
    last = name.rpartition("-")[2] if isinstance(name, str) else ""
    return last if len(last) == TOKEN else ""


def _by_word(prefix: str, spots: dict[str, Spot]) -> Spot:
    """Find a place by a part of a name: optimising splits ``mean`` in chunks and a tree."""
    words = prefix.strip("_").replace("_", "-").split("-")
    found = {spots[word] for word in words if word in spots}
    return found.pop() if len(found) == 1 else NOWHERE


def _in_compute(frame: FrameType | None) -> bool:
    """Whether a collection is made while one is computed, as dask-expr did: by no line of its own.

    https://github.com/dask/dask-expr/blob/v1.1.13/dask_expr/_collection.py#L477
    """
    for _ in range(NEAR):
        if frame is None or frame.f_globals.get("__name__") not in FRAMES:
            return False
        if frame.f_code.co_name == "compute":
            return True
        frame = frame.f_back
    return False


def _labels(grouped: Iterable[str]) -> dict[str, str]:
    """Name the steps of reductions of groups, which have the names of plain reductions."""
    labels = {}
    for prefix in grouped:
        name = prefix.strip("_")
        short = "aggregate" if name.endswith("aggregation") else name
        labels[f"{name}_chunk"] = f"groupby-{short}-chunk"
        labels[f"{name}-tree"] = labels[name] = f"groupby-{short}"
    return labels


def _expressions(frame: FrameType | None) -> Iterator[Any]:
    """Yield what the collections that are being computed are made of."""
    collections: Any = ()
    for _ in range(NEAR):
        if frame is None:
            break
        if is_dask(frame) and frame.f_code.co_name in _COMPUTES:
            collections = collections or frame.f_locals.get("collections") or ()
            if frame.f_globals.get("__name__") in FRAMES:  # dask-expr handed an optimised one on
                collections = [frame.f_locals.get("self")]
        frame = frame.f_back
    # Delayed objects have no __dict__, and make an effort to say so.
    with_dict = [c for c in collections if type(c).__dictoffset__]
    waiting = [c.__dict__["_expr"] for c in with_dict if "_expr" in c.__dict__]
    seen: set[str] = set()
    while waiting and len(seen) < MAX_EXPRESSIONS:
        expression = waiting.pop()
        name = expression._name  # noqa: SLF001 - no public name
        if name not in seen:
            seen.add(name)
            yield expression
            waiting.extend(expression.dependencies())
