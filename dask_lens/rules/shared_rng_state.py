"""Tasks that should draw different random numbers all draw the same ones.

A generator of random numbers is sent to a worker together with its state. A method of a
generator, a function that reads one from around it, an argument that is one: each task gets a
copy in the same state, and draws the same numbers as all the others, whatever ``pure`` says.

*Why it costs*: a hundred draws are one draw, a hundred times. The results are wrong in a way
that no error and no plot of a single task shows.

*When it is fine*: the function makes its own generator, from a seed of its own; it is a plain
``def`` that calls functions of ``np.random``, whose state stays on the worker; each task is
given another generator (``rng.spawn``); there is one task; the same numbers are what is wanted.

*References*: https://github.com/dask/distributed/pull/835;
https://github.com/dask/distributed/issues/2558;
https://numpy.org/doc/stable/reference/random/parallel.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from dask_lens.record.call import ObservedCall
from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._equal_calls import MAP, SUBMIT, is_open, is_repeated, is_twin
from dask_lens.rules._generators import brought_by, is_hidden, shared_generator
from dask_lens.rules._told import told
from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.computes import has_client
from dask_lens.source.loops import loop_around
from dask_lens.source.program import Program, read
from dask_lens.source.values import Value

rule = Rule(
    __name__,
    code="DSK602",
    kind="wrong",
    needs=("source", "tasks"),
    message=(
        "Every task gets a copy of {generator} in the same state, so all of them draw the same "
        "random numbers."
    ),
    advice="Give each task a generator of its own: rng.spawn(n), or one made from its own seed.",
    rewrite=("spawn-generators",),
    dont="""
import numpy as np
from dask.distributed import Client

client = Client(processes=False, n_workers=1, threads_per_worker=2, dashboard_address=":0")
rng = np.random.default_rng(1)
# %%
futures = [client.submit(rng.normal, pure=False) for _ in range(4)]  # found here
draws = client.gather(futures)
# %%
client.shutdown()
""",
    do="""
import numpy as np
from dask.distributed import Client

client = Client(processes=False, n_workers=1, threads_per_worker=2, dashboard_address=":0")
rng = np.random.default_rng(1)
# %%
futures = [client.submit(child.normal, pure=False) for child in rng.spawn(4)]
draws = client.gather(futures)
# %%
client.shutdown()
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find generators that more than one task gets a copy of."""
    del settings
    program = read(run.cells)
    sent: dict[str, list[Call]] = {}
    found: set[tuple[int, int]] = set()
    for call in program.calls:
        generator = _generator(program, call)
        if generator is not None:
            sent.setdefault(generator, []).append(call)
    for generator, calls in sent.items():
        for call in calls:
            many = call.name == MAP or loop_around(program.cells[call.cell], call.node)
            if run.observed in (None, call.cell) and (many or call is not calls[0]):
                seen = any(map(_is_sent, told(run, call)))
                yield rule.finding(
                    program.place(call.cell, call.node),
                    certainty="seen" if seen else "likely",
                    fixes=(Fix("spawn-generators"),),
                    generator=generator,
                )
                found.update((call.cell, line) for line in _lines(call))
    for observed in run.calls:
        # One function for all the tasks of a map: what it holds, all of them hold.
        random = (observed.facts.get("function") or {}).get("random")
        place = observed.place
        several = observed.name == MAP and observed.facts.get("keys", 0) > 1
        if random and several and place is not None and (place.cell, place.line) not in found:
            yield rule.finding(place, certainty="seen", generator=str(random))


def _lines(call: Call) -> range:
    return range(call.node.lineno, (call.node.end_lineno or call.node.lineno) + 1)


def _is_sent(observed: ObservedCall) -> bool:
    """Whether a generator was seen to be sent."""
    function = observed.facts.get("function") or {}
    return bool(function.get("random") or observed.facts.get("generators"))


def _generator(program: Program, call: Call) -> str | None:
    """Return the generator that a call sends to a worker, with its state."""
    if call.name in (SUBMIT, MAP):
        hidden = is_hidden(call.arguments[0] if call.arguments else None)
        # Equal calls of the module's own functions are one task, before anything is drawn.
        if hidden and is_open(program, call):
            once = is_repeated(program, call) or is_twin(program, call)
            return None if once else shared_generator(program, call)
        return shared_generator(program, call)
    lazy = call.result is not None and call.result.is_instance(api.DELAYED_OBJECT)
    if not lazy or call.receiver is not None or not has_client(program):
        return None
    made = call.node.func
    if call.callee is not None:
        found = brought_by(program, made, Value("function", function=call.callee))
        if found is not None:
            return found
    if isinstance(made, ast.Call):
        # ``delayed(rng.normal)()``: the function stands in the call that makes it lazy.
        inner = program.by_node.get(made)
        found = shared_generator(program, inner) if inner is not None else None
        if found is not None:
            return found
    return shared_generator(program, call, first=-1)
