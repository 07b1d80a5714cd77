from __future__ import annotations

import pytest
from performing import perform
from setting import codes, found, marked

from dask_lens.report import analyze
from dask_lens.rules.write_in_loop import rule

FINE = [
    pytest.param("ddf.to_parquet('a')", id="one write"),
    pytest.param("out = []\nfor p in 'ab':\n    out.append(ddf.to_parquet(p, compute=False))\n"
                 "dask.compute(*out)", id="collected"),
    pytest.param("for p in 'ab':\n    pd.read_csv(p).to_parquet(p)", id="pandas"),
    pytest.param("for p in 'ab':\n    ddf.compute().to_csv(p)", id="pandas, after a compute"),
    pytest.param("for p in 'ab':\n    d = xr.open_dataset(p)\n    d.to_netcdf(p)", id="not lazy"),
    pytest.param("for p in 'ab':\n    ds.sel(a=p).to_zarr('z', append_dim='t')", id="appending"),
    pytest.param("for p in 'ab':\n    dd.read_csv(p).to_csv('z', mode='a')", id="one file"),
    pytest.param("for part in ddf.partitions:\n    part.to_csv('a')", id="piece by piece"),
    pytest.param("for p in 'ab':\n    t = time.time()\n    ddf[ddf.a == p].to_parquet(p)\n"
                 "    print(time.time() - t)", id="timed"),
]  # fmt: skip


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_for(source: str) -> None:
    assert found(rule, source) == []


FOUND = [
    pytest.param("for p in 'ab':\n    dd.read_csv(p).to_parquet(p + '.out')  #!", id="files"),
    pytest.param("for v in ds.data_vars:\n    ds[v].to_netcdf(v)  #!", id="variables"),
    pytest.param("for y, g in ds.groupby('time.year'):\n    g.to_netcdf(f'{y}.nc')  #!",
                 id="groups"),
    pytest.param("for i in range(3):\n    x[i].to_zarr(f'{i}.zarr')  #!", id="arrays"),
    pytest.param("for i in range(3):\n    da.to_zarr(x[i], f'{i}.zarr')  #!", id="a function"),
    pytest.param("def write(p):\n    dd.read_csv(p).to_csv(p)  #!\nfor p in 'ab':\n    write(p)",
                 id="in a function called in a loop"),
]  # fmt: skip


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found_for(source: str) -> None:
    assert found(rule, source) == marked(source)


def test_one_cause_is_told_once() -> None:
    assert codes("for i in range(3):\n    x[i].to_zarr(f'{i}.zarr')") == ["DSK313"]


def test_writes_that_keep_all_threads_at_work_are_silent_after_the_run() -> None:
    code = """\
import time, dask, numpy as np, dask.array as da
def slow(block):
    time.sleep(0.03)
    return block
# %%
for n in range(3):
    x = da.ones(8, chunks=2).map_blocks(slow, dtype=float, meta=np.ones(1))
    x.store(np.zeros(8), scheduler="threads", num_workers=2)
"""
    assert list(analyze(perform(code)[-1]).findings) == []
