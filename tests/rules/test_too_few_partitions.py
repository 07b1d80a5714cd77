from __future__ import annotations

import pytest
from performing import perform
from setting import codes, found, marked

from dask_lens.report import analyze
from dask_lens.rules.too_few_partitions import rule

FINE = [
    pytest.param("d = dd.from_pandas(df, npartitions=4)", id="several partitions"),
    pytest.param("d = dd.from_pandas(df, chunksize=1000)", id="rows of a partition"),
    pytest.param("d = dd.from_pandas(df, **how)", id="arguments that cannot be read"),
    pytest.param("d = dd.from_pandas(pd.DataFrame({'a': [1, 2]}), npartitions=1)", id="small"),
    pytest.param("df = pd.DataFrame({'a': range(1000)})\nd = dd.from_pandas(df, npartitions=1)",
                 id="small, by name"),
    pytest.param("d = dd.from_pandas(df.head(10), npartitions=1)", id="the first rows"),
    pytest.param("d = dd.from_pandas(df, npartitions=1).repartition(npartitions=8)",
                 id="split up at once"),
    pytest.param("d = dd.from_pandas(df, npartitions=1)\ne = ddf.merge(d, on='a')",
                 id="a small table that is merged"),
    pytest.param("d = dd.concat([dd.from_pandas(df, npartitions=1), ddf])", id="a part of many"),
    pytest.param("ds = [dd.from_pandas(p, npartitions=1) for p in parts]", id="one of many"),
    pytest.param("import pandas\nd = pandas.from_pandas(df, npartitions=1)", id="not Dask's"),
    pytest.param("y = da.from_array(np.ones((10, 10)), chunks=-1)", id="a small array"),
    pytest.param("y = da.from_array(np.arange(10))", id="a small array without chunks"),
    pytest.param("y = da.from_array(h5['x'])", id="a file without chunks"),
    pytest.param("y = da.from_array(a, chunks=(-1, 100))", id="one axis in one piece"),
    pytest.param("y = da.ones((1000, 1000), chunks=(1000, 1000))", id="a small made array"),
    pytest.param("y = da.ones((10**5, 10**4), chunks=(10**3, 10**4))", id="several chunks"),
    pytest.param("y = da.random.random(size=(100, 100), chunks=(100, 100))",
                 id="a small array of random numbers"),
    pytest.param("y = da.random.random(size=(10**5, 10**4), chunks=(10**5, 100))",
                 id="a few columns at a time"),
    pytest.param("y = da.random.normal(10**5, 10**4, n, chunks=(10**5, 10**4))",
                 id="a mean and a spread that look like a shape"),
    pytest.param("d = dd.read_csv('*.csv.gz', blocksize=None)", id="many compressed files"),
    pytest.param("d = dd.read_csv('a.csv')", id="a file that is split up"),
    pytest.param("y = da.from_array(np.ones((10**5, 10**5)))", id="many chunks by themselves"),
    pytest.param("d = xr.open_dataset('a.nc', chunks={}).chunk({'time': -1})", id="one dimension"),
    pytest.param("d = xr.open_dataset('a.nc', chunks={})", id="chunks as they are in the file"),
    pytest.param("d = xr.open_mfdataset('*.nc', parallel=True)", id="files opened side by side"),
    pytest.param("d = xr.open_mfdataset(['a.nc', 'b.nc'], chunks={})", id="two files"),
    pytest.param("d = xr.open_mfdataset(paths, chunks={})", id="files whose number is not known"),
    pytest.param("d = xr.open_mfdataset('*.nc', **how)", id="options that cannot be read"),
    pytest.param("for y in years:\n    d = xr.open_mfdataset(f'{y}/*.nc', chunks={})",
                 id="the files of each year"),
    pytest.param("b = db.from_sequence(urls)", id="a bag as it comes"),
    pytest.param("b = db.from_sequence([1, 2, 3], npartitions=1)", id="a short bag"),
]  # fmt: skip


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_for(source: str) -> None:
    assert found(rule, source) == []


FOUND = [
    pytest.param("d = dd.from_pandas(df, npartitions=1)  #!", id="one partition"),
    pytest.param("d = dd.from_pandas(df, 1)  #!", id="by position"),
    pytest.param("d = dd.from_pandas(df)  #!", id="as it comes"),
    pytest.param("from dask.dataframe import from_pandas as fp\nd = fp(df, npartitions=1)  #!",
                 id="by another name"),
    pytest.param("y = da.from_array(a, chunks=-1)  #!", id="an array in one chunk"),
    pytest.param("y = da.from_array(a, chunks=a.shape)  #!", id="chunks of the whole shape"),
    pytest.param("a = np.load('a.npy')\ny = da.from_array(a)  #!", id="no chunks at all"),
    pytest.param("y = da.random.random((10**5, 10**4), chunks=(10**5, 10**4))  #!",
                 id="made in one chunk"),
    pytest.param("n = 10**5\ny = da.zeros((n, n), chunks=(n, n))  #!", id="shape by name"),
    pytest.param("n = 10**4\ny = da.random.random(size=(10**5, n), chunks=(10**5, 10**4))  #!",
                 id="size by keyword"),
    pytest.param("y = da.random.normal(0, 1, (10**5, 10**4), chunks=(10**5, 10**4))  #!",
                 id="size after what is drawn from"),
    pytest.param("y = da.full((10**5, 10**4), 7, chunks=(-1, -1))  #!", id="full"),
    pytest.param("d = dd.read_csv('a.csv.gz', blocksize=None)  #!", id="a compressed file"),
    pytest.param("b = db.from_sequence(urls, npartitions=1)  #!", id="a bag"),
    pytest.param("y = da.from_array(np.random.rand(10000, 10000))  #!", id="few chunks"),
    pytest.param("d = xr.open_dataset('a.nc').chunk(-1)  #!", id="a dataset in one chunk"),
    pytest.param("d = xr.open_dataset('a.nc', chunks=-1)  #!", id="opened in one chunk"),
    pytest.param("d = xr.open_mfdataset('a/*.nc', chunks={'time': 10})  #!", id="many files"),
    pytest.param("p = sorted(glob.glob('a/*.nc'))\nd = xr.open_mfdataset(p)  #!",
                 id="many files, by name"),
]  # fmt: skip


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found_for(source: str) -> None:
    assert found(rule, source) == marked(source)


def test_one_cause_is_told_once() -> None:
    assert codes("d = dd.from_pandas(df, npartitions=1)\nr = d.a.sum().compute()") == ["DSK503"]


FEW = """
import time
import pandas as pd
import dask.dataframe as dd

def slow(part):
    time.sleep(1.2)
    return part

ddf = dd.from_pandas(pd.DataFrame({"x": range(8)}), npartitions=2)
made = ddf.map_partitions(slow, meta=ddf)
total = int(made.x.sum().compute(scheduler="threads", num_workers=%d))
"""


def test_as_many_partitions_as_threads_are_fine() -> None:
    *_, run = perform(FEW % 2)
    assert analyze(run).findings == ()


def test_fewer_partitions_than_threads_are_told_with_what_they_cost() -> None:
    *_, run = perform(FEW % 4)
    [told] = analyze(run).findings
    assert (told.code, told.line, told.certainty) == ("DSK503", 9, "seen")
    assert "has no more than 2 pieces to work on: 2 of 4 threads worked at a time" in told.message
    assert told.cost == pytest.approx(0.6, abs=0.2)
    assert [proposal.title for proposal in told.proposals] == ["Make 8 partitions"]
