"""SARIF 2.1.0, which code scanning services read.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

import importlib.metadata
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from dask_lens import pages, rules
from dask_lens.lint.checking import Remark
from dask_lens.lint.machines import LEVELS
from dask_lens.lint.settings import NOTICES
from dask_lens.rule import Rule

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS = {**LEVELS, "notice": "note"}


def as_sarif(remarks: Iterable[tuple[str, Remark]], problems: Iterable[str]) -> str:
    """Return a log of one run.

    Parameters
    ----------
    remarks
        What was found, each with the name of its file.
    problems
        What could not be looked at.
    """
    described = [_rule(rule) for rule in rules.catalogue()]
    described += [_notice(name, code) for name, code in NOTICES.items()]
    order = {entry["id"]: number for number, entry in enumerate(described)}
    missed = [{"level": "error", "message": {"text": problem}} for problem in problems]
    driver = {
        "name": "dask-lens",
        "version": importlib.metadata.version("dask-lens"),
        "rules": described,
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": not missed, "toolExecutionNotifications": missed}],
        "results": [_result(name, remark, order) for name, remark in remarks],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2)


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": pages.headline(rule)},
        "fullDescription": {"text": rule.advice},
        "help": {"text": pages.plain(rule), "markdown": pages.markdown(rule)},
        "defaultConfiguration": {"level": _LEVELS[rule.kind]},
        "properties": {"kind": rule.kind},
    }


def _notice(name: str, code: str) -> dict[str, Any]:
    return {
        "id": code,
        "name": name,
        "shortDescription": {"text": "An ignore comment does nothing."},
        "defaultConfiguration": {"level": _LEVELS["notice"]},
        "help": {"text": "Remove the comment, or correct the name of the rule in it."},
    }


def _result(name: str, remark: Remark, order: dict[str, int]) -> dict[str, Any]:
    found = remark.report(propose=False)
    location: dict[str, Any] = {"artifactLocation": {"uri": _uri(name)}}
    message = f"{found.message} {found.advice}"
    where: dict[str, Any] = {"physicalLocation": location}
    place = remark.place
    if place is not None and remark.document.is_notebook:
        # The file is JSON: its lines are not those of the cell.
        location["region"] = {"startLine": remark.document.line(place.cell, place.line)}
        where["logicalLocations"] = [{"name": f"cell {place.cell + 1}"}]
        message = f"Cell {place.cell + 1}, line {place.line}: {message}"
    elif place is not None:
        names = ("startLine", "startColumn", "endLine", "endColumn")
        values = (place.line, place.column, place.end_line, place.end_column)
        location["region"] = {n: v for n, v in zip(names, values, strict=True) if v is not None}
    return {
        "ruleId": found.code,
        "ruleIndex": order[found.code],
        "level": _LEVELS[found.kind],
        "message": {"text": message},
        "locations": [where],
        "properties": {"certainty": found.certainty},
    }


def _uri(name: str) -> str:
    path = Path(name)
    # Bytes of a name that are no text stand in it as surrogates.
    return (
        path.as_uri() if path.is_absolute() else quote(path.as_posix(), errors="surrogateescape")
    )
