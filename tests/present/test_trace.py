"""Traces against the documented format: https://ui.perfetto.dev opens what fits it."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from itertools import pairwise

import dask
import jsonschema
import pytest
from timelines import computation, task

import dask_lens
from dask_lens.present.trace import trace
from dask_lens.record.cell import Cell, Place
from dask_lens.record.run import Run

#: "Trace Event Format": what the kinds of events used here must and may hold.
TIME = {"type": "number", "minimum": 0}
EVENT = {
    "type": "object",
    "required": ["ph", "name", "pid", "args"],
    "properties": {
        "ph": {"enum": ["X", "M", "C"]},
        "name": {"type": "string"},
        "pid": {"type": "integer"},
        "tid": {"type": "integer"},
        "ts": TIME,
        "dur": TIME,
        "cat": {"type": "string"},
        "args": {"type": "object"},
    },
    "additionalProperties": False,
    "allOf": [
        {
            "if": {"properties": {"ph": {"const": "X"}}},
            "then": {"required": ["ts", "dur", "tid", "cat"]},
        },
        {
            "if": {"properties": {"ph": {"const": "C"}}},
            "then": {
                "required": ["ts"],
                "properties": {"args": {"additionalProperties": {"type": "number"}}},
            },
        },
        {
            "if": {"properties": {"ph": {"const": "M"}}},
            "then": {
                "properties": {
                    "name": {"enum": ["process_name", "process_sort_index", "thread_name"]}
                }
            },
        },
    ],
}
FORMAT = {
    "type": "object",
    "required": ["traceEvents"],
    "properties": {
        "traceEvents": {"type": "array", "items": EVENT},
        "displayTimeUnit": {"enum": ["ms", "ns"]},
        "otherData": {"type": "object"},
    },
    "additionalProperties": False,
}


def valid(run):
    """Return the trace of a run after it went through JSON and was held against the format."""
    made = json.loads(json.dumps(trace(run), allow_nan=False))
    jsonschema.validate(made, FORMAT)
    threads = defaultdict(list)
    for event in made["traceEvents"]:
        if event["ph"] == "X":
            threads[event["pid"], event["tid"]].append((event["ts"], event["ts"] + event["dur"]))
    named = {(e["pid"], e["tid"]) for e in made["traceEvents"] if e["name"] == "thread_name"}
    assert set(threads) <= named
    for spans in threads.values():
        spans.sort()
        for (_, stop), (start, _) in pairwise(spans):
            assert start >= stop - 0.01  # microseconds: one thread does one thing at a time
    return made


def tasks(made):
    return [event for event in made["traceEvents"] if event.get("cat") == "task"]


def run(*computations):
    return Run((Cell("x.compute()"),), 0, computations=computations)


def test_a_run_without_tasks_is_an_empty_trace():
    assert tasks(valid(run())) == []


def test_a_task_is_an_event_in_microseconds_on_its_worker_and_thread():
    made = valid(
        run(
            computation(
                task("a", 0.5, 1.5, worker="w1", cpu=0.25),
                task("b", 0.0, 2.0, worker="w2"),
                stop=2.0,
                threads=2,
            )
        )
    )
    a, b = sorted(tasks(made), key=lambda event: event["name"])
    assert (a["ts"], a["dur"]) == (pytest.approx(500_000, abs=1), pytest.approx(1e6, abs=1))
    assert a["pid"] != b["pid"]
    assert a["args"]["key"] == "a"
    assert a["args"]["cpu seconds"] == 0.25
    names = {
        e["pid"]: e["args"]["name"] for e in made["traceEvents"] if e["name"] == "process_name"
    }
    assert names == {0: "Dask Lens", a["pid"]: "threads w1", b["pid"]: "threads w2"}


def test_the_counter_says_how_many_tasks_run_at_once():
    made = valid(
        run(
            computation(
                task("a", 0, 2), task("b", 1, 3, thread=1), task("c", 3, 4), stop=4.0, threads=2
            )
        )
    )
    counts = [e for e in made["traceEvents"] if e["ph"] == "C"]
    assert [round(e["ts"] / 1e6, 3) for e in counts] == [0, 1, 2, 3, 4]
    assert [e["args"]["running"] for e in counts] == [1, 2, 1, 1, 0]


def test_what_overlaps_on_one_thread_is_drawn_side_by_side():
    late = computation(task("a", 0, 2), task("b", 1, 3), stop=3.0, threads=1)
    assert len({event["tid"] for event in tasks(valid(run(late)))}) == 2


def test_computations_have_their_line_and_the_longest_chain_its_mark():
    one = computation(task("a", 0, 1), task("b", 0, 3, thread=1), stop=3.0, threads=2)
    made = valid(run(replace(one, place=Place(0, 7))))
    (whole,) = [e for e in made["traceEvents"] if e.get("cat") == "computation"]
    assert whole["name"] == "threads, line 7"
    assert [e["name"] for e in tasks(made) if "critical path" in e["args"]] == ["b"]


def test_tasks_that_were_not_kept_are_counted():
    some = replace(computation(task("a", 0, 1), stop=1.0, threads=1), n_tasks=10)
    assert valid(run(some))["otherData"]["tasksNotKept"] == 9


@pytest.mark.parametrize("scheduler", ["sync", "threads"])
def test_a_real_run_is_a_valid_trace(scheduler):
    work = [dask.delayed(sum, name=f"s-{i}")([i]) for i in range(20)]
    with dask_lens.observe() as seen:
        dask.compute(*work, scheduler=scheduler)
    assert len(tasks(valid(seen.run))) == 20
