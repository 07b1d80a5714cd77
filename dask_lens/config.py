"""Settings: they live in ``dask.config`` under ``dask-lens``, with their defaults in a file."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import dask.config
import yaml

DEFAULTS_FILE = Path(__file__).with_name("dask-lens.yaml")


@functools.cache
def defaults() -> dict[str, Any]:
    """Return the settings as shipped: the content of ``dask-lens.yaml``."""
    loaded: dict[str, Any] = yaml.safe_load(DEFAULTS_FILE.read_text(encoding="utf-8"))
    return loaded


def register() -> None:
    """Make the defaults known to Dask; what the user has set stays as it is."""
    ours = defaults()
    if not any(known is ours for known in dask.config.defaults):  # to compare them takes long
        dask.config.update_defaults(ours)


def get(name: str) -> Any:
    """Return one setting: the user's, or else the default.

    Parameters
    ----------
    name
        Dotted name below ``dask-lens``, such as ``"inline"``.

    Raises
    ------
    KeyError
        When there is no such setting.
    """
    register()
    default: Any = defaults()["dask-lens"]
    for part in name.split("."):
        default = default[part]
    # The default is given again, for those who empty ``dask.config`` on the way.
    return dask.config.get(f"dask-lens.{name}", default)


def rule_settings(name: str) -> dict[str, Any]:
    """Return what the user set for a rule: ``dask-lens.rules.<name>``, underscores in keys."""
    settings = get("rules").get(name) or {}
    return {key.replace("-", "_"): value for key, value in settings.items()}
