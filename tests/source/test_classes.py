"""Classes of the notebook: what their methods and attributes are known to be."""

from __future__ import annotations

import pytest

from dask_lens.record.cell import Cell
from dask_lens.source.program import read

SETUP = "from dask.distributed import Client\nimport dask.dataframe as dd\nimport httpx\n"


def calls(*sources: str) -> set[str]:
    """Return the qualified names of all calls that are known."""
    return {call.name for call in read([Cell(source) for source in (SETUP, *sources)]).calls}


KNOWN = [
    pytest.param("class M:\n    def __init__(self):\n        self.c = Client()\n"
                 "    def go(self):\n        self.c.submit(len, [])", id="made by the object"),
    pytest.param("class M:\n    def __init__(self, c):\n        self.c = c\n"
                 "    def go(self):\n        self.c.submit(len)\nM(Client()).go()",
                 id="given to the object"),
    pytest.param("class M:\n    c = Client()\n    def go(self):\n        self.c.submit(len, [])",
                 id="of the class"),
    pytest.param("class M:\n    def connect(self):\n        self.c = Client()\n"
                 "    def go(self):\n        self.c.submit(len, [])", id="made later"),
    pytest.param("class M:\n    def client(self):\n        return Client()\n"
                 "    def go(self):\n        self.client().submit(len)", id="a method's result"),
    pytest.param("class B:\n    def __init__(self):\n        self.c = Client()\nclass M(B):\n"
                 "    def go(self):\n        self.c.submit(len, [])", id="of a parent"),
    pytest.param("class M:\n    def __init__(self):\n        self.c = Client()\n"
                 "m = M()\nm.c.submit(len, [])", id="from outside"),
    pytest.param("class M:\n    @staticmethod\n    def go(c):\n        c.submit(len, [])\n"
                 "M.go(Client())", id="a static method"),
]  # fmt: skip


@pytest.mark.parametrize("source", KNOWN)
def test_a_client_is_known(source: str) -> None:
    assert "distributed.Client.submit" in calls(source)


UNKNOWN = [
    pytest.param("class M:\n    def __init__(self):\n        self.c = httpx.Client()\n"
                 "    def go(self):\n        self.c.submit(len, [])", id="another client"),
    pytest.param("class M:\n    def __init__(self, c):\n        self.c = c\n"
                 "    def go(self):\n        self.c.submit(len, [])", id="nothing known"),
    pytest.param("class M:\n    c = Client()\nc.submit(len, [])", id="a name of the class"),
    pytest.param("class M:\n    def a(self):\n        self.c = Client()\n    def b(self):\n"
                 "        self.c = httpx.Client()\n    def go(self):\n        self.c.submit(len)",
                 id="now this, now that"),
    pytest.param("class Client: pass\nclass M:\n    def __init__(self):\n        self.c = Client()"
                 "\n    def go(self):\n        self.c.submit(len)", id="a class of that name"),
]  # fmt: skip


@pytest.mark.parametrize("source", UNKNOWN)
def test_no_client_is_known(source: str) -> None:
    assert "distributed.Client.submit" not in calls(source)


def test_what_a_later_cell_gives_the_object_is_known() -> None:
    made = (
        "class M:\n    def __init__(self, df):\n        self.df = df\n"
        "    def mean(self):\n        return self.df.mean().compute()\n"
    )
    assert "dask.dataframe.Series.compute" in calls(made, "M(dd.read_csv('a')).mean()")
    assert "dask.dataframe.Series.compute" not in calls(made)


def test_a_class_that_makes_itself_is_read() -> None:
    made = (
        "class N:\n    def __init__(self):\n        self.next = N()\n    def go(self):\n"
        "        return self.next.go()\nN().go().go()"
    )
    assert calls(made) is not None
