"""Each task of a graph has the cell and the line of the call that put it there."""

from __future__ import annotations

import gc
import traceback
import weakref
from pathlib import Path

import pytest
from dask.highlevelgraph import HighLevelGraph
from distributed import Client
from miniature import Notebook

from dask_lens.observe import made
from dask_lens.record.computation import Computation

#: A cell and a line of it, or None for what could not be told.
Where = tuple[int, int] | None


def lines(computation: Computation) -> dict[str, set[Where]]:
    """Return cells and lines by the first word of keys."""
    graph = computation.graph
    assert graph is not None
    found: dict[str, set[Where]] = {}
    for number, key in enumerate(graph.keys):
        place = graph.place_of(number)
        word = key.lstrip("('_").partition("-")[0]
        found.setdefault(word, set()).add(place and (place.cell, place.line))
    return found


DELAYED = """
    import dask
    def inc(x): return x + 1
    load = dask.delayed(abs)(1)
    parts = [dask.delayed(inc)(load) for _ in range(3)]

    total = dask.delayed(sum)(parts)
"""


def test_what_was_made_before_anybody_looked_has_no_line(notebook: Notebook) -> None:
    notebook.stop()
    notebook.works(DELAYED)
    notebook.start()
    computation = notebook.one("total.compute(scheduler='sync')")
    assert lines(computation) == {"abs": {None}, "inc": {None}, "sum": {None}}


def test_tasks_of_two_cells_have_each_the_line_of_their_own(
    notebook: Notebook,
) -> None:
    notebook.works(DELAYED)
    notebook.works("other = dask.delayed(abs)(2)")
    computation = notebook.one("dask.compute(total, other, scheduler='sync')")
    assert lines(computation)["abs"] == {(0, 3), (1, 1)}


def test_delayed_calls_have_the_line_they_are_on(notebook: Notebook) -> None:
    notebook.works(DELAYED)
    computation = notebook.one("\nx = 1\ntotal.compute(scheduler='threads')")
    assert lines(computation) == {"abs": {(0, 3)}, "inc": {(0, 4)}, "sum": {(0, 6)}}


def test_layers_of_arrays_have_the_line_of_their_operation(notebook: Notebook) -> None:
    computation = notebook.one("""
        import dask.array as da
        ones = da.ones((4, 4), chunks=2)
        both = ones + 1
        both.sum().compute(scheduler="sync")
    """)
    found = lines(computation)
    assert found.get("finalize", {(0, 4)}) == {(0, 4)}  # older versions of Dask have none
    assert set().union(*found.values()) <= {(0, 3), (0, 4)}


def test_names_that_share_a_layer_share_its_line(notebook: Notebook) -> None:
    computation = notebook.one("""
        import dask.bag as db
        numbers = db.range(10, npartitions=2).map(abs)
        total = numbers.sum()
        total.compute(scheduler="sync")
    """)
    found = lines(computation)
    assert found["sum"] <= {(0, 3), (0, 4)}
    assert None not in set().union(*found.values())


FRAME = """
    import dask.dataframe as dd
    table = dd.read_csv(files)
    means = table.groupby("a").b.mean()
"""


@pytest.fixture
def files(notebook: Notebook, tmp_path: Path) -> None:
    for name in ("0.csv", "1.csv"):
        (tmp_path / name).write_text("a,b\n1,2\n3,4\n", encoding="utf-8")
    notebook.variables["files"] = str(tmp_path / "*.csv")


@pytest.mark.usefixtures("files")
def test_dataframes_have_the_line_of_the_expression_where_only_one_fits(
    notebook: Notebook,
) -> None:
    notebook.works(FRAME)
    computation = notebook.one("means.compute(scheduler='sync')")
    found = lines(computation)
    assert found["mean"] == {(0, 3)}
    assert computation.graph is not None
    assert computation.graph.labels["mean-tree"] == "groupby-mean"
    assert found.get("read", {(0, 2)}) == {(0, 2)}


