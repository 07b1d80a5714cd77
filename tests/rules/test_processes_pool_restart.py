"""A pool of processes for each call: DSK208."""

from __future__ import annotations

import pytest
from reading import assert_found, findings

from dask_lens.rules.processes_pool_restart import rule

SETUP = "import dask\nlazy = dask.delayed(abs)\nfrom concurrent.futures import *\n"
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
]


@pytest.mark.parametrize("cells", FINE)
def test_what_is_fine_is_silent(cells: list[str]) -> None:
    assert findings(rule, SETUP, *cells) == []


def test_the_last_of_several_calls_is_found() -> None:
    assert_found(rule, SETUP, f"{CALL.format(1)}\n{CALL.format(2)}  # found here")
