"""Reports as files, by suffix: what :meth:`dask_lens.report.Report.save` calls."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

from dask_lens.present.document import document
from dask_lens.present.trace import trace
from dask_lens.report import Report


def save(report: Report, path: str | os.PathLike[str]) -> Path:
    """Write a report to a file; see :meth:`dask_lens.report.Report.save`."""
    target = Path(path).expanduser()
    for suffix, write in _WRITERS.items():
        if target.name.lower().endswith(suffix):
            content = write(report)
            break
    else:
        known = ", ".join(_WRITERS)
        raise ValueError(f"report.save({str(path)!r}): unknown suffix; it must end in {known}")
    try:
        target.write_text(content, encoding="utf-8")
    except OSError as error:
        raise type(error)(
            f"report.save({str(path)!r}) cannot write there: {error.strerror or error}; "
            "name a file in a folder that exists and that you may write to"
        ) from error
    return target


def _json(report: Report) -> str:
    return json.dumps(report.to_dict(), indent=1, ensure_ascii=False) + "\n"


def _trace(report: Report) -> str:
    if report.run is None:
        raise ValueError(
            "report.save: a trace is made from the record of the run, and this report has none "
            "any more; run the cell again, or save as .json or .html"
        )
    return json.dumps(trace(report.run)) + "\n"


_WRITERS: dict[str, Callable[[Report], str]] = {
    ".trace.json": _trace,
    ".json": _json,
    ".html": document,
}
