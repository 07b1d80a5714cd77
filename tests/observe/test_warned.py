"""What tasks warn of in other processes, and how it comes here."""

from __future__ import annotations

import io
import logging
import sys
import warnings
from collections.abc import Iterator
from types import FrameType
from typing import Any

import pytest
from distributed import Client, LocalCluster, Scheduler
from miniature import Notebook, until

from dask_lens.observe import warned
from dask_lens.observe.heard import MOST_KINDS, Heard, note_log
from dask_lens.observe.hearing import Hearing
from dask_lens.observe.journal import Recording
from dask_lens.record.cell import Cell
from dask_lens.record.computation import Computation
from dask_lens.report import analyze


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    """One worker in a process of its own."""
    with LocalCluster(
        n_workers=1, threads_per_worker=2, processes=True, dashboard_address=None
    ) as cluster:
        yield cluster


@pytest.fixture
def away(notebook: Notebook, cluster: LocalCluster) -> Iterator[Notebook]:
    """A notebook with a client of that cluster."""
    with Client(cluster, set_as_default=True) as client:
        notebook.variables["client"] = client
        notebook.works("import warnings, dask\nfrom distributed import warn")
        yield notebook


def hooks(client: Client) -> list[tuple[str, list[str]]]:
    """Return what shows warnings on each worker, and what handles its logs."""

    def look() -> tuple[str, list[str]]:
        shows = type(warnings._showwarnmsg).__name__
        loggers = [logging.getLogger(name) for name in ("distributed.core", "distributed")]
        kinds = [type(handler).__name__ for logger in loggers for handler in logger.handlers]
        return shows, sorted(kinds)

    return list(client.run(look).values())


# What is not told


def test_what_nobody_was_to_see_is_not_told(away: Notebook) -> None:
    computation = away.one("""
        def careful():
            with warnings.catch_warnings(record=True):
                warnings.simplefilter("always")
                warnings.warn("recorded")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                warnings.warn("hidden")
        client.submit(careful).result()
    """)
    assert computation.warnings == ()


def test_what_distributed_brings_here_itself_is_not_told(away: Notebook) -> None:
    with warnings.catch_warnings(record=True):
        computation = away.one("client.submit(lambda: warn('mine')).result()")
    assert computation.warnings == ()


def test_what_another_client_asked_for_is_not_told(away: Notebook, cluster: LocalCluster) -> None:
    with Client(cluster, set_as_default=False) as other:
        away.variables["other"] = other
        run = away.works("""
            def loud(x): warnings.warn("loud")
            futures = [client.submit(loud, 1), other.submit(abs, -1)]
            [future.result() for future in futures]
        """)
    told = [computation.warnings for computation in run.computations]
    assert sorted(map(len, told)) == [0, 1]


# What is


@pytest.mark.parametrize(
    ("call", "times"),
    [
        ("client.gather(client.map(loud, range(3)))", 3),
        ("[future.result() for future in [client.submit(loud, i) for i in range(3)]]", 3),
        ("dask.compute([dask.delayed(loud)(i) for i in range(3)])", 3),
        ("client.submit(again, 30).result()", 30),
        ("client.submit(awaits, 1).result()", 1),
        ("dask.compute([dask.delayed(loud)(i) for i in range(3)], scheduler='processes')", 3),
        ("dask.delayed(again)(30).compute(scheduler='processes')", 20),
    ],
)
def test_warnings_of_tasks_elsewhere_are_told(away: Notebook, call: str, times: int) -> None:
    away.works("""
        def loud(i):
            "A function that warns, each time in other words."
            warnings.warn(f"careful {i}")

        def again(n):
            return [loud(i) for i in range(n)]

        async def awaits(i):
            loud(i)
    """)
    computation = away.one(call)
    [told] = computation.warnings
    assert (told.category, told.function, told.below, told.count) == (
        "UserWarning",
        "loud",
        2,
        times,
    )
    assert told.message.startswith("careful ")
    assert told.key in [task.key for task in computation.tasks]


def test_warnings_of_libraries_are_told_with_who_called_them(away: Notebook) -> None:
    computation = away.one("""
        def reads(text):
            import string
            return [warnings.warn_explicit("odd", FutureWarning, string.__file__, 7)
                    for _ in range(1)]
        client.submit(reads, "a").result()
    """)
    [told] = computation.warnings
    assert (told.category, told.message, told.line) == ("FutureWarning", "odd", 7)
    assert told.file.endswith("string.py")
    assert (told.function, told.below) == ("reads", 2)


