from __future__ import annotations

import numpy as np
import pytest
from proposing import refused, rewritten

NAME = "spawn-generators"
SETUP = """\
import random
import numpy as np
from dask.distributed import Client
client = Client()
rng = np.random.default_rng(1)
old = random.Random()
"""


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        pytest.param("[client.submit(old.random) for _ in range(9)]", "NumPy's",
                     id="random.Random"),
        pytest.param("while go():\n    client.submit(rng.normal)", "how many", id="a while loop"),
        pytest.param("[client.submit(rng.normal) for x in xs]", "count", id="a loop over a list"),
        pytest.param("def f(i): return rng.normal()\nclient.map(f, range(9))  # submit",
                     "parameter", id="a function that would need a parameter"),
        pytest.param("client.map(f, range(9), r=rng)  # submit", "parameter", id="a keyword"),
        pytest.param("[client.submit(rng.normal) for _ in range(9) if x]", "part",
                     id="a condition"),
    ],
)  # fmt: skip
def test_it_leaves_alone(source: str, reason: str) -> None:
    assert reason in refused(NAME, SETUP, source, at="client.")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("futs = [client.submit(rng.normal, pure=False) for _ in range(n + 1)]  # go",
                     "futs = [client.submit(child.normal, pure=False) for child in "
                     "rng.spawn(n + 1)]  # go", id="a method"),
        pytest.param("futs = [client.submit(f, i, rng) for i in range(9)]",
                     "futs = [client.submit(f, i, child) for i, child in "
                     "enumerate(rng.spawn(9))]", id="an argument beside a number"),
        pytest.param("%%time\nfor i in range(9):\n    futs.append(client.submit(f, rng))\n",
                     "%%time\nfor child in rng.spawn(9):\n    futs.append(client.submit(f, child))"
                     "\n", id="a loop"),
        pytest.param("client.map(lambda i: rng.normal(), range(9), pure=False)",
                     "client.map(lambda i, rng: rng.normal(), range(9), rng.spawn(9), pure=False)",
                     id="a lambda"),
        pytest.param("client.map(lambda i: rng.normal(i), xs)",
                     "client.map(lambda i, rng: rng.normal(i), xs, rng.spawn(len(xs)))",
                     id="a lambda over a list"),
    ],
)  # fmt: skip
def test_each_task_has_its_own(before: str, after: str) -> None:
    found, safety = rewritten(NAME, SETUP, before, at="client.")
    assert (found, safety) == (after, "ask")


def test_spawned_generators_draw_different_numbers() -> None:
    draws = [child.normal() for child in np.random.default_rng(1).spawn(9)]
    assert len(set(draws)) == len(draws)
