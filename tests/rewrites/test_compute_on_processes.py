from __future__ import annotations

import pytest
from proposing import refused, rewritten

from dask_lens import rewrites
from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Untouched

NAME = "compute-on-processes"
SETUP = "import dask\nimport dask.array as da\nfrom dask import delayed\ntotal = []"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        pytest.param("dask.compute(a, scheduler=mine)", "not threads", id="a scheduler by name"),
        pytest.param("dask.compute(a, scheduler='processes')", "not threads", id="processes"),
        pytest.param("dask.compute(a, **more)", "**", id="**kwargs"),
        pytest.param("dask.compute(a, pool=mine)", "pool", id="a pool of the user's own"),
        pytest.param("dask.config.set(pool=p)\ndask.compute(a)", "pool", id="a pool in settings"),
        pytest.param("from dask.distributed import Client\nc = Client()\ndask.compute(a)",
                     "client", id="a client is there"),
        pytest.param("x = da.ones(9)\nx.map_blocks(f).compute()", "sent", id="arrays"),
        pytest.param("def f(n):\n    global m\n    m = n\ndask.compute(delayed(f)(1))",
                     "changes m", id="a global"),
        pytest.param("def f(n):\n    total.append(n)\ndask.compute(delayed(f)(1))",
                     "changes total", id="a list outside"),
        pytest.param("x = 3  # .compute(", "no call", id="nothing that computes"),
    ],
)  # fmt: skip
def test_it_leaves_alone(source: str, reason: str) -> None:
    assert reason in refused(NAME, SETUP, source, at=".compute(")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("x = dask.compute(a)",
                     'x = dask.compute(a, scheduler="processes", chunksize=1)', id="by default"),
        pytest.param("x = dask.compute(a, scheduler='threads', num_workers=2)",
                     'x = dask.compute(a, scheduler="processes", num_workers=2, chunksize=1)',
                     id="threads by name"),
        pytest.param("%time delayed(f)(1).compute()  # go",
                     '%time delayed(f)(1).compute(scheduler="processes", chunksize=1)  # go',
                     id="a method, behind a magic"),
        pytest.param("dask.compute(\n    a,\n    chunksize=4,\n)",
                     'dask.compute(\n    a,\n    chunksize=1,\n    scheduler="processes",\n)',
                     id="an argument on each line"),
    ],
)  # fmt: skip
def test_it_names_the_scheduler(before: str, after: str) -> None:
    assert rewritten(NAME, SETUP, before, at="compute(") == (after, "ask")


def test_scripts_need_a_guard() -> None:
    plain = Cell("import dask\ndask.compute(a)", path="mine.py")
    made = rewrites.catalogue()[NAME].propose((plain,), Place(0, 2), {})
    assert isinstance(made, Untouched)
    assert "__main__" in made.reason
