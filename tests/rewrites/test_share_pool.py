from __future__ import annotations

import pytest
from proposing import refused, rewritten

SETUP = "import dask\nimport dask.array as da\nx = da.ones(4)\n"
ONE = "a = x.sum().compute(scheduler='processes')\n"
IMPORTS = (
    "from concurrent.futures import ProcessPoolExecutor\nfrom multiprocessing import get_context\n"
)
POOL = 'ProcessPoolExecutor(mp_context=get_context("spawn"))'


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        (ONE, "no two statements"),
        (ONE + "b = x.compute(scheduler='threads')\n", "no two statements"),
        (ONE + "b = x.compute(scheduler='processes', pool=mine)\n", "no two statements"),
        ("pool = 3\n" + ONE + ONE, "means something else"),
        (ONE.strip() + "; " + ONE, "on one line"),
    ],
)
def test_it_leaves_alone(cell: str, reason: str) -> None:
    assert reason in refused("share-pool", SETUP, cell, at="compute")


def test_it_leaves_alone_what_has_no_name_for_dask() -> None:
    source = "import dask.array as da\nx = da.ones(4)\n" + ONE + ONE
    assert "not imported" in refused("share-pool", source, at="compute")


def test_it_makes_a_block_of_all_calls_and_what_stands_between_them() -> None:
    last = "b = y.compute(scheduler='processes')\n"
    before = f"y = x + 1\n\n# both\n{ONE}print(a)  # the sum\n\n{last}z = b\n"
    after = (
        f"{IMPORTS}y = x + 1\n\n# both\nwith {POOL} as pool, dask.config.set(pool=pool):\n"
        f"    {ONE}    print(a)  # the sum\n\n    {last}z = b\n"
    )
    assert rewritten("share-pool", SETUP, before, at="b = y") == (after, "ask")


def test_it_makes_as_many_processes_and_uses_what_is_imported() -> None:
    call = "dask.compute(x, scheduler='processes', num_workers=3)"
    setup = SETUP.replace("import dask\n", f"import dask\n{IMPORTS}")
    made = 'ProcessPoolExecutor(3, mp_context=get_context("spawn"))'
    after = f"with {made} as pool, dask.config.set(pool=pool):\n    a = {call}\n    b = {call}\n"
    assert rewritten("share-pool", setup, f"a = {call}\nb = {call}\n", at="b =") == (after, "ask")


def test_it_gives_all_passes_of_a_loop_one_pool() -> None:
    loop = "for i in range(3):\n    a = (x + i).compute(scheduler='processes')\n"
    after = loop.replace("\n    ", "\n        ").replace("for", "    for", 1)
    made = f"{IMPORTS}with {POOL} as pool, dask.config.set(pool=pool):\n{after}"
    assert rewritten("share-pool", SETUP, loop, at="a =") == (made, "ask")
