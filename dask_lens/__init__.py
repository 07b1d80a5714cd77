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
``lens``       wires them;  ``magics`` and ``cli`` are the doors

In a notebook: ``%load_ext dask_lens``. In code: :func:`observe`, :func:`check`,
:func:`last_report`. Importing this package loads neither distributed nor IPython.
"""

from __future__ import annotations

from typing import Any

__all__ = ["check", "last_report", "observe"]

_HOMES = {"check": "dask_lens.lens", "last_report": "dask_lens.lens", "observe": "dask_lens.lens"}


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for: loading the package stays cheap."""
    import importlib  # noqa: PLC0415 - keeps the package's namespace its own

    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    if name == "__version__":
        return importlib.import_module("dask_lens.lens").version()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def load_ipython_extension(shell: Any) -> None:
    """Begin to observe every cell: ``%load_ext dask_lens``."""
    from dask_lens.magics import load  # noqa: PLC0415 - only notebooks need it

    load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Stop observing and put everything back: ``%unload_ext dask_lens``."""
    from dask_lens.magics import unload  # noqa: PLC0415 - only notebooks need it

    unload(shell)
