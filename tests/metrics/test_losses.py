"""Every thread-second is in exactly one account."""

from __future__ import annotations

import math
from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from timelines import EPOCH, computation, task

from dask_lens.metrics.accounts import Budget
from dask_lens.metrics.efficiencies import efficiencies
from dask_lens.metrics.losses import budget, cpu_known
from dask_lens.metrics.parallelism import parallelism
from dask_lens.record.cluster import Worker
from dask_lens.record.timeline import Timeline

ACCOUNTS = [f.name for f in fields(Budget) if f.name != "total"]


def accounts(*computations):
    spent = budget(computations)
    return {name: getattr(spent, name) for name in ACCOUNTS if getattr(spent, name) > 1e-6}


def test_nothing_that_ended_has_no_budget():
    assert budget([]) is None
    running = replace(computation(stop=1, threads=1), stop=None)
    assert budget([running]) is None


def test_a_graph_that_was_not_kept_has_no_budget():
    unknown = replace(computation(task("a", 0, 1), stop=1, threads=1), graph=None)
    assert budget([unknown]) is None


def test_tasks_that_were_not_kept_leave_no_budget():
    cut = replace(computation(task("a", 0, 1), stop=1, threads=1), n_tasks=2)
    assert budget([cut]) is None


def test_two_tasks_side_by_side_fill_two_threads():
    run = computation(
        task("a", 0, 2, cpu=2.0), task("b", 0, 2, thread=1, cpu=0.5), stop=2, threads=2
    )
    assert accounts(run) == pytest.approx({"cpu": 2.5, "waiting": 1.5})


def test_time_inside_a_task_counts_as_cpu_where_it_was_not_measured():
    run = computation(task("a", 0, 2), stop=2, threads=1)
    assert accounts(run) == pytest.approx({"cpu": 2})
    assert not cpu_known([run])


def test_a_batch_leaves_ready_tasks_to_scheduling():
    run = computation(task("a", 0, 1), task("b", 1, 2), stop=2, threads=2)
    assert accounts(run) == pytest.approx({"cpu": 2, "scheduling": 1, "tail": 1})


def test_pool_start_up_is_scheduling():
    run = computation(task("a", 1, 2), task("b", 1, 2, thread=1), stop=2, threads=2)
    assert accounts(run) == pytest.approx({"cpu": 2, "scheduling": 2})


def test_a_chain_leaves_a_thread_to_dependencies_and_then_to_the_tail():
    run = computation(
        task("a", 0, 1), task("b", 1, 2), task("c", 2, 3), stop=3, threads=2,
        edges=[("a", "b"), ("b", "c")],
    )  # fmt: skip
    assert accounts(run) == pytest.approx({"cpu": 3, "dependencies": 2, "tail": 1})


def test_a_straggler_is_a_tail():
    run = computation(task("a", 0, 1), task("b", 0, 4, thread=1), stop=4, threads=2)
    assert accounts(run) == pytest.approx({"cpu": 5, "tail": 3})


def test_a_transfer_before_a_task_is_movement():
    run = computation(
        task("a", 0, 1), task("b", 2, 3, movement=1.0), stop=3, threads=1, edges=[("a", "b")]
    )
    assert accounts(run) == pytest.approx({"cpu": 2, "movement": 1})


def test_after_the_last_task_the_client_is_at_work():
    run = computation(task("a", 0, 1), stop=3, threads=2)
    assert accounts(run) == pytest.approx({"cpu": 1, "tail": 1, "client": 4})


def test_between_two_computations_the_client_is_at_work():
    first = computation(task("a", 0, 1), stop=1, threads=2)
    second = computation(task("b", 4, 5), start=4, stop=5, threads=2)
    assert accounts(first, second) == pytest.approx({"cpu": 2, "tail": 2, "client": 6})


def test_computations_that_overlap_share_the_threads_of_one_scheduler():
    first = computation(task("a", 0, 2), stop=2, threads=2)
    second = computation(task("b", 1, 2, thread=1), start=1, stop=2, threads=2)
    spent = budget([first, second])
    assert spent.total == pytest.approx(4)


@pytest.mark.parametrize(("pools", "total"), [((1, 2), 8), ((1, 1), 4)])
def test_computations_that_overlap_have_the_threads_of_all_their_pools(pools, total):
    first, second = (
        computation(*tasks, stop=2, threads=2, pool=pool)
        for pool, tasks in zip(
            pools,
            (
                (task("a", 0, 2), task("b", 0, 2, thread=1)),
                (task("c", 0, 2, thread=2), task("d", 0, 2, thread=3)),
            ),
            strict=True,
        )
    )
    assert budget([first, second]).total == pytest.approx(total)
    assert parallelism([first, second]).threads == total / 2


def test_more_tasks_at_once_than_threads_do_not_make_more_thread_seconds():
    run = computation(*(task(str(i), 0, 1, thread=i) for i in range(3)), stop=1, threads=2)
    assert accounts(run) == pytest.approx({"cpu": 2})


def test_the_threads_of_a_worker_count_while_it_is_there():
    run = on_workers(
        task("a", 0, 4, worker="early"), task("b", 2, 3, worker="late"), stop=4,
        early=(None, None, 1), late=(1, 3, 1),
    )  # fmt: skip
    assert accounts(run) == pytest.approx({"cpu": 5, "scheduling": 1})
    assert budget([run]).total == pytest.approx(6)


