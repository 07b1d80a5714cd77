"""All that is known of a run, ranked, with what could not be judged.

The dataclasses here and those they are made of are the wire: :meth:`Report.to_dict` is what
travels to the page, into the notebook's outputs and out of the shell, and the page's types are
generated from them.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from dask_lens.findings import FindingReport, reported
from dask_lens.judge import Judgement, judge, unknown_words, unused_words
from dask_lens.measures import ComputationReport, measure
from dask_lens.metrics.accounts import Budget
from dask_lens.metrics.change import Change
from dask_lens.metrics.efficiencies import Efficiencies
from dask_lens.metrics.estimate import Estimate
from dask_lens.metrics.naming import duration
from dask_lens.metrics.once import once_each
from dask_lens.metrics.parallelism import Parallelism
from dask_lens.metrics.reruns import reruns
from dask_lens.metrics.speedup import Speedup, speedup
from dask_lens.metrics.whatif import predict
from dask_lens.record import wire
from dask_lens.record.cell import Cell
from dask_lens.record.run import NotJudged, Run
from dask_lens.source.program import read

T = TypeVar("T")

_GONE = NotJudged("whatif", "a report that was read back does not have what it was made from")

__all__ = ["CellReference", "ComputationReport", "FindingReport", "Report", "analyze"]


@dataclass(frozen=True)
class CellReference:
    """Which cell a report is about; both None for code that never ran."""

    cell_id: str | None
    execution_count: int | None


@dataclass(frozen=True)
class Report:
    """What a run showed: measured numbers, ranked findings, and what could not be looked at.

    Parameters
    ----------
    parallelism, budget
        Over all computations of the cell; None where nothing was computed, or where
        ``not_judged`` says why.
    efficiencies
        Shares that multiply to the parallelism over the threads; None without a budget.
    limit
        One sentence: what would bring most, with its seconds. None where not known.
    findings
        Worst first: by kind, then by seconds lost.
    run
        What it was made from, kept aside: it does not travel. None in a report that was read
        back, and in older reports of a notebook.
    """

    version: int
    cell: CellReference
    headline: str
    computations: tuple[ComputationReport, ...] = ()
    parallelism: Parallelism | None = None
    budget: Budget | None = None
    findings: tuple[FindingReport, ...] = ()
    not_judged: tuple[NotJudged, ...] = ()
    efficiencies: Efficiencies | None = None
    limit: str | None = None
    run: Run | None = field(default=None, repr=False, compare=False, metadata=wire.ASIDE)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain JSON values."""
        plain: dict[str, Any] = wire.to_dict(self)
        return plain

    @classmethod
    def from_dict(cls, data: Any) -> Report:
        """Rebuild a report from :meth:`to_dict`'s output.

        Raises
        ------
        dask_lens.record.wire.WireError
            When ``data`` is not such an output.
        """
        written_by = data.get("version") if isinstance(data, dict) else None
        if written_by != wire.VERSION:
            raise wire.WireError(
                f"report: written in version {written_by!r} of the format, this is version "
                f"{wire.VERSION}; read it with the dask_lens that wrote it"
            )
        return wire.from_dict(cls, data, "report")

    def predict(
        self,
        *,
        scheduler: str | None = None,
        workers: int | None = None,
        threads_per_worker: int | None = None,
        chunksize: int | None = None,
    ) -> Estimate | None:
        """Predict how long the same would take elsewhere; see :mod:`dask_lens.metrics.whatif`.

        Predicting processes or a cluster from something else starts a Python once or twice, to
        time its start and its imports.

        Parameters
        ----------
        scheduler
            ``"sync"``, ``"threads"``, ``"processes"`` or ``"distributed"``; by default the one
            that ran.
        workers
            Workers; on ``"threads"`` its threads, on ``"processes"`` its processes. By default
            as many as ran, after ``"sync"`` one for each processor.
        threads_per_worker
            By default as many as ran.
        chunksize
            Tasks per job of a local scheduler; by default that of the run, and 1 on another
            scheduler.

        Returns
        -------
        Estimate or None
            Seconds as the user waits for them, without the start of a new cluster. None where
            nothing supports a prediction: the reason is then in ``not_judged``.

        Raises
        ------
        ValueError
            For an unknown scheduler, or a number below one.
        """
        change = Change(scheduler, workers, threads_per_worker, chunksize)
        return self._judged(_GONE if self.run is None else predict(self.run, change, measure=True))

    def speedup(self) -> Speedup | None:
        """Predict how long the same would take on 1 to 64 workers.

        Returns
        -------
        Speedup or None
            None where nothing supports it: the reason is then in ``not_judged``.
        """
        return self._judged(_GONE if self.run is None else speedup(self.run))

    def _judged(self, outcome: T | NotJudged) -> T | None:
        if not isinstance(outcome, NotJudged):
            return outcome
        if outcome not in self.not_judged:
            object.__setattr__(self, "not_judged", (*self.not_judged, outcome))
        return None

    def _repr_mimebundle_(self, **_: object) -> dict[str, object]:
        """Show the report where it is the last value of a cell, as IPython asks for it."""
        from dask_lens.present.inline import bundle  # noqa: PLC0415 - a view, opened from below

        return bundle(self)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the report to a file.

        Parameters
        ----------
        path
            Its suffix decides what is written: ``.json`` is :meth:`to_dict`, to be read back
            by :meth:`from_dict`; ``.html`` a page to look at and to print, which needs no
            script and no network; ``.trace.json`` the tasks in the Chrome trace format, which
            https://ui.perfetto.dev opens. A file of that name is replaced.

        Returns
        -------
        pathlib.Path
            The file.

        Raises
        ------
        ValueError
            For another suffix, or for a trace when the report no longer has its ``run``.
        OSError
            Where the file cannot be written.

        Examples
        --------
        >>> import tempfile, dask, dask_lens
        >>> with dask_lens.observe() as seen:
        ...     dask.delayed(sum)([1, 2, 3]).compute(scheduler="sync")
        6
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     seen.report.save(folder + "/run.html").name
        'run.html'
        """
        from dask_lens.present.save import save  # noqa: PLC0415 - a view, opened from below

        return save(self, path)


def analyze(run: Run) -> Report:
    """Judge a run: measure it, run every rule over it, and work out the rewrites.

    Parameters
    ----------
    run
        One observed cell, or code that never ran.

    Returns
    -------
    Report
        Never raises for what is in ``run``: a rule that stumbles is named in
        ``not_judged``.
    """
    with once_each():
        judged = judge(run)
        findings = tuple(
            reported(finding, run.cells, ran=run.computations) for finding in judged.findings
        )
        measured = measure(run)
    not_judged = (
        *run.not_judged,
        *_unread(run),
        *judged.not_judged,
        *_in_vain(judged),
        *measured.not_judged,
    )
    return Report(
        version=wire.VERSION,
        cell=_reference(run.cell),
        headline=_headline(run, measured.parallelism, findings),
        computations=measured.computations,
        parallelism=measured.parallelism,
        budget=measured.budget,
        findings=findings,
        not_judged=tuple(dict.fromkeys(not_judged)),
        efficiencies=measured.efficiencies,
        limit=measured.limit,
        run=run,
    )


def _reference(cell: Cell | None) -> CellReference:
    return CellReference(cell.cell_id, cell.execution_count) if cell else CellReference(None, None)


def _unread(run: Run) -> list[NotJudged]:
    """Name the cells that could not be read, of those that are judged."""
    return [
        NotJudged("source", problem if len(run.cells) == 1 else f"cell {number + 1}: {problem}")
        for number, problem in read(run.cells).problems.items()
        if run.observed in (None, number)
    ]


def _in_vain(judged: Judgement) -> list[NotJudged]:
    """Name the comments that ask for silence in vain."""
    return [
        NotJudged(name, f"line {ignore.comment.line}: {words(ignore)}")
        for name, words, found in (
            ("unused-ignore", unused_words, judged.unused),
            ("unknown-rule", unknown_words, judged.unknown),
        )
        for ignore in found
    ]


def _headline(run: Run, measured: Parallelism | None, findings: tuple[FindingReport, ...]) -> str:
    if measured is None:
        running = sum(c.stop is None for c in run.computations)
        return "still running" if running else "nothing was computed"
    done = [c for c in run.computations if c.stop is not None]
    seconds = max(c.stop or c.start for c in done) - min(c.begin for c in done)
    tasks = sum(c.n_tasks for c in done)
    asked = sum(len(c.graph.keys) if c.graph and c.status == "erred" else c.n_tasks for c in done)
    again = reruns(done)
    parts = [
        f"{measured.achieved:.1f} of {measured.threads} in parallel"
        if measured.threads
        else "no thread was seen",
        duration(seconds),
        f"{tasks:,} of {asked:,} tasks"
        if asked > tasks
        else f"{tasks:,} task{'s' * (tasks != 1)}",
        *([f"{again.count:,} run again after {duration(again.seconds)}"] if again.count else ()),
        ", ".join(dict.fromkeys(c.scheduler for c in done)),
    ]
    lost = max((f.cost or 0.0 for f in findings), default=0.0)
    if lost:
        parts.append(f"{duration(lost)} lost")
    return " · ".join(parts)
