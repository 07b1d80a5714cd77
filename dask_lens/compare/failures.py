"""Why a variant has no runs, or none that count, in words."""

from __future__ import annotations

from dask_lens.compare.environment import Environment, UnavailableError
from dask_lens.compare.variant import Setting
from dask_lens.compare.workload import WorkloadError

#: Characters of an exception in a row.
_ERROR = 200

#: How schedulers of several versions say that they have not what another one holds.
_LOST = ("lost dependencies", "cancelled for reason", "created by another client", "'Future'")


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


def raised(error: BaseException, environment: Environment) -> str:
    """Return an exception as one line, with its cause where that is data held elsewhere."""
    text = told(error)
    whole = str(error)
    held = environment.held_elsewhere
    if not held or not any(part in whole for part in (*_LOST, *held)):
        return text
    return (
        f"{text} (the cell reads data that a client holds in memory, such as what was persisted, "
        'and only that client can: compare "distributed", or make the data in the cell)'
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
