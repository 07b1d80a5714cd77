"""Looking at calls changes nothing, asks nothing of the user's, and is bounded."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from miniature import Notebook
from miniature import one_call as one


class Touchy:
    """Raises whatever is asked of it."""

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("__dask_") or name in ("__reduce_ex__", "__class__"):
            return object.__getattribute__(self, name)  # Dask itself asks for these
        raise AssertionError(f"{name} was asked for")

    def __dask_tokenize__(self) -> str:
        return "touchy"

    def __reduce_ex__(self, _: object) -> Any:
        return int, ()

    __dask_graph__ = None
    __dask_future__ = False

    def __len__(self) -> int:
        raise AssertionError("its length was asked for")

    def __repr__(self) -> str:
        raise AssertionError("its repr was asked for")

    def __bool__(self) -> bool:
        raise AssertionError("its truth was asked for")

    def __eq__(self, other: object) -> bool:
        raise AssertionError("it was compared")

    __hash__ = None  # type: ignore[assignment]  # as classes do


def test_objects_of_the_user_are_not_asked_anything(cells: Notebook) -> None:
    cells.variables["touchy"] = Touchy()
    run = cells.works("got = client.submit(type, touchy, key='touchy').result()")
    assert one(run, "distributed.Client.submit").facts["keys"] == 1
    assert not run.not_judged


def test_calls_from_other_threads_and_many_lines_are_bounded(notebook: Notebook) -> None:
    lines = "\n".join("f(1)" for _ in range(600))
    run = notebook.works(f"import dask\nf = dask.delayed(abs)\n{lines}")
    assert len([call for call in run.calls if call.name == "dask.delayed"]) == 500
    notebook.variables["threading"] = threading
    run = notebook.works("""
        threads = [threading.Thread(target=lambda: f(2)) for _ in range(4)]
        [t.start() for t in threads]
        [t.join() for t in threads]
    """)
    assert one(run, "dask.delayed").count == 4


def test_chunks_that_grow_are_noted_and_dask_still_warns(notebook: Notebook) -> None:
    with pytest.warns(Warning, match="Increasing number of chunks") as warned:
        run = notebook.works("""
            import dask.array as da
            a = da.ones((100, 100), chunks=(100, 10))
            b = da.ones((100, 100), chunks=(5, 100))
            c = a + b
        """)
    assert len(warned) == 1
    call = one(run, "warnings.warn")
    assert call.place is not None
    assert (call.place.line, call.facts["kind"], call.facts["factor"]) == (4, "chunks", 10)


def test_a_graph_that_dask_warns_of_is_noted_and_dask_still_warns(cells: Notebook) -> None:
    with pytest.warns(UserWarning, match="Sending large graph") as warned:
        run = cells.works("""
            import numpy as np
            big = np.ones(2_000_000)
            f = client.submit(lambda x: 1, big)
        """)
    assert len(warned) == 1
    call = one(run, "warnings.warn")
    assert call.place is not None
    assert (call.place.line, call.facts["kind"]) == (3, "large-graph")
    assert call.facts["nbytes"] > 16_000_000
