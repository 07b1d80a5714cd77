"""Looking at calls changes nothing, asks nothing of the user's, and is bounded."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from dask.delayed import Delayed
from miniature import Notebook
from miniature import one_call as one

from dask_lens.observe import notes
from dask_lens.record.cell import Place


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


LET_GO = {
    "submit": "client.submit(abs, -5, pure=False)",
    "map": "client.map(abs, [-5], pure=False)",
    "delayed": "dask.delayed(abs)(-5)",
    "compute": "dask.compute(dask.delayed(abs)(-5), scheduler='sync')",
}


@pytest.mark.parametrize("call", LET_GO.values(), ids=list(LET_GO))
def test_what_a_function_lets_go_of_is_gone(cells: Notebook, call: str) -> None:
    run = cells.works(f"""
        import dask, weakref
        def work():
            future = client.submit(abs, -4, pure=False)
            {call}
            let_go = weakref.ref(future)
            del future
            return let_go() is None
        gone = work()
    """)
    assert cells.variables["gone"]
    assert run.calls


def test_variables_that_a_function_has_asked_for_stay_as_they_were(cells: Notebook) -> None:
    told = cells.works("""
        import numpy as np
        def work(big):
            client.submit(type, big)
        work(np.ones(100_000))
    """)
    [entry] = one(told, "distributed.Client.submit").facts["arguments"]
    assert entry["name"] == "big"
    cells.works("""
        def work(a):
            asked = locals()
            b = 2
            client.submit(abs, -6)
            return list(asked)
        names = work(1)
    """)
    # From Python 3.13 on it is a snapshot that nothing changes.
    assert cells.variables["names"] == ["a"]


def test_delayed_objects_are_asked_for_nothing_by_us(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    known = Delayed.__getattr__

    def get(self: Delayed, name: str) -> object:
        asked.append(name)
        return known(self, name)

    monkeypatch.setattr(Delayed, "__getattr__", get)
    seen = []
    for observe in (notebook.stop, notebook.start):
        observe()
        asked.clear()
        notebook.works("""
            import dask
            made = [dask.delayed(abs)(i) for i in range(20)]
            got = dask.compute(made, dask.delayed(sum)(made), scheduler="sync")
        """)
        seen.append(sorted(asked))
    assert seen[0] == seen[1]


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


def test_a_finalizer_that_uses_dask_in_the_middle_of_our_work_does_not_wait_for_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    noted = notes.Notes()
    init = notes.Note.__init__

    def collects_garbage(note: notes.Note, name: str, place: Place | None) -> None:
        if name == "outer":
            noted.of("inner", place)
        init(note, name, place)

    monkeypatch.setattr(notes.Note, "__init__", collects_garbage)
    thread = threading.Thread(target=noted.of, args=("outer", None), daemon=True)
    thread.start()
    thread.join(5)
    assert not thread.is_alive()
    assert noted.of("inner", None) is noted.of("inner", None)


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
    assert [(a["name"], a["chunks"]) for a in call.facts["arrays"]] == [
        ("a", [100, 10]),
        ("b", [5, 100]),
    ]
    after = call.facts["after"]
    assert (after["npartitions"], after["largest"], after["chunks"]) == (200, 400, [5, 10])


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
