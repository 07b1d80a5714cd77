"""Something is persisted only to be computed at once, or does not fit into the cluster's memory.

``persist`` keeps the results of a graph in memory, on the cluster, for what comes next. Where the
next thing is ``compute()``, and nothing else uses what was persisted, it is one detour. What is
persisted as it was read holds all columns and rows, of which later steps can no longer tell the
reader that they need only some.

*Why it costs*: the results are held in memory for nothing; Dask cannot optimise across the
persist, so what ``compute()`` does not need is made all the same. Without a cluster the data is
brought into this process twice.

*When it is fine*: what is persisted is used several times.

*References*: https://docs.dask.org/en/stable/dataframe-best-practices.html#persist-intelligently;
https://github.com/dask/community/issues/301
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Mapping
from typing import Any

from dask_lens.record.run import Run
from dask_lens.rule import Finding, Fix, Rule, Settings
from dask_lens.rules._chunked import asked, readable
from dask_lens.rules._ran import concerns, is_over
from dask_lens.source.calls import Call
from dask_lens.source.computes import compute_at
from dask_lens.source.definitions import definition, uses
from dask_lens.source.lineage import is_read
from dask_lens.source.loops import loop_around
from dask_lens.source.persisted import TOGETHER, is_persist, persist_in
from dask_lens.source.program import Program, read
from dask_lens.source.timing import MOST_MEASURED, is_clocked, is_timed_cell, is_timed_line
from dask_lens.source.values import Function
from dask_lens.source.waits import waits

#: Share of the cluster's memory: from here on its workers begin to write to disk.
MOST_OF_MEMORY = 0.6

_AT_ONCE = "only to be computed at once"

rule = Rule(
    __name__,
    code="DSK308",
    kind="slow",
    needs=("source", "graph"),
    message="{what} is persisted {deed}.",
    advice="Leave the persist out: compute gives the same; or persist less.",
    thresholds={"most_of_memory": MOST_OF_MEMORY},
    rewrite=("drop-persist",),
    dont="""
import dask.array as da

x = da.ones((100, 100), chunks=50)
total = float(x.sum().persist().compute())  # found here
""",
    do="""
import dask.array as da

x = da.ones((100, 100), chunks=50)
total = float(x.sum().compute())
""",
)


@rule.check
def check(run: Run, settings: Settings) -> Iterator[Finding]:
    """Find what is computed as soon as it is persisted, and what memory does not hold."""
    program = read(run.cells)
    for wait in waits(program):
        if wait.how not in ("compute", "load") or not concerns(run, wait.cell):
            continue
        for lazy in wait.lazies:
            call = persist_in(program, lazy)
            if call is not None:
                yield rule.finding(
                    program.place(wait.cell, wait.node),
                    certainty="likely",
                    fixes=(Fix("drop-persist"),),
                    what=_what(call),
                    deed=_AT_ONCE,
                )
    if run.observed is None:
        for call in program.calls:
            if is_persist(call) and _is_used_once(program, call):
                yield rule.finding(
                    program.place(call.cell, call.node),
                    certainty="likely",
                    fixes=(Fix("drop-persist"),),
                    what=_what(call),
                    deed="and computed only once",
                )
    yield from _too_large(run, program, settings)


def _what(call: Call) -> str:
    func = call.node.func
    if call.name == TOGETHER:
        return ", ".join(ast.unparse(given) for given in call.node.args)[-60:]
    return ast.unparse(func.value)[-60:] if isinstance(func, ast.Attribute) else "what"


def _is_used_once(program: Program, call: Call) -> bool:
    """Whether all that is done with the name that holds it is one computation."""
    cell = program.cells[call.cell]
    statement = cell.statement(call.node)
    target = statement.targets[0] if isinstance(statement, ast.Assign) else None
    if not isinstance(target, ast.Name) or _is_timed(program, call.cell, call.node):
        return False
    if call.inside is not None:
        read_so = call.receiver is not None and is_read(call.receiver)
        alone = read_so or call.name == TOGETHER
        used = _own_uses(call, call.inside, target) if alone else []
    else:
        known = definition(program, target)
        used = uses(program, target.id) if known is not None and known[1] is call.node else []
    statements = {(number, program.cells[number].statement(node)) for number, node in used}
    if len(statements) != 1:
        return False
    [(number, where)] = statements
    nodes = {node for _, node in used}
    return any(
        wait.cell == number
        and wait.how == "compute"
        and wait.inside == call.inside
        and program.cells[number].statement(wait.node) is where
        and nodes <= {part for lazy in wait.lazies for part in ast.walk(lazy)}
        and loop_around(program.cells[number], wait.node) is None
        and not is_timed_line(program.cells[number], wait.node)
        and not _is_timed(program, number, wait.node)
        for wait in waits(program)
    )


def _own_uses(call: Call, inside: Function, target: ast.Name) -> list[tuple[int, ast.Name]]:
    """Return where a function reads a name that it binds once; nothing where it may be another."""
    names = [
        node
        for node in ast.walk(inside.node)
        if isinstance(node, ast.Name) and node.id == target.id and node is not target
    ]
    plain = all(isinstance(name.ctx, ast.Load) for name in names)
    return [(call.cell, name) for name in names] if plain else []


def _is_timed(program: Program, number: int, node: ast.AST) -> bool:
    return is_timed_cell(program.cells[number]) or is_clocked(program, number, node, MOST_MEASURED)


def _too_large(run: Run, program: Program, settings: Settings) -> Iterator[Finding]:
    """Compare what was persisted with the memory of all workers, or with what was left here."""
    for seen in run.calls if is_over(run) else ():
        left, nbytes = seen.facts.get("memory_left") or math.inf, _nbytes(seen.facts)
        made = compute_at(program, seen.place)
        much = seen.name == "dask.persist" and nbytes > settings["most_of_memory"] * left
        if much and made is not None:
            yield _told(program, made, nbytes, f"when {readable(left)} of memory were left")
    for computation in run.computations:
        told = asked(run, computation.place)
        limits = [w.memory_limit for w in computation.workers if w.memory_limit]
        call = compute_at(program, computation.place)
        if call is None or call.name.rpartition(".")[2] != "persist" or not limits:
            continue
        nbytes = _nbytes(told)
        if nbytes > settings["most_of_memory"] * sum(limits):
            yield _told(program, call, nbytes, f"and all workers have {readable(sum(limits))}")


def _nbytes(facts: Mapping[str, Any]) -> int:
    return sum(entry.get("nbytes", 0) for entry in facts.get("collections", ()))


def _told(program: Program, call: Call, nbytes: int, memory: str) -> Finding:
    return rule.finding(
        program.place(call.cell, call.node),
        certainty="seen",
        what=ast.unparse(call.node)[:60],
        deed=f"with {readable(nbytes)}, {memory}",
    )
