from __future__ import annotations

import pytest
from reading import assert_found, findings

from dask_lens.record.cell import Cell
from dask_lens.record.run import Run
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
