"""The synchronous, threads and processes schedulers, and executors in their place."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from miniature import Notebook, until

from dask_lens.metrics.losses import budget
from dask_lens.metrics.parallelism import parallelism
from dask_lens.observe import journal

SETUP = """
    import dask, threading, time
    from dask import delayed
    nap = delayed(time.sleep)
"""


def test_a_cell_without_dask_has_no_computations(notebook: Notebook) -> None:
    run = notebook.works("x = 1 + 1")
    assert run.computations == ()
    assert run.not_judged == ()
    assert run.error is None
    assert run.cell is not None
    assert run.cell.source == "x = 1 + 1"


def test_a_nested_compute_is_part_of_the_task_that_calls_it(notebook: Notebook) -> None:
    notebook.works(SETUP)
    for scheduler in ("sync", "threads"):
        computation = notebook.one(f"""
            @delayed
            def outer():
                delayed(time.sleep)(0.1).compute(scheduler={scheduler!r})
            dask.compute(outer(), outer(), scheduler={scheduler!r})
        """)
        assert {task.prefix for task in computation.tasks} == {"outer"}
        assert all(task.duration >= 0.1 for task in computation.tasks)


def test_data_nodes_are_left_out_of_the_graph(notebook: Notebook) -> None:
    computation = notebook.one("""
        from dask.local import get_sync
        get_sync({"x": 1, "y": (abs, "x"), "z": (max, "x", "y")}, "z")
    """)
    assert computation.graph is not None
    assert computation.graph.keys == ("y", "z")
    assert computation.graph.dependencies == ((), (0,))


@pytest.mark.parametrize("scheduler", ["sync", "threads", "processes"])
def test_a_task_that_errs_is_recorded(notebook: Notebook, scheduler: str) -> None:
    notebook.works(SETUP)
    run = notebook.cell(f"""
        @delayed
        def bad():
            time.sleep(0.1)
            raise ValueError("no")
        bad().compute(scheduler={scheduler!r}, num_workers=1)
    """)
    (computation,) = run.computations
    assert computation.status == "erred"
    assert run.error == "ValueError"
    (task,) = computation.tasks
    assert task.status == "erred"
    assert task.prefix == "bad"
    assert task.duration == pytest.approx(0.1, abs=0.05)
    assert task.cpu is not None
    assert task.cpu < 0.05


def test_processes_that_err_end_the_computation(notebook: Notebook) -> None:
    notebook.works(SETUP)
    run = notebook.cell("dask.compute(delayed(abs)('x'), scheduler='processes', num_workers=1)")
    assert run.error == "TypeError"
    assert [computation.status for computation in run.computations] == ["erred"]


def test_an_interrupt_ends_the_computation(notebook: Notebook) -> None:
    notebook.works(SETUP)
    run = notebook.cell("""
        import signal
        dask.compute(delayed(signal.raise_signal)(signal.SIGINT), scheduler="sync")
    """)
    assert run.error == "KeyboardInterrupt"
    assert [computation.status for computation in run.computations] == ["erred"]
    assert not notebook.observer.busy.is_set()


@pytest.mark.parametrize(
    ("executor", "scheduler"),
    [
        ("concurrent.futures.ThreadPoolExecutor(2)", "threads"),
        ("concurrent.futures.ProcessPoolExecutor(2, SPAWN)", "processes"),
    ],
)
def test_executors_are_timed_from_inside(
    notebook: Notebook, executor: str, scheduler: str
) -> None:
    notebook.works(SETUP)
    computation = notebook.one(f"""
        import concurrent.futures, multiprocessing
        SPAWN = multiprocessing.get_context("spawn")
        with {executor} as executor:
            dask.compute(*[nap(0.1) for _ in range(2)], scheduler=executor)
    """)
    assert computation.scheduler == scheduler
    assert computation.threads == 2
    assert all(task.exact and 0.1 <= task.duration < 0.2 for task in computation.tasks)
    if scheduler == "threads":  # one process may be quicker than another takes to start
        assert len({(task.worker, task.thread) for task in computation.tasks}) == 2


@pytest.mark.parametrize("pool", ["Pool", "dummy.Pool"])
def test_pools_of_multiprocessing_are_timed_from_inside(notebook: Notebook, pool: str) -> None:
    notebook.works(SETUP)
    scheduler = "threads" if "dummy" in pool else "processes"
    computation = notebook.one(f"""
        import multiprocessing, multiprocessing.dummy
        kind = multiprocessing.get_context("spawn").Pool if {pool!r} == "Pool" else (
            multiprocessing.dummy.Pool)
        with kind(2) as pool:
            dask.compute(*[nap(0.1) for _ in range(2)], scheduler={scheduler!r}, pool=pool,
                         chunksize=1)
    """)
    assert computation.scheduler == scheduler
    assert all(task.exact and 0.1 <= task.duration < 0.2 for task in computation.tasks)


def test_an_unknown_executor_is_timed_from_outside_and_says_so(notebook: Notebook) -> None:
    notebook.works(SETUP)
    run = notebook.works("""
        import concurrent.futures, pickle

        class Remote(concurrent.futures.Executor):
            '''Sends work to machines that have Dask and nothing of ours.'''
            _max_workers = 1

            def submit(self, function, *args, **kwargs):
                sent = pickle.dumps((args, kwargs))
                assert b"dask_lens" not in sent
                args, kwargs = pickle.loads(sent)
                future = concurrent.futures.Future()
                future.set_result(function(*args, **kwargs))
                return future

        dask.compute(nap(0.1), scheduler=Remote())
    """)
    (computation,) = run.computations
    (task,) = computation.tasks
    assert computation.scheduler == "custom"
    assert not task.exact
    assert task.cpu is None
    assert task.duration == pytest.approx(0.1, abs=0.05)
    assert [entry.name for entry in run.not_judged] == ["task-times"]


def test_loads_of_the_users_own_are_used(notebook: Notebook) -> None:
    notebook.works(SETUP)
    run = notebook.works("""
        import pickle
        dask.compute(nap(0.1), scheduler="processes", num_workers=1, func_loads=pickle.loads)
    """)
    (computation,) = run.computations
    assert [task.exact for task in computation.tasks] == [False]
    assert [entry.name for entry in run.not_judged] == ["task-times"]


def test_forked_workers_do_their_work(notebook: Notebook) -> None:
    notebook.works(SETUP)
    computation = notebook.one("""
        @delayed
        def nested(x):
            return delayed(abs)(x).compute(scheduler="sync")

        with dask.config.set({"multiprocessing.context": "fork"}):
            got = dask.compute(*[nested(-i) for i in range(3)], scheduler="processes",
                               num_workers=2)
    """)
    assert notebook.variables["got"] == (0, 1, 2)
    assert computation.n_tasks == 3


def test_the_gauge_counts_batches_of_processes_not_their_tasks(notebook: Notebook) -> None:
    notebook.works(SETUP)
    notebook.works("""
        seen = []
        worker = threading.Thread(target=lambda: dask.compute(
            *[nap(0.3) for _ in range(4)], scheduler="processes", num_workers=4))
        worker.start()
    """)
    running = set()
    until(notebook.observer.busy.is_set)
    while notebook.observer.busy.is_set():
        live = notebook.observer.live()
        running.add(live.running)
        assert live.threads in (0, 4)
        time.sleep(0.05)
    notebook.variables["worker"].join()
    assert running <= {0, 1}
    assert 1 in running


def test_the_gauge_shows_threads_at_work(notebook: Notebook) -> None:
    notebook.works(SETUP)
    notebook.works("""
        worker = threading.Thread(target=lambda: dask.compute(
            *[nap(0.4) for _ in range(6)], scheduler="threads", num_workers=3))
        worker.start()
    """)
    until(lambda: notebook.observer.live().running == 3)
    live = notebook.observer.live()
    assert (live.threads, live.total) == (3, 6)
    run = notebook.observer.current()
    assert run is not None
    (computation,) = run.computations
    assert (computation.status, computation.stop) == ("open", None)
    assert computation.graph is not None
    assert len(computation.graph.keys) == 6
    notebook.variables["worker"].join()
    assert notebook.await_late().computations[0].n_tasks == 6
    assert notebook.observer.live().running == 0


def test_only_so_many_tasks_are_kept_but_all_are_counted(notebook: Notebook) -> None:
    computation = notebook.one("""
        import dask
        with dask.config.set({"dask-lens.observe.max-tasks": 10}):
            dask.compute(*[dask.delayed(abs)(i) for i in range(50)], scheduler="sync")
    """)
    assert len(computation.tasks) == 10
    assert computation.n_tasks == 50
    assert computation.busy > sum(task.duration for task in computation.tasks)


def test_tasks_in_batches_of_threads_are_timed_one_by_one(notebook: Notebook) -> None:
    notebook.works(SETUP)
    computation = notebook.one(
        "dask.compute(*[nap(0.1) for _ in range(4)], scheduler='threads', num_workers=2,"
        " chunksize=2)"
    )
    assert computation.chunksize == 2
    assert len({task.thread for task in computation.tasks}) == 2
    assert all(0.1 <= task.duration < 0.2 for task in computation.tasks)


def test_a_task_that_errs_and_is_run_again_here_does_no_harm(notebook: Notebook) -> None:
    notebook.works(SETUP)
    run = notebook.cell("""
        dask.compute(delayed(abs)("x"), scheduler="threads", rerun_exceptions_locally=True)
    """)
    assert run.error == "TypeError"


def test_the_oldest_cells_are_forgotten_when_many_tasks_are_kept(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal, "KEPT_TASKS", 25)
    notebook.works("import dask; many = [dask.delayed(abs)(i) for i in range(10)]")
    for _ in range(4):
        notebook.works("dask.compute(*many, scheduler='sync')")
    kept = notebook.observer.journal._recordings.values()
    tasks = [sum(entry.size() for entry in recording.entries.values()) for recording in kept]
    assert sum(tasks) <= 25 + 10, "and the one that ran last"
    assert notebook.one("dask.compute(*many, scheduler='threads')").n_tasks == 10


def both(pool: str) -> str:
    return f"""
        from concurrent.futures import ThreadPoolExecutor

        def compute():
            dask.compute(*[nap(0.2) for _ in range(2)], scheduler="threads", {pool})

        with ThreadPoolExecutor(2) as pool:
            users = [threading.Thread(target=compute) for _ in range(2)]
            for user in users:
                user.start()
            for user in users:
                user.join()
    """


@pytest.mark.parametrize(("pool", "threads"), [("num_workers=2", 4), ("pool=pool", 2)])
def test_threads_of_the_users_have_pools_of_their_own_or_share_one(
    notebook: Notebook, pool: str, threads: int
) -> None:
    notebook.works(SETUP)
    run = notebook.works(both(pool))
    assert [c.threads for c in run.computations] == [2, 2]
    measured, spent = parallelism(run.computations), budget(run.computations)
    assert measured is not None
    assert spent is not None
    assert measured.threads == threads
    assert spent.cpu + spent.waiting == pytest.approx(0.8, rel=0.1)


def test_tasks_beside_one_that_errs_are_accounted_for(notebook: Notebook) -> None:
    notebook.works(SETUP)
    run = notebook.cell("""
        @delayed
        def bad():
            time.sleep(0.2)
            raise ValueError("no")
        dask.compute(bad(), nap(0.4), nap(0.4), scheduler="threads", num_workers=3)
    """)
    (computation,) = run.computations
    assert sorted(task.status for task in computation.tasks) == ["erred", "memory", "memory"]
    assert all(task.duration == pytest.approx(0.2, abs=0.05) for task in computation.tasks)
    spent = budget(run.computations)
    assert spent is not None
    assert spent.cpu + spent.waiting == pytest.approx(0.6, abs=0.1)


PROCESSES = """
    import concurrent.futures, multiprocessing, signal, threading, time, dask
    nap = dask.delayed(time.sleep)
    pool = concurrent.futures.ProcessPoolExecutor(2, multiprocessing.get_context("spawn"))

    def interrupt(after):
        timer = threading.Timer(after, signal.pthread_kill, (threading.get_ident(), signal.SIGINT))
        timer.start()
        return timer
