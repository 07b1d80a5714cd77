"""Rounds in a fair order: warm-up, then every variant once a round, each round shuffled."""

from __future__ import annotations

import contextlib
import gc
import math
import random
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import dask.config

from dask_lens import rewrites
from dask_lens.compare import equality, meters
from dask_lens.compare.alarm import Alarm, TimeIsUpError
from dask_lens.compare.comparison import Comparison, Row
from dask_lens.compare.environment import Environment, Environments
from dask_lens.compare.failures import elsewhere, hung, raised, told
from dask_lens.compare.startup import PAID_EACH_TIME, startup
from dask_lens.compare.statistics import ITSELF, ratio
from dask_lens.compare.variant import Variant
from dask_lens.compare.warnings import warnings_of
from dask_lens.compare.workload import Workload, gathered
from dask_lens.metrics.change import Change
from dask_lens.metrics.estimate import Estimate
from dask_lens.metrics.whatif import predict
from dask_lens.record.run import NotJudged
from dask_lens.report import Report

#: Tasks per job where none is named: what Dask takes.
USUAL_CHUNKSIZE = {"threads": 1, "processes": 6}

#: Share of the time left that the run to warm up may take: with more, none could be counted.
_FIRST = 0.5
_OVER = "the time set was over"


class Seen(Protocol):
    """A block that was observed: see :func:`dask_lens.observe`."""

    @property
    def report(self) -> Report | None: ...  # noqa: D102 - what was seen of it

    def __enter__(self) -> Any: ...

    def __exit__(self, kind: object, error: BaseException | None, traceback: object, /) -> Any: ...


@dataclass(frozen=True)
class Plan:
    """How to compare.

    Parameters
    ----------
    rounds
        Counted runs of each variant.
    max_time
        Seconds after which it ends with what there is.
    seed
        Of the order within the rounds.
    keep
        Whether the names of the last whole run are wanted; else they go before the next.
    observe
        Gives what observes a run; None for no observation.
    progress
        Told, before each run, of the variant, the round (0 for the warm-up) and the seconds
        left, None where not known yet.
    """

    rounds: int = 7
    max_time: float = 120.0
    seed: int = 0
    keep: bool = False
    observe: Callable[[], Seen] | None = None
    progress: Callable[[str, int, float | None], None] = lambda *_: None


@dataclass
class _Running:
    """A variant while it is compared."""

    variant: Variant
    workload: Workload
    environment: Environment | None = None
    runs: list[float] = field(default_factory=list)
    reports: list[tuple[float, Report]] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    warm: float | None = None
    first: tuple[float, Report] | None = None
    memory: int | None = None
    moved: int | None = None
    equal: bool | None = None
    doubt: str | None = None
    predicted: Estimate | None = None
    error: str | None = None


@dataclass(frozen=True)
class _Forecast:
    """What predictions are made from: a warm-up run, of which code, and where it ran."""

    report: Report
    code: str | None
    scheduler: str


def compare(
    workloads: Mapping[str | None, Workload],
    variants: Sequence[Variant],
    namespace: Mapping[str, Any],
    plan: Plan,
) -> tuple[Comparison, Mapping[str, Any]]:
    """Time variants against each other.

    Parameters
    ----------
    workloads
        Versions of the code, by name.
    variants
        The rows; the first that runs is the baseline.
    namespace
        The names that the code sees; they stay as they are.
    plan
        How to compare.

    Returns
    -------
    Comparison, mapping
        And the names that the last run left.
    """
    with (
        _frozen(),
        Alarm(plan.max_time) as alarm,
        Environments(namespace, lambda: alarm.left) as environments,
    ):
        session = _Session(workloads, variants, namespace, plan, alarm)
        try:
            session.warm_up(environments)
            session.measure()
        except KeyboardInterrupt:
            session.stopped = _OVER if alarm.left <= 0 else "it was interrupted"
        except TimeIsUpError:
            session.stopped = _OVER
        result = session.comparison()
    return result, session.left


@contextlib.contextmanager
def _frozen() -> Iterator[None]:
    """Set aside what is there, so that collecting a run's garbage takes no time to speak of."""
    gc.collect()
    freezes = gc.get_freeze_count() == 0  # else the user has done so
    if freezes:
        gc.freeze()
    try:
        yield
    finally:
        if freezes:
            gc.unfreeze()