@pytest.mark.usefixtures("files")
def test_dataframes_have_no_line_where_two_fit(notebook: Notebook) -> None:
    notebook.works("import dask, dask.dataframe as dd\ntable = dd.read_csv(files)")
    computation = notebook.one(
        "one = table.b.sum()\ntwo = table.a.sum()\ndask.compute(one, two, scheduler='sync')"
    )
    assert lines(computation)["sum"] <= {None, (1, 1), (1, 2)}


@pytest.mark.usefixtures("files")
def test_a_dataframe_made_and_computed_on_one_line_has_it(notebook: Notebook) -> None:
    computation = notebook.one(
        "import dask.dataframe as dd\n"
        "dd.read_csv(files).groupby('a').b.mean().compute(scheduler='sync')"
    )
    assert set().union(*lines(computation).values()) == {(0, 2)}


def test_submits_are_where_they_are_and_graphs_where_they_were_made(notebook: Notebook) -> None:
    notebook.works(DELAYED)
    with Client(processes=False, n_workers=1, dashboard_address=":0") as client:
        notebook.variables["client"] = client
        run = notebook.works(
            "futures = client.map(inc, range(3))\n"
            "one = client.submit(sum, futures)\n"
            "one.result()\n"
            "total.compute()"
        )
    found = [lines(computation) for computation in run.computations]
    assert found == [
        {"inc": {(1, 1)}},
        {"sum": {(1, 2)}},
        {"abs": {(0, 3)}, "inc": {(0, 4)}, "sum": {(0, 6)}},
    ]


def test_when_nobody_looks_any_more_everything_is_as_it_was(notebook: Notebook) -> None:
    import dask.dataframe as dd  # noqa: PLC0415 - the subject

    there = next(vars(kind) for kind in dd.DataFrame.__mro__ if kind.__name__ == "FrameBase")
    notebook.stop()
    init, frames = vars(HighLevelGraph)["__init__"], dict(there)
    notebook.start()
    assert vars(HighLevelGraph)["__init__"] is not init
    notebook.stop()
    assert vars(HighLevelGraph)["__init__"] is init
    assert dict(there) == frames


def test_nothing_of_the_users_is_kept(notebook: Notebook) -> None:
    notebook.works("""
        import dask
        class Big: pass
        big = Big()
        node = dask.delayed(id)(dask.delayed(big))
    """)
    alive = weakref.ref(notebook.variables.pop("big"))
    del notebook.variables["node"]
    gc.collect()
    assert alive() is None


def test_names_are_forgotten_beyond_a_limit(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(made, "REMEMBERED", 20)
    notebook.works("import dask\nnodes = [dask.delayed(abs)(i, pure=True) for i in range(100)]")
    kept = notebook.observer.journal.made
    assert len(kept._names) + len(kept._older) <= 20
    assert len(kept._tokens) <= 20
    computation = notebook.one("dask.compute(nodes, scheduler='sync')")
    assert lines(computation)["abs"] == {None, (0, 2)}


def test_errors_while_building_have_no_frame_of_ours(notebook: Notebook) -> None:
    code = """
        from dask.highlevelgraph import HighLevelGraph
        HighLevelGraph.from_collections("x", {}, dependencies=[1, 2])
    """
    notebook.cell(code)
    assert notebook.error is not None
    seen = [frame.name for frame in traceback.extract_tb(notebook.error.__traceback__)]
    notebook.stop()
    notebook.cell(code)
    assert notebook.error is not None
    assert [f.name for f in traceback.extract_tb(notebook.error.__traceback__)] == seen


def test_a_hook_that_breaks_costs_the_lines_and_nothing_else(
    faulty: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(faulty.observer.journal.cells, "spot", broken)
    faulty.works(DELAYED)
    run = faulty.works("result = total.compute(scheduler='sync')")
    assert faulty.variables["result"] == 6
    assert lines(run.computations[0]) == {"abs": {None}, "inc": {None}, "sum": {None}}
    assert [entry.name for entry in run.not_judged] == [f"observe-{made.PART}"]
