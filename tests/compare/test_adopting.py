"""The cell as it would be with a variant: right, and never broken."""

from __future__ import annotations

import ast

import pytest

from dask_lens.compare.adopting import adopted
from dask_lens.compare.variant import setting

BATCH = 'x = d.compute(scheduler="processes", num_workers=2)\n'


@pytest.mark.parametrize(
    ("code", "variant", "expected"),
    [
        ("x = d.compute()", "threads", 'x = d.compute(scheduler="threads")\n'),
        ("x = dask.compute(a, b)", "sync", 'x = dask.compute(a, b, scheduler="sync")\n'),
        (
            BATCH,
            "processes, workers=2, chunksize=1",
            'x = d.compute(scheduler="processes", num_workers=2, chunksize=1)\n',
        ),
        (BATCH, "distributed", "x = d.compute()\n"),
        (
            "x = dask.compute(  # both\n    a,  # first\n    b,\n)\n",
            "threads",
            'x = dask.compute(  # both\n    a,  # first\n    b,\n    scheduler="threads",\n)\n',
        ),
        (
            "x = d.compute(\n    scheduler='processes',  # why\n    traverse=False,  # kept\n)\n",
            "sync",
            'x = d.compute(\n    scheduler="sync",  # why\n    traverse=False,  # kept\n)\n',
        ),
        (
            "x = f(d.compute().persist())",
            "sync",
            'x = f(d.compute(scheduler="sync").persist(scheduler="sync"))\n',
        ),
        (BATCH, "as-written", BATCH),
        (
            "é = f(d.compute(), e.compute(optimize_graph=False))",
            "threads, workers=4",
            (
                'é = f(d.compute(scheduler="threads", num_workers=4), '
                'e.compute(optimize_graph=False, scheduler="threads", num_workers=4))\n'
            ),
        ),
        (
            "for part in bag:\n    show(part)",
            "threads",
            (
                'import dask\n\nwith dask.config.set(scheduler="threads"):\n'
                "    for part in bag:\n        show(part)\n"
            ),
        ),
    ],
)
def test_the_scheduler_is_set_where_the_code_computes(code, variant, expected):
    after = adopted(code, setting(variant), client=True)
    assert after == expected
    ast.parse(after)


def test_a_cluster_that_the_notebook_has_not_is_opened_above():
    after = adopted(BATCH, setting("distributed, workers=2"), client=False)
    assert "client = Client(n_workers=2)\nx = d.compute()\n" in after
    assert adopted(BATCH, setting("distributed"), client=False).count("Client()") == 1


def test_calls_in_a_line_magic_are_changed_as_well():
    after = adopted("%time d.compute()", setting("threads"), client=False)
    assert after == '%time d.compute(scheduler="threads")\n'


@pytest.mark.parametrize("code", ["%time show(bag)", "x = (", 'text = """a\nb"""\nshow(bag)'])
def test_code_that_cannot_be_moved_stays(code):
    assert adopted(code, setting("threads"), client=False) is None
