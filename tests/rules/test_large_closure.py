from __future__ import annotations

from typing import Any

import pytest

from dask_lens.record.call import ObservedCall
from dask_lens.record.cell import Cell, Place
from dask_lens.record.run import Run
from dask_lens.rule import Finding
from dask_lens.rules.large_closure import rule

SOURCE = "from distributed import Client\nclient = Client()\n[client.submit(f, i) for i in 'ab']"


def judged(count: int, *captured: tuple[str, str, int]) -> list[Finding]:
    entries = [
        {"name": name, "where": where, "type": "numpy.ndarray", "nbytes": nbytes}
        for name, where, nbytes in captured
    ]
    function: dict[str, Any] = {"name": "f", "module": "__main__", "captured": entries}
    facts = {"function": function}
    seen = ObservedCall("distributed.Client.submit", Place(0, 3), 1.0, 2.0, count, facts)
    run = Run((Cell(SOURCE),), 0, 0.0, 3.0, calls=(seen,))
    return [one for one in rule.run(run, {}) if isinstance(one, Finding)]


@pytest.mark.parametrize(
    ("count", "captured"),
    [
        pytest.param(9, [], id="nothing is carried"),
        pytest.param(500, [("t", "global", 200_000)], id="something small, often"),
        pytest.param(2, [("t", "global", 2_000_000)], id="something larger, twice"),
    ],
)
def test_it_is_silent_where(count: int, captured: list[tuple[str, str, int]]) -> None:
    assert judged(count, *captured) == []


@pytest.mark.parametrize(
    ("count", "captured", "words"),
    [
        pytest.param(9, ("t", "closure", 2_000_000), "carries t with it (2 MB, a variable of the "
                     "function around it), and was sent 9 times", id="a closure, often"),
        pytest.param(1, ("", "self", 50_000_000), "carries numpy.ndarray with it (50 MB, the "
                     "object", id="a method's object, once"),
        pytest.param(1, ("0", "partial", 50_000_000), "carries numpy.ndarray with it (50 MB, an "
                     "argument of partial), and was sent once", id="an argument by position"),
    ],
)  # fmt: skip
def test_it_is_found(count: int, captured: tuple[str, str, int], words: str) -> None:
    [finding] = judged(count, captured, ("other", "global", 900_000))
    assert words in finding.message
    assert (finding.certainty, finding.place and finding.place.line) == ("seen", 3)
