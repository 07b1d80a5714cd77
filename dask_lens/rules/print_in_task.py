"""A task prints or warns, and nobody sees it.

What a task prints, or warns of, goes to the output of its worker's process: to the terminal from
which Jupyter was started, or to a log on another machine. Below a cell it appears only where the
kernel itself started the worker, and catches what its processes write.

*Why it costs*: the line that would have told what went wrong is lost. What tasks warned of while
they ran in other processes, libraries included, is told with the line that warned or, where that
is not in the notebook, the line that made the task; of threads of this process that is told which
Python shows with a line of Dask's own, or below another cell.

*When it is fine*: the workers are threads of this process (``processes=False``, the local
schedulers); a script whose workers run beside it, and share its terminal; the workers' logs are
what is read; ``print`` and ``warn`` are distributed's, which bring the text to the client.

*What is not looked at*: Python shows a warning once for each line and process, so that a cell
which runs again may be silent, and more tasks than those counted may have warned. Warnings that
filters hide, and, on the processes scheduler, those of a task that erred, are not told.

*References*: https://distributed.dask.org/en/stable/api.html#distributed.print;
https://distributed.dask.org/en/stable/api.html#distributed.warn;
https://distributed.dask.org/en/stable/logging.html
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator

from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._task_bodies import TaskBody, task_bodies
from dask_lens.rules._warned import warned
from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.computes import has_client
from dask_lens.source.configured import SYNC, THREADS, scheduler_of
from dask_lens.source.program import Program, read
from dask_lens.source.shown import is_script

rule = Rule(
    __name__,
    code="DSK606",
    kind="slow",
    needs=("source", "graph"),
    message="{function} ran as a task and warned{often}: {said}",
    forecast=(
        "{function} runs as a task and {deed}: the text goes to its worker's output, which is "
        "here only where this kernel started the worker."
    ),
    advice=(
        "Bring the text here with distributed's print or warn; where a library warns, mend what "
        "it is given on this line."
    ),
    rewrite=("import-print", "import-warn"),
    dont="""
from dask.distributed import Client

client = Client(n_workers=1, threads_per_worker=1, dashboard_address=":0")
# %%
def double(x):
    print("doubling", x)  # found here
    return 2 * x
# %%
result = client.submit(double, 1).result()
# %%
client.shutdown()
""",
    do="""
from dask.distributed import Client

client = Client(n_workers=1, threads_per_worker=1, dashboard_address=":0")
# %%
from dask.distributed import print
def double(x):
    print("doubling", x)
    return 2 * x
# %%
result = client.submit(double, 1).result()
# %%
client.shutdown()
""",
)

#: What brings a text to the worker's output: how it is told, and what mends it.
_SAYS = {
    "builtins.print": ("prints", "import-print"),
    "warnings.warn": ("warns", "import-warn"),
}
_SENDS = ("distributed.Client.submit", "distributed.Client.map")


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find what tasks warned of, and what they will print and warn of in another process."""
    del settings
    program = read(run.cells)
    told = set()
    for one in warned(run, program):
        told.add(one.place and (one.place.cell, one.place.line))
        yield rule.finding(
            one.place,
            certainty="seen",
            fixes=() if one.call is None else (Fix("import-warn"),),
            function=one.function,
            said=one.said,
            often=f" {one.times} times" if one.times > 1 else "",
            times=one.times,
        )
    for finding in _written(run, program):
        place = finding.place
        if place is None or (place.cell, place.line) not in told:
            yield finding


def _written(run: Run, program: Program) -> Iterator[Finding]:
    """Find the first print, and the first warning, of each task that runs in another process."""
    if not has_client(program) or _in_this_process(program):
        return
    if is_script(run.cells) and not _is_far(program):
        return
    for task in task_bodies(run):
        if not _leaves(task):
            continue
        for name, (deed, rewrite) in _SAYS.items():
            said = (c for c in task.calls if c.name == name and c.keyword("file") is None)
            for call in itertools.islice(said, 1):
                yield rule.finding(
                    task.program.place(call.cell, call.node),
                    certainty="likely",
                    fixes=(Fix(rewrite),),
                    function=task.name,
                    deed=deed,
                )


def _in_this_process(program: Program) -> bool:
    """Whether some client's workers are threads of this process."""
    made = [
        *program.by_name.get(api.CLIENT, ()),
        *program.by_name.get("distributed.LocalCluster", ()),
    ]
    return any(call.literal("processes") is False for call in made)


def _is_far(program: Program) -> bool:
    """Whether every client is one of a scheduler or a cluster that something else started."""
    made = program.by_name.get(api.CLIENT, ())
    return bool(made) and all(_is_given_far(program, call) for call in made)


def _is_given_far(program: Program, call: Call) -> bool:
    first = call.node.args[0] if call.node.args else call.keyword("address")
    value = call.arguments[0] if call.arguments else call.keywords.get("address")
    if value is not None and value.call is not None:
        started = program.by_node.get(value.call)
        name = started.name if started is not None else ""
        return api.is_cluster(name) and not name.endswith(".LocalCluster")
    text = isinstance(first, (ast.Constant, ast.JoinedStr))
    return text or call.keyword("scheduler_file") is not None


def _leaves(task: TaskBody) -> bool:
    """Whether a use sends the task to the cluster, and none computes it here."""
    here = [
        call
        for call in task.program.calls
        if scheduler_of(call) in SYNC | THREADS and call.inside != task.function
    ]
    return any(use.name in _SENDS for use in task.uses) or not here
