"""Rewritten tasks, run on a cluster of processes: they give the data that was meant."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from distributed import Client
from proposing import rewritten

SETUP = "from dask.distributed import Client\nclient = Client()"
USE = "client.submit(task, [1, 2])"
IMPORT = "from dask.distributed import get_client, worker_client\n"

TASKS = [
    pytest.param(
        "return-data",
        "def task(x):\n    c = get_client()\n    return c.scatter(x)",
        [1, 2],
        id="scattered data",
    ),
    pytest.param(
        "return-data",
        "def task(x):\n    with worker_client() as c:\n        return {1: c.scatter(x)}",
        {1: [1, 2]},
        id="a dict of scattered data",
    ),
    pytest.param(
        "gather-in-worker-client",
        "def task(x):\n    c = get_client()\n    return c.map(str, x)",
        ["1", "2"],
        id="a map",
    ),
    pytest.param(
        "gather-in-worker-client",
        "def task(x):\n    return get_client().submit(sum, x)",
        3,
        id="a submit",
    ),
    pytest.param(
        "gather-in-worker-client",
        "def task(x):\n    c = get_client()\n    a = c.submit(min, x)\n    return [a], len(x)",
        ([1], 2),
        id="a future among data",
    ),
]


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    # One thread: a task that waits for tasks would wait for ever, if it kept the thread.
    with Client(n_workers=1, threads_per_worker=1, dashboard_address=":0") as made:
        yield made


@pytest.mark.parametrize(("name", "source", "expected"), TASKS)
def test_a_rewritten_task_gives_the_data(
    client: Client, name: str, source: str, expected: object
) -> None:
    after, _ = rewritten(name, SETUP, IMPORT + source, USE, at="return", cell=1)
    namespace: dict[str, object] = {"__name__": "__main__"}
    exec(after, namespace)  # noqa: S102 - what a rewrite made of the source above
    result = client.submit(namespace["task"], [1, 2], pure=False).result(timeout=30)
    assert result == expected
