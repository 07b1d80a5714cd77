"""A cell that runs apart from the user's names."""

from __future__ import annotations

import asyncio
import contextvars
import signal
import threading
import time

import dask
import dask.system
import dask.threaded
import pytest
from distributed import Client

from dask_lens.compare.workload import Workload, WorkloadError, is_notebook, split


def test_names_stay_as_they_are():
    names = {"x": 1, "y": [1]}
    outcome = Workload("x = x + 1\nz = x\nx * 10").run(names)
    assert names == {"x": 1, "y": [1]}
    assert outcome.names == {"": 20, "x": 2, "z": 2}


def test_a_function_runs_as_it_is():
    assert Workload(lambda: 3).run({}).names == {"": 3}


@pytest.mark.parametrize(
    ("code", "told"),
    [("x = (", "line 1"), ("return 1", "line 1"), ("def f():\n    await x", "line 2")],
)
def test_code_that_cannot_run_is_told_with_its_line(code, told):
    with pytest.raises(WorkloadError, match=told):
        Workload(code)


def test_a_cell_without_marks_is_one_version():
    assert split("x = 1") == {None: "x = 1"}


def test_marks_divide_a_cell_and_lines_keep_their_numbers():
    versions = split("a = 1\n# %% old\nb = 2\n# %% new\nc = 1/0\n")
    assert list(versions) == ["old", "new"]
    assert "b = 2" not in versions["new"]
    assert versions["new"].splitlines().index("c = 1/0") == 4
    assert Workload(versions["old"]).run({}).names == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    "script", ["x = 1", "x = 1\n# %% old\ny = 1\n# %% new\ny = 2", "# jupyter is fine"]
)
def test_marks_that_name_versions_make_no_notebook(script):
    assert not is_notebook(script)


@pytest.mark.parametrize(
    "script",
    [
        "# ---\n# jupyter:\n#   jupytext:\n# ---\n# %% a\nx = 1\n# %% b\nx",
        "# %%\nx = 1\n# %% b\nx",
        "# %% [markdown]\n# Text\n# %% a\nx = 1",
        '# %% name tags=["parameters"]\nx = 1',
    ],
)
def test_the_percent_format_of_notebooks_is_known(script):
    assert is_notebook(script)


@pytest.mark.parametrize("cell", ["# %% a\nx\n# %% a\ny", "# %% a\n\n# %% b\ny"])
def test_versions_need_names_and_code(cell):
    with pytest.raises(WorkloadError):
        split(cell)


LATER = """\
import asyncio

async def later(value):
    await asyncio.sleep(0)
    return value
"""


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("await later(5)", 5),
        ("x = await later(5)\nx + 1", 6),
        ("x = 4\nawait later(x)", 4),
        ("[await later(i) for i in range(2)]", [0, 1]),
        ("await asyncio.gather(later(1), later(2))", [1, 2]),
    ],
)
def test_code_that_awaits_at_its_top_level_runs(code, value):
    names = Workload(LATER).run({}).namespace
    assert Workload(code).run(names).names[""] == value


def test_what_a_coroutine_function_returns_is_awaited():
    async def wait():
        await asyncio.sleep(0.05)
        return 3

    began = time.perf_counter()
    assert Workload(wait).run({}).names == {"": 3}
    assert time.perf_counter() - began > 0.04


def test_it_runs_although_the_loop_of_the_notebook_does():
    async def notebook():
        return Workload(f"{LATER}\nawait later(2)").run({}).names[""]

    assert asyncio.run(notebook()) == 2


def test_code_that_awaits_raises_its_own_error_with_its_line():
    with pytest.raises(ZeroDivisionError) as caught:
        Workload(f"{LATER}\nawait later(1 / 0)").run({})
    assert caught.traceback[-1].lineno == 6


def test_code_that_awaits_sees_what_is_set_around_it():
    around = contextvars.ContextVar("around", default=0)
    around.set(1)
    names = Workload(LATER).run({"around": around}).namespace
    assert Workload("await later(around.get())").run(names).names[""] == 1


def test_code_that_awaits_computes_on_as_many_threads_as_it_would_in_the_notebook():
    names = {**Workload(LATER).run({}).namespace, "dask": dask}
    names["on"] = dask.delayed(lambda _: time.sleep(0.05) or threading.get_ident())
    compute = "len(set(dask.compute(*[on(i) for i in range(8)], scheduler='threads')))"
    main = dask.threaded.main_thread
    there = Workload(f"await later(1)\n{compute}").run(names).names[""]
    assert there == Workload(compute).run(names).names[""] == dask.system.CPU_COUNT
    assert dask.threaded.main_thread is main


def test_code_that_awaits_is_cancelled_when_it_is_interrupted():
    ended = []
    names = {**Workload(LATER).run({}).namespace, "ended": ended, "press": press_ctrl_c}
    code = "press()\ntry:\n    await asyncio.sleep(30)\nfinally:\n    ended.append(1)"
    with pytest.raises(KeyboardInterrupt):
        Workload(code).run(names)
    assert ended == [1]


def press_ctrl_c():
    threading.Timer(
        0.1, signal.pthread_kill, (threading.main_thread().ident, signal.SIGINT)
    ).start()


def test_an_asynchronous_client_of_the_notebook_cannot_be_awaited_and_the_way_out_is_told():
    async def notebook():
        async with Client(asynchronous=True, processes=False, dashboard_address=":0") as client:
            with pytest.raises(WorkloadError, match="take a synchronous client"):
                Workload("await client.submit(abs, -1)").run({"client": client})

    asyncio.run(notebook())


def test_an_asynchronous_client_that_the_code_opens_works():
    code = (
        "options = {'processes': False, 'dashboard_address': ':0'}\n"
        "async with Client(asynchronous=True, **options) as client:\n"
        "    x = await client.submit(abs, -1)"
    )
    assert Workload(code).run({"Client": Client, "client": None}).names["x"] == 1


def test_the_code_takes_nothing_from_the_future_that_it_does_not_import():
    code = "def f(x: int): pass\nf.__annotations__['x']"
    assert Workload(code).run({}).names[""] is int
