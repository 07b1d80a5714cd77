"""Calls of delayed functions are all counted and placed, however many a line makes."""

from __future__ import annotations

import _thread
import threading

import pytest
from miniature import Notebook
from miniature import one_call as one

from dask_lens.observe import lines
from dask_lens.record.computation import Computation


def places(computation: Computation) -> dict[str, set[int | None]]:
    """Return the lines of tasks by the prefix of their keys."""
    assert computation.graph is not None
    found: dict[str, set[int | None]] = {}
    for number, key in enumerate(computation.graph.keys):
        place = computation.graph.place_of(number)
        found.setdefault(key.partition("-")[0], set()).add(place and place.line)
    return found


@pytest.mark.parametrize("most", [7, 5_000])
def test_all_calls_of_a_loop_are_counted_and_placed(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(lines, "MOST_NAMES", most)
    run = notebook.works("""
        import dask
        absolute, text = dask.delayed(abs, pure=False), dask.delayed(str, pure=False)
        made = []
        for i in range(300):
            made += [absolute(i), absolute(-i)]
            made.append(text(made[-1]))
        got = dask.compute(made, scheduler="sync")
    """)
    counts = {c.place.line: c.count for c in run.calls if c.name == "dask.delayed" and c.place}
    assert counts == {5: 600, 6: 300}
    assert places(run.computations[0]) == {"abs": {5}, "str": {6}}


def test_one_line_may_call_different_functions(notebook: Notebook) -> None:
    run = notebook.works("""
        import dask
        import dask.array as da
        absolute = dask.delayed(abs, pure=False)
        plain = lambda x: da.ones(x + 1, chunks=1)
        made = [f(i) for i in range(50) for f in (absolute, plain, absolute.__call__, str)]
        other = [absolute(i) for i in range(3)]
    """)
    counts = [call.count for call in run.calls if call.name == "dask.delayed"]
    assert counts == [100, 3]


def test_operators_and_methods_have_their_line(notebook: Notebook) -> None:
    run = notebook.works("""
        import dask
        a = dask.delayed(abs)(-1)
        b = a + 1
        c = b.bit_length()
        got = dask.compute(c, scheduler="sync")
    """)
    assert notebook.variables["got"] == (2,)
    found = places(run.computations[0])
    assert found["abs"] == {2}
    assert found["add"] == {3}
    assert found["bit_length"] == {4}


def test_what_is_large_in_every_call_is_added_up(notebook: Notebook) -> None:
    run = notebook.works("""
        import dask
        import numpy as np
        big = np.ones(20_000)
        length = dask.delayed(len)
        made = [length(big) for _ in range(40)]
    """)
    assert one(run, "dask.delayed").facts["nbytes"] == 40 * 160_000


def test_calls_of_an_earlier_cells_function_are_those_of_the_cell_that_runs(
    notebook: Notebook,
) -> None:
    notebook.works("import dask\nabsolute = dask.delayed(abs)\ndef make(i): return absolute(i)")
    for count in (3, 5):
        run = notebook.works(f"made = [make(i) for i in range({count})]")
        assert one(run, "dask.delayed").count == count
    assert notebook.works("pass").calls == ()


def test_the_count_can_be_read_while_the_cell_runs(notebook: Notebook) -> None:
    def count() -> int:
        run = notebook.observer.current()
        assert run is not None
        return one(run, "dask.delayed").count

    notebook.variables["count"] = count
    notebook.works("""
        import dask
        absolute, counts = dask.delayed(abs), []
        for i in range(20):
            absolute(i)
            counts.append(count())
    """)
    assert notebook.variables["counts"] == list(range(1, 21))


def test_threads_share_a_line(notebook: Notebook) -> None:
    notebook.variables["threading"] = threading
    run = notebook.works("""
        import dask
        absolute = dask.delayed(abs)
        def work():
            for i in range(200):
                absolute(i)
        threads = [threading.Thread(target=work) for _ in range(4)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
    """)
    assert one(run, "dask.delayed").count == 800


def test_a_thread_may_begin_with_a_delayed_function(notebook: Notebook) -> None:
    done = threading.Event()

    class Marker:
        def __del__(self) -> None:
            done.set()

    notebook.variables.update(marker=Marker(), start=_thread.start_new_thread, done=done)
    run = notebook.works("""
        import dask
        start(dask.delayed(id, pure=False), (marker,))
        del marker
        assert done.wait(10)
    """)
    assert not run.not_judged
