"""The examples of a rule, run for real, and what was recorded of them.

``python tests/rules/performing.py`` runs the examples of every rule, or of those it is given by
name or code, and writes their recordings in ``tests/recordings`` anew.
"""

from __future__ import annotations

import json
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import distributed  # noqa: F401 - its settings are there before a test begins

from dask_lens import rules
from dask_lens.observe.observer import Observer
from dask_lens.record import wire
from dask_lens.record.cell import Cell
from dask_lens.record.run import Run
from dask_lens.source.aside import cell_language

RECORDINGS = Path(__file__).parents[1] / "recordings"


def cells_of(code: str) -> list[str]:
    """Split an example at its lines ``# %%``."""
    return [part.strip("\n") + "\n" for part in code.split("# %%\n")]


@dataclass(frozen=True)
class Performed:
    """An example that was run: a Run for each cell, and the names it left."""

    runs: list[Run]
    names: dict[str, object]


def perform(code: str) -> list[Run]:
    """Run the cells of an example one after another, observed; return a run for each."""
    return performed(code).runs


def performed(code: str) -> Performed:
    """Run the cells of an example one after another, observed."""
    late: dict[int, Run] = {}
    arrived = threading.Condition()

    def deliver(run: Run) -> None:
        with arrived:
            late[run.observed or 0] = run
            arrived.notify_all()

    observer = Observer(deliver)
    observer.start()
    # Functions of ``__main__`` travel to other processes by value, as those of a notebook do.
    namespace: dict[str, object] = {"__name__": "__main__"}
    runs: list[Run] = []
    try:
        for number, source in enumerate(cells_of(code)):
            filename = f"<cell {number}>"
            # A cell that only writes a file asks nothing of Dask.
            code = source if cell_language(source) is None else ""
            program = compile(code, filename, "exec")
            observer.begin(Cell(source, f"cell-{number}", number + 1), filename)
            try:
                exec(program, namespace)  # noqa: S102 - the rule's own example
            finally:
                run = observer.end(namespace=namespace)
            if any(computation.stop is None for computation in run.computations):
                with arrived:
                    arrived.wait_for(lambda at=number: at in late, timeout=20)
                run = late.get(number, run)
            runs.append(run)
    finally:
        observer.stop()
    return Performed(runs, namespace)


def recorded(name: str) -> list[Run]:
    """Read the recording ``name``, such as ``"processes-small-batch.dont"``."""
    document = json.loads((RECORDINGS / f"{name}.json").read_text(encoding="utf-8"))
    return [wire.from_dict(Run, run) for run in document["runs"]]


def main(names: list[str]) -> None:
    for rule in map(rules.find, names) if names else rules.catalogue():
        for kind, code in (("dont", rule.dont), ("do", rule.do)):
            document = {"version": wire.VERSION, "runs": wire.to_dict(perform(code))}
            path = RECORDINGS / f"{rule.name}.{kind}.json"
            path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
