"""The outcome of a comparison: rows of measured times, what they mean, and what to do."""

from __future__ import annotations

import dataclasses
import json
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from dask_lens.compare import columns
from dask_lens.compare.sent import ComparisonReport, CurvePoint, VariantReport
from dask_lens.compare.statistics import Ratio, outliers, serial_fraction, verdict
from dask_lens.metrics.accounts import Budget
from dask_lens.metrics.estimate import Estimate
from dask_lens.record import wire
from dask_lens.rewrite import Proposal


@dataclass(frozen=True)
class Row:
    """One variant.

    Parameters
    ----------
    name
        What it is called.
    runs
        Seconds of its counted runs, by round.
    ratio
        Its time over the baseline's, of itself 1; None where too few runs tell.
    startup
        Seconds to open its pool or cluster, and what new processes import for their tasks; not
        part of ``runs``. None where there was nothing to open.
    parallelism
        Average number of tasks at once, of the run in the middle; None where not observed.
    budget
        Thread-seconds by account of that run; None where not known.
    threads
        Tasks that it could run at once; None where not known.
    cause
        In words, what that run lost most by; None where not known.
    cpu
        Seconds on the CPU of all its processes, the mean of the runs; None where not measured.
    memory
        Bytes by which its processes grew at most, in the run to warm up; None where nobody
        could look.
    moved
        Bytes that went between processes in the run to warm up: from workers to each other and
        to the client, or to a pool of processes and back; None where not measured.
    results_equal
        Whether it gave what the baseline gave; None where that cannot be told.
    predicted
        What the lens predicted beforehand; None where it predicted nothing.
    error
        Why it has no (more) runs; None where all went well.
    paid_each_time
        Whether ``startup`` is paid at every compute, as with pools of processes.
    is_baseline
        Whether the others are compared with it.
    reused
        Results that a cluster had in memory from before, so that no run computed them.
    doubt
        Why results could not be compared; None where they were.
    """

    name: str
    runs: tuple[float, ...] = ()
    ratio: Ratio | None = None
    startup: float | None = None
    parallelism: float | None = None
    budget: Budget | None = None
    threads: int | None = None
    cause: str | None = None
    cpu: float | None = None
    memory: int | None = None
    moved: int | None = None
    results_equal: bool | None = None
    predicted: Estimate | None = None
    error: str | None = None
    paid_each_time: bool = False
    is_baseline: bool = False
    reused: int = 0
    doubt: str | None = None

    @property
    def median(self) -> float | None:
        """Seconds of the run in the middle."""
        return statistics.median(self.runs) if self.runs else None

    @property
    def mean(self) -> float | None:
        """Mean seconds of a run."""
        return statistics.fmean(self.runs) if self.runs else None

    @property
    def deviation(self) -> float | None:
        """Standard deviation of the runs, seconds."""
        return statistics.stdev(self.runs) if len(self.runs) > 1 else None

    @property
    def half(self) -> tuple[float, float] | None:
        """The quartiles, between which half of the runs lie."""
        if not self.runs:
            return None
        if len(self.runs) == 1:
            return self.runs[0], self.runs[0]
        low, _, high = statistics.quantiles(self.runs, n=4, method="inclusive")
        return low, high

    @property
    def waited(self) -> float | None:
        """Seconds that a user waits: the median, and a start-up that every compute pays."""
        if self.median is None:
            return None
        return self.median + (self.startup or 0.0 if self.paid_each_time else 0.0)

    @property
    def outliers(self) -> tuple[int, ...]:
        """Rounds whose run lies far from the others."""
        return outliers(self.runs)

    @property
    def verdict(self) -> str:
        """``"faster"``, ``"slower"``, ``"about the same"`` or ``"failed"``."""
        if self.error is not None and not self.runs:
            return "failed"
        return verdict(self.ratio)

    def sent(self) -> VariantReport:
        """Return the row as it travels."""
        taken = (field.name for field in dataclasses.fields(VariantReport))
        return VariantReport(**{name: getattr(self, name) for name in taken})


