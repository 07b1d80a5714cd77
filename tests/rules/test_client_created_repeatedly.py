"""One cluster beside another: DSK206."""

from __future__ import annotations

import pytest
from reading import assert_found, findings

from dask_lens.rules.client_created_repeatedly import rule

SETUP = "from dask.distributed import Client, LocalCluster\nclient = Client()\n"

FINE = [
    pytest.param("client.close()\nclient = Client()", id="after the first was closed"),
    pytest.param("client.shutdown()\nclient = Client()", id="after it was shut down"),
    pytest.param("with Client() as other:\n    pass", id="a client of a block"),
    pytest.param("other = Client('tcp://10.0.0.1:8786')", id="a client of an address"),
    pytest.param("other = Client(address=somewhere)", id="the same, by keyword"),
    pytest.param("other = Client(LocalCluster())", id="a client of a cluster"),
    pytest.param("other = Client(**options)", id="options that are not known"),
    pytest.param("other = Client.current()", id="the client that is there"),
    pytest.param(
        "try:\n    client = Client.current()\nexcept ValueError:\n    client = Client()",
        id="where there is none to ask for",
    ),
    pytest.param(
        "if 'client' not in globals():\n    client = Client()", id="where it has no name"
    ),
    pytest.param(
        "if client is None or client.status == 'closed':\n    client = Client()",
        id="where it is closed",
    ),
    pytest.param(
        "def task(n):\n    with Client() as c:\n        return c.submit(abs, n).result()\n"
        "fs = client.map(task, [1, 2])",
        id="a task that closes its own",
    ),
    pytest.param("def start():\n    return Client()", id="a function that is not called here"),
    pytest.param(
        "other = Client(n_workers=2)\na, b = client.submit(abs, 1), other.submit(abs, 2)",
        id="two that are used side by side",
    ),
    pytest.param("import httpx\nother = httpx.Client()", id="another kind of client"),
    pytest.param(
        "for n in (1, 2):\n    c = Client(n_workers=n)\n    c.close()", id="a loop that closes it"
    ),
    pytest.param(
        "client.close()\ndef run(n):\n    c = Client()\n    c.close()\n"
        "for n in (1, 2):\n    run(n)",
        id="a loop over a function that closes it",
    ),
    pytest.param(
        "client.close()\ndef start():\n    return Client()\n"
        "for n in (1, 2):\n    c = start()\n    c.close()",
        id="a loop that closes what a function starts",
    ),
]


@pytest.mark.parametrize("code", FINE)
def test_what_is_fine_is_silent(code: str) -> None:
    assert findings(rule, SETUP, code) == []


def test_one_client_is_silent() -> None:
    assert findings(rule, SETUP, "client.submit(abs, 1).result()") == []


FOUND = [
    pytest.param("client = Client()  # found here", id="the same name"),
    pytest.param("other = Client()  # found here\nclient.close()", id="the first closed too late"),
    pytest.param("other = Client(n_workers=2)  # found here", id="another name"),
    pytest.param("for n in (1, 2):\n    c = Client(n_workers=n)  # found here", id="a loop"),
    pytest.param(
        "def run(n):\n    c = Client()  # found here\n    return c.submit(abs, n).result()\n"
        "for n in (1, 2):\n    run(n)",
        id="a function that a loop calls",
    ),
    pytest.param(
        "def task(n):\n    c = Client()  # found here\n    return c.submit(abs, n).result()\n"
        "fs = client.map(task, [1, 2])",
        id="a task",
    ),
]


@pytest.mark.parametrize("code", FOUND)
def test_it_is_found_however_it_is_written(code: str) -> None:
    assert_found(rule, SETUP, code)
