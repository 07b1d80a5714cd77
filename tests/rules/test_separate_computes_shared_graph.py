from __future__ import annotations

import pytest
from performing import perform
from setting import codes, found, marked, read

from dask_lens.report import analyze
from dask_lens.rules.separate_computes_shared_graph import rule

FINE = [
    pytest.param("a, b = dask.compute(ddf.x.mean(), ddf.x.std())", id="one compute"),
    pytest.param("a = ddf.x.mean().compute()", id="a single one"),
    pytest.param("a = ddf.x.mean().compute()\nb = x.sum().compute()", id="two sources"),
    pytest.param("d2 = dd.read_csv('b')\na = ddf.x.mean().compute()\nb = d2.x.mean().compute()",
                 id="two files"),
    pytest.param("p = ddf.persist()\na = p.x.mean().compute()\nb = p.x.std().compute()",
                 id="persisted"),
    pytest.param("p = client.persist(ddf)\na = p.x.mean().compute()\nb = p.x.std().compute()",
                 id="persisted by the client"),
    pytest.param("(p,) = dask.persist(ddf)\na = p.x.mean().compute()\nb = p.x.std().compute()",
                 id="persisted by dask"),
    pytest.param("a = x.mean().compute()\nb = x.std().compute()", id="ones are cheap to make"),
    pytest.param("s = dd.from_pandas(pd.DataFrame({}), npartitions=2)\na = s.x.mean().compute()\n"
                 "b = s.x.std().compute()", id="what is in memory"),
    pytest.param("m = ddf.x.mean().compute()\nn = ddf[ddf.x > m].x.count().compute()",
                 id="the second needs the first"),
    pytest.param("%time a = ddf.x.mean().compute()\n%time b = ddf.x.std().compute()", id="timed"),
    pytest.param("t = time.time()\na = ddf.x.mean().compute()\nprint(time.time() - t)\n"
                 "b = ddf.x.std().compute()", id="timed by a clock"),
    pytest.param("a = ddf.x.mean().compute(scheduler='threads')\n"
                 "b = ddf.x.mean().compute(scheduler='processes')", id="schedulers compared"),
    pytest.param("if a:\n    v = ddf.x.mean().compute()\nelse:\n    v = ddf.x.std().compute()",
                 id="one or the other"),
    pytest.param("ddf.head()\nddf.tail()", id="looks"),
    pytest.param("d = lazy(1)\na = d.compute()\ne = lazy(1)\nb = e.compute()", id="like tasks"),
    pytest.param("d = delayed(np.ones(3))\na = lazy(d, 1).compute()\nb = lazy(d, 2).compute()",
                 id="wrapped data"),
    pytest.param("z = da.from_zarr('z')\na = z[0].compute()\nb = z[1].mean().compute()",
                 id="two elements"),
    pytest.param("a = ds.t.isel(time=0).compute()\nb = ds.t.isel(time=-1).compute()",
                 id="two elements by their dimension"),
    pytest.param("z = da.from_zarr('z')\nprint(z[:5].compute())\nprint(z[:5, 0].compute())",
                 id="the first rows"),
    pytest.param("def a():\n    return ddf.x.mean().compute()\n"
                 "def b():\n    return ddf.x.std().compute()", id="two functions"),
]  # fmt: skip


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_for(source: str) -> None:
    assert found(rule, source) == []


REWRITTEN = [
    pytest.param("d = dd.read_parquet('p')\na = d.x.sum().compute()\nmore.to_parquet('p/2')\n"
                 "b = d.x.sum().compute()", 0, id="written to"),
    pytest.param("d = dd.read_csv('a*.csv')\na = d.x.sum().compute()\nopen('a2.csv', 'w')\n"
                 "b = d.x.sum().compute()", 0, id="another file beside them"),
    pytest.param("d = dd.read_parquet('p')\na = d.x.sum().compute()\nmore.to_parquet('q')\n"
                 "b = d.x.sum().compute()", 1, id="other files"),
    pytest.param("d = dd.read_csv('*.csv')\na = d.x.sum().compute()\nopen('log.txt', 'w')\n"
                 "b = d.x.sum().compute()", 1, id="files of any name"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "number"), REWRITTEN)
def test_files_that_change_in_between_are_read_again(source: str, number: int) -> None:
    assert len(found(rule, source)) == number


