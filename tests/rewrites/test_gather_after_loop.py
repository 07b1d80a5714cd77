from __future__ import annotations

import pytest
from proposing import refused, rewritten

SETUP = "from dask.distributed import Client\nclient = Client()\ndef f(x): return x\n"


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("for i in range(3):\n    print(client.submit(f, i).result())\n", "same pass"),
        ("out = []\nfor i in range(3):\n    out.append(client.submit(f, i).result(timeout=3))\n",
         "time limit"),
        ("out = [a.result() for a in client.map(f, [1])]\n", "only the result() of a submit()"),
        ("out = []\nfor i in range(3):\n    out.append(Client().submit(f, 1).result())\n",
         "no name"),
    ],
)  # fmt: skip
def test_it_leaves_alone(cell: str, reason: str) -> None:
    assert reason in refused("gather-after-loop", SETUP, cell, at="result(")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("out = [client.submit(f, i).result() for i in range(3)]  # result(\n",
         "out = client.gather([client.submit(f, i) for i in range(3)])  # result(\n"),
        ("out = {i: client.submit(f, i).result() for i in range(3)}  # result(\n",
         "out = client.gather({i: client.submit(f, i) for i in range(3)})  # result(\n"),
        ("out = sum(client.submit(f, i).result() for i in range(3))  # result(\n",
         "out = sum(client.gather([client.submit(f, i) for i in range(3)]))  # result(\n"),
        (("out = []\nfor i in range(3):\n    v = client.submit(f, i).result()  # result(\n"
         "    out.append(v)\n"),
         ("out = []\nfor i in range(3):\n    v = client.submit(f, i)  # result(\n"
         "    out.append(v)\nout = client.gather(out)\n")),
        (("out = []\nfor i in range(3):\n    future = client.submit(f, i)\n"
          "    out.append(future.result())  # result(\n"),
         ("out = []\nfor i in range(3):\n    future = client.submit(f, i)\n"
          "    out.append(future)  # result(\nout = client.gather(out)\n")),
    ],
)  # fmt: skip
def test_it_gathers_once(before: str, after: str) -> None:
    assert rewritten("gather-after-loop", SETUP, before, at="result(") == (after, "same")


ASYNC = "from dask.distributed import Client\nclient = await Client(asynchronous=True)\n"
LOOP = "out = []\nfor i in range(3):\n    out.append({})  # here\n"


@pytest.mark.parametrize("waiting", ["await client.submit(abs, i)",
                                     "await client.submit(abs, i).result()"])  # fmt: skip
def test_it_gathers_once_what_is_awaited(waiting: str) -> None:
    after = LOOP.format("client.submit(abs, i)") + "out = await client.gather(out)\n"
    made = rewritten("gather-after-loop", ASYNC, LOOP.format(waiting), at="here")
    assert made == (after, "same")
    listed = f"out = [{waiting} for i in range(3)]  # here\n"
    after = "out = await client.gather([client.submit(abs, i) for i in range(3)])  # here\n"
    assert rewritten("gather-after-loop", ASYNC, listed, at="here") == (after, "same")


def test_a_loop_that_awaits_more_is_left() -> None:
    loop = LOOP.format("await client.submit(abs, i)") + "    await asyncio.sleep(1)\n"
    assert "goes on" in refused("gather-after-loop", ASYNC, loop, at="here")
