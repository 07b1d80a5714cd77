"""Comparisons wired up: a cell or functions in, what the engine measures, shown."""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import logging
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import dask.config
import dask.system

from dask_lens import lens
from dask_lens.compare import arguments, effects, engine
from dask_lens.compare.adopting import adopted
from dask_lens.compare.comparison import Comparison
from dask_lens.compare.variant import (
    SCALING,
    SCHEDULERS,
    Setting,
    setting,
    variants,
    with_workers,
)
from dask_lens.compare.workload import Workload, is_notebook, split
from dask_lens.observation import Observation
from dask_lens.observe.observer import Observer
from dask_lens.present import comparison as views
from dask_lens.record.cell import Cell
from dask_lens.record.run import Run
from dask_lens.report import analyze
from dask_lens.rewrite import Edit, Proposal
from dask_lens.source.cell import parse
from dask_lens.source.free import from_around

logger = logging.getLogger("dask_lens")

_AS_WRITTEN = (Setting(),)
#: What is tried where nothing is named and the lens has nothing to suggest.
_USUAL = (
    Setting(),
    Setting("threads"),
    Setting("processes", chunksize=1),
)
_USUAL_CLUSTERS = (Setting(), Setting("distributed", workers=dask.system.CPU_COUNT))

#: What the frames of a run are called.
_FILE = "<dask-lens comparison>"


class SideEffectsError(ValueError):
    """The code would write again and again; the message names what, and how to agree."""


def compare(
    codes: Mapping[str, Callable[[], Any] | str],
    *,
    schedulers: Sequence[str] = (),
    rounds: int = 7,
    max_time: float = 120.0,
    seed: int = 0,
    namespace: Mapping[str, Any] | None = None,
    progress: Callable[[str, int, float | None], None] = lambda *_: None,
) -> Comparison:
    """Time pieces of code against each other; the first is the baseline.

    Parameters
    ----------
    codes
        Functions without parameters, or source, by name.
    schedulers
        Variants such as ``"processes, chunksize=1"``: each piece runs under each. Default: as
        it is written.
    rounds
        Counted runs of each variant, after one to warm up.
    max_time
        Seconds after which it ends with what there is.
    seed
        Of the order of the runs within a round.
    namespace
        The names that source sees; they stay as they are. :func:`dask_lens.compare` gives
        those of its caller.
    progress
        Told, before each run, of the variant, the round (0 to warm up) and the seconds left.

    Returns
    -------
    Comparison
        With ``table``, ``to_markdown()``, ``to_json()`` and ``to_dict()``.

    Raises
    ------
    TypeError, ValueError
        When there is nothing to run: no code, no round or no time.
    dask_lens.compare.variant.VariantError
        When a scheduler cannot be understood.
    dask_lens.compare.workload.WorkloadError
        When source cannot be read.
    """
    _check(codes, rounds, max_time)
    workloads: dict[str | None, Workload] = {
        name: Workload(code, name) for name, code in codes.items()
    }
    settings = [setting(text) for text in schedulers] or list(_AS_WRITTEN)
    rows = variants(workloads, settings)
    with _observing() as observed:
        plan = engine.Plan(rounds, max_time, seed, observe=observed, progress=progress)
        result, _ = engine.compare(workloads, rows, namespace or {}, plan)
    return result


def _check(codes: Mapping[str, Callable[[], Any] | str], rounds: int, max_time: float) -> None:
    if not codes:
        raise ValueError('compare needs code by name: {"before": f, "after": "g(x)"}')
    for name, code in codes.items():
        if not isinstance(code, str) and not callable(code):
            raise TypeError(
                f"compare: {name!r} is a {type(code).__name__}; a function without parameters or "
                "source is wanted"
            )
    if rounds < 1 or max_time <= 0:
        raise ValueError(
            f"compare: rounds={rounds}, max_time={max_time}: at least 1 round and more than 0 "
            "seconds are needed"
        )


