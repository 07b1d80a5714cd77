"""A pool of processes for each call: DSK208."""

from __future__ import annotations

import pytest
from reading import assert_found, findings

from dask_lens.rules.processes_pool_restart import rule

SETUP = "import dask\nlazy = dask.delayed(abs)\nimport dask.bag as db\nbag = db.range(9, 3)\n"
SETUP += "from concurrent.futures import *\n"
POOL = "with ProcessPoolExecutor() as p, dask.config.set(pool=p)"
CALL = "lazy({}).compute(scheduler='processes')"

FINE = [
    pytest.param([CALL.format(1)], id="one call"),
    pytest.param([CALL.format(1), CALL.format(2)], id="one call in each of two cells"),
    pytest.param(["lazy(1).compute()\nlazy(2).compute()"], id="threads"),
    pytest.param([f"{CALL.format(1)}\nlazy(2).compute(scheduler='threads')"], id="two schedulers"),
    pytest.param([f"{POOL}:\n    {CALL.format(1)}\n    {CALL.format(2)}"], id="a pool for both"),
    pytest.param(
        ["lazy(1).compute(scheduler='processes', pool=p)\nlazy(2).compute(pool=p)"],
        id="a pool given to both",
    ),
    pytest.param(
        [f"{POOL}:\n    for i in range(3):\n        {CALL.format('i')}"],
        id="a pool for all passes of a loop",
    ),
    pytest.param(["for i in range(3):\n    lazy(i).compute(scheduler='threads')"], id="a loop"),
    pytest.param(
        [f"import time\nfor i in 'ab':\n    time.time()\n    {CALL.format(1)}\n    time.time()"],
        id="a loop that is timed",
    ),
    pytest.param(
        ["bag.map(abs).compute()\nbag.map(str).compute()"],
        id="bags, of which nothing says that they use processes",
    ),
    pytest.param(
        ["for i in range(3):\n    bag.map(abs).compute()"],
        id="bags in a loop",
    ),
]


@pytest.mark.parametrize("cells", FINE)
def test_what_is_fine_is_silent(cells: list[str]) -> None:
    assert findings(rule, SETUP, *cells) == []


def test_the_last_of_several_calls_is_found() -> None:
    assert_found(rule, SETUP, f"{CALL.format(1)}\n{CALL.format(2)}  # found here")


FOUND = [
    pytest.param(f"for i in range(3):\n    r = {CALL.format('i')}  # found here", id="a loop"),
    pytest.param(f"r = [{CALL.format('i')} for i in range(3)]  # found here", id="a list"),
    pytest.param("with dask.config.set(scheduler='processes'):\n    for i in range(3):\n"
                 "        r = lazy(i).compute()  # found here", id="a setting"),
    pytest.param("dask.config.set(scheduler='processes')\nlazy(1).compute()\n"
                 "dask.compute(lazy(2))  # found here", id="a setting above"),
]  # fmt: skip


@pytest.mark.parametrize("cell", FOUND)
def test_it_is_found_for(cell: str) -> None:
    assert_found(rule, SETUP, cell)
