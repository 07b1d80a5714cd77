"""A script starts processes when it is imported, and each process imports the script.

``Client()`` without an address, ``LocalCluster()`` and the processes scheduler start processes of
Python. Each of them runs the file that was started again, from the top, to know its functions.
What stands in ``if __name__ == "__main__":`` is left out; everything else runs once more, the
line that starts processes too.

*Why it costs*: Python refuses to start processes from a process that is not ready itself. The
cluster fails to start (``Nanny failed to start``, ``An attempt has been made to start a new
process before the current process has finished its bootstrapping phase``), the pool of the
processes scheduler is broken (``BrokenProcessPool``), or the script begins again and again.

*When it is fine*: in a notebook, whose processes have no file to run; with threads
(``processes=False``) or a cluster that runs elsewhere; in a module that another program imports,
a web server say.

*What is not looked at*: scripts that are run part by part in a kernel; scripts that set another
way to start processes.

*References*: https://docs.dask.org/en/stable/scheduling.html#standalone-python-scripts;
https://docs.python.org/3/library/multiprocessing.html#the-spawn-and-forkserver-start-methods;
https://github.com/dask/distributed/issues/2422; https://github.com/dask/distributed/issues/5726
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._ran import concerns
from dask_lens.source import api
from dask_lens.source.calls import POSITION, Call
from dask_lens.source.computes import has_client
from dask_lens.source.configured import (
    PROCESSES,
    scheduler_named,
    scheduler_of,
    settings,
    settings_of,
)
from dask_lens.source.loops import callers
from dask_lens.source.program import Program
from dask_lens.source.scripts import scripts
from dask_lens.source.waits import waits
from dask_lens.source.words import words

rule = Rule(
    __name__,
    code="DSK210",
    kind="fails",
    needs=("source",),
    message=(
        "{what} starts processes, each of which runs this script again from the top: outside of "
        'if __name__ == "__main__": they fail before any work begins.'
    ),
    advice='Put what the script does, as opposed to defines, below if __name__ == "__main__":.',
    rewrite=("guard-main",),
    dont="""
%%writefile doubled.py
import dask

@dask.delayed
def double(x):
    return 2 * x

doubled = [double(x) for x in range(4)]
print(dask.compute(*doubled, scheduler="processes", chunksize=1))  # found here
""",
    do="""
%%writefile doubled.py
import dask

@dask.delayed
def double(x):
    return 2 * x

doubled = [double(x) for x in range(4)]
if __name__ == "__main__":
    print(dask.compute(*doubled, scheduler="processes", chunksize=1))
""",
)

_CLUSTERS = words("distributed.LocalCluster dask_cuda.LocalCUDACluster")
#: Keywords with which a client or cluster starts no processes of this kind, or may not.
_ELSEWHERE = words("address scheduler_file worker_class")
#: Keywords with which the processes are others.
_OWN_POOL = ("pool", "get")
#: Packages whose programs import a script, and are no script themselves.
_HOSTS = words("dask_mpi streamlit panel bokeh dash flask fastapi airflow")
#: Methods that compute, and take the name of a scheduler.
_COMPUTE = words("compute persist head tail take to_csv to_parquet to_textfiles to_zarr store")
_BAGS = (api.BAG, api.BAG_ITEM)
_DEEPEST = 4


@rule.check
def check(run: Run, given: Settings) -> Iterator[Finding]:
    """Find what starts processes first, in scripts and in cells that write one."""
    del given
    for script in scripts(run.cells):
        first = _first(script.program) if concerns(run, script.cell) else None
        if first is not None:
            yield rule.finding(
                replace(script.program.place(0, first.node), cell=script.cell),
                certainty="likely",
                fixes=(Fix("guard-main"),),
                what=f"{ast.unparse(first.node.func)[-60:]}()",
            )


def _first(program: Program) -> Call | None:
    """Return the first call at the top level of a script that starts processes."""
    roots = {name.partition(".")[0] for name in program.by_name}
    imported = {v.name.partition(".")[0] for v in program.scope.names.values() if v is not None}
    if (roots | imported) & _HOSTS or _starts_otherwise(program):
        return None
    found = [top for call in _starts(program) for top in _reached_from(program, call)]
    return min((c for c in found if not _is_guarded(program, c)), key=POSITION, default=None)


def _starts_otherwise(program: Program) -> bool:
    """Whether the script says how processes are to be started."""
    return any(
        "multiprocessing" in name
        for call in program.by_name.get("dask.config.set", ())
        for name in settings_of(call)
    )


def _starts(program: Program) -> Iterator[Call]:
    """Yield the calls that start processes of this computer."""
    clients = [call for call in program.by_name.get(api.CLIENT, ()) if _is_local(call)]
    yield from (call for call in clients if not _is_waiting(program, call))
    yield from (c for n in _CLUSTERS for c in program.by_name.get(n, ()) if _is_local(c))
    yield from (c for c in program.calls if scheduler_of(c) in PROCESSES and _computes(c))
    chosen = [(call, scheduler_named(value)) for call, value in settings(program, "scheduler")]
    for wait in waits(program):
        call = wait.call
        if call is None or wait.how in ("result", "gather") or call.keyword("scheduler"):
            continue
        bags = all(v is not None and v.is_instance(*_BAGS) for v in wait.values)
        if bags and not chosen and not has_client(program):
            yield call
        for top in _reached_from(program, call) if chosen else ():
            before = [value for c, value in chosen if c.position < top.position]
            if before and all(value in PROCESSES for value in before):
                yield top


def _is_local(call: Call) -> bool:
    """Whether a client or cluster certainly has processes of its own, on this computer."""
    if call.node.args or call.has_unpacked_keywords:
        return False
    given = call.keyword("processes")
    threads = given is not None and call.literal("processes") is not True
    return not threads and all(call.keyword(name) is None for name in _ELSEWHERE)


def _is_waiting(program: Program, call: Call) -> bool:
    """Whether it is an asynchronous client that starts nothing until it is awaited."""
    if call.literal("asynchronous") is not True:
        return False
    statement = program.cells[call.cell].statement(call.node)
    return not isinstance(statement, (ast.AsyncWith, type(None))) and not any(
        isinstance(part, ast.Await) and part.value is call.node for part in ast.walk(statement)
    )


def _computes(call: Call) -> bool:
    func = call.node.func
    name = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
    own = any(call.keyword(keyword) is not None for keyword in _OWN_POOL)
    return not own and (name in _COMPUTE or call.name in ("dask.compute", "dask.persist"))


def _reached_from(program: Program, call: Call, depth: int = 0) -> Iterator[Call]:
    """Yield the calls at the top level by which a call is reached."""
    if call.inside is None:
        yield call
    elif depth < _DEEPEST:
        for caller in callers(program, call.inside):
            yield from _reached_from(program, caller, depth + 1)


def _is_guarded(program: Program, call: Call) -> bool:
    """Whether only the process that was started first comes to a call."""
    cell = program.cells[0]
    around = [node for node in cell.parents(call.node) if isinstance(node, ast.If)]
    before = [n for n in cell.tree.body if isinstance(n, ast.If) and n.lineno < call.node.lineno]
    # What comes after ``if __name__ != "__main__": sys.exit()`` is guarded as well.
    ends = [node for node in before if "!=" in ast.unparse(node.test)]
    return any("__name__" in ast.unparse(node.test) for node in (*around, *ends))
