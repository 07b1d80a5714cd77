"""Where the user takes times: what is measured there is to be slow as it is."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterable

from dask_lens.source.cell import ParsedCell
from dask_lens.source.program import Program
from dask_lens.source.words import words

#: Functions that tell the time.
CLOCKS = words(
    "time.time time.perf_counter time.monotonic time.process_time time.perf_counter_ns "
    "time.time_ns time.clock timeit.default_timer datetime.datetime.now datetime.now "
    "pandas.Timestamp.now dask.utils.time distributed.metrics.time timeit.timeit timeit.repeat"
)

#: Statements between two readings of a clock: of more, no single one is what is measured.
MOST_MEASURED = 3

#: What tells how much memory is in use: such passes are experiments as well.
_MEMORY = words(
    "psutil.virtual_memory psutil.Process tracemalloc.get_traced_memory resource.getrusage"
)

_MAGIC = re.compile(r"\s*%{1,2}(time|timeit|memit|mprun|prun|lprun|lens_compare)\b")
_MEASURES = re.compile(
    r"time[rd]?\b|timing|timed|profil|bench|performance_report|measure|memorysampler",
    re.IGNORECASE,
)


def is_timed_cell(cell: ParsedCell) -> bool:
    """Whether a magic takes the time of the whole cell: ``%%time``, ``%%timeit``."""
    for line in cell.lines:
        if line.strip():
            if not line.lstrip().startswith("%%"):
                return False
            if _MAGIC.match(line):
                return True
    return False


def is_timed_line(cell: ParsedCell, node: ast.AST) -> bool:
    """Whether a magic takes the time of the statement on this line: ``%time``, ``%timeit``."""
    statement = cell.statement(node)
    line = getattr(statement, "lineno", 0)
    text = cell.lines[line - 1] if 0 < line <= len(cell.lines) else ""
    return "%" in text and bool(re.search(r"(?:^|=)\s*%(time|timeit|memit|prun)\b", text))


def tells_time(program: Program, nodes: Iterable[ast.AST]) -> bool:
    """Whether a clock is read, or a timer or profiler is entered, in any of these nodes."""
    for node in nodes:
        if isinstance(node, ast.Call):
            call = program.by_node.get(node)
            if call is not None and (call.name in CLOCKS or call.name in _MEMORY):
                return True
        elif isinstance(node, ast.withitem) and _is_measure(program, node.context_expr):
            return True
    return False


def is_clocked(program: Program, number: int, node: ast.AST, most: int | None = None) -> bool:
    """Whether the time that this takes is taken, by clocks that are read before and after it.

    Parameters
    ----------
    program
        The cells. Of several, each is timed as a whole: clocks may be read in others.
    number
        Its cell.
    node
        What may be timed.
    most
        How many statements there may be between the two readings: more are no measurement of
        one of them; None for any number.
    """
    cell = program.cells[number]
    if len(program.cells) > 1:
        return tells_time(program, ast.walk(cell.tree))
    inner: ast.AST = node
    for around in cell.parents(node):
        if isinstance(around, (ast.With, ast.AsyncWith)) and tells_time(program, around.items):
            return True
        for _, block in ast.iter_fields(around):
            if isinstance(block, list) and inner in block:
                place = block.index(inner)
                read = [n for n, part in enumerate(block) if _reads_clock(program, part)]
                before = max((n for n in read if n < place), default=None)
                after = min((n for n in read if n >= place), default=None)
                if before is not None and after is not None:
                    within = [n for part in block[before + 1 : after] for n in ast.walk(part)]
                    return most is None or sum(isinstance(n, ast.stmt) for n in within) <= most
        inner = around
    return False


@functools.lru_cache(maxsize=4096)
def _reads_clock(program: Program, part: ast.AST) -> bool:
    defines = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return not isinstance(part, defines) and tells_time(program, ast.walk(part))


def is_measure(text: str) -> bool:
    """Whether a name, or what is written, speaks of measuring."""
    return bool(_MEASURES.search(text))


def _is_measure(program: Program, context: ast.expr) -> bool:
    call = program.by_node.get(context) if isinstance(context, ast.Call) else None
    return is_measure(call.name if call is not None else "") or is_measure(ast.unparse(context))
