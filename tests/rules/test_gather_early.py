from __future__ import annotations

import pytest
from setting import found, marked

from dask_lens.record.cell import Cell, Place
from dask_lens.record.computation import Computation
from dask_lens.record.run import Run
from dask_lens.record.task import Task
from dask_lens.rule import Finding
from dask_lens.rules.gather_early import rule

FINE = [
    pytest.param("fut = client.submit(f, 1)\nfut.result()", id="the result itself"),
    pytest.param("fut = client.submit(f, 1)\nfut.result().sum()", id="a method"),
    pytest.param("fut = client.submit(f, 1)\nprint(len(fut.result()))",
                 id="the length of what may be a list"),
    pytest.param("futs = client.map(f, xs)\nclient.gather(futs).shape", id="several results"),
    pytest.param("fut = client.submit(f, 1)\nv = fut.result()\nv.shape", id="a name for it"),
    pytest.param("fut = client.submit(f, 1)\nfut.result().shape\nprint(fut.result())",
                 id="a result that is fetched anyway"),
    pytest.param("fut = client.submit(f, 1)\nfut.result().shape\nclient.gather(fut)",
                 id="a result that is gathered anyway"),
    pytest.param("fut = client.submit(f, 1)\nclient.submit(lambda v: v.shape, fut).result()",
                 id="asked on the worker"),
    pytest.param("from concurrent.futures import ThreadPoolExecutor as P\n"
                 "fut = P().submit(f, 1)\nfut.result().shape", id="a thread pool"),
    pytest.param("fut.result().shape", id="an unknown object"),
    pytest.param("fut = client.submit(f, 1)\nfut.result().columns()", id="a method of that name"),
]  # fmt: skip


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_where(source: str) -> None:
    assert found(rule, source) == []


FOUND = [
    pytest.param("fut = client.submit(f, 1)\nprint(client.gather(fut).shape)  #!", id="gathered"),
    pytest.param(
        "fut = client.submit(f, 1)\nwait(fut)\nprint(fut.status)\nfut.result().shape  #!",
        id="a future that is waited for",
    ),
    pytest.param("fut = client.submit(f, 1)\nprint(fut.result().shape)  #!", id="a shape"),
    pytest.param("fut = client.submit(f, 1)\nn = fut.result().columns  #!", id="columns"),
    pytest.param(
        "fut = client.scatter(pd.DataFrame())\nfut.result().dtypes  #!", id="scattered data"
    ),
]


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found(source: str) -> None:
    assert found(rule, source) == marked(source)


@pytest.mark.parametrize(("nbytes", "certainty"), [(100, []), (50_000_000, ["seen"])])
@pytest.mark.parametrize("asked", ["fut.result().shape", "len(fut.result())"])
def test_the_size_of_the_result_decides(asked: str, nbytes: int, certainty: list[str]) -> None:
    source = (
        f"from distributed import Client\nclient = Client()\nfut = client.submit(str, 1)\n{asked}"
    )
    task = Task("str-1", "str", "tcp://a", 1, 1.0, 2.0, nbytes=nbytes)
    ran = Computation("distributed", 1.0, 2.0, 1, (task,), 1, place=Place(0, 3))
    run = Run((Cell(source),), 0, 0.0, 3.0, (ran,))
    findings = [one for one in rule.run(run, {}) if isinstance(one, Finding)]
    assert [one.certainty for one in findings] == certainty
    assert all("50 MB" in one.message for one in findings)
