"""Every rule over a run: what they find, what comments silence, and which comments do nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from dask_lens import config, rules
from dask_lens.record.cell import Place
from dask_lens.record.run import NotJudged, Run
from dask_lens.rule import KINDS, Finding, Rule
from dask_lens.source.ignores import Ignore, ignores, unused
from dask_lens.source.program import read
from dask_lens.source.purpose import tested_lines


@dataclass(frozen=True)
class Judgement:
    """What the rules say of a run.

    Parameters
    ----------
    findings
        Worst first, without those that a comment silences.
    not_judged
        What could not be looked at, rules that stumbled among them.
    unused
        Comments that silence nothing, as far as that can be told, with the names that do not.
    unknown
        Comments that name rules which do not exist, with these names.
    """

    findings: tuple[Finding, ...]
    not_judged: tuple[NotJudged, ...]
    unused: tuple[Ignore, ...]
    unknown: tuple[Ignore, ...]


def judge(
    run: Run,
    among: Iterable[Rule] | None = None,
    settings: Callable[[str], Mapping[str, Any]] = config.rule_settings,
) -> Judgement:
    """Ask every rule that can look at this run.

    Parameters
    ----------
    run
        What happened, or what was written.
    among
        The rules to ask. Default: all.
    settings
        Returns the thresholds set for a rule of this name, and whether it is ``enabled``.
    """
    asked: list[Rule] = []
    found: list[Finding] = []
    not_judged: list[NotJudged] = []
    only_read = replace(run, not_judged=()) == Run(run.cells)
    tests = tested_lines(read(run.cells)) if only_read else frozenset()
    for rule in rules.catalogue() if among is None else among:
        given = dict(settings(rule.name))
        if not given.pop("enabled", True) or (only_read and "source" not in rule.needs):
            continue
        asked.append(rule)
        for item in _ask(rule, run, given):
            if isinstance(item, NotJudged):
                not_judged.append(item)
            elif item.place is None or (item.place.cell, item.place.line) not in tests:
                found.append(item)
    comments = ignores(run.cells)
    spoken = [finding for finding in found if not _silenced(finding, comments)]
    return Judgement(
        tuple(sorted(spoken, key=_rank)),
        tuple(not_judged),
        tuple(_unused(run, comments, asked, found)),
        tuple(_unknown(run, comments)),
    )


def _ask(rule: Rule, run: Run, settings: Mapping[str, Any]) -> list[Finding | NotJudged]:
    try:
        return list(rule.run(run, settings))
    except Exception as error:  # noqa: BLE001 - one rule's stumble must not cost the whole report
        return [NotJudged(rule.name, f"the rule stumbled over this run: {error!r}")]


def _rank(finding: Finding) -> tuple[int, bool, float]:
    return KINDS.index(finding.rule.kind), finding.minor, -(finding.cost or 0.0)


def _names(rule: Rule) -> tuple[str, str]:
    return rule.name, rule.code.lower()


def _silenced(finding: Finding, comments: Iterable[Ignore]) -> bool:
    place = finding.place
    return place is not None and any(
        comment.silences(place, name) for comment in comments for name in _names(finding.rule)
    )


def _unused(
    run: Run, comments: tuple[Ignore, ...], asked: list[Rule], found: list[Finding]
) -> Iterable[Ignore]:
    """Yield the comments that silence nothing, where no other run could make them useful."""
    if not comments:
        return
    by_name = {name: rule for rule in asked for name in _names(rule)}
    places = [
        (finding.place, name)
        for finding in found
        if finding.place is not None
        for name in _names(finding.rule)
    ]
    readers = {rule for rule in rules.catalogue() if "source" in rule.needs}
    for comment in unused(_judged(run, comments), places):
        plain = _is_plain(run, comment.place)
        idle = tuple(
            name
            for name in comment.rules
            if name in by_name and (plain or by_name[name].needs == ("source",))
        )
        everything = not comment.rules and readers <= {*asked} and (plain or run.observed is None)
        if idle or everything:
            yield replace(comment, rules=idle)


def _unknown(run: Run, comments: tuple[Ignore, ...]) -> Iterable[Ignore]:
    """Yield the comments that name rules which do not exist."""
    for comment in _judged(run, comments):
        names = tuple(name for name in comment.rules if not rules.exists(name))
        if names:
            yield replace(comment, rules=names)


def unused_words(ignore: Ignore) -> str:
    """Say of a comment that it silences nothing."""
    names = f"[{', '.join(ignore.rules)}]" if ignore.rules else ""
    return f"`dask-lens: ignore{names}` silences nothing here"


def unknown_words(ignore: Ignore) -> str:
    """Say of a comment that its names are those of no rule."""
    near = [rules.nearest(name) for name in ignore.rules]
    names = ", ".join(
        f"{name!r}, perhaps {meant!r}" if meant else repr(name)
        for name, meant in zip(ignore.rules, near, strict=True)
    )
    return f"this comment names rules that do not exist: {names}"


def _judged(run: Run, comments: tuple[Ignore, ...]) -> tuple[Ignore, ...]:
    """Leave out the comments in cells that this run is not about."""
    return tuple(c for c in comments if run.observed in (None, c.place.cell))


def _is_plain(run: Run, place: Place) -> bool:
    """Whether nothing stands on a line that any rule could have a word about."""
    return read(run.cells).cells[place.cell].is_plain(place.line)
