"""What it takes to judge code that never ran, beside what others take for the same files.

Run ``python benchmarks/check.py [NOTEBOOKS]``. One process and one core; seconds are those of the
processor, which a busy machine does not change. libcst and ruff are there for scale.
"""

from __future__ import annotations

import functools
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import libcst
from cells import as_notebook, notebooks

from dask_lens import config, rewrites, rules
from dask_lens.judge import judge
from dask_lens.record.cell import Cell
from dask_lens.record.run import Run
from dask_lens.report import analyze
from dask_lens.source.cell import parse
from dask_lens.source.program import read

#: Seconds for one cell at the 95th percentile, and for 1,500 of them in notebooks of 15.
BUDGET, BUDGET_ALL = 0.005, 3.0


def main(number: int) -> None:
    books = [
        tuple(Cell(source, f"c{n}", None, n) for n, source in enumerate(sources))
        for sources in notebooks(number)
    ]
    n_cells = sum(map(len, books))
    rewrites.catalogue()  # loads libcst, once
    whole, found = timed(lambda: sum(len(judge(Run(book)).findings) for book in books))
    print(
        f"{len(rules.catalogue())} rules, {n_cells} cells in {len(books)} notebooks, {found} found"
    )
    print(f"all of them: {whole:.2f} s, budget {BUDGET_ALL * n_cells / 1500:.2f} s")

    # As typed: the cells above are known, and this one is new. With its rewrites.
    typed = [
        timed(functools.partial(analyze, Run(book[: n + 1], observed=n)))[0]
        for book in notebooks_again(number)
        for n in range(len(book))
    ]
    report("a cell as typed, below the others", typed)
    alone = [
        timed(functools.partial(analyze, Run((cell,))))[0]
        for book in books
        for cell in fresh(book)
    ]
    report("a cell by itself", alone)
    others(books)
    slowest(number)


def notebooks_again(number: int) -> list[tuple[Cell, ...]]:
    """Return other notebooks, of which nothing has been read yet."""
    return [tuple(map(Cell, sources)) for sources in notebooks(number, seed=21)]


def fresh(book: tuple[Cell, ...]) -> list[Cell]:
    """Return the cells with a word more, so that nothing is remembered of them."""
    return [Cell(f"{cell.source}\n# {cell.index}") for cell in book]


def others(books: list[tuple[Cell, ...]]) -> None:
    """Time others on the same notebooks."""
    codes = [parse(cell.source).code for book in books for cell in book]
    parsing, _ = timed(lambda: [libcst.parse_module(code) for code in codes if readable(code)])
    print(f"for scale: libcst parses them in {parsing:.2f} s", end="; ")
    with tempfile.TemporaryDirectory() as folder:
        for n, book in enumerate(books):
            sources = [cell.source for cell in book]
            Path(folder, f"{n}.ipynb").write_text(as_notebook(sources), encoding="utf-8")
        ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--select=ALL"]
        ours = [sys.executable, "-m", "dask", "lens", "check"]
        for command in (ruff, ours):
            start = os.times()
            run([*command, "--exit-zero", folder])
            end = os.times()
            took = end.children_user - start.children_user
            print(f"{' '.join(command[2:4])} takes {took:.2f} s", end="; ")
    print("both from start to end")


def readable(code: str) -> bool:
    """Whether Python can read it."""
    return parse(code).problem is None


def run(command: list[str]) -> None:
    subprocess.run(command, check=False, capture_output=True)


def slowest(number: int) -> None:
    """Name the rules that take most for a cell as typed, once the notebook is read."""
    spent: Counter[str] = Counter()
    n_cells = 0
    for sources in notebooks(number, seed=22):
        book = tuple(map(Cell, sources))
        for n in range(len(book)):
            run = Run(book[: n + 1], observed=n)
            len(read(run.cells).by_name)
            n_cells += 1
            for rule in rules.catalogue():
                settings = config.rule_settings(rule.name)
                spent[rule.name] += timed(lambda r=rule, s=settings, w=run: [*r.run(w, s)])[0]
    rows = [f"{name} {s / n_cells * 1e3:.2f} ms" for name, s in spent.most_common(8)]
    print(
        f"a cell as typed spends {sum(spent.values()) / n_cells * 1e3:.2f} ms in rules", end=": "
    )
    print(", ".join(rows))


def timed(work: Callable[[], object]) -> tuple[float, object]:
    start = time.process_time()
    result = work()
    return time.process_time() - start, result


def report(what: str, seconds: list[float]) -> None:
    high = statistics.quantiles(seconds, n=20)[-1]
    print(
        f"{what}: {statistics.median(seconds) * 1e3:.2f} ms, 95 % within {high * 1e3:.2f} ms, "
        f"most {max(seconds) * 1e3:.1f} ms; budget {BUDGET * 1e3:.0f} ms"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