def compare_cell(
    source: str,
    request: arguments.Request,
    namespace: Mapping[str, Any],
    progress: Callable[[str, int, float | None], None],
    *,
    transform: Callable[[str], str] = str,
    written: Cell | None = None,
) -> tuple[Comparison, Mapping[str, Any]]:
    """Compare the variants of a cell.

    Parameters
    ----------
    source
        The cell below the magic, as the user wrote it.
    request
        What was asked for.
    namespace
        The user's names; they stay as they are.
    progress
        Told what runs.
    transform
        Turns IPython's syntax into Python.
    written
        The whole cell, its magic included; where it is given the result has a proposal.

    Returns
    -------
    Comparison, mapping
        And the names that the last run left.

    Raises
    ------
    SideEffectsError
        When the cell writes, and that was not agreed to.
    dask_lens.compare.workload.WorkloadError
        When the cell cannot be read.
    """
    found = effects.effects(source, namespace)
    if found and not request.yes:
        listed = "; ".join(found)
        raise SideEffectsError(
            f"the cell would do this in every run: {listed}. Add --yes to have it so, or take "
            "it out of the cell"
        )
    codes: dict[str | None, str] = {None: source} if request.whole else split(source)
    settings: Sequence[Setting] = request.settings
    if not settings and request.numbers:
        settings = with_workers([Setting(_scheduler(source, namespace))], request.numbers)
    elif not settings and len(codes) == 1:
        codes, settings = _suggested(codes, namespace)
    workloads = {name: Workload(transform(code), name or "cell") for name, code in codes.items()}
    rows = variants(workloads, settings or _AS_WRITTEN)
    with _observing() as observed:
        limits = request.rounds, request.max_time, request.seed, request.keep
        plan = engine.Plan(*limits, observe=observed, progress=progress)
        result, left = engine.compare(workloads, rows, namespace, plan)
    result = dataclasses.replace(result, counts=request.counts)
    chosen = next((row for row in rows if row.name == result.recommended), None)
    if chosen is None or written is None:
        return result, left
    client = any(map(_is_client, namespace.values()))
    after = adopted(codes[chosen.code], chosen.setting, client=client)
    if after is not None:
        edit = Edit(written.cell_id, None, written.source, after)
        safety = "same" if result.row(chosen.name).results_equal else "ask"
        verb = "Stay with" if chosen.name == result.baseline else "Take"
        proposal = Proposal("take-variant", safety, f"{verb} {chosen.name}", (edit,))
        result = dataclasses.replace(result, proposal=proposal)
    return result, left


def compare_script(
    path: Path,
    request: arguments.Request,
    progress: Callable[[str, int, float | None], None],
) -> Comparison:
    """Compare the variants of a script; the engine of ``dask lens compare``.

    Raises
    ------
    OSError
        When the script cannot be read.
    """
    source = path.read_text(encoding="utf-8-sig")
    request = dataclasses.replace(request, whole=request.whole or is_notebook(source))
    names = {"__name__": "__main__", "__file__": str(path)}
    before = sys.path[:]
    sys.path.insert(0, str(path.resolve().parent))
    try:
        result, _ = compare_cell(source, request, names, progress)
    finally:
        sys.path[:] = before
    return result


def _scheduler(source: str, namespace: Mapping[str, Any]) -> str:
    """Return the scheduler that a cell would use, among those that take a number of workers."""
    calls = (node for node in ast.walk(parse(source).tree) if isinstance(node, ast.Call))
    keywords = (keyword for call in calls for keyword in call.keywords)
    named = [
        keyword.value.value
        for keyword in keywords
        if keyword.arg == "scheduler" and isinstance(keyword.value, ast.Constant)
    ]
    client = any(map(_is_client, namespace.values()))
    usual = "distributed" if client else "threads"
    for name in (*named, dask.config.get("scheduler", None)):
        known = SCHEDULERS.get(str(name).lower())
        if known is not None:
            return known if known in SCALING else usual
    return usual


def _suggested(
    codes: Mapping[str | None, str], namespace: Mapping[str, Any]
) -> tuple[dict[str | None, str], Sequence[Setting]]:
    """Return the cell as it is and as the lens would have it; else the usual schedulers."""
    source = next(iter(codes.values()))
    watching = lens.loaded()
    current = watching.observer.current() if watching is not None else None
    before = current.cells[:-1] if current is not None else ()
    reports = list(watching.reports.values()) if watching is not None else []
    judged = analyze(Run((*before, Cell(source))))
    for finding in (f for report in (*reversed(reports), judged) for f in report.findings):
        for proposal in finding.proposals:
            texts = [(edit.before, edit.after) for edit in proposal.edits]
            if proposal.safety != "tip" and [text for text, _ in texts] == [source]:
                return {"as written": source, proposal.title: texts[0][1]}, _AS_WRITTEN
    # Work that is handed to a client runs on clusters only.
    handed = any(_is_client(namespace.get(name)) for name in from_around(parse(source).tree))
    return dict(codes), _USUAL_CLUSTERS if handed else _USUAL


def _is_client(value: Any) -> bool:
    return type(value).__name__ == "Client"


@contextlib.contextmanager
def _observing() -> Iterator[Callable[[], engine.Seen]]:
    """Have one observer for all runs: the notebook's where there is one."""
    watching = lens.loaded()
    if watching is not None and watching.on:
        yield lambda: lens.observe(_FILE)
        return
    own = Observer(lambda _run: None)
    own.start()

    def observed() -> engine.Seen:
        own.begin(Cell(""), _FILE)
        return Observation(_FILE, lambda: own, lambda _seen: None)

    try:
        yield observed
    finally:
        own.stop()


def html(result: Comparison) -> str:
    """Return a result as HTML: what notebooks show for it."""
    return views.html(result)


def text(result: Comparison) -> str:
    """Return a result as tables for terminals."""
    return views.text(result)


def bundle(result: Comparison) -> dict[str, Any]:
    """Return a result's MIME bundle."""
    return views.bundle(result)
