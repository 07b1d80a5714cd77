"""What to look for, from the command line and from ``[tool.dask-lens]`` in ``pyproject.toml``."""

from __future__ import annotations

import fnmatch
import functools
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dask_lens import config, rules
from dask_lens.rule import Rule

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

#: What is said of ignore comments, by name, with their codes.
NOTICES = {"unused-ignore": "LENS001", "unknown-rule": "LENS002"}

_LISTS = ("select", "ignore", "exclude")
_KEYS = (*_LISTS, "per-file-ignores", "rules")


class SettingsError(ValueError):
    """A setting that makes no sense; the message says where it stands, and the way out."""


@dataclass(frozen=True)
class Settings:
    """The table ``[tool.dask-lens]`` of one project; as it is without one.

    Parameters
    ----------
    folder
        Where its ``pyproject.toml`` is: patterns are relative to it. None without one.
    select, ignore
        Names of rules and notices; ``select`` is None for all.
    exclude
        Patterns of files that are passed over where folders are walked.
    per_file_ignores
        Names to ignore, by pattern of files.
    rules
        What is set for each rule by its name, underscores in keys.
    """

    folder: Path | None = None
    select: frozenset[str] | None = None
    ignore: frozenset[str] = frozenset()
    exclude: tuple[str, ...] = ()
    per_file_ignores: Mapping[str, frozenset[str]] = field(default_factory=dict)
    rules: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def excludes(self, path: Path) -> bool:
        """Whether a file or folder is to be passed over."""
        return any(self._matches(path, pattern) for pattern in self.exclude)

    def ignored_in(self, path: Path) -> frozenset[str]:
        """Return the names that ``per-file-ignores`` has for a file."""
        found = [n for p, n in self.per_file_ignores.items() if self._matches(path, p)]
        return frozenset().union(*found)

    def _matches(self, path: Path, pattern: str) -> bool:
        """Whether a pattern is of the file, its name, or a folder that it is in."""
        path = path.absolute()
        if self.folder is not None and path.is_relative_to(self.folder):
            path = path.relative_to(self.folder)
        wholes = [path, *path.parents]
        pattern = pattern.strip("/").removesuffix("/**")
        return any(
            fnmatch.fnmatch(whole.as_posix(), pattern) or fnmatch.fnmatch(whole.name, pattern)
            for whole in wholes
        )


@dataclass(frozen=True)
class Choice:
    """What is looked for in one file.

    Parameters
    ----------
    rules
        The rules to ask.
    notices
        Which of :data:`NOTICES` are told.
    settings
        Returns what is set for a rule.
    """

    rules: tuple[Rule, ...]
    notices: frozenset[str]
    settings: Callable[[str], Mapping[str, Any]]


def choose(
    settings: Settings,
    path: Path,
    select: frozenset[str] | None = None,
    ignore: frozenset[str] = frozenset(),
) -> Choice:
    """Return what is looked for in a file.

    Parameters
    ----------
    settings
        Those of its project.
    path
        The file.
    select, ignore
        From the command line: ``select`` takes the place of the project's ``select`` and
        ``ignore``; ``ignore`` comes on top.
    """
    left_out = settings.ignored_in(path) | ignore
    if select is None:
        select_here, left_out = settings.select, left_out | settings.ignore
    else:
        select_here = select
    names = (_everything() if select_here is None else select_here) - left_out

    def of_rule(name: str) -> Mapping[str, Any]:
        given = {**config.rule_settings(name), **settings.rules.get(name, {})}
        return {**given, "enabled": True} if select is not None else given

    return Choice(
        tuple(rule for rule in rules.catalogue() if rule.name in names),
        frozenset(names & NOTICES.keys()),
        of_rule,
    )


