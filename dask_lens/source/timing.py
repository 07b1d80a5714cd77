"""Where the user takes times: what is measured there is to be slow as it is."""

from __future__ import annotations

import ast
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
            if call is not None and call.name in CLOCKS:
                return True
        elif isinstance(node, ast.withitem) and _is_measure(program, node.context_expr):
            return True
    return False


def is_measure(text: str) -> bool:
    """Whether a name, or what is written, speaks of measuring."""
    return bool(_MEASURES.search(text))


def _is_measure(program: Program, context: ast.expr) -> bool:
    call = program.by_node.get(context) if isinstance(context, ast.Call) else None
    return is_measure(call.name if call is not None else "") or is_measure(ast.unparse(context))