FOUND = [
    pytest.param("a = ddf.x.mean().compute()\nb = ddf.x.std().compute()  #!", id="two reductions"),
    pytest.param("print(ddf.x.mean().compute())\nprint(ddf.x.std().compute())  #!", id="printed"),
    pytest.param("print(ddf.x.min().compute(), ddf.x.max().compute())  #!", id="on one line"),
    pytest.param("a = ddf.x.mean().compute()\ny = a + 1\nb = ddf.x.std().compute()  #!",
                 id="with something between"),
    pytest.param("z = da.from_zarr('z')\na = z[0].min().compute()\n"
                 "b = z[0].max().compute()  #!", id="one element"),
    pytest.param("z = da.from_zarr('z')\nz = z - z.mean()\na = z[0].compute()\n"
                 "b = z[1].compute()  #!", id="two elements of what all of it is needed for"),
    pytest.param("z = da.from_zarr('z')\na = z[:5000].compute()\nb = z[:9000].compute()  #!",
                 id="many rows"),
    pytest.param("sub = ddf[ddf.x > 3]\na = sub.x.mean().compute()\nb = sub.y.sum().compute()  #!",
                 id="a filtered frame"),
    pytest.param("g = ddf.groupby('a')\nm = g.b.mean().compute()\ns = g.b.std().compute()  #!",
                 id="a group"),
    pytest.param("d = lazy(1)\na = lazy(d, 1).compute()\nb = lazy(d, 2).compute()  #!",
                 id="a delayed call"),
    pytest.param("r = da.random.random((9, 9))\na = r.mean().compute()\nb = r.std().compute()  #!",
                 id="random numbers"),
    pytest.param("a = ds.sst.mean().compute()\nb = ds.sst.std().compute()  #!", id="xarray"),
    pytest.param("a = ddf.x.mean().compute()\nb = ddf.x.std().compute()  #!\n"
                 "c = ddf.x.max().compute()", id="three are told once"),
    pytest.param("a = client.compute(ddf.x.mean()).result()\n"
                 "b = client.compute(ddf.x.std()).result()  #!", id="by the client"),
    pytest.param("(a,) = dask.compute(ddf.x.mean())\n(b,) = dask.compute(ddf.x.std())  #!",
                 id="by dask.compute"),
    pytest.param("def g():\n    a = ddf.x.mean().compute()\n    b = ddf.x.std().compute()  #!\n"
                 "    return a, b", id="in a function"),
    pytest.param("%%time\na = ddf.x.mean().compute()\nb = ddf.x.std().compute()  #!",
                 id="in a timed cell"),
]  # fmt: skip


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found_for(source: str) -> None:
    assert found(rule, source) == marked(source)


def test_of_several_cells_those_that_keep_what_they_compute_are_told() -> None:
    kept = ("a = ddf.x.mean().compute()", "b = ddf.x.std().compute()  #!")
    shown = ("ddf.x.mean().compute()", "ddf.x.std().compute()", "ddf.y.max().compute()")
    last = ("print(ddf.y.max().compute())  #!",)
    assert found(rule, *kept) == marked(*kept)
    assert found(rule, *shown) == []
    assert found(rule, shown[0], *last) == []
    assert found(rule, *shown[:2], *last) == marked(*shown[:2], *last)


def test_three_cells_with_what_is_not_read_from_files_are_exploring() -> None:
    random = "r = da.random.random((9, 9))"
    assert (
        found(rule, random, *(f"v = r.{how}().compute()" for how in ("sum", "min", "max"))) == []
    )


def test_what_has_no_name_is_not_called_by_one() -> None:
    several = "parts = [dask.delayed(f)(n) for n in range(3)]\n"
    computes = "a = dask.delayed(sum)(parts).compute()\nb = dask.delayed(max)(parts).compute()"
    [told] = read(rule, several + computes)
    assert told.evidence["what"] == "the same objects"


def test_a_loop_is_told_as_a_loop() -> None:
    assert codes("out = [ddf[c].mean().compute() for c in 'ab']") == ["DSK301"]


SHARED = """\
import time
import dask

@dask.delayed
def load(n):
    time.sleep(0.1)
    return n

@dask.delayed
def add(a, b):
    return a + b

loaded = load(1)
# %%
"""


def test_what_shares_no_task_is_silent_after_the_run() -> None:
    code = f"{SHARED}a = load(1).compute()\nb = load(2).compute()\n"
    assert list(analyze(perform(code)[-1]).findings) == []


def test_the_cost_is_the_shared_part() -> None:
    code = f"{SHARED}a = add(loaded, 1).compute()\nb = add(loaded, 2).compute()\n"
    [finding] = analyze(perform(code)[-1]).findings
    assert (finding.code, finding.certainty, finding.line) == ("DSK304", "seen", 2)
    assert finding.cost is not None
    assert 0.08 < finding.cost < 0.2


FUSED = """import time
import dask.array as da
import dask.bag as db
import numpy as np

def wait(chunk):
    time.sleep(0.07)
    return chunk

x = da.from_array(np.arange(12.0), chunks=6).map_blocks(wait, dtype=float)
bag = db.range(4, npartitions=2).map(wait)
# %%
"""


@pytest.mark.parametrize(
    "cell",
    [
        pytest.param("a = x.mean().compute()\nb = x.std().compute()\n", id="arrays"),
        pytest.param(
            "a = bag.sum().compute(scheduler='sync')\nb = bag.max().compute(scheduler='sync')\n",
            id="bags",
        ),
    ],
)
def test_what_is_shared_by_fused_tasks_stays_likely(cell: str) -> None:
    [finding] = analyze(perform(FUSED + cell)[-1]).findings
    assert (finding.code, finding.certainty, finding.line) == ("DSK304", "likely", 2)
    assert finding.cost is None


def test_parts_that_fused_tasks_took_for_themselves_are_silent() -> None:
    cell = "one = x[:6]\nother = x[6:]\na = one.mean().compute()\nb = other.std().compute()\n"
    assert list(analyze(perform(FUSED + cell)[-1]).findings) == []


def test_a_function_that_computes_is_told_before_the_run_and_the_others_after_it() -> None:
    cell = (
        "def top(data):\n    return data.max().compute()\n"
        "t = top(x)\na = x.mean().compute()\nb = x.std().compute()\n"
    )
    [finding] = analyze(perform(FUSED + cell)[-1]).findings
    assert (finding.code, finding.line) == ("DSK304", 5)
    assert found(rule, FUSED + cell) == [(1, 16)]
