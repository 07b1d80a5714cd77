from __future__ import annotations

import pytest
from performing import perform
from setting import SETUP, found, marked

from dask_lens.record.call import ObservedCall
from dask_lens.record.cell import Cell, Place
from dask_lens.record.run import Run
from dask_lens.report import analyze
from dask_lens.rule import Finding
from dask_lens.rules.persist_misuse import rule

FINE = [
    pytest.param("p = ddf.persist()\na = p.x.sum().compute()\nb = p.y.sum().compute()",
                 id="used twice"),
    pytest.param("x.compute()", id="no persist"),
    pytest.param("wait(x.persist())", id="waited for"),
    pytest.param("cache.persist().compute()", id="something unknown"),
    pytest.param("p = (x + 1).persist()\nwait(p)\nv = p.sum().compute()",
                 id="waited for, by name"),
    pytest.param("p = (x + 1).persist()\nprogress(p)", id="shown, and not computed"),
    pytest.param("p = (x + 1).persist()\nfor i in range(9):\n    v = p[i].compute()",
                 id="used in a loop"),
    pytest.param("x = x.persist()\nv = x.sum().compute()", id="under its own name"),
    pytest.param("p = (x + 1).persist()\n%time v = p.sum().compute()", id="timed"),
    pytest.param("def g():\n    p = (x + 1).persist()\n    return p.sum().compute()",
                 id="in a function"),
    pytest.param("p = (x + 1).persist()\nv, w = dask.compute(p.min(), y - p.max())\n"
                 "u = p.std().compute()", id="used in two statements"),
]  # fmt: skip


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_for(source: str) -> None:
    assert found(rule, source) == []


FOUND = [
    pytest.param("v = x.sum().persist().compute()  #!", id="an array"),
    pytest.param("v = ddf.groupby('a').b.mean().persist().compute()  #!", id="a group"),
    pytest.param("(v,) = dask.compute(x.persist())  #!", id="by dask.compute"),
    pytest.param("ds.sst.persist().load()  #!", id="xarray"),
    pytest.param("v = ddf.persist().x.sum().compute()  #!", id="a part of it"),
    pytest.param("p = (x + 1).persist()  #!\nv = p.sum().compute()", id="by name"),
    pytest.param(
        "p = dd.read_parquet(q).persist()  #!\nv = p[p.a > 1].b.mean().compute()",
        id="as it was read, and then narrowed",
    ),
    pytest.param(
        "p = (x + 1).persist()  #!\nv, w = dask.compute(p.min(), p.max())",
        id="for one computation",
    ),
]


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found_for(source: str) -> None:
    assert found(rule, source) == marked(source)


def test_a_notebook_that_is_worked_on_may_use_it_again() -> None:
    source = "p = (x + 1).persist()\nv = p.sum().compute()"
    run = Run((Cell(SETUP), Cell(source)), observed=1)
    assert list(rule.run(run, {})) == []


def test_what_fills_the_memory_of_the_cluster_is_told() -> None:
    [_, small, large, _] = perform("""
import dask
import dask.array as da
from dask.distributed import Client, wait

deeds = ("target", "spill", "pause", "terminate")
with dask.config.set({f"distributed.worker.memory.{deed}": False for deed in deeds}):
    client = Client(
        processes=False,
        n_workers=1,
        threads_per_worker=2,
        memory_limit="30MB",
        dashboard_address=":0",
    )
# %%
x = da.ones(1_000_000, chunks=250_000).persist()
wait(x)
# %%
y = da.ones(4_000_000, chunks=500_000).persist()
wait(y)
# %%
client.shutdown()
""")
    assert analyze(small).findings == ()
    [told] = [f for f in analyze(large).findings if f.code == "DSK308"]
    assert (told.line, told.certainty) == (1, "seen")
    assert told.message.endswith("is persisted with 32 MB, and all workers have 30 MB.")


@pytest.mark.parametrize(("left", "told"), [(10_000_000_000, []), (1_500_000_000, ["seen"])])
def test_what_fills_the_memory_of_this_process_is_told(left: int, told: list[str]) -> None:
    facts = {"memory_left": left, "client": False, "collections": [{"nbytes": 1_000_000_000}]}
    call = ObservedCall("dask.persist", Place(1, 1), 0.0, 0.0, 1, facts)
    run = Run((Cell(SETUP), Cell("y = (x + 1).persist()")), 1, 0.0, 1.0, calls=(call,))
    found = [one for one in rule.run(run, {}) if isinstance(one, Finding)]
    assert [one.certainty for one in found] == told
    assert all("with 1 GB, when 1.5 GB of memory were left" in one.message for one in found)