def test_long_texts_are_cut_and_many_are_counted(away: Notebook) -> None:
    computation = away.one("""
        def floods():
            for i in range(2_000):
                warnings.warn(f"{i} " + "<b>" * 10_000)
        client.submit(floods).result()
    """)
    [told] = computation.warnings
    assert len(told.message) == warned.LENGTH
    assert warned.AT_ONCE <= told.count <= 2_000


def test_what_a_worker_logs_of_its_event_loop_is_noted(away: Notebook) -> None:
    run = away.works("""
        import logging
        def stands_still():
            logging.getLogger("distributed.core").info(
                "Event loop was unresponsive in Worker for 3.25s.  This is often caused by ...")
        client.submit(stands_still).result()
    """)
    [noted] = [call for call in run.calls if call.name == "logging.event-loop"]
    assert (noted.facts["seconds"], noted.facts["where"]) == (3.25, "Worker")


def test_what_workers_hold_on_disk_is_noted_where_it_grows(away: Notebook) -> None:
    def on_disk(dask_scheduler: Scheduler, size: int) -> None:
        for worker in dask_scheduler.workers.values():
            worker.metrics["spilled_bytes"] = {"memory": 0, "disk": size}

    away.variables["on_disk"] = on_disk
    for number in range(1, 30):  # a heartbeat of the worker's may come between
        run = away.works(f"""
            client.run_on_scheduler(on_disk, size={number * 80_000_000})
            client.submit(abs, -{number}).result()
        """)
        noted = [call for call in run.calls if call.name == "logging.memory"]
        if noted:
            assert "of results to disk" in noted[0].facts["message"]
            [finding] = [f for f in analyze(run).findings if f.code == "DSK409"]
            assert finding.line == 2
            return
    pytest.fail("nothing was noted")


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        pytest.param(["Pausing worker: memory", "Resuming worker: memory"], 0, id="well again"),
        pytest.param(["Resuming worker: memory"], 0, id="only well"),
        pytest.param(["Resuming worker: memory", "Pausing worker: memory"], 1, id="short again"),
    ],
)
def test_what_was_said_of_short_memory_is_kept(said: list[str], kept: int) -> None:
    recording = Recording((Cell("1"),))
    for text in said:
        note_log(recording, text, "distributed.worker.memory", 30)
    assert [call.facts["message"] for call in recording.notes.calls()] == [said[kept]]


def test_a_worker_that_joins_is_heard_and_all_are_left_as_they_were(
    notebook: Notebook, cluster: LocalCluster
) -> None:
    with Client(cluster, set_as_default=False) as client:
        notebook.stop()
        before = hooks(client)
        notebook.start()
        notebook.variables["client"] = client
        cluster.scale(2)
        client.wait_for_workers(2, timeout=60)
        until(lambda: [shows for shows, _ in hooks(client)] == ["Hook"] * 2)
        run = notebook.works("""
            import warnings
            def loud(x): warnings.warn("loud")
            workers = list(client.run(abs, -1))
            futures = [client.submit(loud, 1, workers=[w], pure=False) for w in workers]
            client.gather(futures)
        """)
        assert sum(told.count for c in run.computations for told in c.warnings) == 2
        assert not [topic for topic in client.get_events() if topic.startswith("dask-lens")]
        notebook.stop()
        assert hooks(client) == before * 2


def test_a_client_that_closes_leaves_the_workers_as_they_were(
    notebook: Notebook, cluster: LocalCluster
) -> None:
    with Client(cluster, set_as_default=False) as other:
        with Client(cluster, set_as_default=False) as client:
            notebook.variables["client"] = client
            notebook.works("client.submit(abs, -1).result()")
        notebook.stop()
        until(lambda: all(shows == "function" for shows, _ in hooks(other)))


# In threads of this process


@pytest.fixture
def loud(notebook: Notebook, monkeypatch: pytest.MonkeyPatch) -> Iterator[Notebook]:
    """A notebook whose warnings are shown, which pytest records otherwise."""
    monkeypatch.setattr(warnings, "_showwarnmsg_impl", _impl)
    notebook.works("import warnings, dask, dask.array as da\nzeros = da.zeros(4, chunks=2)")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        yield notebook


LOCAL = ["scheduler='threads'", "scheduler='sync'"]


@pytest.mark.parametrize("how", LOCAL)
def test_threads_whose_warnings_are_shown_with_their_line_are_silent(
    loud: Notebook, how: str
) -> None:
    computation = loud.one(f"""
        import numpy as np
        def careful(x):
            warnings.warn("careful")
            return np.log(np.zeros(x))
        dask.delayed(careful)(2).compute({how})
    """)
    assert computation.warnings == ()


