"""The cell as it would be with one of its variants: what a comparison's button applies."""

from __future__ import annotations

import ast
import textwrap

from dask_lens.compare.variant import Setting
from dask_lens.rewrites._where import with_where


def adopted(code: str, setting: Setting, *, client: bool) -> str | None:
    """Return code with a scheduler set in it.

    Parameters
    ----------
    code
        One version of a cell's code.
    setting
        Where it is to run.
    client
        Whether the notebook has a client, which ``distributed`` without options uses.

    Returns
    -------
    str or None
        None where the code has syntax that is not Python's, or text that cannot be moved.
    """
    code = code.strip("\n") + "\n"
    if setting.scheduler == "as written":
        return code
    if setting.scheduler == "distributed":
        changed = with_where(code, {})
        return None if changed is None else _opening(setting, client=client) + changed[0]
    given = _arguments(setting)
    changed = with_where(code, given)
    if changed is None:
        return None
    text, calls = changed
    return text if calls else _inside(code, given)


def _arguments(setting: Setting) -> dict[str, str]:
    given = {"scheduler": f'"{setting.scheduler}"'}
    if setting.workers is not None:
        given["num_workers"] = str(setting.workers)
    if setting.chunksize is not None:
        given["chunksize"] = str(setting.chunksize)
    return given


def _opening(setting: Setting, *, client: bool) -> str:
    options = {"n_workers": setting.workers, "threads_per_worker": setting.threads_per_worker}
    given = ", ".join(f"{name}={value}" for name, value in options.items() if value is not None)
    if client and not given:
        return ""
    return f"from dask.distributed import Client\n\nclient = Client({given})\n"


def _inside(code: str, given: dict[str, str]) -> str | None:
    """Put code that computes on its own into ``with dask.config.set(...)``."""
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return None
    texts = [node for node in ast.walk(tree) if isinstance(node, (ast.Constant, ast.JoinedStr))]
    if any(node.end_lineno != node.lineno for node in texts):
        return None
    options = ", ".join(f"{name}={value}" for name, value in given.items())
    return f"import dask\n\nwith dask.config.set({options}):\n{textwrap.indent(code, '    ')}"