def chosen(names: Iterable[str], where: str) -> frozenset[str]:
    """Return the names of rules and notices that these words mean.

    Parameters
    ----------
    names
        Names, codes, beginnings of codes such as ``DSK2``, or ``ALL``.
    where
        How errors name the setting.

    Raises
    ------
    SettingsError
        When a word means nothing.
    """
    codes = {rule.code: rule.name for rule in rules.catalogue()}
    codes |= {code: name for name, code in NOTICES.items()}
    found: set[str] = set()
    for word in names:
        beginning = word.strip().upper()
        plain = beginning.lower().replace("_", "-")
        if beginning == "ALL":
            found |= _everything()
        elif plain in codes.values():
            found.add(plain)
        elif re.fullmatch(r"DSK\d*|LENS\d*", beginning) and any(
            code.startswith(beginning) for code in codes
        ):
            found |= {name for code, name in codes.items() if code.startswith(beginning)}
        else:
            try:
                rules.find(word)
            except KeyError as error:
                raise SettingsError(f"{where}: {error.args[0]}") from None
    return frozenset(found)


def _everything() -> frozenset[str]:
    return frozenset({rule.name for rule in rules.catalogue()} | NOTICES.keys())


@functools.cache
def settings_of(folder: Path) -> Settings:
    """Return the settings for the files of a folder: of the nearest project that has some.

    Parameters
    ----------
    folder
        An absolute path.

    Raises
    ------
    SettingsError
        When they make no sense.
    """
    table = _table(folder / "pyproject.toml")
    if table is not None:
        return _read(table, folder)
    return Settings() if folder.parent == folder else settings_of(folder.parent)


def _table(file: Path) -> dict[str, Any] | None:
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return None
    except (OSError, ValueError) as error:
        raise SettingsError(f"{file} cannot be read: {error}") from error
    tool = document.get("tool")
    table = tool.get("dask-lens") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise SettingsError(f"{file}: tool.dask-lens must be a table")
    return table


def _read(table: dict[str, Any], folder: Path) -> Settings:
    where = f"{folder / 'pyproject.toml'}: tool.dask-lens"
    for key in table:
        if key not in _KEYS:
            raise SettingsError(f"{where}.{key}: unknown; one of {', '.join(_KEYS)}")
    lists = {key: _strings(table.get(key, []), f"{where}.{key}") for key in _LISTS}
    select = chosen(lists["select"], f"{where}.select") if "select" in table else None
    by_file = _mapping(table.get("per-file-ignores", {}), f"{where}.per-file-ignores")
    return Settings(
        folder,
        select,
        chosen(lists["ignore"], f"{where}.ignore"),
        tuple(lists["exclude"]),
        {
            pattern: chosen(_strings(names, place), place)
            for pattern, names in by_file.items()
            for place in [f"{where}.per-file-ignores.{pattern!r}"]
        },
        dict(
            _of_rule(name, given, f"{where}.rules.{name}")
            for name, given in _mapping(table.get("rules", {}), f"{where}.rules").items()
        ),
    )


def _of_rule(name: str, given: Any, where: str) -> tuple[str, dict[str, Any]]:
    try:
        rule = rules.find(name)
    except KeyError as error:
        raise SettingsError(f"{where}: {error.args[0]}") from None
    defaults = {"enabled": True, **rule.thresholds}
    found = {}
    for written, value in _mapping(given, where).items():
        key = written.replace("-", "_")
        if key not in defaults:
            known = ", ".join(k.replace("_", "-") for k in defaults)
            raise SettingsError(f"{where}.{written}: unknown; one of {known}")
        wanted = type(defaults[key])
        fits = isinstance(value, (int, float) if wanted in (int, float) else wanted)
        if not fits or isinstance(value, bool) != (wanted is bool):
            raise SettingsError(
                f"{where}.{written}: {value!r} is no {_WORDS.get(wanted, 'value')}"
            )
        found[key] = value
    return rule.name, found


_WORDS = {bool: "boolean", int: "number", float: "number", str: "text"}


def _strings(value: Any, where: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise SettingsError(f"{where}: {value!r} is no list of texts")
    return value


def _mapping(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise SettingsError(f"{where}: {value!r} is no table")
    return value
