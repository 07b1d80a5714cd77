from __future__ import annotations

import pytest
from proposing import refused, rewritten

SETUP = "import math\nfrom dask import delayed\ndef f(x, y=0): return x + y\n"


def test_it_leaves_alone_what_is_delayed_as_it_should_be() -> None:
    assert "not given a call" in refused("delay-the-call", SETUP, "delayed(f)(1)\n", at="delayed")


def test_it_sends_no_open_file_to_a_task() -> None:
    cell = "d = [delayed(f(open(p))) for p in 'ab']\n"
    assert "opened here" in refused("delay-the-call", SETUP, cell, at="delayed")


@pytest.mark.parametrize(
    ("before", "after", "safety"),
    [
        ("d = delayed(f(1))\n", "d = delayed(f)(1)\n", "same"),
        ("d = delayed(f(1, y=2), pure=True)\n", "d = delayed(f, pure=True)(1, y=2)\n", "same"),
        ("d = delayed(f(*[1]))  # x\n", "d = delayed(f)(*[1])  # x\n", "same"),
        ("d = delayed(math.sqrt(4))\n", "d = delayed(math.sqrt)(4)\n", "ask"),
        ("d = delayed(\n    f(1)\n)\n", "d = delayed(\n    f\n)(1)\n", "same"),
    ],
)
def test_it_delays_the_call(before: str, after: str, safety: str) -> None:
    assert rewritten("delay-the-call", SETUP, before, at="delayed") == (after, safety)
    assert run(before) == run(after)


def run(cell: str) -> object:
    names: dict[str, object] = {}
    exec(f"{SETUP}{cell}\nout = d.compute(scheduler='sync')", names)  # noqa: S102 - of this test
    return names["out"]
