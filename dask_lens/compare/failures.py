"""Why a variant has no runs, or none that count, in words."""

from __future__ import annotations

from dask_lens.compare.environment import Environment, UnavailableError
from dask_lens.compare.variant import Setting
from dask_lens.compare.workload import WorkloadError

#: Characters of an exception in a row.
_ERROR = 200


def elsewhere(setting: Setting, environment: Environment) -> str | None:
    """Tell when a cell took its work to another scheduler than the variant's."""
    if not environment.strays.seen:
        return None
    if setting.scheduler == "distributed":
        return (
            "the cell calls what hands its work to another client, so it did not run here: pass "
            "the client to it as an argument, or use get_client() in it"
        )
    return (
        f"the cell hands its work to a client itself, so it cannot run on {setting.scheduler}: "
        'compare "distributed, workers=..." instead'
    )


def hung(environment: Environment) -> str | None:
    """Tell why a run cannot end: no worker is left; None where there are some."""
    if environment.workers_left != 0:
        return None
    return (
        "it waits for ever, as no worker is left: they ended, perhaps over a task that they could "
        "not read or that took too much memory (their log tells)"
    )


def told(error: BaseException) -> str:
    """Return an exception as one line; one of ours is a sentence already."""
    if isinstance(error, (UnavailableError, WorkloadError)):
        return str(error)
    text = f"{type(error).__name__}: {error}".strip().splitlines()[0]
    return text if len(text) <= _ERROR else f"{text[:_ERROR]}…"
