"""What programs read: JSON, and the workflow commands of GitHub."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from typing import Any

from dask_lens.lint.checking import Remark
from dask_lens.record import wire

#: How serious a kind of finding is, in GitHub's words.
LEVELS = {"wrong": "error", "fails": "error", "slow": "warning", "notice": "notice"}


def as_json(remarks: Iterable[tuple[str, Remark]]) -> str:
    """Return a JSON list of findings as they travel, each with its ``path``.

    Parameters
    ----------
    remarks
        Each with the name of its file.
    """
    found = [
        {"path": name, **wire.to_dict(remark.report(propose=True))} for name, remark in remarks
    ]
    return json.dumps(_finite(found), indent=2, allow_nan=False)


def _finite(value: Any) -> Any:
    """Return null for numbers that JSON does not have."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    return [_finite(item) for item in value] if isinstance(value, list) else value


def as_github(remarks: Iterable[tuple[str, Remark]]) -> Iterator[str]:
    """Yield a workflow command for each finding, which GitHub shows at its line.

    Parameters
    ----------
    remarks
        Each with the name of its file.
    """
    for name, remark in remarks:
        found = remark.report(propose=False)
        properties: dict[str, object] = {"file": name.replace("\\", "/")}
        message = f"{found.message} {found.advice}"
        if remark.place is not None and remark.document.is_notebook:
            # GitHub shows notebooks as the JSON that they are.
            properties["line"] = remark.document.line(remark.place.cell, remark.place.line)
            message = f"Cell {remark.place.cell + 1}, line {found.line}: {message}"
        elif remark.place is not None:
            names = ("line", "col", "endLine", "endColumn")
            values = (found.line, found.column, found.end_line, found.end_column)
            properties |= {n: v for n, v in zip(names, values, strict=True) if v is not None}
        properties["title"] = f"{found.code} {found.name}"
        listed = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
        yield f"::{LEVELS[found.kind]} {listed}::{_data(message)}"


def _data(value: object) -> str:
    return str(value).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: object) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")
