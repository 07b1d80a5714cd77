"""Scripts that start processes wherever they are imported: DSK210."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import dask_lens
from dask_lens.record.cell import Cell
from dask_lens.record.run import Run
from dask_lens.rule import Finding
from dask_lens.rules.main_guard import rule

SETUP = """\
import dask
import dask.array as da
import dask.bag as db
from dask.distributed import Client, LocalCluster
lazy = dask.delayed(abs)
x = da.ones(10)
"""


def lines(*cells: Cell) -> list[int]:
    """Return the lines of what is found, counted from the end of the setup."""
    found = [f for f in rule.run(Run(cells), {}) if isinstance(f, Finding)]
    assert all(f.certainty == "likely" and "{" not in f.message for f in found)
    return [f.place.line - SETUP.count("\n") for f in found if f.place is not None]


def script(source: str) -> Cell:
    return Cell(SETUP + source, path="run.py")


FINE = [
    pytest.param("if __name__ == '__main__':\n    client = Client()", id="guarded"),
    pytest.param("if '__main__' == __name__:\n    with Client() as client:\n        pass",
                 id="guarded, the other way round"),
    pytest.param("if __name__ != '__main__':\n    raise SystemExit\nclient = Client()",
                 id="left before"),
    pytest.param("def main():\n    client = Client()\nif __name__ == '__main__':\n    main()",
                 id="in a function that is called below the guard"),
    pytest.param("def main():\n    client = Client()", id="in a function that nothing calls"),
    pytest.param("client = Client(processes=False)", id="threads"),
    pytest.param("client = Client(processes=flag)", id="threads, perhaps"),
    pytest.param("client = Client('tcp://10.0.0.1:8786')", id="a cluster elsewhere"),
    pytest.param("client = Client(scheduler_file='s.json')", id="a cluster elsewhere, by a file"),
    pytest.param("client = Client(address=where)", id="a cluster elsewhere, by its address"),
    pytest.param("client = Client(**how)", id="arguments that cannot be read"),
    pytest.param("from dask_jobqueue import SLURMCluster\nclient = Client(SLURMCluster())",
                 id="jobs of a queue"),
    pytest.param("from pymongo import MongoClient as Client\nclient = Client()",
                 id="a client of something else"),
    pytest.param("x.compute()", id="an array, in threads"),
    pytest.param("x.compute(scheduler='threads')", id="threads, named"),
    pytest.param("x.compute(scheduler=which)", id="a scheduler that cannot be read"),
    pytest.param("client = Client(processes=False)\ndb.from_sequence([1]).compute()",
                 id="a bag with a client"),
    pytest.param("dask.config.set(scheduler='threads')\ndb.from_sequence([1]).compute()",
                 id="a bag in threads"),
    pytest.param("bag = db.from_sequence([1]).map(str)", id="a bag that is not computed"),
    pytest.param("x.compute(scheduler='processes', pool=pool)", id="a pool of its own"),
    pytest.param("with dask.config.set({'multiprocessing.context': 'fork'}):\n"
                 "    x.compute(scheduler='processes')", id="processes that are forked"),
    pytest.param("dask.config.set({'distributed.worker.multiprocessing-method': 'fork'})\n"
                 "client = Client()", id="workers that are forked"),
    pytest.param("import streamlit as st\nclient = Client()", id="imported by a server"),
    pytest.param("@dask.delayed\ndef task():\n    return Client()\ntask()", id="in a task"),
    pytest.param("# %%\nclient = Client()", id="parts of a script that run in a kernel"),
    pytest.param("# In[3]:\n\nclient = Client()", id="a notebook made into a script"),
    pytest.param("# COMMAND ----------\nclient = Client()", id="a notebook of Databricks"),
    pytest.param("get_ipython().run_line_magic('matplotlib', 'inline')\nclient = Client()",
                 id="a notebook with magics made into a script"),
    pytest.param("client = Client(", id="no Python"),
]  # fmt: skip


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_for(source: str) -> None:
    assert lines(script(source)) == []


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param(Cell(SETUP + "client = Client()", "id", None, 0), id="a cell of a notebook"),
        pytest.param(Cell(SETUP + "client = Client()", None, 3), id="a cell that ran"),
        pytest.param(Cell(SETUP + "client = Client()"), id="text of no file"),
        pytest.param(Cell(f"%%time\n{SETUP}client = Client()"), id="a cell that is timed"),
        pytest.param(Cell(f"%%writefile -a a.py\n{SETUP}client = Client()"), id="appended"),
        pytest.param(Cell(f"%%writefile a.txt\n{SETUP}client = Client()"), id="no Python file"),
        pytest.param(Cell(f"%%bash\n# writefile a.py\n{SETUP}Client()"), id="a shell"),
    ],
)
def test_it_is_silent_for_what_is_no_script(cell: Cell) -> None:
    assert lines(cell) == []


WRONG = [
    pytest.param("client = Client()  #!", id="a client"),
    pytest.param("client = Client(n_workers=4, threads_per_worker=1)  #!", id="with arguments"),
    pytest.param("client = Client(processes=True)  #!", id="processes, named"),
    pytest.param("cluster = LocalCluster(n_workers=2)  #!\nclient = Client(cluster)",
                 id="a cluster"),
    pytest.param("from dask_cuda import LocalCUDACluster\ncluster = LocalCUDACluster()  #!",
                 id="a cluster of graphics cards"),
    pytest.param("with Client() as client:  #!\n    x.compute()", id="a block"),
    pytest.param("if len([1]):\n    client = Client()  #!", id="below another condition"),
    pytest.param("client = Client()  #!\ndef main():\n    x.compute()\n"
                 "if __name__ == '__main__':\n    main()", id="above the guard"),
    pytest.param("def main():\n    client = Client()\nmain()  #!", id="in a function"),
    pytest.param("def start():\n    return Client()\ndef main():\n    return start()\nmain()  #!",
                 id="in a function of a function"),
    pytest.param("import asyncio\nasync def main():\n    async with Client(asynchronous=True):\n"
                 "        pass\nasyncio.run(main())  #!", id="asynchronous"),
    pytest.param("class Job:\n    def run(self):\n        self.client = Client()\nJob().run()  #!",
                 id="in a method"),
    pytest.param("import distributed as d\nc = d.Client()  #!", id="another name"),
    pytest.param("x.compute(scheduler='processes')  #!", id="the processes scheduler"),
    pytest.param("dask.compute(x, lazy(1), scheduler='multiprocessing')  #!",
                 id="the processes scheduler of several"),
    pytest.param("dask.config.set(scheduler='processes')\nlazy(1).compute()  #!",
                 id="the processes scheduler, set before"),
    pytest.param("with dask.config.set(scheduler='processes'):\n    lazy(1).compute()  #!",
                 id="the processes scheduler of a block"),
    pytest.param("print(db.from_sequence([1]).map(str).compute())  #!", id="a bag"),
    pytest.param("print(db.read_text('*.txt').take(3))  #!", id="a look into a bag"),
    pytest.param("db.read_text('*.txt').map(str).to_textfiles('out')  #!", id="a bag written"),
]  # fmt: skip


@pytest.mark.parametrize("source", WRONG)
def test_it_is_found_in_a_script(source: str) -> None:
    marked = [n for n, line in enumerate(source.split("\n"), start=1) if line.endswith("#!")]
    assert lines(script(source)) == marked


@pytest.mark.parametrize("source", WRONG)
def test_it_is_found_where_a_cell_writes_the_script(source: str) -> None:
    marked = [n + 1 for n, line in enumerate(source.split("\n"), start=1) if line.endswith("#!")]
    written = Cell(f"%%writefile 'my run.py'\n{SETUP}{source}", "id", None, 1)
    assert lines(Cell("a = 1", "first", None, 0), written) == marked


def test_a_file_is_told_from_text(tmp_path: Path) -> None:
    path = tmp_path / "run.py"
    path.write_text("from dask.distributed import Client\nclient = Client()\n", encoding="utf-8")
    [finding] = dask_lens.check(path)
    assert (finding.code, finding.line, finding.column) == ("DSK210", 2, 10)
    assert dask_lens.check(path.read_text(encoding="utf-8")) == []


def run(source: str, path: Path) -> subprocess.CompletedProcess[str]:
    """Run a script, without the magic that would write it."""
    path.write_text(source.partition(".py\n")[2], encoding="utf-8")
    return subprocess.run(
        [sys.executable, str(path)], capture_output=True, text=True, timeout=60, check=False
    )


def test_the_script_fails_and_the_guarded_one_does_not(tmp_path: Path) -> None:
    failed, done = run(rule.dont, tmp_path / "dont.py"), run(rule.do, tmp_path / "do.py")
    assert "BrokenProcessPool" in failed.stderr
    assert (done.returncode, done.stdout) == (0, "(0, 2, 4, 6)\n")
