from __future__ import annotations

import numpy as np
import pytest
from proposing import refused, rewritten

SETUP = """\
import dask
import dask.array as da
import numpy as np
x = da.arange(6, chunks=2)
out = [np.zeros(2) for _ in range(3)]
"""

UNTOUCHED = [
    ("for i in range(3):\n    v = x.to_zarr('a')\n", "what the call returns"),
    ("for i in range(3):\n    try:\n        x.store(out[i])\n    except OSError:\n        pass\n",
     "can be left"),
    ("for i in range(3):\n    x.store(out[i], **{})\n", "as it is written"),
    ("for i in range(3):\n    da.to_npy_stack('a', x)\n", "cannot be told"),
    ("x.store(out[0])\n", "in a loop"),
    ("def w(i):\n    x.store(out[i])\nfor i in range(3):\n    w(i)\n", "plain loop"),
]  # fmt: skip


@pytest.mark.parametrize(("cell", "reason"), UNTOUCHED)
def test_it_leaves_alone(cell: str, reason: str) -> None:
    at = next(word for word in ("to_", "store") if word in cell)
    assert reason in refused("write-after-loop", SETUP, cell, at=at)


def test_it_writes_together() -> None:
    before = "# all\nfor i in range(3):\n    y = x[2 * i : 2 * i + 2]\n    y.store(out[i])  # it\n"
    after = (
        "# all\nwrites = []\nfor i in range(3):\n    y = x[2 * i : 2 * i + 2]\n"
        "    writes.append(y.store(out[i], compute=False))  # it\ndask.compute(*writes)\n"
    )
    assert rewritten("write-after-loop", SETUP, before, at="store") == (after, "ask")
    assert np.array_equal(run(before), run(after))


def run(cell: str) -> object:
    names: dict[str, object] = {}
    exec(SETUP + cell, names)  # noqa: S102 - the text of this test
    return names["out"]
