from __future__ import annotations

import pytest
from proposing import refused, rewritten

NAME = "set-chunksize"
SETUP = "import dask\nimport dask.bag as db\nfrom dask import delayed\nd = delayed(f)(1)"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        pytest.param("dask.compute(a, scheduler='processes', **more)", "**", id="**kwargs"),
        pytest.param("dask.compute(d(x) for x in y)", "generator", id="a bare generator"),
        pytest.param("compute = my_compute(tasks)", "no call", id="a function of the user's own"),
        pytest.param("d.compute(chunksize=1)", "already", id="the keyword is there"),
        pytest.param("import httpx\nhttpx.get('compute')", "no call", id="no compute at all"),
    ],
)
def test_it_leaves_alone(source: str, reason: str) -> None:
    assert reason in refused(NAME, SETUP, source, at="compute")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            "dask.compute(a, b, scheduler='processes')",
            "dask.compute(a, b, scheduler='processes', chunksize=1)",
            id="dask.compute",
        ),
        pytest.param(
            'd.compute(scheduler="processes")  # why',
            'd.compute(scheduler="processes", chunksize=1)  # why',
            id="a method, with a comment behind it",
        ),
        pytest.param(
            "db.range(4, 4).map(f).compute()",
            "db.range(4, 4).map(f).compute(chunksize=1)",
            id="a bag that names no scheduler",
        ),
        pytest.param(
            "dask.compute(a, chunksize=6, scheduler='processes')",
            "dask.compute(a, chunksize=1, scheduler='processes')",
            id="another chunksize",
        ),
        pytest.param(
            "dask.compute(a, chunksize = -1)",
            "dask.compute(a, chunksize = 1)",
            id="the chunksize that makes Dask divide by zero",
        ),
        pytest.param(
            "with dask.config.set(scheduler='processes'):\n    x = dask.compute(a)",
            "with dask.config.set(scheduler='processes'):\n    x = dask.compute(a, chunksize=1)",
            id="the scheduler is in the settings",
        ),
        pytest.param(
            "x = dask.compute(\n    a,\n    b,\n)",
            "x = dask.compute(\n    a,\n    b,\n    chunksize=1,\n)",
            id="an argument on each line",
        ),
        pytest.param(
            "if a:\n    x = dask.compute(\n        a, b,  # two\n"
            "        num_workers=4  # all\n    )",
            "if a:\n    x = dask.compute(\n        a, b,  # two\n        num_workers=4,  # all\n"
            "        chunksize=1\n    )",
            id="comments, no comma at the end",
        ),
        pytest.param(
            "x = dask.compute(a,\n                 b)",
            "x = dask.compute(a,\n                 b, chunksize=1)",
            id="arguments below each other",
        ),
        pytest.param(
            "%time dask.compute(a)\n!ls",
            "%time dask.compute(a, chunksize=1)\n!ls",
            id="behind a magic",
        ),
        pytest.param(
            "%%time\n%matplotlib inline\nx   =   dask.compute( a )\n\n!ls  -l\nfoo?\n",
            "%%time\n%matplotlib inline\n"
            "x   =   dask.compute( a, chunksize=1 )\n\n!ls  -l\nfoo?\n",
            id="between magics and odd spaces",
        ),
        pytest.param(
            "ü = %time dask.compute(a)",
            "ü = %time dask.compute(a, chunksize=1)",
            id="in the result of a magic",
        ),
        pytest.param(
            "x = 1\r\ny = dask.compute(a)\r\n%pwd\r\n",
            "x = 1\r\ny = dask.compute(a, chunksize=1)\r\n%pwd\r\n",
            id="other line ends",
        ),
        pytest.param(
            "def main():\n\treturn dask.compute(\n\t\ta,\n\t)",
            "def main():\n\treturn dask.compute(\n\t\ta,\n\t\tchunksize=1,\n\t)",
            id="tabs",
        ),
        pytest.param(
            "dask.compute(*[delayed(g)(i) for i in range(4)])",
            "dask.compute(*[delayed(g)(i) for i in range(4)], chunksize=1)",
            id="unpacked tasks",
        ),
    ],
)
def test_it_changes_the_call_and_nothing_else(before: str, after: str) -> None:
    assert rewritten(NAME, SETUP, before, at="compute") == (after, "same")
