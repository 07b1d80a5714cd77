"""What is compared: one way to run a cell."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable
from dataclasses import dataclass

#: Every spelling of a scheduler's name, and what it is called here.
SCHEDULERS = {
    "sync": "sync",
    "synchronous": "sync",
    "single-threaded": "sync",
    "threads": "threads",
    "threading": "threads",
    "processes": "processes",
    "multiprocessing": "processes",
    "distributed": "distributed",
    "client": "distributed",
    "as-written": "as written",
    "as written": "as written",
    "as_written": "as written",
}
#: Those that take a number of workers.
SCALING = ("threads", "processes", "distributed")
_OPTIONS = ("workers", "threads_per_worker", "chunksize")
#: Other names of the options: as Dask has them.
_ALIASES = {"num_workers": "workers", "n_workers": "workers", "n": "workers"}
_SPLIT = re.compile(r"\s*,\s*|\s+(?=\w+\s*=)")


class VariantError(ValueError):
    """A variant that cannot be understood; the message says what can."""


@dataclass(frozen=True)
class Setting:
    """A scheduler and its options.

    Parameters
    ----------
    scheduler
        ``"as written"``, ``"sync"``, ``"threads"``, ``"processes"`` or ``"distributed"``.
    workers
        Threads, processes or, on distributed, workers; None for what is usual.
    threads_per_worker
        On distributed; None for one.
    chunksize
        Tasks per pool job on local schedulers; None for Dask's own.
    """

    scheduler: str = "as written"
    workers: int | None = None
    threads_per_worker: int | None = None
    chunksize: int | None = None

    @property
    def name(self) -> str:
        """How a table calls it: what the user would write to get it."""
        given = [
            f"{name}={value}" for name in _OPTIONS if (value := getattr(self, name)) is not None
        ]
        return ", ".join([self.scheduler, *given])


@dataclass(frozen=True)
class Variant:
    """One row of a comparison.

    Parameters
    ----------
    name
        What the row is called.
    code
        Name of the version of the code; None where there is only one.
    setting
        The scheduler that is set around it.
    """

    name: str
    code: str | None = None
    setting: Setting = Setting()


def setting(text: str) -> Setting:
    """Read ``"processes, chunksize=1"``.

    Parameters
    ----------
    text
        A scheduler, then options after commas: ``workers``, ``threads_per_worker``,
        ``chunksize``.

    Raises
    ------
    VariantError
        When the scheduler or an option is unknown, or a value is no whole number above 0.
    """
    first, *rest = [part for part in _SPLIT.split(text.strip().strip("\"'")) if part]
    scheduler = SCHEDULERS.get(first.lower())
    if scheduler is None:
        known = "threads, processes, sync, distributed or as-written"
        raise VariantError(f"there is no scheduler {first!r}: take {known}")
    options: dict[str, int] = {}
    for part in rest:
        name, equals, value = (word.strip() for word in part.partition("="))
        name = _ALIASES.get(name, name)
        if not equals or name not in _OPTIONS:
            raise VariantError(f"{part!r} in {text!r} is no option: {', '.join(_OPTIONS)}")
        options[name] = whole_number(value, name)
    return _checked(Setting(scheduler, **options))


def whole_number(text: str, name: str) -> int:
    """Read a whole number above 0.

    Raises
    ------
    VariantError
        When it is none; for ``chunksize=-1`` the message tells why.
    """
    try:
        number = int(text)
    except ValueError:
        raise VariantError(f"{name}={text!r}: a whole number is wanted") from None
    if number < 1:
        why = " (-1 makes Dask divide by zero: dask/dask#10297)" if name == "chunksize" else ""
        raise VariantError(f"{name}={number}: at least 1 is wanted{why}")
    return number


def _checked(one: Setting) -> Setting:
    if one.threads_per_worker is not None and one.scheduler != "distributed":
        raise VariantError(f"threads_per_worker is for distributed, not for {one.scheduler}")
    if one.chunksize is not None and one.scheduler not in ("threads", "processes"):
        raise VariantError(f"chunksize is for threads and processes, not for {one.scheduler}")
    if one.workers is not None and one.scheduler in ("sync", "as written"):
        raise VariantError(f"{one.scheduler} takes no number of workers")
    return one


def with_workers(settings: Iterable[Setting], counts: Iterable[int]) -> list[Setting]:
    """Return each setting once for each number of workers, where it takes one.

    Parameters
    ----------
    settings
        What is to be compared.
    counts
        Numbers of workers; none leaves the settings as they are.
    """
    counts = list(counts)
    result: list[Setting] = []
    for one in settings:
        if not counts or one.scheduler not in SCALING or one.workers is not None:
            result.append(one)
            continue
        result += [dataclasses.replace(one, workers=count) for count in counts]
    return list(dict.fromkeys(result))


def variants(codes: Iterable[str | None], settings: Iterable[Setting]) -> tuple[Variant, ...]:
    """Return every version of the code under every setting, named so that no two are alike.

    Parameters
    ----------
    codes
        Names of the versions of the code; one None where there is only one.
    settings
        The schedulers.
    """
    codes, settings = list(codes), list(settings)
    rows: list[Variant] = []
    for code in codes:
        for one in settings:
            parts = [] if code is None else [code]
            if code is None or len(settings) > 1 or one.scheduler != "as written":
                parts.append(one.name)
            rows.append(Variant(", ".join(parts), code, one))
    return tuple(dict.fromkeys(rows))
