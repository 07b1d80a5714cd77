from __future__ import annotations

import pytest
from setting import found, marked

from dask_lens.rules.result_in_submit_loop import rule

FINE = [
    pytest.param("futures = [client.submit(f, i) for i in range(3)]\n"
                 "for a in futures:\n    print(a.result())", id="all submitted first"),
    pytest.param("futures = client.map(f, range(3))\n"
                 "out = [abs(a.result()) for a in futures]", id="something is made of each"),
    pytest.param("futures = client.map(f, range(3))\n"
                 "out = [a.result() for a in futures if a.done()]", id="some of them"),
    pytest.param("futures = client.map(f, range(3))\n"
                 "out = [a.result(timeout=3) for a in futures]", id="a limit for each"),
    pytest.param("out = [a.result() for a in as_completed(client.map(f, range(3)))]",
                 id="in the order they complete"),
    pytest.param("jobs = {1: client.submit(f, 1)}\nout = [a.result() for a in jobs.values()]",
                 id="values that gather does not look into"),
    pytest.param("import asyncio\nc = await Client(asynchronous=True)\nfs = c.map(f, range(3))\n"
                 "out = await asyncio.gather(*[a.result() for a in fs])", id="awaited together"),
    pytest.param("pairs = [(i, client.submit(f, i)) for i in range(3)]\n"
                 "out = {i: a.result() for i, a in pairs}", id="pairs"),
    pytest.param("from concurrent.futures import ThreadPoolExecutor\npool = ThreadPoolExecutor()\n"
                 "futures = [pool.submit(f, i) for i in range(3)]\n"
                 "out = [a.result() for a in futures]", id="futures of a thread pool"),
    pytest.param("def g(a):\n    c = Client.current()\n    fs = c.map(f, range(3))\n"
                 "    return [b.result() for b in fs]\nclient.submit(g, 1)",
                 id="inside a task, another rule's"),
    pytest.param("out = [a.result() for a in [client.submit(f, i) for i in range(3)]]",
                 id="all submitted in the list that is gone over"),
    pytest.param("for a in client.map(f, [1]):\n    print(a.result())", id="all mapped first"),
    pytest.param("for a in as_completed(client.map(f, range(3))):\n    print(a.result())",
                 id="as they complete"),
    pytest.param("v = 0\nfor i in range(3):\n    v = client.submit(f, v).result()",
                 id="each needs the one before"),
    pytest.param("while True:\n    v = client.submit(f, 1).result()\n    if v:\n        break",
                 id="until it is right"),
    pytest.param("client.submit(f, 1).result()", id="no loop"),
    pytest.param("for i in range(3):\n    t = time.time()\n    client.submit(f, i).result()\n"
                 "    print(time.time() - t)", id="timed"),
    pytest.param("for batch in ([1], [2]):\n    print(client.gather(client.map(f, batch)))",
                 id="batches"),
    pytest.param("from concurrent.futures import ThreadPoolExecutor\npool = ThreadPoolExecutor()\n"
                 "for i in range(3):\n    pool.submit(f, i).result()", id="a thread pool"),
    pytest.param("for i in range(3):\n    producer.send(i).result()", id="another result"),
    pytest.param("def g(a):\n    c = Client.current()\n    for i in range(3):\n"
                 "        c.submit(f, i).result()\nclient.submit(g, 1)", id="inside a task"),
]  # fmt: skip


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_for(source: str) -> None:
    assert found(rule, source) == []


FOUND = [
    pytest.param("out = []\nfor i in range(3):\n    out.append(client.submit(f, i).result())  #!",
                 id="appended"),
    pytest.param("out = [client.submit(f, i).result() for i in range(3)]  #!", id="in a list"),
    pytest.param("for i in range(3):\n    a = client.submit(f, i)\n    print(a.result())  #!",
                 id="by a name"),
    pytest.param("for i in range(3):\n    a = client.submit(f, i)\n    v = client.gather(a)  #!\n"
                 "    print(v)", id="gathered one by one"),
    pytest.param("c = Client()\nr = {i: c.submit(f, i).result() for i in range(3)}  #!",
                 id="another client"),
    pytest.param("def get(i):\n    return client.submit(f, i).result()  #!\n"
                 "out = [get(i) for i in range(3)]", id="in a function"),
    pytest.param("with Client() as c:\n    for i in range(3):\n"
                 "        print(c.submit(f, i).result())  #!", id="a with statement"),
    pytest.param("futures = client.map(f, range(3))\nout = [a.result() for a in futures]  #!",
                 id="fetched one by one"),
    pytest.param("futures = []\nfor i in range(3):\n    futures.append(client.submit(f, i))\n"
                 "print([a.result() for a in futures])  #!", id="submitted in a loop, fetched so"),
    pytest.param("jobs = {}\nfor i in range(3):\n    jobs[i] = client.submit(f, i)\n"
                 "out = {k: a.result() for k, a in jobs.items()}  #!", id="a dict, one by one"),
    pytest.param("def main():\n    fs = client.map(f, range(3))\n"
                 "    return [a.result() for a in fs]  #!\nmain()", id="a function's, one by one"),
]  # fmt: skip


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found_when(source: str) -> None:
    assert found(rule, source) == marked(source)
