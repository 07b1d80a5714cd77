from __future__ import annotations

from dataclasses import replace

import pytest
from performing import perform
from setting import codes, found, marked

from dask_lens.record.call import ObservedCall
from dask_lens.record.cell import Cell, Place
from dask_lens.record.run import Run
from dask_lens.report import analyze
from dask_lens.rule import Finding
from dask_lens.rules.chunks_too_small import rule

FINE = [
    pytest.param("y = da.ones((1000, 1000), chunks=(100, 100))", id="a small array for teaching"),
    pytest.param("y = da.ones((1000, 1000), chunks=100)", id="the same, one number for all axes"),
    pytest.param("y = da.random.random((10000, 10000), chunks=(1000, 1000))", id="8 MB a chunk"),
    pytest.param("y = da.random.random((20000, 20000), chunks=(1000, 1000))", id="400 chunks"),
    pytest.param("y = da.ones((10**6, 1000), chunks=(1000, 1000))", id="8 MB chunks, many"),
    pytest.param("y = da.arange(10**9, chunks=10**6)", id="a thousand chunks of 8 MB"),
    pytest.param("y = da.ones((10**5, 10**5), chunks='auto')", id="as Dask chooses"),
    pytest.param("y = da.ones((10**5, 10**5), chunks=(n, n))", id="chunks that are not known"),
    pytest.param("y = da.ones(shape, chunks=(10, 10))", id="a shape that is not known"),
    pytest.param("y = da.from_array(a, chunks=(10, 10))", id="an array that is not known"),
    pytest.param("y = da.from_array(np.ones((100, 100)), chunks=(10, 10))", id="little data"),
    pytest.param("y = np.ones((10**5, 10**5)).reshape(10, 10)", id="an array of NumPy's"),
    pytest.param("ds = xr.open_dataset('a.nc', chunks={'time': 1})", id="one time step a chunk"),
    pytest.param("y = da.ones((10**4, 10**4), chunks=(100, 100))\n%time y.sum().compute()\n"
                 "y = da.ones((10**4, 10**4), chunks=(5000, 5000))\n%time y.sum().compute()",
                 id="sizes that are compared"),
    pytest.param("d = dd.read_csv('*.csv', blocksize=25e6)", id="blocks of 25 MB"),
    pytest.param("d = dd.read_csv('*.csv', blocksize=None)", id="a partition a file"),
    pytest.param("d = ddf.repartition(partition_size='100MB')", id="partitions of 100 MB"),
    pytest.param("d = ddf.repartition(npartitions=10000)", id="partitions of data of any size"),
    pytest.param("d = dd.from_pandas(df, npartitions=100)", id="a hundred partitions"),
]  # fmt: skip


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_for(source: str) -> None:
    assert found(rule, source) == []


FOUND = [
    pytest.param("y = da.random.random((10000, 10000), chunks=(100, 100))  #!", id="80 kB"),
    pytest.param("y = da.zeros((10**5, 10**4), chunks=(10, 10**4))  #!", id="a row or ten"),
    pytest.param("n = 50_000\ny = da.ones((n, n), chunks=(n // 500, 100))  #!", id="by names"),
    pytest.param("size = (100, 100)\ny = da.ones((10**4, 10**4), chunks=size)  #!",
                 id="chunks by name"),
    pytest.param("y = da.arange(10**7, chunks=1000)  #!", id="a range"),
    pytest.param("rng = da.random.default_rng(1)\n"
                 "y = rng.normal(0, 1, size=(10**4, 10**4), chunks=(50, 50))  #!",
                 id="drawn by a generator"),
    pytest.param("y = da.ones((10**4, 10**4), chunks=10**3).rechunk((10, 10**4))\n"
                 "z = y.rechunk({0: 1})  #!", id="rechunked along one axis"),
    pytest.param("a = np.zeros((10**5, 10**3))\ny = da.from_array(a, chunks=(10, -1))  #!",
                 id="an array of NumPy's in pieces"),
    pytest.param("y = (da.ones((10**4, 10**4), chunks=10**3) + 1).rechunk(50)  #!",
                 id="a result rechunked"),
    pytest.param("d = dd.read_csv('*.csv', blocksize='64KB')  #!", id="blocks of 64 kB"),
    pytest.param("d = ddf.repartition(partition_size='100kB')  #!", id="partitions of 100 kB"),
    pytest.param("d = dd.from_pandas(df, npartitions=5000)  #!", id="5000 partitions in memory"),
]  # fmt: skip


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found_for(source: str) -> None:
    assert found(rule, source) == marked(source)


