"""The lens: the one place that wires observe to report to present."""

from __future__ import annotations

import contextvars
import importlib.metadata
import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import dask.config

from dask_lens import config, pages, rules
from dask_lens.forecaster import Forecaster
from dask_lens.metrics.speedup import speedup
from dask_lens.observation import Observation
from dask_lens.observe.notebook import NotebookCells
from dask_lens.observe.observer import Observer
from dask_lens.present import inline
from dask_lens.present.lanes import lanes
from dask_lens.present.page import Page
from dask_lens.record.cell import Cell
from dask_lens.record.run import NotJudged, Run
from dask_lens.report import FindingReport, Report, analyze
from dask_lens.source.document import read_document
from dask_lens.source.notebook import notebook_cells

logger = logging.getLogger("dask_lens")

#: Reports kept for the page and for ``%lens report``.
HISTORY = 500

#: Comparisons kept for the page.
COMPARISONS = 50

#: Tasks, and tasks of graphs, up to which the runs of the latest reports are kept: one run at
#: its largest, or all runs of a day of small cells. About 0.3 KB each.
KEPT_TASKS = 200_000

#: Seconds a computation must be under way before it is judged by its graph: shorter ones are
#: over, and judged by what happened, before anyone could read a forecast.
FORECAST_AFTER = 0.5
#: After so many, and then twice as many each time, for what shows only when it lasts.
LOOK_AGAIN = 5.0


class Lens:
    """Watches one kernel's cells, and shows what it saw.

    Parameters
    ----------
    shell
        The IPython shell.
    """

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.reports: dict[Any, Report] = {}
        self.last: Report | None = None
        self.show_next = False
        self.keep_as: str | None = None
        self.gauges: list[Any] = []
        self.comparisons: list[Any] = []
        #: The cell that runs compares: what it ran on the way is no news.
        self.comparing = False
        self.observer = Observer(self._finished_later)
        self.forecaster = Forecaster(self._forecast)
        self.cells = NotebookCells(
            self.observer, shell, self._cell_ended, self.forecaster.cell_begins
        )
        self.page = Page(self._answer)
        self._displayed: dict[Any, str] = {}
        self._lock = threading.RLock()
        self._ticker: threading.Thread | None = None
        self._stopping = threading.Event()

    @property
    def on(self) -> bool:
        """Whether cells are being observed."""
        return self._ticker is not None

    def start(self) -> None:
        """Observe from the next cell on."""
        if self.on:
            return
        self.page.open()
        self.observer.start()
        self.cells.start()
        self._stopping.clear()
        # The context carries the cell that outputs belong to over to the thread.
        run = contextvars.copy_context().run
        self._ticker = threading.Thread(
            target=run, args=(self._tick_safely,), name="dask-lens-gauge", daemon=True
        )
        self._ticker.start()
        self.forecaster.start()
        self.page.send("status", self.status())

    def stop(self) -> None:
        """Put everything back as it was; reports are kept."""
        if self._ticker is None:
            return
        self.cells.stop()
        self.forecaster.stop()
        self.observer.stop()
        self._stopping.set()
        self.observer.busy.set()  # wakes the ticker
        self._ticker.join()
        self._ticker = None
        self.observer.busy.clear()
        self.page.send("status", self.status())
        self.page.close()

    def status(self) -> dict[str, Any]:
        """Return whether cells are observed, how they are shown, and the version."""
        return {"on": self.on, "version": version(), "inline": config.get("inline")}

    def _cell_ended(self, run: Run) -> None:
        self.forecaster.cell_ends()
        self._take_safely(run, also_show=True)

    def _finished_later(self, run: Run) -> None:
        self.forecaster.report_comes()
        self._take_safely(run, also_show=False)

    def _take_safely(self, run: Run, *, also_show: bool) -> None:
        try:
            self._take(run, also_show=also_show)
        except Exception:  # a report that cannot be made or shown must not cost the user's cell
            logger.exception("Dask Lens could not report on a cell; the cell itself is unharmed")

    def _take(self, run: Run, *, also_show: bool) -> None:
        if also_show and self.comparing:
            self.comparing = False
            return
        report = analyze(run)
        with self._lock:
            key = _key(report)
            self.reports.pop(key, None)
            self.reports[key] = report
            while len(self.reports) > HISTORY:
                self.reports.pop(next(iter(self.reports)))
            self._forget_runs()
            if run.computations or report.findings or self.last is None:
                self.last = report
        self._show(key, report, also_show=also_show)
        if run.computations:
            self._tell_gauge()  # comes to rest with the cell, not a tick later
        self.page.send("report", report)
        if report.parallelism is not None:
            for gauge in self.gauges:
                gauge.settle(report.parallelism)

    def keep_comparison(self, comparison: Any) -> None:
        """Keep what a comparison found, and show it in the panel."""
        self.comparisons = [*self.comparisons[1 - COMPARISONS :], comparison]
        self.page.send("comparison", comparison.to_dict())

    def _forget_runs(self) -> None:
        room = KEPT_TASKS
        latest = next(reversed(self.reports))
        for key, report in reversed(self.reports.items()):
            if report.run is None:
                break  # and so have all before it
            room -= _size(report.run)
            if room < 0 and key != latest:
                self.reports[key] = replace(report, run=None)

    def _show(self, key: Any, report: Report, *, also_show: bool) -> None:
        how = "always" if self.show_next else config.get("inline")
        if also_show:
            self._displayed.pop(key, None)
            if self.keep_as is not None:
                self.shell.user_ns[self.keep_as] = report
            self.show_next, self.keep_as = False, None
        worth_it = bool(report.findings) or how == "always"
        if how == "never" or not worth_it:
            return
        shown = self._displayed.get(key)
        if shown is None and not also_show:
            return  # below another cell it would be read as that cell's
        display_id = shown or f"dask-lens-{time.time_ns()}"
        self._displayed[key] = display_id
        self.shell.display_pub.publish(
            inline.bundle(report),
            transient={"display_id": display_id},
            update=shown is not None,
        )

    def _tick_safely(self) -> None:
        try:
            self._tick()
        except Exception:  # costs the gauge, and nothing else
            logger.exception("The live gauge stopped; %reload_ext dask_lens starts it again")

    def _tick(self) -> None:
        interval = dask.utils.parse_timedelta(config.get("gauge.interval"))
        while True:
            self.observer.busy.wait()
            if self._stopping.is_set():
                return
            began = time.monotonic()
            look = FORECAST_AFTER
            while self.observer.busy.is_set() and not self._stopping.is_set():
                self._tell_gauge()
                if time.monotonic() - began > look:
                    look = max(2 * look, LOOK_AGAIN)
                    self.forecaster.look_again()
                self._stopping.wait(interval)
            self._tell_gauge()

    def _tell_gauge(self) -> None:
        live = self.observer.live()
        self.page.send("gauge", live)
        for gauge in self.gauges:
            gauge.show(live)

    def _forecast(self) -> None:
        run = self.observer.current()
        if run is not None and not self.comparing:
            report = analyze(run)
            if report.findings:
                self.forecaster.say(lambda: self.page.send("report", report))

    def _answer(self, question: dict[str, Any]) -> Iterator[dict[str, Any]]:
        kind = question.get("kind")
        if kind == "hello":
            yield {"kind": "status", "status": self.status()}
            with self._lock:
                reports = list(self.reports.values())
            for report in reports:
                yield {"kind": "report", "report": report}
            for comparison in self.comparisons:
                yield {"kind": "comparison", "comparison": comparison.to_dict()}
            yield {"kind": "ready"}
        elif kind == "explain":
            yield explain(str(question.get("name")))
        elif kind in ("lanes", "speedup"):
            yield self._of_run(kind, question.get("cell_id") or question.get("execution_count"))
        else:
            yield {"kind": "error", "message": f"dask_lens does not know the question {kind!r}"}

    def _of_run(self, kind: str, key: Any) -> dict[str, Any]:
        with self._lock:
            report = self.reports.get(key)
        if report is None or report.run is None:
            reason = "The kernel has no record of this run any more: run the cell again."
            return {"kind": "error", "message": reason}
        if kind == "lanes":
            return {"kind": kind, kind: lanes(report.run.computations)}
        curve = speedup(report.run)
        if isinstance(curve, NotJudged):
            return {"kind": "error", "message": f"No prediction: {curve.reason}."}
        return {"kind": kind, kind: curve}


