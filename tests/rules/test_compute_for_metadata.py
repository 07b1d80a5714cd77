from __future__ import annotations

import pytest
from performing import perform
from setting import found, marked

from dask_lens.report import FindingReport, analyze
from dask_lens.rules.compute_for_metadata import rule

FINE = [
    pytest.param("ddf.columns, ddf.dtypes, x.shape, len(ddf)", id="asked of the lazy object"),
    pytest.param("df = ddf.compute()\nprint(df.shape)\ndf.plot()", id="used for more"),
    pytest.param("ddf.groupby('a').b.mean().compute().shape", id="small already"),
    pytest.param("len(ddf.x.unique().compute())", id="the number of distinct values"),
    pytest.param("len(bag.compute())", id="a bag"),
    pytest.param("lazy(1).compute().shape", id="something delayed"),
    pytest.param("ddf.compute().index", id="the index"),
    pytest.param("len([x.compute()])", id="a list of it"),
]


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_for(source: str) -> None:
    assert found(rule, source) == []


FOUND = [
    pytest.param("ddf.compute().shape  #!", id="the shape"),
    pytest.param("print(ddf.compute().columns)  #!", id="the columns"),
    pytest.param("n = len(ddf.compute())  #!", id="the length"),
    pytest.param("x.compute().dtype  #!", id="the type"),
    pytest.param("df = ddf[ddf.x > 3].compute()  #!\nprint(len(df))", id="by a name"),
    pytest.param("frame().compute().columns  #!", id="something unknown"),
    pytest.param("ds.sst.compute().shape  #!", id="xarray"),
    pytest.param("print(ds.compute().sizes['time'])  #!", id="the sizes of a Dataset"),
]


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found_for(source: str) -> None:
    assert found(rule, source) == marked(source)


def told(asked: str) -> list[FindingReport]:
    code = (
        "import time\nimport dask.array as da\ndef slow(block):\n    time.sleep(0.1)\n"
        f"    return block\nx = da.arange(4, chunks=2)\n{asked}\n"
    )
    return list(analyze(perform(code)[-1]).findings)


def test_what_took_no_time_is_not_told() -> None:
    assert told("kind = x.compute().dtype") == []


def test_a_computation_for_metadata_is_all_lost_and_one_to_count_rows_is_not() -> None:
    [kind] = told("kind = x.map_blocks(slow, dtype=int).compute().dtype")
    [length] = told("n = len(x.map_blocks(slow, dtype=int).compute())")
    assert (kind.certainty, length.certainty) == ("seen", "seen")
    assert kind.cost is not None
    assert 0.1 <= kind.cost < 1
    assert length.cost is None
