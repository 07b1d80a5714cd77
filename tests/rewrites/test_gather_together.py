"""One gather in the place of results that are fetched one by one."""

from __future__ import annotations

import pytest
from proposing import refused, rewritten

SETUP = "from dask.distributed import Client\nclient = Client()\nfs = client.map(abs, range(3))\n"


MADE = "def made():\n    c = Client()\n    return c.map(abs, [1])\n"
METHOD = """\
class A:
    def __init__(self):
        self.c = Client()
    def all(self):
        fs = self.c.map(abs, [1])
        return {}
"""


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("out = [abs(a.result()) for a in fs]\n", "nothing but"),
        ("out = [a.result(3) for a in fs]\n", "nothing but"),
        ("out = [client.submit(abs, i).result() for i in fs]\n", "nothing but"),
        ("gs = Client().map(abs, [1])\nout = [a.result() for a in gs]\n", "no name"),
        (f"{MADE}out = [a.result() for a in made()]\n", "nothing but"),
        (f"{MADE}gs = made()\nout = [a.result() for a in gs]\n", "another function's"),
    ],
)
def test_it_leaves_alone(cell: str, reason: str) -> None:
    assert reason in refused("gather-together", SETUP, cell, at="result(")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("out = [a.result() for a in fs]\n", "out = client.gather(fs)\n"),
        ("sum([a.result() for a in client.map(abs, [1])])\n",
         "sum(client.gather(client.map(abs, [1])))\n"),
        ("%time out = [a.result() for a in fs[1:]]\n", "%time out = client.gather(fs[1:])\n"),
        ("{k: v.result() for k, v in {'a': fs[0]}.items()}\n", "client.gather({'a': fs[0]})\n"),
        (METHOD.format("[f.result() for f in fs]"), METHOD.format("self.c.gather(fs)")),
    ],
    ids=["a list", "of a call", "under a magic", "a dict", "in a method"],
)  # fmt: skip
def test_it_gathers_at_once(before: str, after: str) -> None:
    source, made = (text.rstrip("\n") + "  # .result()\n" for text in (before, after))
    assert rewritten("gather-together", SETUP, source, at=".result()") == (made, "same")
