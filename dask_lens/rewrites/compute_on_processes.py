"""Compute on the processes scheduler, task by task, where threads would take turns at the GIL."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

import libcst as cst

from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Change, Rewrite
from dask_lens.rewrites._arguments import with_keyword
from dask_lens.rewrites._codemod import outcome
from dask_lens.rewrites._keyword import opened
from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.computes import compute_at, has_client
from dask_lens.source.configured import SYNC, THREADS, scheduler_of
from dask_lens.source.free import declared, free_names
from dask_lens.source.lineage import ancestors
from dask_lens.source.mutations import changed_names
from dask_lens.source.program import Program, read
from dask_lens.source.scripts import scripts
from dask_lens.source.values import Function

rewrite = Rewrite(__name__, title="Compute in processes (scheduler='processes', chunksize=1)")


@rewrite.apply
def apply(cells: tuple[Cell, ...], place: Place, _: Mapping[str, Any]) -> Change | str:
    """Name the processes scheduler in the call at ``place``, with tasks sent one by one."""
    program = read(cells)
    call = compute_at(program, place)
    if call is None:
        return "no call on this line takes a scheduler; only compute and persist do"
    found = opened(cells, program, call, "a scheduler")
    if isinstance(found, str):
        return found
    codemod, node = found
    reason = _refuse(program, call) or _kept_outside(call)
    if reason is not None:
        return reason
    is_script = any(script.cell == place.cell for script in scripts(cells))
    if is_script and not _is_guarded(program, call):
        return 'in a script, processes start only below `if __name__ == "__main__":`'
    codemod.change(node, _on_processes)
    return outcome({place.cell: codemod}, "ask")


def _on_processes(node: cst.Call) -> cst.Call:
    return with_keyword(with_keyword(node, "scheduler", '"processes"'), "chunksize", "1")


def _refuse(program: Program, call: Call) -> str | None:
    named = call.keyword("scheduler")
    if named is None and has_client(program):
        return "the call goes to the client"
    if named is not None and scheduler_of(call) not in SYNC | THREADS:
        return "the scheduler of the call is not threads, as far as the text tells"
    if call.keyword("pool") is not None or any(
        setting.keyword("pool") is not None
        for setting in program.by_name.get("dask.config.set", ())
    ):
        return "a pool is given, which may be one of threads"
    values = list(ancestors((call.receiver, *call.arguments)))
    if any(value.is_instance(api.ARRAY, *api.FRAMES, *api.XARRAY) for value in values):
        return "arrays and tables would have to be sent to the processes and back"
    return None


def _kept_outside(call: Call) -> str | None:
    """Say which variable a task changes that is not its own: processes have copies."""
    for value in ancestors((call.receiver, *call.arguments)):
        name = _changed_outside(value.function) if value.function is not None else None
        if name is not None:
            return f"a task changes {name}, of which each process has a copy of its own"
    return None


def _changed_outside(function: Function) -> str | None:
    node = function.node
    if isinstance(node, ast.Lambda):
        return None
    free = free_names(node)
    changed = (name for line in node.body for name, _ in changed_names(line) if name in free)
    return next(iter([*declared(node), *changed]), None)


def _is_guarded(program: Program, call: Call) -> bool:
    """Whether the call is not reached by the processes that run the script again."""
    parents = program.cells[call.cell].parents(call.node)
    guarded = any(isinstance(p, ast.If) and "__name__" in ast.unparse(p.test) for p in parents)
    return guarded or call.inside is not None
