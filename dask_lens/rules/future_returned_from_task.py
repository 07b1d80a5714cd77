"""A task returns a future that it made itself.

A task may talk to the cluster through ``get_client()`` or ``worker_client()``. A future that
it makes there belongs to that client on the worker. Inside the task's *result* the future
arrives without a client (``object not properly initialized``), nobody tells the scheduler
that its data is still wanted, and the data is deleted as soon as the task's own result is
(``lost dependencies``). It worked by a race before distributed 2024.8.2.

*Why it costs*: the work is done and then thrown away, and whatever needs it fails later, in
other words and at another place.

*When it is fine*: the function runs here and not as a task; the task waits and returns the
data (``result``, ``gather``); the future is handed over by name, through ``Queue``,
``Variable`` or ``publish_dataset``, all of which give it back with a client; the task returns
the key or another plain value.

*References*: https://github.com/dask/distributed/issues/8854;
https://github.com/dask/distributed/pull/8827;
https://github.com/dask/distributed/issues/7498;
https://distributed.dask.org/en/stable/task-launch.html
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from dask_lens.record.cell import Place
from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.program import Program, read
from dask_lens.source.tasks import task_functions
from dask_lens.source.values import Function, Value, contained

rule = Rule(
    __name__,
    code="DSK101",
    kind="fails",
    needs=("source", "tasks", "namespace"),
    message=(
        "{function} returned a future made by {made_by} inside the task: it arrives without a "
        "client, and its data is deleted as soon as the result of {function} is."
    ),
    forecast=(
        "{function} runs as a task and returns a future made by {made_by}: it will arrive "
        "without a client, and its data is deleted as soon as the result of {function} is."
    ),
    advice="Return the data: the future of the task itself already is the handle to it.",
    rewrite=("return-data", "gather-in-worker-client"),
    dont="""
from dask.distributed import Client, get_client

client = Client(n_workers=1, threads_per_worker=1, dashboard_address=":0")
# %%
def load(count):
    inner = get_client()
    numbers = list(range(count))
    return inner.scatter(numbers)  # found here
# %%
numbers = client.submit(load, 3).result()
# %%
client.shutdown()
""",
    do="""
from dask.distributed import Client, get_client

client = Client(n_workers=1, threads_per_worker=1, dashboard_address=":0")
# %%
def load(count):
    numbers = list(range(count))
    return numbers
# %%
numbers = client.submit(load, 3).result()
# %%
client.shutdown()
""",
)

_FUTURE_TYPE = "distributed.client.Future"
_HASH = re.compile(r"-[0-9a-f]{32}(-.*)?$|-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
_MADE_BY = re.compile(r"distributed\.Client\.(submit|map|scatter|compute|persist)$")


@dataclass
class _Cause:
    """A ``return`` of a future, as the source tells it, and what confirms it."""

    function: Function
    returned: ast.Return | ast.expr
    made: Call
    uses: tuple[Call, ...]
    in_force: bool
    names: list[str] = field(default_factory=list)
    seen: bool = False

    @property
    def method(self) -> str:
        return self.made.name.rpartition(".")[2]

    def makes(self, key: str) -> bool:
        """Whether a future with this key can be one that is made here."""
        inner = self.made.arguments[0] if self.made.arguments else None
        if self.method in ("submit", "map") and inner is not None and inner.function is not None:
            return _HASH.sub("", key) == inner.function.name
        return True


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find such returns in the source, and such futures in the run; one finding a cause."""
    del settings
    program = read(run.cells)
    ran, here = _prefixes(run)
    causes = list(_causes(program, ran))
    strays = _confirm_by_tasks(run, causes)
    lost = _confirm_by_namespace(run, causes)
    for cause in causes:
        # What a scheduler of this process ran gave its future back as it was.
        if cause.seen or (_concerns(run, cause, ran) and cause.function.name not in here - ran):
            yield _finding(program, cause)
    for prefix, place in strays.items():
        yield _bare(prefix, place, lost)
    if lost and not strays:
        yield _bare("a task", run.computations[-1].place if run.computations else None, lost)


def _prefixes(run: Run) -> tuple[set[str], set[str]]:
    """Return the key prefixes that ran on clusters, and those that ran in this process."""
    ran: set[str] = set()
    here: set[str] = set()
    for computation in run.computations:
        found = ran if computation.scheduler == "distributed" else here
        found.update(task.prefix for task in computation.tasks)
    return ran, here


def _causes(program: Program, ran: Collection[str]) -> Iterator[_Cause]:
    """Yield such returns, of functions that the text or the names of what ran show as tasks."""
    current = {
        name: value.function
        for name, value in program.scope.names.items()
        if value is not None and value.function is not None
    }
    functions = {function: () for name, function in current.items() if name in ran}
    for function, uses in {**functions, **task_functions(program)}.items():
        in_force = current.get(function.name) == function
        body = program.body(function)
        for returned, value in body.returns if body is not None else ():
            made = _maker(value, program.by_node)
            if made is not None:
                yield _Cause(function, returned, made, uses, in_force)


def _maker(value: Value | None, by_node: Mapping[ast.Call, Call]) -> Call | None:
    """Return the call, of a client that the task got for itself, that made what is returned."""
    found = contained(value, api.FUTURE, *api.COLLECTIONS)
    made = by_node.get(found.call) if found is not None and found.call is not None else None
    if made is None or not _MADE_BY.match(made.name) or made.receiver is None:
        return None
    client = by_node.get(made.receiver.call) if made.receiver.call is not None else None
    return made if client is not None and client.inside is not None else None


def _concerns(run: Run, cause: _Cause, ran: Collection[str]) -> bool:
    """Whether what is judged uses the function; of old cells, only the last are judged."""
    if run.observed is None:
        return True
    used = any(call.cell == run.observed for call in cause.uses)
    return used or (cause.in_force and cause.function.name in ran)


def _confirm_by_tasks(run: Run, causes: list[_Cause]) -> dict[str, Place | None]:
    """Mark the causes whose task was seen to return a future; return the others' calls."""
    unexplained: dict[str, Place | None] = {}
    for computation in run.computations:
        for task in computation.tasks:
            # Where the worker is this process, the future stays what it was.
            if task.typename != _FUTURE_TYPE or task.worker.startswith("inproc://"):
                continue
            known = [c for c in causes if c.in_force and c.function.name == task.prefix]
            for cause in known:
                cause.seen = True
            if not known:
                unexplained.setdefault(task.prefix, computation.place)
    return unexplained


def _confirm_by_namespace(run: Run, causes: list[_Cause]) -> list[str]:
    """Mark the causes of futures that the cell was left with; return the others' names."""
    lost = []
    for future in run.unbound_futures:
        # One future has one maker: the likeliest is enough.
        known = sorted((c for c in causes if c.makes(future.key)), key=lambda c: not c.seen)
        for cause in known[:1]:
            cause.seen = True
            cause.names.append(future.name)
        if not known:
            lost.append(future.name)
    return lost


def _finding(program: Program, cause: _Cause) -> Finding:
    name = cause.function.name
    fix = "return-data" if cause.method == "scatter" else "gather-in-worker-client"
    return rule.finding(
        program.place(cause.function.cell, cause.returned),
        certainty="seen" if cause.seen else "likely",
        fixes=() if cause.method == "persist" else (Fix(fix),),
        function="a lambda" if name == "lambda" else name,
        made_by=cause.method,
        names=cause.names,
    )


def _bare(prefix: str, place: Place | None, names: list[str]) -> Finding:
    """Return the finding of a future that nothing in the cells explains."""
    return rule.finding(place, certainty="seen", function=prefix, made_by="a client", names=names)
