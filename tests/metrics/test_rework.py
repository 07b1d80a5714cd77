from __future__ import annotations

import pytest

from dask_lens.metrics.rework import batched, joined, left_out
from dask_lens.metrics.work import Work


def named(needs, *, cpu=None):
    """Build tasks by name, such as ``{"load-1": (), "sum-1": ("load-1",)}``."""
    keys = list(needs)
    return Work(
        keys=keys,
        dependencies=[tuple(keys.index(name) for name in needs[key]) for key in keys],
        prefixes=[key.rpartition("-")[0] for key in keys],
        off=[1.0] * len(keys),
        cpu=cpu or [0.0] * len(keys),
        movement=[0.0] * len(keys),
        nbytes=[10] * len(keys),
        given=[0] * len(keys),
    )


def edges(work):
    return {
        key: {work.keys[d] for d in needs}
        for key, needs in zip(work.keys, work.dependencies, strict=True)
    }


LOADED = {"load-1": (), "clean-1": ("load-1",), "sum-1": ("clean-1",), "sum-2": ("clean-1",)}


def test_what_waited_for_a_task_left_out_waits_for_what_that_waited_for() -> None:
    assert edges(left_out(named(LOADED), {"clean"})) == {
        "load-1": set(),
        "sum-1": {"load-1"},
        "sum-2": {"load-1"},
    }


def test_tasks_are_left_out_by_key_and_by_prefix() -> None:
    assert left_out(named(LOADED), {"sum-2"}).keys == ["load-1", "clean-1", "sum-1"]
    assert left_out(named(LOADED), {"sum"}).keys == ["load-1", "clean-1"]


def test_several_in_a_row_are_left_out() -> None:
    assert edges(left_out(named(LOADED), {"load-1", "clean"})) == {"sum-1": set(), "sum-2": set()}


def test_nothing_to_leave_out_leaves_the_tasks_as_they_are() -> None:
    work = named(LOADED)
    assert left_out(work, {"mean"}) is work


def test_joined_graphs_run_what_they_share_once() -> None:
    first = named({"load-1": (), "sum-1": ("load-1",)})
    second = named({"load-1": (), "mean-1": ("load-1",)})
    assert edges(joined([first, second])) == {
        "load-1": set(),
        "sum-1": {"load-1"},
        "mean-1": {"load-1"},
    }


def test_batches_hold_tasks_of_one_prefix_that_do_not_wait_for_each_other() -> None:
    needs = {f"load-{i}": () for i in range(5)}
    needs |= {f"inc-{i}": (f"load-{i}",) for i in range(5)}
    made = batched(named(needs, cpu=[0.5] * 10), 2)
    assert len(made.keys) == 6
    assert sorted(made.off) == [1.0, 1.0, 2.0, 2.0, 2.0, 2.0]
    assert sum(made.cpu) == pytest.approx(5.0)
    assert edges(made)["inc-0"] == {"load-0"}


def test_a_chain_of_one_prefix_is_not_batched() -> None:
    work = named({"step-1": (), "step-2": ("step-1",), "step-3": ("step-2",)})
    assert edges(batched(work, 10)) == edges(work)


def test_a_batch_waits_for_all_that_its_tasks_wait_for() -> None:
    made = batched(named({"a-1": (), "b-1": (), "inc-1": ("a-1",), "inc-2": ("b-1",)}), 2)
    assert edges(made) == {"a-1": set(), "b-1": set(), "inc-1": {"a-1", "b-1"}}
