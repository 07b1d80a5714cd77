"""How long a new process of the processes scheduler takes to start, measured once, on request."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from time import perf_counter
from types import CodeType, FunctionType, ModuleType

import dask.config

#: Seconds after which a measurement is given up.
_PATIENCE = 10.0

#: Seconds of a fork, which starts with all that is loaded.
_FORKED = 0.02

#: What was measured, by what is imported.
_measured: dict[tuple[str, ...], float] = {}


#: What many tasks use and takes long to import.
HEAVY = ("numpy", "pandas", "scipy", "xarray", "dask.array", "dask.dataframe", "sklearn")


def measured(*, now: bool, heavy: bool = False) -> float | None:
    """Return the seconds that a process takes to start; None where they are not known.

    Parameters
    ----------
    now
        Whether to measure where that has not been done: starts one Python and imports there
        what the processes of a pool import, and ends it again.
    heavy
        Whether tasks use whatever of :data:`HEAVY` is there, too.
    """
    if dask.config.get("multiprocessing.context", "spawn") == "fork":
        return _FORKED
    modules = _imported(HEAVY if heavy else ())
    if modules not in _measured and now:
        # As a process of a pool does, it finds what this one finds.
        code = f"import sys; sys.path[:] = {sys.path!r}; import {', '.join(modules)}"
        start = perf_counter()
        try:
            subprocess.run(  # noqa: S603 - this Python, with names of modules it has loaded
                [sys.executable, "-c", code],
                check=True,
                timeout=_PATIENCE,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        except (OSError, subprocess.SubprocessError):
            return None
        _measured[modules] = perf_counter() - start
    return _measured.get(modules)


def _imported(also: Sequence[str]) -> tuple[str, ...]:
    """Return what a new process imports: the pool, and what the main module has it import."""
    names = {"concurrent.futures.process", "dask.multiprocessing", *also} & {
        "concurrent.futures.process",
        "dask.multiprocessing",
        *sys.modules,
    }
    main = vars(sys.modules["__main__"])
    # A script is imported by each process; of a notebook, what its functions use.
    used = main if "__file__" in main else {name: main[name] for name in _used(main)}
    for value in list(used.values()):
        name = getattr(value, "__name__", None) if isinstance(value, ModuleType) else None
        name = name or getattr(value, "__module__", None)
        if isinstance(name, str) and name != "__main__" and name in sys.modules:
            names.add(name)
    return tuple(sorted(name for name in names if all(map(str.isidentifier, name.split(".")))))


def _used(main: Mapping[str, object]) -> set[str]:
    """Return the names that functions of the main module look up there."""
    codes = [
        value.__code__
        for value in list(main.values())
        if isinstance(value, FunctionType) and value.__module__ == "__main__"
    ]
    names: set[str] = set()
    while codes:
        code = codes.pop()
        names.update(code.co_names)
        codes += [inner for inner in code.co_consts if isinstance(inner, CodeType)]
    return names & main.keys()