def test_a_worker_counts_once_whoever_tells_of_it():
    known = on_workers(task("a", 0, 2, worker="w"), stop=2, w=(None, 2, 2))
    new = on_workers(task("b", 1, 2, worker="w"), start=1, stop=2, w=(1, None, 2))
    assert budget([known, new]).total == pytest.approx(4)


def test_a_worker_that_comes_back_counts_twice():
    there = (Worker("w", 1, None, EPOCH + 1), Worker("w", 1, EPOCH + 3, None))
    run = replace(on_workers(task("a", 0, 1), stop=4), workers=there)
    assert budget([run]).total == pytest.approx(2)


def test_before_its_first_task_is_there_the_client_is_at_work():
    late = replace(task("a", 2, 3), ready=EPOCH + 1.5)
    run = computation(late, stop=3, threads=1)
    assert accounts(run) == pytest.approx({"client": 1.5, "scheduling": 0.5, "cpu": 1})


def test_tasks_that_tell_since_when_they_could_run_need_no_graph():
    tasks = [replace(task(k, i, i + 1), ready=EPOCH + i) for i, k in enumerate("ab")]
    run = replace(computation(*tasks, stop=2, threads=2), graph=None)
    assert accounts(run) == pytest.approx({"cpu": 2, "dependencies": 1, "tail": 1})


def test_a_run_too_large_to_keep_has_the_budget_of_its_timeline():
    line = Timeline(EPOCH + 1, 1.0, (2.0, 1.0, 1.0), (0.0, 0.5, 0.0), (0.0, 0.25, 0.0),
                    EPOCH + 3, EPOCH + 4, cpu=1.0)  # fmt: skip
    run = replace(
        computation(stop=5, threads=2), tasks=(), n_tasks=10**6, graph=None, timeline=line
    )
    assert accounts(run) == pytest.approx({
        "client": 4, "cpu": 1, "waiting": 3, "movement": 0.5, "scheduling": 0.25,
        "dependencies": 0.25, "tail": 1,
    })  # fmt: skip
    assert cpu_known([run])
    assert not cpu_known([replace(run, timeline=replace(line, cpu=None))])


def on_workers(*tasks, stop, start=0.0, **workers):
    there = tuple(
        Worker(name, nthreads, *(t if t is None else EPOCH + t for t in times))
        for name, (*times, nthreads) in workers.items()
    )
    return computation(
        *tasks, start=start, stop=stop, threads=1, scheduler="distributed", workers=there
    )


times = st.floats(min_value=0, max_value=100, allow_nan=False)


workers = st.lists(
    st.builds(
        lambda name, nthreads, joined, left: Worker(
            name,
            nthreads,
            None if joined is None else EPOCH + joined,
            None if left is None else EPOCH + (joined or 0) + left,
        ),
        st.sampled_from("abc"),
        st.integers(1, 4),
        st.none() | times,
        st.none() | times,
    ),
    min_size=1,
    max_size=5,
).map(tuple)


@st.composite
def runs(draw):
    tasks = []
    for i in range(draw(st.integers(0, 12))):
        start, stop = sorted((draw(times), draw(times)))
        cpu = draw(st.none() | times)
        movement = draw(times)
        tasks.append(task(str(i), start, stop, thread=i, cpu=cpu, movement=movement))
    pairs = [(a, b) for b in range(len(tasks)) for a in range(b)]
    edges = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    start, stop = sorted((draw(times), draw(times)))
    made = computation(
        *tasks, start=start, stop=stop, threads=draw(st.integers(1, 8)),
        edges=[(str(a), str(b)) for a, b in edges],
        scheduler=draw(st.sampled_from(["threads", "processes", "distributed"])),
    )  # fmt: skip
    return replace(made, workers=draw(workers)) if made.scheduler == "distributed" else made


@settings(deadline=None)
@given(st.lists(runs(), min_size=1, max_size=4))
def test_the_accounts_add_up_to_the_total_whatever_happened(computations):
    spent = budget(computations)
    values = [getattr(spent, name) for name in ACCOUNTS]
    assert min(values) >= -1e-6
    assert sum(values) == pytest.approx(spent.total, rel=1e-3, abs=1e-4)


@settings(deadline=None)
@given(st.lists(runs(), min_size=1, max_size=3))
def test_efficiencies_multiply_to_the_share_of_the_threads_that_worked(computations):
    spent = budget(computations)
    inside = spent.cpu + spent.waiting
    assert product_of(spent) * spent.total == pytest.approx(inside, rel=1e-3, abs=1e-4)


def test_efficiencies_multiply_to_the_parallelism_on_the_threads_there_were():
    run = on_workers(
        task("a", 0, 4, worker="early"), task("b", 2, 3, worker="late"), stop=4,
        early=(None, None, 1), late=(1, 3, 1),
    )  # fmt: skip
    measured = parallelism([run])
    assert (measured.threads, measured.available) == (2, pytest.approx(1.5))
    assert product_of(budget([run])) == pytest.approx(measured.achieved / measured.available)


def product_of(spent):
    found = efficiencies(spent)
    return math.prod(getattr(found, f.name) for f in fields(found))