def test_warnings_beside_tasks_are_silent(loud: Notebook) -> None:
    run = loud.works("""
        import dask.base
        def beside(result):
            warnings.warn_explicit("beside", UserWarning, dask.base.__file__, 1)
            return result
        beside(zeros.sum().compute(scheduler="threads"))
    """)
    assert [c.warnings for c in run.computations] == [()]


@pytest.mark.parametrize("how", LOCAL)
def test_warnings_laid_at_a_line_of_dask_are_told(loud: Notebook, how: str) -> None:
    computation = loud.one(f"da.log(zeros).sum().compute({how})")
    [told] = computation.warnings
    assert (told.category, told.count) == ("RuntimeWarning", 2)
    assert told.message == "divide by zero encountered in log"
    assert told.key in [task.key for task in computation.tasks]


def test_a_cluster_in_this_process_is_heard_and_nothing_is_left(
    loud: Notebook, lone_client: Client
) -> None:
    before = type(warnings._showwarnmsg)
    loud.variables["client"] = lone_client
    computation = loud.one("client.compute(da.log(zeros).sum()).result()")
    [told] = computation.warnings
    assert (told.category, told.count) == ("RuntimeWarning", 2)
    loud.stop()
    assert before.__name__ == "Hook"
    assert type(warnings._showwarnmsg).__name__ == "function"


# In one process


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The texts of warnings that this process would show."""
    texts: list[str] = []
    shows: Any = lambda message: texts.append(str(message.message))  # noqa: E731 - a stand-in
    monkeypatch.setattr(warnings, "_showwarnmsg", shows)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        # pytest records what is shown.
        monkeypatch.setattr(warnings, "_showwarnmsg_impl", _impl)
        yield texts


def _impl(message: object) -> None:
    sys.stderr.write(str(message))


_impl.__module__ = "warnings"


def test_listeners_share_a_hook_and_the_last_puts_back_the_very_object(shown: list[str]) -> None:
    before = warnings._showwarnmsg
    heard: list[str] = []

    def tell(_frame: FrameType, message: Any) -> None:
        heard.append(str(message.message))

    warned.listen("one", tell)
    hook = warnings._showwarnmsg
    warned.listen("other", tell)
    assert warnings._showwarnmsg is hook
    warnings.warn("a", stacklevel=1)
    warned.forget("one")
    warnings.warn("b", stacklevel=1)
    warned.forget("other")
    warned.forget("nobody")
    warnings.warn("c", stacklevel=1)
    assert shown == ["a", "b", "c"]
    assert heard == ["a", "a", "b"]
    assert warnings._showwarnmsg is before


def test_a_listener_that_fails_costs_the_user_nothing(shown: list[str]) -> None:
    def tell(_frame: FrameType, _message: Any) -> None:
        raise RuntimeError("ours")

    warned.listen("broken", tell)
    warnings.warn("shown all the same", stacklevel=1)
    warned.forget("broken")
    assert shown == ["shown all the same"]


def test_texts_of_odd_warnings_are_not_made_by_running_them() -> None:
    class OddWarning(UserWarning):
        def __str__(self) -> str:
            raise AssertionError("it was run")

    message = warnings.WarningMessage(OddWarning(3), OddWarning, "a.py", 1)
    told = warned.described(sys._getframe(), message)
    assert told is not None
    assert told["message"] == ""


def test_a_flood_is_held_back_and_counted() -> None:
    allowance = warned.Allowance()
    let_through = [allowance.take("kind") for _ in range(10_000)]
    assert let_through[: warned.AT_ONCE] == [1] * warned.AT_ONCE
    assert 0 < sum(map(bool, let_through)) < 2 * warned.AT_ONCE


def test_what_a_scheduler_tells_is_bounded() -> None:
    told: list[tuple[Any, ...]] = []
    hearing = Hearing(io.StringIO(), "topic", (), lambda _: 1, told.append)
    for number in range(1_000):
        for line in range(100):
            hearing.hear({"key": f"k{number}", "category": "W", "file": "f", "line": line})
    hearing.over(1)
    assert len(told) < 20 * 20
    assert told[-1][2]["count"] == 1_000


def test_rubbish_is_not_taken_in() -> None:
    told: list[tuple[Any, ...]] = []
    hearing = Hearing(io.StringIO(), "topic", (), lambda _: None, told.append)
    for rubbish in ("text", None, 3, {}, {"key": [1]}):
        hearing.hear(rubbish)
    assert told == []


def test_the_kernel_keeps_so_many_kinds() -> None:
    heard = Heard()
    for line in range(1_000):
        told = {"category": "W", "message": "", "file": "f", "line": line, "key": "k"}
        heard.take(1, {**told, "function": "", "below": 0, "count": 1})
    assert len(heard.all()) == MOST_KINDS
    assert Computation("threads", 0.0, 1.0, 1).warnings == ()
