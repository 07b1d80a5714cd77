from __future__ import annotations

from dataclasses import replace

import pytest
from performing import perform, recorded
from setting import codes, found, marked

from dask_lens.record.call import ObservedCall
from dask_lens.report import analyze
from dask_lens.rules.chunks_too_big import rule

FINE = [
    pytest.param("y = da.random.random((10**5, 10**5), chunks=(10**4, 10**4))", id="800 MB"),
    pytest.param("y = da.ones((10**5, 10**5), chunks=(20_000, 20_000), dtype='u1')",
                 id="few bytes an element"),
    pytest.param("y = da.ones((10**5, 10**5), chunks='auto')", id="as Dask chooses"),
    pytest.param("y = da.ones((10**5, 10**5), chunks=(-1, 100))", id="one axis in one piece"),
    pytest.param("y = da.ones((n, m), chunks=(10**5, 10**5))", id="a shape that is not known"),
    pytest.param("y = np.ones((10**5, 10**5))", id="an array of NumPy's"),
    pytest.param("ds = xr.open_dataset('a.nc', chunks={'time': -1})", id="xarray's"),
    pytest.param("d = dd.read_csv('*.csv', blocksize='256MB')", id="large blocks"),
]  # fmt: skip


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_for(source: str) -> None:
    assert found(rule, source) == []


FOUND = [
    pytest.param("y = da.random.random((10**5, 10**5), chunks=(50_000, 50_000))  #!", id="20 GB"),
    pytest.param("y = da.zeros((10**5, 10**5), chunks=(20_000, 10**5))  #!", id="rows"),
    pytest.param("y = da.ones((10**5, 10**5), chunks=10**3)\nz = y.rechunk((-1, 10**4))  #!",
                 id="rechunked along one axis"),
    pytest.param("d = ddf.repartition(partition_size='5GB')  #!", id="partitions of 5 GB"),
    pytest.param("d = dd.read_csv('*.csv', blocksize=4e9)  #!", id="blocks of 4 GB"),
]  # fmt: skip


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found_for(source: str) -> None:
    assert found(rule, source) == marked(source)


def test_one_single_chunk_is_told_as_that() -> None:
    assert codes("y = da.ones((10**5, 10**5), chunks=-1)\nr = y.sum().compute()") == ["DSK503"]


def test_big_chunks_that_a_local_scheduler_coped_with_are_fine() -> None:
    *_, run = perform("""
import dask.array as da

x = da.ones(4_000_000_000, chunks=2_000_000_000)
total = int(x[::50_000_000].sum().compute(scheduler="sync"))
""")
    assert analyze(run).findings == ()


def test_a_cause_is_told_once_and_its_effect_is_not() -> None:
    ran = recorded("chunks-too-big.dont")[1]
    [computation] = ran.computations
    message = "Unmanaged memory use is high. This may indicate a memory leak"
    when = computation.start
    facts = {"kind": "memory", "message": message}
    logged = ObservedCall("logging.memory", None, when, when, 1, facts)
    short = replace(ran, calls=(*ran.calls, logged))
    assert [f.code for f in analyze(short).findings] == ["DSK508"]
    unknown = replace(short, computations=(replace(computation, workers=()),))
    assert [f.code for f in analyze(unknown).findings] == ["DSK409"]
