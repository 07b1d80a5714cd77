"""What a rewrite was predicted to bring, and what it brought: real runs before and after it."""

from __future__ import annotations

import pytest
from performing import perform

from dask_lens import rules
from dask_lens.findings import reported
from dask_lens.metrics.joined import windows
from dask_lens.present.text import predicted
from dask_lens.record.cell import Cell
from dask_lens.record.run import Run
from dask_lens.report import analyze
from dask_lens.rule import Finding, Fix

SUBMITS = """
import time
from dask.distributed import Client

client = Client(processes=False, n_workers=1, threads_per_worker=4, dashboard_address=":0")

def slow(x):
    time.sleep(0.1)
    return x + 1
# %%
results = []
for x in range(6):
    results.append(client.submit(slow, x).result())
# %%
client.shutdown()
"""
SLEEPS = """
import time
import dask

@dask.delayed
def load(n):
    time.sleep(n)
    return n

@dask.delayed
def add(a, b):
    time.sleep(0.1)
    return a + b

source = load(0.3)
# %%
"""
SHARED = rules.find("separate-computes-shared-graph").dont.replace("0.15", "0.4")
LOOP = """results = []
for n in range(5):
    results.append(add(n, 1).compute(scheduler="threads", num_workers=5))
"""
PERSISTED = """import dask
dask.config.set(scheduler="threads")
source.persist()
low = add(source, 2).compute()
"""


def seconds(run) -> float:
    groups = windows(c for c in run.computations if c.n_tasks)
    return sum(max(c.stop or c.start for c in g) - min(c.begin for c in g) for g in groups)


def proposed(code: str, name: str, cell: int):
    """Run a cell, and return it with what a rewrite of it is predicted to bring."""
    run = perform(code)[cell]
    proposals = [p for f in analyze(run).findings for p in f.proposals if p.name == name]
    assert proposals, [f.name for f in analyze(run).findings]
    return run, proposals[0]


@pytest.mark.parametrize(
    ("code", "name"),
    [
        pytest.param(SUBMITS, "gather-after-loop", id="results of submits after the loop"),
        pytest.param(SHARED, "join-computes", id="what is shared runs once"),
        pytest.param(SLEEPS + LOOP, "compute-after-loop", id="one compute after the loop"),
        pytest.param(SLEEPS + PERSISTED, "assign-persisted", id="what was kept runs once"),
    ],
)
def test_a_rewrite_brings_what_was_predicted(code: str, name: str) -> None:
    # On a busy machine one run in four must be as predicted.
    outcomes = []
    for _ in range(4):
        run, proposal = proposed(code, name, 1)
        (edit,) = proposal.edits
        after = seconds(perform(code.replace(edit.before, edit.after))[1])
        outcomes.append((proposal.estimate, proposal.unpredicted, seconds(run), after))
        made = proposal.estimate
        if made is not None and made.mid == pytest.approx(after, rel=0.1, abs=0.05):
            assert made.mid < 0.8 * seconds(run)
            return
    pytest.fail(f"predicted, before and after: {outcomes}")


def test_what_is_left_out_takes_no_time() -> None:
    run, proposal = proposed(rules.find("discarded-compute").dont, "drop-compute", 0)
    (edit,) = proposal.edits
    assert proposal.estimate is not None
    assert proposal.estimate.mid < 0.05 < seconds(run) / 2
    assert len(perform(edit.after)[0].computations) == len(run.computations) - 1


TIMED = """
import dask
import dask.array as da

x = da.random.default_rng(0).random((200, 200), chunks=50)
# %%
total = x.compute(scheduler="threads").sum()
"""


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param({}, "what the changed tasks take", id="tasks that would do something else"),
        pytest.param({"kind": "wrong"}, "it changes what is computed", id="another result"),
        pytest.param({"kind": "fails"}, "it changes what is computed", id="no error"),
    ],
)
def test_where_nothing_can_be_replayed_the_reason_is_told(change, reason, monkeypatch) -> None:
    rule = rules.find("compute-before-reduce")
    for name, value in change.items():
        monkeypatch.setattr(rule, name, value)
    run = perform(TIMED)[1]
    place = run.computations[0].place
    evidence = {"what": "x", "kept": "a part", "took": 1.0}
    fixes = (Fix("reduce-before-compute"),)
    finding = Finding(rule, place, "seen", None, evidence, fixes)
    (proposal,) = reported(finding, run.cells, ran=run.computations).proposals
    assert (proposal.estimate, proposal.unpredicted[: len(reason)]) == (None, reason)
    assert f"no estimate: {proposal.unpredicted}" == predicted(proposal)


def test_code_that_has_not_run_has_no_estimate_and_says_so() -> None:
    report = analyze(Run((Cell(SLEEPS), Cell(LOOP))))
    told = {p.unpredicted for f in report.findings for p in f.proposals}
    assert told == {"nothing of it has been measured yet"}