_lens: Lens | None = None
_last: Observation | None = None


def load(shell: Any) -> Lens:
    """Start the lens of this kernel; what is loaded already stays as it is."""
    global _lens  # noqa: PLW0603 - one kernel has one lens
    if _lens is None:
        _lens = Lens(shell)
    _lens.start()
    return _lens


def unload() -> None:
    """Stop the lens of this kernel, where there is one."""
    global _lens  # noqa: PLW0603 - one kernel has one lens
    if _lens is not None:
        _lens.stop()
        _lens = None


def check(source: str | Path) -> list[FindingReport]:
    """Judge code that never ran: the engine of :func:`dask_lens.check`."""
    if not isinstance(source, (str, Path)):
        got = type(source).__name__
        raise TypeError(f"dask_lens.check takes code, or the path of a file, and got {got}")
    if isinstance(source, Path) or _is_path(source):
        document = read_document(source)
        run = Run(document.cells, modules=document.modules)
    elif source.lstrip().startswith("{") and '"cells"' in source:
        run = Run(notebook_cells(source))
    else:
        run = Run((Cell(source),))
    return list(analyze(run).findings)


def _is_path(text: str) -> bool:
    return "\n" not in text and text.endswith((".py", ".ipynb"))


def loaded() -> Lens | None:
    """Return the lens of this kernel; None where the extension is not loaded."""
    return _lens


def last_report() -> Report | None:
    """Return the report of the last cell or ``observe()`` block that used Dask.

    Returns
    -------
    Report or None
        None where nothing has been observed.
    """
    if _lens is not None and _lens.last is not None:
        return _lens.last
    return None if _last is None else _last.report


def observe(filename: str) -> Observation:
    """Observe a block of code: the engine of :func:`dask_lens.observe`."""
    return Observation(filename, _watching, _keep)


def _watching() -> Observer | None:
    return _lens.observer if _lens is not None and _lens.on else None


def _keep(seen: Observation) -> None:
    global _last  # noqa: PLW0603 - last_report() answers for scripts, too
    _last = seen


def explain(name: str) -> dict[str, Any]:
    """Return a rule's page as the answer to the page's question."""
    try:
        rule = rules.find(name)
    except KeyError as error:
        return {"kind": "error", "message": str(error.args[0])}
    return {"kind": "page", "name": rule.name, "code": rule.code, "markdown": pages.markdown(rule)}


def version() -> str:
    """Return the installed version."""
    return importlib.metadata.version("dask-lens")


def _size(run: Run) -> int:
    """Return how many tasks and tasks of graphs a run holds."""
    return sum(len(c.tasks) + len(c.graph.keys if c.graph else ()) for c in run.computations)


def _key(report: Report) -> Any:
    return report.cell.cell_id or report.cell.execution_count