class _Session:
    def __init__(
        self,
        workloads: Mapping[str | None, Workload],
        variants: Sequence[Variant],
        namespace: Mapping[str, Any],
        plan: Plan,
        alarm: Alarm,
    ) -> None:
        self.alarm = alarm
        self.rows = [_Running(variant, workloads[variant.code]) for variant in variants]
        self.namespace = namespace
        self.plan = plan
        self.stopped: str | None = None
        self.left: Mapping[str, Any] = {}
        self.rounds = 0
        self._others = meters.Others()
        self._reference: Mapping[str, Any] | None = None
        self._last: list[_Running] = []
        self._draw = random.Random(plan.seed)  # noqa: S311 - an order, not a secret

    def warm_up(self, environments: Environments) -> None:
        """Open every environment and run every variant once, not counted."""
        forecast: _Forecast | None = None
        for row in self.rows:
            self.plan.progress(row.variant.name, 0, None)
            try:
                row.environment = environments.of(row.variant.setting)
            except TimeIsUpError:
                row.error = f"{_OVER} before it was up"
                raise
            except Exception as error:  # noqa: BLE001 - one that cannot be had is a row
                row.error = told(error)
                continue
            if forecast is not None:
                row.predicted = _predicted(forecast, row)
            row.warm, report = self._run(row, first=True)
            if row.warm is not None and report is not None:
                row.first = row.warm, report
            if forecast is None and report is not None and row.error is None:
                ran = [computation.scheduler for computation in report.computations]
                forecast = _Forecast(report, row.variant.code, ran[0] if ran else "")

    def measure(self) -> None:
        """Run the counted rounds."""
        for number in range(1, self.plan.rounds + 1):
            alive = [row for row in self.rows if row.error is None]
            if not alive:
                return
            needed = sum(row.runs[-1] if row.runs else row.warm or 0.0 for row in alive)
            left = self.alarm.left
            if number > 1 and needed > left:
                raise TimeIsUpError
            for row in self._order(alive, number):
                rest = needed * (self.plan.rounds - number + 1)
                self.plan.progress(row.variant.name, number, min(rest, max(left, 0.0)))
                seconds, report = self._run(row)
                if row.error is None and seconds is not None:
                    row.runs.append(seconds)
                    if report is not None:
                        row.reports.append((seconds, report))
            self.rounds = number

    def _order(self, alive: list[_Running], number: int) -> list[_Running]:
        """Return the order of a round: random, and every second round the last one backwards.

        So what drifts steadily, such as the heat of a machine, favours no variant.
        """
        if number % 2 or len(self._last) != len(alive):
            self._last = self._draw.sample(alive, len(alive))
        else:
            self._last = self._last[::-1]
        return self._last

    def _run(self, row: _Running, *, first: bool = False) -> tuple[float | None, Report | None]:
        environment = row.environment
        if environment is None:
            return None, None
        if not self.plan.keep:
            self.left = {}  # what the last run left is released, on clusters as well
        gc.collect()
        names = environment.names(self.namespace)
        seen = self.plan.observe() if self.plan.observe is not None else None
        meter = meters.Meter(environment.crew, thorough=first)
        shared = first and len(self.rows) > 1
        most = self.alarm.left * _FIRST if shared else math.inf
        try:
            with (
                meter,
                environment(first=first),
                seen or contextlib.nullcontext(),
                self.alarm.run(most),
            ):
                cpu, began = time.process_time(), time.perf_counter()
                outcome = row.workload.run(names)
                seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
        except KeyboardInterrupt:
            if not self.alarm.rang:
                raise
            over = self.alarm.left <= 0
            row.error = hung(environment) or (
                None
                if over
                else f"its first run was stopped after {most:.3g} s, to leave time "
                "for the others: raise max_time (what it left at work may slow them down)"
            )
            if over:
                raise
            return None, None
        except TimeIsUpError:
            raise
        except BaseException as error:  # noqa: BLE001 - SystemExit and the like are a row, too
            row.error = raised(error, environment)
            return None, None
        report = seen.report if seen is not None else None
        if first:
            row.memory, row.moved = meter.memory, meter.moved
        elif meter.cpu is not None:
            row.cpu.append(meter.cpu + cpu)
        row.error = elsewhere(row.variant.setting, environment)
        self._judge(row, outcome.names)
        self.left = outcome.namespace
        return seconds, report

    def _judge(self, row: _Running, result: Mapping[str, Any]) -> None:
        """Compare a result with the first one of the baseline."""
        if row.equal is False or len(row.runs) > 1:
            return  # known, or looked at twice
        try:
            result = equality.values(gathered(result))
            if self._reference is None:
                self._reference = result
            row.equal = equality.same(result, self._reference)
        except Exception as doubt:  # noqa: BLE001 - a task that erred, a type that cannot tell
            row.equal, row.doubt = None, str(doubt)

    def comparison(self) -> Comparison:
        """Put together what there is."""
        finished = [row.runs[: self.rounds] for row in self.rows if not row.error]
        base = next((row for row in self.rows if row.runs), None)
        rounds = min(map(len, finished), default=0)
        rows = tuple(self._row(row, base) for row in self.rows)
        busy = self._others.busy()
        return Comparison(
            rows=rows,
            warnings=tuple(warnings_of(rows, rounds, self.plan, self.stopped, busy)),
            rounds=rounds,
            seed=self.plan.seed,
            tolerance=f"NaN equals NaN, floats may differ by {equality.TOLERANCE:g} of their size",
        )

    def _row(self, row: _Running, base: _Running | None) -> Row:
        runs = tuple(row.runs[: self.rounds] or row.runs)
        middle = sorted(row.reports, key=lambda pair: pair[0])[len(row.reports) // 2 :][:1]
        report = middle[0][1] if middle else None
        measured = report.parallelism if report is not None else None
        environment = row.environment
        opened = environment.startup if environment is not None else None
        compared = ITSELF if row is base else None
        if base is not None and row is not base:
            compared = ratio(runs, base.runs[: self.rounds], self.plan.seed)
        return Row(
            name=row.variant.name,
            runs=runs,
            ratio=compared,
            startup=startup(row.variant.setting, opened, row.first, middle[0] if middle else None),
            parallelism=measured.achieved if measured is not None else None,
            budget=report.budget if report is not None else None,
            cause=_cause(report) if report is not None else None,
            threads=measured.threads
            if measured is not None
            else environment.threads
            if environment is not None
            else None,
            cpu=statistics.fmean(row.cpu) if row.cpu else None,
            memory=row.memory,
            moved=row.moved,
            results_equal=row.equal if runs else None,
            doubt=row.doubt,
            predicted=row.predicted,
            error=row.error or (None if runs else f"no run was finished, as {self.stopped}"),
            paid_each_time=row.variant.setting.scheduler in PAID_EACH_TIME,
            is_baseline=row is base,
            reused=environment.stale if environment is not None else 0,
        )


def _predicted(forecast: _Forecast, row: _Running) -> Estimate | None:
    """Ask the lens, before the variant runs for the first time, how long a user will wait.

    An estimate for processes holds the start of the processes, as :attr:`Row.waited` does; one
    made from a run on processes that were up already does not, and is given theirs.
    """
    setting, environment = row.variant.setting, row.environment
    if environment is None:
        return None
    startup = (environment.startup or 0.0) if forecast.scheduler == "processes" else 0.0
    if row.variant.code != forecast.code:
        return _proposed(forecast, row.variant.name, startup)
    if setting.scheduler == "as written":
        return None
    given: dict[str, Any] = {"scheduler": setting.scheduler}
    if setting.scheduler == "distributed":
        given["threads_per_worker"] = each = setting.threads_per_worker or 1
        given["workers"] = max((environment.threads or 1) // each, 1)
    elif setting.scheduler != "sync":
        given["workers"] = environment.threads
        given["chunksize"] = setting.chunksize or dask.config.get(
            "chunksize", USUAL_CHUNKSIZE[setting.scheduler]
        )
    estimate = forecast.report.predict(**given)
    if estimate is None or setting.scheduler != "processes":
        return estimate
    return _later(estimate, startup)


def _proposed(forecast: _Forecast, title: str, startup: float) -> Estimate | None:
    """Predict a change that the lens itself proposes, by its title."""
    effects = [one.effect for one in rewrites.catalogue().values() if one.title == title]
    run = forecast.report.run
    if run is None or not effects or not isinstance(effects[0], Change) or effects[0].dropped:
        return None
    ran = [replace(c, asked=None) for c in run.computations]  # no later call imports again
    outcome = predict(ran, effects[0], measure=True)
    return None if isinstance(outcome, NotJudged) else _later(outcome, startup)


def _later(estimate: Estimate, seconds: float) -> Estimate:
    return Estimate(estimate.low + seconds, estimate.mid + seconds, estimate.high + seconds)


def _cause(report: Report) -> str | None:
    """Say in words what a run lost most by: what a rule saw, else what limits it."""
    seen = (f.message for f in report.findings if f.certainty == "seen" and f.cost)
    return next(seen, report.limit)