"""


@pytest.fixture
def pool(notebook: Notebook) -> Iterator[Notebook]:
    """A notebook with two processes that are there."""
    notebook.works(PROCESSES)
    notebook.works("""
        naps = [nap(0.2 + i / 100) for i in range(4)]
        dask.compute(naps, scheduler="processes", pool=pool, chunksize=1)
    """)
    yield notebook
    notebook.variables["pool"].shutdown()


def test_jobs_of_processes_at_work_when_the_user_interrupts_are_accounted_for(
    pool: Notebook,
) -> None:
    run = pool.cell("""
        timer = interrupt(1.2)
        naps = [nap(0.4 + i / 100) for i in range(12)]
        dask.compute(naps, scheduler="processes", pool=pool, chunksize=1)
    """)
    assert run.error == "KeyboardInterrupt"
    (computation,) = run.computations
    status = [task.status for task in computation.tasks]
    assert status.count("released") == 2
    assert computation.stop is not None
    spent = budget(run.computations)
    assert spent is not None
    # Two processes, at work from the first task to the end.
    first = min(task.start for task in computation.tasks)
    assert spent.cpu + spent.waiting == pytest.approx(2 * (computation.stop - first), rel=0.1)
    assert all(task.exact == (task.status == "memory") for task in computation.tasks)


def test_jobs_of_processes_beside_one_that_errs_are_accounted_for(pool: Notebook) -> None:
    run = pool.cell("""
        first = nap(0.1)
        bad = dask.delayed(lambda _: time.sleep(0.3) or 1 / 0)(first)
        both = [nap(0.11), bad, nap(2.0)]
        dask.compute(both, scheduler="processes", pool=pool, chunksize=1)
    """)
    assert run.error == "ZeroDivisionError"
    (computation,) = run.computations
    (cut,) = [task for task in computation.tasks if task.status == "released"]
    (erred,) = [task for task in computation.tasks if task.status == "erred"]
    assert cut.stop == pytest.approx(erred.stop, abs=0.1)
    assert cut.worker != erred.worker


def test_where_no_process_has_told_of_a_task_nothing_is_accounted_for(pool: Notebook) -> None:
    run = pool.cell("""
        timer = interrupt(0.5)
        dask.compute([nap(1.0) for _ in range(4)], scheduler="processes", pool=pool, chunksize=2)
    """)
    assert run.error == "KeyboardInterrupt"
    (computation,) = run.computations
    assert computation.tasks == ()
    assert computation.n_tasks == 2
    assert budget(run.computations) is None
