from __future__ import annotations

import pytest
from reading import assert_found, findings

from dask_lens.record.cell import Cell, Place
from dask_lens.record.computation import Computation
from dask_lens.record.graph import Graph
from dask_lens.record.run import Run
from dask_lens.record.task import Task
from dask_lens.record.task_warning import TaskWarning
from dask_lens.rule import Finding
from dask_lens.rules.print_in_task import rule

SETUP = """\
import dask, sys
from dask import delayed
import dask.array as da
from dask.distributed import Client
client = Client()
"""
TASK = "def f(x):\n    print(x)  # found here\n    return x\n"

FINE = [
    pytest.param("def f(x):\n    print(x)\nf(1)", id="the function runs here"),
    pytest.param("print(client.submit(abs, 1).result())", id="a result is printed here"),
    pytest.param("from distributed import print\n" + TASK + "client.submit(f, 1)",
                 id="distributed's print"),
    pytest.param("def f(x):\n    print(x, file=sys.stderr)\nclient.submit(f, 1)",
                 id="to a file"),
    pytest.param("from distributed import warn\ndef f(x):\n    warn('a')\nclient.submit(f, 1)",
                 id="distributed's warn"),
    pytest.param("import warnings\nwarnings.warn('a')\nclient.submit(abs, 1)",
                 id="a warning of the notebook's own"),
    pytest.param("def print(x): return x\n" + TASK + "client.submit(f, 1)",
                 id="a print of the user's own"),
    pytest.param("@delayed\n" + TASK + "f(1).compute(scheduler='threads')",
                 id="in threads of this process"),
    pytest.param("from concurrent.futures import ProcessPoolExecutor as P\n" + TASK
                 + "P().submit(f, 1)", id="another pool"),
]  # fmt: skip


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_where(source: str) -> None:
    assert findings(rule, SETUP, source) == []


@pytest.mark.parametrize("client", ["Client(processes=False)", "None"])
def test_it_is_silent_where_tasks_run_in_this_process(client: str) -> None:
    setup = SETUP.replace("Client()", client)
    assert findings(rule, setup, TASK, "delayed(f)(1)") == []


def test_it_is_silent_in_a_script() -> None:
    cells = (Cell(SETUP + TASK + "client.submit(f, 1)"),)
    assert list(rule.run(Run(cells), {})) == []


FOUND = [
    pytest.param(TASK + "client.submit(f, 1)", id="submit"),
    pytest.param("@delayed\n" + TASK + "f(1).compute()", id="a delayed function"),
    pytest.param(TASK + "da.ones(3).map_blocks(f)", id="on blocks"),
    pytest.param("client.map(lambda x: print(x), [1])  # found here", id="a lambda"),
    pytest.param("import warnings as w\ndef f(x):\n    w.warn('odd')  # found here\n"
                 "client.submit(f, 1)", id="a warning"),
    pytest.param("from warnings import warn\ndef f(x):\n    warn('odd')  # found here\n"
                 "client.map(f, [1])", id="a warning by its name"),
    pytest.param("def say(x):\n    print(x)  # found here\ndef f(x):\n    say(x)\n"
                 "client.map(f, [1])", id="in a function that the task calls"),
]  # fmt: skip


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found(source: str) -> None:
    assert assert_found(rule, SETUP, source).certainty == "likely"


# What was seen


def seen(
    *warnings: TaskWarning, cells: tuple[str, ...], graph: Graph | None = None
) -> list[Finding]:
    """Return what is found in a run of these cells whose last line computed."""
    task = Task("f-1", "f", "tcp://far:1", 1, 1.0, 2.0)
    place = Place(len(cells) - 1, cells[-1].count("\n") + 1)
    computation = Computation(
        "distributed", 1.0, 2.0, 1, (task,), 1, 1.0, place, graph=graph, warnings=warnings
    )
    run = Run(tuple(map(Cell, cells)), len(cells) - 1, 0.0, 3.0, (computation,))
    return [finding for finding in rule.run(run, {}) if isinstance(finding, Finding)]


def test_a_warning_that_came_true_is_told_once() -> None:
    cells = (SETUP, "import warnings\ndef f(x):\n    warnings.warn('odd')", "client.submit(f, 1)")
    [finding] = seen(TaskWarning("UserWarning", "odd", "f", 3, "f-1", "f", 1, 2), cells=cells)
    assert finding.certainty == "seen"
    assert finding.message == "f ran as a task and warned 2 times: UserWarning: odd"
    assert finding.place is not None
    assert (finding.place.cell, finding.place.line, finding.place.column) == (1, 3, 5)
    assert [fix.rewrite for fix in finding.fixes] == ["import-warn"]


def test_a_library_that_warns_is_told_on_the_line_that_called_it() -> None:
    cells = ("import numpy as np", "%%time\n\n@cached\ndef f(x):\n    return np.log(x)\ng(f)")
    warning = TaskWarning("RuntimeWarning", "divide by zero", "/numpy.py", 7, "f-1", "f", 2)
    [finding] = seen(warning, cells=cells)
    assert finding.place == Place(1, 5)
    assert finding.fixes == ()


def test_of_functions_of_one_name_the_latest_that_is_long_enough_warned() -> None:
    cells = ("def f(x):\n\n    return log(x)", "def f(x): return 1", "g(f)")
    warning = TaskWarning("RuntimeWarning", "odd", "/numpy.py", 7, "f-1", "f", 2)
    [finding] = seen(warning, cells=cells)
    assert finding.place == Place(0, 3)


def test_what_no_function_of_the_notebook_warned_of_is_told_where_the_task_was_made() -> None:
    cells = ("import dask.array as da\ny = da.log(x)\ny.compute()",)
    warning = TaskWarning("RuntimeWarning", "odd", "/dask/core.py", 7, "f-1")
    [finding] = seen(warning, cells=cells)
    assert finding.place == Place(0, 3), "the call that computed, where no more is known"
    graph = Graph(("f-1",), ((),), (Place(0, 2),), (0,))
    [finding] = seen(warning, cells=cells, graph=graph)
    assert finding.place == Place(0, 2)
    assert finding.message.startswith("f ran as a task and warned: RuntimeWarning: odd")


def test_several_warnings_of_one_line_are_told_together() -> None:
    warnings = [TaskWarning("W", f"odd {i}", "/a.py", i, "f-1") for i in range(5)]
    [finding] = seen(*warnings, cells=("x.compute()",))
    assert finding.message.endswith(
        "warned 5 times: W: odd 0 (a.py, line 0); W: odd 1 (a.py, line 1); and 3 more"
    )
