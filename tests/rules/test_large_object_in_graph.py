from __future__ import annotations

import pytest
from setting import found, marked

from dask_lens.record.call import ObservedCall
from dask_lens.record.cell import Cell, Place
from dask_lens.record.run import Run
from dask_lens.rule import Finding
from dask_lens.rules.large_object_in_graph import rule

BIG = "big = np.random.random((1000, 1000))\n"
FINE = [
    pytest.param(BIG + "client.submit(f, big)", id="one call"),
    pytest.param(BIG + "fut = client.scatter(big)\n[client.submit(f, i, fut) for i in range(9)]",
                 id="a future of it"),
    pytest.param("small = np.ones(10)\n[client.submit(f, i, small) for i in range(9)]",
                 id="a small array"),
    pytest.param("[client.submit(f, np.ones(i)) for i in range(9)]", id="another one each time"),
    pytest.param("for i in range(3):\n    a = np.ones(10**6)\n    client.submit(f, a)",
                 id="an array made in each pass"),
    pytest.param(BIG + "[client.submit(f, i, big.shape) for i in range(9)]", id="its shape"),
    pytest.param(BIG + "[f(i, big) for i in range(9)]", id="a plain function"),
    pytest.param(BIG + "client.map(f, range(9))", id="a map without it"),
    pytest.param("df = pd.DataFrame({'a': [1]})\n[client.submit(f, i, df) for i in range(9)]",
                 id="a table that is written out"),
    pytest.param("[client.submit(f, i, thing) for i in range(9)]", id="an unknown object"),
    pytest.param("from concurrent.futures import ThreadPoolExecutor\np = ThreadPoolExecutor()\n"
                 + BIG + "[p.submit(f, i, big) for i in range(9)]", id="a thread pool"),
    pytest.param(BIG + "big = big[:3]\n[client.submit(f, i, big) for i in range(9)]",
                 id="a name that is bound twice"),
]  # fmt: skip


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_where(source: str) -> None:
    assert found(rule, source) == []


FOUND = [
    pytest.param(BIG + "[client.submit(f, i, big) for i in range(9)]  #!", id="a comprehension"),
    pytest.param(BIG + "for i in range(9):\n    futs.append(client.submit(f, i, a=big))  #!",
                 id="a loop, by keyword"),
    pytest.param("n = 2_000\nbig = np.zeros((n, n))\n[client.submit(f, i, big) for i in 'ab']  #!",
                 id="a shape under a name"),
    pytest.param("df = pd.read_csv('a.csv')\n[client.submit(f, i, df) for i in 'ab']  #!",
                 id="a table that was read"),
    pytest.param("df = pd.DataFrame(np.random.rand(10**6, 4))\n"
                 "[client.submit(f, i, df) for i in 'ab']  #!", id="a table of an array"),
]  # fmt: skip


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found(source: str) -> None:
    assert found(rule, source) == marked(source)


@pytest.mark.parametrize(("nbytes", "number"), [(200_000, 0), (5_000_000, 1), (900_000, 0)])
def test_after_the_run_the_bytes_decide(nbytes: int, number: int) -> None:
    source = (
        "from distributed import Client\nclient = Client()\n"
        "[client.submit(f, i, thing) for i in range(4)]"
    )
    facts = {"arguments": [{"argument": "1", "name": "thing", "type": "x.Y", "nbytes": nbytes}]}
    seen = ObservedCall("distributed.Client.submit", Place(0, 3), 1.0, 2.0, 4, facts)
    run = Run((Cell(source),), 0, 0.0, 3.0, calls=(seen,))
    findings = [one for one in rule.run(run, {}) if isinstance(one, Finding)]
    assert [one.certainty for one in findings] == ["seen"] * number
    assert all("thing (5 MB) was sent along with 4 tasks: 20 MB" in f.message for f in findings)
