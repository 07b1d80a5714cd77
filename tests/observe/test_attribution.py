"""Work belongs to the cell that set it off, and to the line of the call."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from distributed import Client
from miniature import Notebook

from dask_lens.record.cell import Place
from dask_lens.record.run import Run

SETUP = """
    import dask, threading, time
    from dask import delayed
    nap = delayed(time.sleep)

    def compute(x):
        return delayed(abs)(x).compute(scheduler="sync")
"""


def places(run: Run) -> list[tuple[str, int] | None]:
    """The text of the cell and the line, for each computation."""
    return [
        None if c.place is None else (run.cells[c.place.cell].source, c.place.line)
        for c in run.computations
    ]


def test_each_call_has_its_line(notebook: Notebook) -> None:
    notebook.works(SETUP)
    run = notebook.works("""
        a = delayed(abs)(-1).compute(scheduler="sync")

        b = dask.compute(
            delayed(abs)(-2),
            scheduler="threads",
        )
        c = [delayed(abs)(x).compute(scheduler="sync") for x in (-3, -4)]
    """)
    assert [line for _, line in places(run)] == [1, 3, 7, 7]
    assert run.observed == 1
    assert [c.place.cell for c in run.computations if c.place] == [1, 1, 1, 1]


def test_a_call_in_a_function_of_an_earlier_cell_has_that_cells_line(notebook: Notebook) -> None:
    earlier = notebook.works(SETUP).cell
    assert earlier is not None
    run = notebook.works("compute(1)")
    assert places(run) == [(earlier.source, 6)]
    assert run.cells[-1].source == "compute(1)"


def test_a_call_in_a_module_has_the_line_that_called_the_module(notebook: Notebook) -> None:
    notebook.works(SETUP)
    run = notebook.works("import dask.array as da\nda.ones(4, chunks=2).sum().compute()")
    (computation,) = run.computations
    assert computation.place == Place(1, 2)


def test_a_thread_that_a_cell_started_goes_on_working_for_it(notebook: Notebook) -> None:
    notebook.works(SETUP)
    first = notebook.works("""
        go = threading.Event()

        def later():
            go.wait()
            compute(1)

        worker = threading.Thread(target=later)
        worker.start()
    """)
    assert first.computations == ()
    second = notebook.works("go.set(); worker.join(); compute(2)")
    assert len(second.computations) == 1
    late = notebook.await_late()
    assert late.cell == first.cell
    assert len(late.computations) == 1


def test_a_cell_that_runs_again_is_a_run_of_its_own(notebook: Notebook) -> None:
    notebook.works(SETUP)
    assert len(notebook.works("compute(1)").computations) == 1
    assert len(notebook.works("compute(1)").computations) == 1


def test_a_callback_with_no_cell_running_belongs_to_the_cell_that_wrote_it(
    notebook: Notebook,
) -> None:
    notebook.works(SETUP)
    wrote = notebook.works("def clicked():\n    compute(3)")
    notebook.variables["clicked"]()
    assert notebook.await_late().cell == wrote.cell


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with Client(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None
    ) as client:
        yield client


def test_futures_that_outlive_their_cell_stay_with_it(notebook: Notebook, client: Client) -> None:
    notebook.works(SETUP)
    notebook.variables["client"] = client
    first = notebook.works("futures = [client.submit(time.sleep, s) for s in (0.5, 0.51)]")
    (computation,) = first.computations
    assert computation.status == "open"
    assert computation.stop is None
    second = notebook.works("more = client.submit(abs, -2).result()")
    assert [c.n_tasks for c in second.computations] == [1]
    late = notebook.await_late()
    assert late.cell == first.cell
    (computation,) = late.computations
    assert computation.status == "finished"
    assert {task.prefix for task in computation.tasks} == {"sleep"}
    assert len(computation.tasks) == 2
    assert late.stop == first.stop


def test_a_burst_of_submits_from_one_line_is_one_computation(
    notebook: Notebook, client: Client
) -> None:
    notebook.works(SETUP)
    notebook.variables["client"] = client
    run = notebook.works("""
        for i in range(20):
            client.submit(divmod, i, 3).result()
        futures = client.map(abs, range(-5, 0))
        client.gather(futures)
    """)
    assert [(c.n_tasks, c.place.line) for c in run.computations if c.place] == [(20, 2), (5, 3)]


def test_each_compute_in_a_loop_is_a_computation(notebook: Notebook, client: Client) -> None:
    notebook.works(SETUP)
    notebook.variables["client"] = client
    run = notebook.works("for i in range(3):\n    delayed(abs)(i).compute()")
    assert [c.n_tasks for c in run.computations] == [1, 1, 1]
    assert [c.scheduler for c in run.computations] == ["distributed"] * 3


def test_submits_that_depend_on_each_other_make_one_graph(
    notebook: Notebook, client: Client
) -> None:
    notebook.variables["client"] = client
    computation = notebook.one("""
        import operator
        future = 1
        for _ in range(3):
            future = client.submit(operator.add, future, 1, pure=False)
        future.result()
    """)
    assert computation.graph is not None
    assert computation.graph.dependencies == ((), (0,), (1,))


def test_results_that_are_there_already_are_no_computation(
    notebook: Notebook, client: Client
) -> None:
    notebook.variables["client"] = client
    notebook.works("future = client.submit(pow, 7, 2); future.result()")
    run = notebook.works("client.submit(pow, 7, 2).result()")
    assert run.computations == ()
