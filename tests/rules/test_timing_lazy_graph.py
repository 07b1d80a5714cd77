from __future__ import annotations

import pytest
from performing import perform
from setting import found, marked

from dask_lens.report import analyze
from dask_lens.rules.timing_lazy_graph import rule

CLOCK = "t0 = time.time()\n{}\nprint(time.time() - t0)"

FINE = [
    pytest.param(CLOCK.format("v = ddf.groupby('a').b.mean().compute()"), id="a compute"),
    pytest.param(CLOCK.format("v = ddf.x.mean()\nv.compute()"), id="a compute afterwards"),
    pytest.param(CLOCK.format("v = ddf.x.mean().persist()"), id="a persist"),
    pytest.param(CLOCK.format("ddf[ddf.x > 3].to_parquet('a')"), id="a writer"),
    pytest.param(CLOCK.format("d = xr.open_mfdataset('a')"), id="opening many files"),
    pytest.param(CLOCK.format("n = len(ddf[ddf.x > 3])"), id="a length"),
    pytest.param(CLOCK.format("v = ds.sst.mean().values"), id="values"),
    pytest.param(CLOCK.format("v = process(ddf.x.mean())"), id="a function that may compute"),
    pytest.param(CLOCK.format("v = f(ddf.x.mean())"), id="a function of the notebook"),
    pytest.param(CLOCK.format("v = pd.DataFrame({}).mean()"), id="pandas"),
    pytest.param(CLOCK.format("v = np.ones(3).sum()"), id="NumPy"),
    pytest.param(CLOCK.format("d = ddf.set_index('a')"), id="what computes by itself"),
    pytest.param(CLOCK.format("y = x.rechunk(3)"), id="plumbing"),
    pytest.param(CLOCK.format("v = lazy(1)"), id="delayed calls"),
    pytest.param(CLOCK.format("a = client.submit(f, x.sum())\na.result()"), id="futures"),
    pytest.param("%%time\nv = ddf.x.mean().compute()", id="a timed cell that computes"),
    pytest.param("%%time\nz = lazy(lazy(1), 2)", id="a timed cell that shows how lazy it is"),
    pytest.param("%%time\nddf = dd.read_csv('a')\nddf.head()", id="a timed look"),
    pytest.param("%time ddf.x.mean().compute()", id="a timed line that computes"),
    pytest.param("v = ddf.x.mean()\nt0 = time.time()\nv.compute()\nprint(time.time() - t0)",
                 id="lazy before, computed in time"),
    pytest.param("t = time.time()\nprint(time.time() - t)\nv = ddf.x.mean()", id="nothing timed"),
    pytest.param("start = time.time()\nv = ddf.x.mean()", id="a clock that is read once"),
    pytest.param("%%time\nds.sst.mean('time').plot()", id="a plot"),
    pytest.param("t0 = time.time()\nm = x.sum()\nprint('graph built in', time.time() - t0)",
                 id="the time of the graph, as it says"),
    pytest.param("%%time\n# lazy: this returns immediately\nm = x.sum()", id="a lesson"),
    pytest.param("%%time\nm = x.sum()  # doesn't compute anything", id="a lesson, beside it"),
]  # fmt: skip


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_for(source: str) -> None:
    assert found(rule, source) == []


FOUND = [
    pytest.param(CLOCK.format("v = ddf.groupby('a').b.mean()  #!"), id="a group"),
    pytest.param("t0 = time.perf_counter()\nddf[ddf.x > 3].y.sum()  #!\n"
                 "t1 = time.perf_counter()\nprint(t1 - t0)", id="two clocks"),
    pytest.param("from timeit import default_timer as now\nt0 = now()\nm = x.mean()  #!\n"
                 "print(now() - t0)", id="another clock"),
    pytest.param("%%time\nddf.groupby('a').b.mean()  #!", id="a timed cell"),
    pytest.param("%%timeit\n(x + x.T).sum(axis=0)  #!", id="a cell that is timed often"),
    pytest.param("%time m = ddf.x.mean()  #!", id="a timed line"),
    pytest.param("%timeit ddf.merge(ddf, on='a')  #!", id="a line that is timed often"),
    pytest.param("def bench(frame=ddf):\n    t0 = time.time()\n    r = ddf.x.mean()  #!\n"
                 "    return time.time() - t0", id="in a function"),
    pytest.param("%%time\nclimate = ds.sst.groupby('time.month').mean('time')  #!", id="xarray"),
    pytest.param("import datetime\nt0 = datetime.datetime.now()\nm = ddf.x.mean()  #!\n"
                 "print(datetime.datetime.now() - t0)", id="datetime"),
    pytest.param("%%time\n# the mean of each column\nm = x.mean(axis=0)  #!", id="a comment"),
    pytest.param("t0 = time.time()\nm = x.mean(axis=0)\ns = m.sum()  #!\nprint(s)\n"
                 "print('took', time.time() - t0)", id="printed, and still lazy"),
]  # fmt: skip


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found_for(source: str) -> None:
    assert found(rule, source) == marked(source)


def test_it_is_silent_where_the_run_computed() -> None:
    code = (
        "import time\nimport dask.array as da\nx = da.ones(4)\nt0 = time.time()\n"
        "total = x.sum()\nt1 = time.time()\ntotal = float(x.sum().compute())\n"
    )
    assert list(analyze(perform(code)[-1]).findings) == []
