from __future__ import annotations

import warnings

import pytest
from performing import perform
from setting import codes, found, marked

from dask_lens.record.call import ObservedCall
from dask_lens.record.cell import Cell, Place
from dask_lens.record.run import Run
from dask_lens.report import FindingReport, analyze
from dask_lens.rule import Finding
from dask_lens.rules.chunks_misaligned import rule

PAIR = "a = da.ones((10**4, 10**4), chunks=(100, 10**4))\n"

FINE = [
    pytest.param(PAIR + "b = da.ones((10**4, 10**4), chunks=(100, 10**4))\nc = a + b",
                 id="the same chunks"),
    pytest.param(PAIR + "b = da.ones((10**4, 10**4), chunks=(200, 10**4))\nc = a + b",
                 id="multiples of them"),
    pytest.param(PAIR + "c = a + 1", id="a number"),
    pytest.param(PAIR + "b = da.ones(10**4, chunks=10**4)\nc = a * b", id="a row and all rows"),
    pytest.param(PAIR + "b = da.ones((10**4, 10**4), chunks=(10**4, 100))\nc = a @ b",
                 id="a product of matrices"),
    pytest.param("a = da.ones((1000, 1), chunks=(10, 1))\nb = da.ones((1, 1000), chunks=(1, 10))\n"
                 "c = a * b", id="a row and a column"),
    pytest.param("a = da.ones((100, 100), chunks=(100, 10))\n"
                 "b = da.ones((100, 100), chunks=(10, 100))\nc = a + b", id="few chunks"),
    pytest.param("a = np.ones((10**4, 10**4))\nb = np.ones((10**4, 10**4))\nc = a + b.T",
                 id="arrays of NumPy's"),
    pytest.param(PAIR + "c = a + b", id="an array that is not known"),
]  # fmt: skip


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_for(source: str) -> None:
    assert found(rule, source) == []


FOUND = [
    pytest.param(PAIR + "b = da.ones((10**4, 10**4), chunks=(10**4, 100))\nc = a + b  #!",
                 id="rows and columns"),
    pytest.param(PAIR + "s = (a - a.T) / 2  #!", id="turned round"),
    pytest.param(PAIR + "b = a.rechunk((10**4, 100))\nc = (a + 1) * b  #!", id="rechunked"),
    pytest.param("r = da.random.default_rng(1)\n"
                 "a = r.normal(size=(10**4, 10**3), chunks=(10, -1))\n"
                 "b = r.normal(size=(10**4, 10**3), chunks=(-1, 10))\nc = a * b  #!", id="drawn"),
]  # fmt: skip


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found_for(source: str) -> None:
    assert found(rule, source) == marked(source)


def test_one_cause_is_told_once() -> None:
    source = "b = da.ones((10**4, 10**4), chunks=(10**4, 100))\nc = (a + b).sum().compute()"
    assert codes(PAIR + source) == ["DSK509"]


def _told(code: str) -> list[FindingReport]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        *_, run = perform(code)
    return [f for f in analyze(run).findings if f.code.startswith("DSK50")]


def test_what_dask_warns_of_is_told_at_its_line_with_the_names() -> None:
    [told] = _told("""
import dask.array as da

def cut(*chunks):
    return da.ones((100, 100), chunks=chunks)

a, b = cut(100, 10), cut(5, 100)
c = a + b
""")
    assert (told.code, told.line, told.certainty) == ("DSK509", 7, "seen")
    assert told.message == (
        "The chunks of a and b do not fit together: 20 become 200, of 400 bytes at most."
    )


def test_the_product_of_a_row_and_a_column_is_fine_though_dask_warns() -> None:
    assert (
        _told("""
import dask.array as da

a = da.ones(1000, chunks=10)
c = a[:, None] * a[None, :]
""")
        == []
    )


def test_what_the_many_chunks_cost_is_told_once() -> None:
    [told] = _told("""
import dask.array as da

a = da.ones((360, 360), chunks=(10, 360))
b = da.ones((360, 360), chunks=(360, 10))
c = a + b
total = float(c.sum(split_every=50).compute(scheduler="threads", num_workers=2))
""")
    assert (told.code, told.line) == ("DSK509", 5)
    assert told.cost is not None
    assert told.cost > 0.1


WARNED = [
    pytest.param(
        "The input Dask array will be rechunked along axis 1 with chunk size 300, but a chunk "
        "size divisible by 128 is required for Dask to write safely to the Zarr array z. To avoid",
        "The chunks of 300 along axis 1 are cut anew before they are written, as the file has "
        "chunks of 128.",
        id="written to a file with other chunks",
    ),
    pytest.param("Something else", "Dask warned: Something else.", id="something else"),
]


@pytest.mark.parametrize(("message", "said"), WARNED)
def test_other_warnings_are_told_at_their_line(message: str, said: str) -> None:
    facts = {"kind": "chunks", "message": message}
    warned = ObservedCall("warnings.warn", Place(0, 1), 1.0, 1.0, 1, facts)
    run = Run((Cell("x.to_zarr(z)"),), observed=0, start=0.0, stop=2.0, calls=(warned,))
    [told] = rule.run(run, {})
    assert isinstance(told, Finding)
    assert (told.place, told.certainty, told.message) == (Place(0, 1), "seen", said)
