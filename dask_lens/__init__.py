"""Dask Lens names parallelism mistakes in Dask notebooks, and rewrites them.

The flow, and where each step lives::

    observe --Run--> (metrics, source) --> rules --Finding--> report --Report--> present
                                             `--name--> rewrites --Proposal--> present

``record``     what happened, as frozen data: a Run
``observe``    how we know: the only code that touches a live Dask or kernel
``source``     what was written: cells parsed, lines and columns kept
``metrics``    numbers read off a Run
``rules``      the catalogue, one file per rule;  ``rewrites``  one codemod per file
``report``     ``analyze(run) -> Report``
``present``    a Report as text, HTML, widget, and to the page
``lint``       files judged without running them
``lens``       wires them;  ``magics`` and ``cli`` are the doors

In a notebook: ``%load_ext dask_lens``. In code: :func:`observe`, :func:`check`,
:func:`last_report`. Importing this package loads neither distributed nor IPython.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

# Importing a subpackage puts it into this namespace: once, and here before the function that
# has the same name.
import dask_lens.compare
import dask_lens.observe  # noqa: F401 - for its effect

if TYPE_CHECKING:
    from dask_lens.compare.comparison import Comparison
    from dask_lens.observation import Observation
    from dask_lens.report import FindingReport, Report

__all__ = ["check", "compare", "last_report", "observe"]


def observe(filename: str | None = None) -> Observation:
    """Observe a block of code: ``with dask_lens.observe() as seen: ...``.

    In a notebook that has loaded the extension, the block is judged apart from its cell.

    Parameters
    ----------
    filename
        The file that the block is written in: findings name its lines. Default: the file of
        the caller.

    Returns
    -------
    Observation
        A context manager; when the block has ended, ``seen.report`` is its
        :class:`~dask_lens.report.Report` and ``seen.run`` the record it was made from.

    Examples
    --------
    >>> import dask, dask_lens
    >>> total = dask.delayed(sum)([1, 2, 3])
    >>> with dask_lens.observe() as seen:
    ...     total.compute(scheduler="sync")
    6
    >>> seen.report.parallelism.threads
    1
    """
    from dask_lens import lens  # noqa: PLC0415 - importing the package stays cheap

    if filename is None:
        filename = sys._getframe(1).f_code.co_filename  # noqa: SLF001 - the caller's file
    return lens.observe(filename)


def check(source: str | Path) -> list[FindingReport]:
    """Return what is wrong with code that never ran.

    Parameters
    ----------
    source
        Python or notebook code as a string, or the path of a ``.py`` or ``.ipynb`` file.

    Returns
    -------
    list of FindingReport
        Worst first. A finding's ``cell`` is the index among a notebook's code cells.

    Raises
    ------
    ValueError
        When the file cannot be read, or is no notebook; the message says what to do.

    Examples
    --------
    >>> import dask_lens
    >>> code = "import dask; d = [dask.delayed(abs)(x).compute() for x in range(9)]"
    >>> [(found.code, found.line) for found in dask_lens.check(code)]
    [('DSK301', 1)]
    """
    from dask_lens.lens import check  # noqa: PLC0415 - importing the package stays cheap

    return check(source)


def compare(codes: Mapping[str, Callable[[], Any] | str], **options: Any) -> Comparison:
    """Time functions, or source that sees the caller's names, against the first of them.

    Options and results: :func:`dask_lens.comparing.compare`.

    >>> import time, dask_lens
    >>> naps = {"long": lambda: time.sleep(0.02), "short": lambda: time.sleep(0.005)}
    >>> dask_lens.compare(naps, rounds=5).recommended
    'short'
    """
    from dask_lens.comparing import compare  # noqa: PLC0415 - importing the package stays cheap

    caller = sys._getframe(1)  # noqa: SLF001 - source sees the names around the call
    return compare(codes, namespace={**caller.f_globals, **caller.f_locals}, **options)


def last_report() -> Report | None:
    """Return the report of the last cell or ``observe()`` block that used Dask, or None."""
    from dask_lens.lens import last_report  # noqa: PLC0415 - importing the package stays cheap

    return last_report()


def __getattr__(name: str) -> Any:
    """Look the version up when it is asked for."""
    if name == "__version__":
        from dask_lens.lens import version  # noqa: PLC0415 - importing the package stays cheap

        return version()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def load_ipython_extension(shell: Any) -> None:
    """Begin to observe every cell: ``%load_ext dask_lens``."""
    from dask_lens.magics import load  # noqa: PLC0415 - only notebooks need it

    load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Stop observing and put everything back: ``%unload_ext dask_lens``."""
    from dask_lens.magics import unload  # noqa: PLC0415 - only notebooks need it

    unload(shell)