@dataclass(frozen=True, repr=False)
class Comparison:
    """What a comparison found.

    Parameters
    ----------
    rows
        One per variant; the first is the baseline.
    warnings
        What makes the numbers less sure than they look, in sentences.
    rounds
        Rounds that were finished.
    seed
        Of the order of the runs and of the resampling.
    tolerance
        How results were compared.
    counts
        Number of workers by row, where a speed-up curve was asked for.
    proposal
        The cell as it would be with the recommended variant; None where it cannot be had.
    """

    rows: tuple[Row, ...]
    warnings: tuple[str, ...] = ()
    rounds: int = 0
    seed: int = 0
    tolerance: str = ""
    counts: tuple[int, ...] = ()
    proposal: Proposal | None = None

    @property
    def baseline(self) -> str | None:
        """Name of the row that the others are compared with."""
        return next((row.name for row in self.rows if row.is_baseline), None)

    @property
    def recommended(self) -> str | None:
        """Name of the row to take: the one a user waits for least, where that is sure.

        The baseline where nothing is surely faster; None where results differ from it, or
        where nothing ran.
        """
        base = next((row for row in self.rows if row.is_baseline), None)
        if base is None or base.waited is None:
            return None
        better = [
            row
            for row in self.rows
            if row.verdict == "faster"
            and row.results_equal is not False
            and row.error is None
            and row.waited is not None
            and row.waited < base.waited
        ]
        return min(better, key=lambda row: row.waited or 0.0, default=base).name

    @property
    def curve(self) -> tuple[CurvePoint, ...]:
        """The measured speed-up by number of workers, over the fewest; empty if not asked for."""
        timed = [(n, row) for n, row in zip(self.counts, self.rows, strict=False) if row.runs]
        if len(timed) < 2:  # noqa: PLR2004 - one point is no curve
            return ()
        fewest, first = min(timed, key=lambda pair: pair[0])
        base = first.median or 0.0
        points = []
        for count, row in timed:
            speedup = base / row.median if row.median else 0.0
            low, high = (base / max(row.runs), base / min(row.runs)) if row.runs else (0.0, 0.0)
            was = row.predicted.mid if row.predicted is not None else None
            predicted = (first.waited or base) / was if was else None
            if row is first:
                predicted = 1.0
            points.append(
                CurvePoint(
                    count,
                    speedup,
                    low,
                    high,
                    predicted,
                    serial_fraction(speedup, count) if fewest == 1 else None,
                )
            )
        return tuple(sorted(points, key=lambda point: point.workers))

    def row(self, name: str) -> Row:
        """Return the row called ``name``.

        Raises
        ------
        KeyError
            When there is none.
        """
        for row in self.rows:
            if row.name == name:
                return row
        known = ", ".join(repr(row.name) for row in self.rows)
        raise KeyError(f"there is no variant {name!r}; there are {known}")

    @property
    def conclusion(self) -> str:
        """What to do, in a sentence."""
        name = self.recommended
        if name is None:
            return "Nothing to recommend: no variant has a finished run."
        row = self.row(name)
        if not row.is_baseline and row.ratio is not None:
            ratio = row.ratio
            return (
                f"Take {name}: {1 / ratio.mid:.2f} times as fast as {self.baseline}"
                f" ({1 / ratio.high:.2f} to {1 / ratio.low:.2f})."
            )
        faster = [other for other in self.rows if other.verdict == "faster"]
        wrong = ", ".join(other.name for other in faster if other.results_equal is False)
        if wrong:
            return f"Stay with {name}: the results of what is faster differ ({wrong})."
        starts = ", ".join(other.name for other in faster if other.error is None)
        if starts:
            return f"Stay with {name}: what is faster pays more to start, each time ({starts})."
        return f"Stay with {name}: nothing is surely faster."

    @property
    def difference(self) -> str | None:
        """Which results are unequal, in a sentence; None where none are."""
        differ = [row.name for row in self.rows if row.results_equal is False]
        return f"The results differ: {', '.join(differ)}" if differ else None

    @property
    def causes(self) -> tuple[tuple[str, str], ...]:
        """What each variant lost most by, in words, by its name."""
        return tuple((row.name, row.cause) for row in self.rows if row.cause)

    def to_dict(self) -> dict[str, Any]:
        """Return the comparison as plain JSON values."""
        own = ("baseline", "recommended", "conclusion", "warnings", "rounds", "seed", "tolerance")
        sent = ComparisonReport(
            version=wire.VERSION,
            variants=tuple(row.sent() for row in self.rows),
            curve=self.curve,
            proposal=self.proposal,
            **{name: getattr(self, name) for name in own},
        )
        plain: dict[str, Any] = wire.to_dict(sent)
        return plain

    def to_json(self, indent: int | None = 2) -> str:
        """Return the comparison as JSON text."""
        return json.dumps(self.to_dict(), indent=indent)

    @property
    def table(self) -> Any:
        """The rows as a pandas DataFrame; a list of dicts where pandas is not installed."""
        rows = [_flat(row) for row in self.rows]
        try:
            import pandas  # noqa: PLC0415, ICN001 - optional, and slow to load
        except ImportError:
            return rows
        return pandas.DataFrame(rows).set_index("variant")

    def to_markdown(self) -> str:
        """Return the rows as two Markdown tables: how long, and what each took beside time."""
        parts = [f"**{self.difference}**"] if self.difference else []
        parts += [_markdown(columns.TIMES, columns.times, self.rows)]
        parts += [_markdown(columns.COSTS, columns.costs, self.rows), self.conclusion]
        notes = [*(f"{name}: {cause}" for name, cause in self.causes), *self.warnings]
        parts.append("\n".join(f"- {_escaped(note)}" for note in notes))
        return "\n\n".join(part for part in parts if part)

    def __repr__(self) -> str:
        return self.to_markdown()


def _flat(row: Row) -> dict[str, Any]:
    plain = wire.to_dict(row.sent())
    ratio = plain.pop("ratio") or {}
    kept = {k: v for k, v in plain.items() if k not in ("name", "budget", "predicted", "outliers")}
    return {
        "variant": row.name,
        **kept,
        **{f"ratio_{end}": ratio.get(end) for end in ("low", "mid", "high")},
        "predicted": row.predicted.mid if row.predicted is not None else None,
    }


def _markdown(
    head: Sequence[str], cells: Callable[[Row], Sequence[str]], rows: Sequence[Row]
) -> str:
    lines = [head, ("---",) * len(head), *map(cells, rows)]
    return "\n".join("| " + " | ".join(map(_escaped, line)) + " |" for line in lines)


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