def test_small_chunks_are_told_once_where_they_are_made() -> None:
    source = "y = da.ones((10**4, 10**4), chunks=(10, 10))\nr = (y + 1).sum().compute()"
    assert codes(source) == ["DSK507"]


def test_few_long_tasks_on_small_chunks_are_fine() -> None:
    *_, run = perform("""
import time
import dask.array as da

def slow(block):
    time.sleep(0.02)
    return block

x = da.ones(20, chunks=1).map_blocks(slow, dtype=float)
total = float(x.sum().compute(scheduler="threads", num_workers=2))
""")
    assert [f for f in analyze(run).findings if f.code in ("DSK501", "DSK507")] == []


def test_a_graph_tells_the_size_of_chunks_where_the_text_does_not() -> None:
    *_, run = perform("""
import dask.array as da

def made(n):
    return da.ones(1000 * n, chunks=1000)
# %%
total = float(made(5000).sum(split_every=50).compute(scheduler="threads", num_workers=2))
""")
    [told] = [f for f in analyze(run).findings if f.code in ("DSK501", "DSK507")]
    assert (told.code, told.line, told.certainty) == ("DSK507", 4, "seen")
    assert told.message.startswith("5000 chunks of 8 kB: the computation took ")


def test_partitions_of_tables_are_counted() -> None:
    *_, run = perform("""
import pandas as pd
import dask.dataframe as dd

ddf = dd.from_pandas(pd.DataFrame({"a": range(3000)}), npartitions=3000, sort=False)
doubled = (ddf.a * 2).compute(scheduler="threads", num_workers=2)
""")
    [told] = [f for f in analyze(run).findings if f.code in ("DSK501", "DSK507")]
    assert told.code == "DSK507"
    assert told.message.startswith("3000 partitions")
    assert told.proposals[0].title == "Make 4 partitions"


def test_chunks_of_xarray_are_told_where_they_are_made() -> None:
    [earlier, run] = perform("""
import dask.array as da

def chunk(x):
    return x.rechunk(1000)

x = da.ones(4_000_000, chunks=100_000)
# %%
total = float(chunk(x).sum(split_every=50).compute(scheduler="threads", num_workers=2))
""")
    cells = (
        Cell("ds = xr.open_dataset(p)\nlazy = ds.chunk({'time': 1})"),
        Cell("total = lazy.sum().compute()"),
    )
    imported = replace(cells[0], source=f"import xarray as xr\n{cells[0].source}")
    [told] = analyze(replace(run, cells=(imported, cells[1]))).findings
    assert (told.code, told.cell_id, told.line) == ("DSK507", None, 3)
    assert told.proposals[0].edits[0].after.endswith('ds.chunk("auto")')
    assert earlier.computations == ()


def test_small_chunks_are_told_before_they_are_computed() -> None:
    finest = {"npartitions": 4000, "nbytes": 10**8, "largest": 25_000, "chunks": [3_125]}
    at = Place(0, 2)
    asked = ObservedCall("dask.compute", at, 1.0, 1.0, 1, {"finest": finest})
    cell = Cell("import numpy as np\nr = made_elsewhere.compute()")
    [told] = rule.run(Run((cell,), observed=0, start=0.0, calls=(asked,)), {})
    assert isinstance(told, Finding)
    assert (told.place, told.certainty) == (at, "likely")
    assert told.message.startswith("4000 chunks of 25 kB: ")
