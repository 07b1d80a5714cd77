"""What goes to processes and back: bytes, and the seconds of pickling, against the truth."""

from __future__ import annotations

import pytest
from miniature import Notebook

from dask_lens.metrics.losses import budget

WORK = """
import time, dask
__name__ = "__main__"

class Slow:
    def __reduce__(self):
        time.sleep(0.2)
        return int, ()

@dask.delayed
def slow(i):
    return Slow()

@dask.delayed
def large(n):
    return bytes(n)

@dask.delayed
def size(data):
    return len(data)

@dask.delayed
def first(data):
    return data[0]

def compute(*tasks):
    return dask.compute(*tasks, scheduler="processes", num_workers=2, chunksize=1)
"""


def test_pickling_a_result_is_movement(notebook: Notebook) -> None:
    notebook.works(WORK)
    computation = notebook.one("compute(*[slow(i) for i in range(4)])")
    assert [task.packing for task in computation.tasks] == pytest.approx([0.2] * 4, abs=0.03)
    assert all(task.duration < 0.1 for task in computation.tasks)
    spent = budget([computation])
    assert spent is not None
    assert spent.movement == pytest.approx(0.8, abs=0.1)


def test_bytes_are_those_of_the_pickles(notebook: Notebook) -> None:
    notebook.works(WORK)
    computation = notebook.one("part = large(3_000_000)\ncompute(size(part), first(part))")
    back = {task.prefix: task.nbytes for task in computation.tasks}
    sent = {task.prefix: task.sent for task in computation.tasks}
    assert back["large"] == pytest.approx(3_000_000, abs=1_000)
    assert (sent["size"], sent["first"]) == pytest.approx((3_000_000, 3_000_000), abs=2_000)
    assert (sent["large"] or 9_999) < 5_000
    assert (back["size"] or 9_999) < 1_000


def test_what_goes_to_threads_is_weighed_and_not_packed(notebook: Notebook) -> None:
    notebook.works(WORK)
    computation = notebook.one("dask.compute(size(large(9_000)), scheduler='threads')")
    back = {task.prefix: task.nbytes for task in computation.tasks}
    assert back["large"] == pytest.approx(9_000, abs=100)
    assert (back["size"] or 9_999) < 100
    assert all((task.sent or 0) < 1_000 and not task.packing for task in computation.tasks)
