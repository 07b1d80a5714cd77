from __future__ import annotations

import pytest
from proposing import propose, refused, rewritten

from dask_lens.rewrite import Proposal

SETUP = "import dask.array as da\nfrom dask import delayed\nx = da.arange(10, chunks=5)\n"


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("v = x.sum().compute()\n", "only a part"),
        ("v = 1\n", "nothing lazy"),
        ("v = [x[i].sum() for i in range(2)]\n", "kept in a list"),
    ],
)
def test_it_leaves_alone(cell: str, reason: str) -> None:
    assert reason in refused("compute-it", SETUP, cell, at="v =")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("v = x.sum()  # x\n", "v = x.sum().compute()  # x\n"),
        ("%time v = (x + x).sum()\n", "%time v = (x + x).sum().compute()\n"),
        ("delayed(print)(1)\n", "delayed(print)(1).compute()\n"),
    ],
)
def test_it_computes(before: str, after: str) -> None:
    made = propose("compute-it", (SETUP, before), before.split("(", maxsplit=1)[0][:3], 1)
    assert isinstance(made, Proposal)
    assert [edit.after for edit in made.edits] == [after]
    assert made.safety == "ask"
    assert "only a part" in refused("compute-it", SETUP, after, at="compute")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "# all\nfor i in range(3):\n    delayed(kept.append)(i)  # it\n",
            "# all\ntasks = []\nfor i in range(3):\n"
            "    tasks.append(delayed(kept.append)(i))  # it\ndask.compute(*tasks)\n",
            id="of a loop",
        ),
        pytest.param(
            "[delayed(kept.append)(i) for i in range(3)]  # it\nn = 1\n",
            "dask.compute(*[delayed(kept.append)(i) for i in range(3)])  # it\nn = 1\n",
            id="of a list",
        ),
    ],
)
def test_all_are_computed_together(before: str, after: str) -> None:
    setup = SETUP + "import dask\nkept = []\n"
    assert rewritten("compute-it", setup, before, at="delayed") == (after, "ask")
    names: dict[str, list[int]] = {}
    exec(setup + after, names)  # noqa: S102 - the text of this test
    assert sorted(names["kept"]) == [0, 1, 2]
