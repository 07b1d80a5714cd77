"""The cell as it would be with one of its variants: what a comparison's button applies."""

from __future__ import annotations

import ast
import textwrap

from dask_lens.compare.variant import Setting

#: Arguments of a compute call that choose where it runs.
_WHERE = ("scheduler", "num_workers", "chunksize")
_CALLS = ("compute", "persist")


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
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return None
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _computes(node)]
    given = _arguments(setting)
    if setting.scheduler == "distributed":
        return _opening(setting, client=client) + _with_arguments(code, calls, {})
    if calls:
        return _with_arguments(code, calls, given)
    return _inside(code, tree, given)


def _computes(node: ast.Call) -> bool:
    if any(keyword.arg is None for keyword in node.keywords):
        return False
    name = getattr(node.func, "attr", None) or getattr(node.func, "id", None)
    return name in _CALLS


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


def _with_arguments(code: str, calls: list[ast.Call], given: dict[str, str]) -> str:
    """Set where the calls run; the last first, so that the places of the others hold."""
    text = code.encode()
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))

    def at(line: int, column: int) -> int:
        return starts[line - 1] + column

    for call in sorted(calls, key=lambda c: (c.end_lineno, c.end_col_offset), reverse=True):
        kept: list[ast.expr | ast.keyword] = [
            *call.args,
            *(k for k in call.keywords if k.arg not in _WHERE),
        ]
        if len(kept) == len(call.args) + len(call.keywords) and not given:
            continue
        parts = [
            text[at(n.lineno, n.col_offset) : at(n.end_lineno or 0, n.end_col_offset or 0)]
            for n in kept
        ]
        parts += [f"{name}={value}".encode() for name, value in given.items()]
        end = at(call.end_lineno or 0, call.end_col_offset or 0)
        begin = text.index(b"(", at(call.func.end_lineno or 0, call.func.end_col_offset or 0))
        text = text[: begin + 1] + b", ".join(parts) + text[end - 1 :]
    return text.decode()


def _inside(code: str, tree: ast.Module, given: dict[str, str]) -> str | None:
    """Put code that computes on its own into ``with dask.config.set(...)``."""
    texts = [node for node in ast.walk(tree) if isinstance(node, (ast.Constant, ast.JoinedStr))]
    if any(node.end_lineno != node.lineno for node in texts):
        return None
    options = ", ".join(f"{name}={value}" for name, value in given.items())
    return f"import dask\n\nwith dask.config.set({options}):\n{textwrap.indent(code, '    ')}"
