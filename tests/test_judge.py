"""What is asked of the rules, and what is made of the comments that silence them."""

from __future__ import annotations

import pytest

from dask_lens import rules
from dask_lens.judge import judge
from dask_lens.record.cell import Cell
from dask_lens.record.run import Run
from dask_lens.report import analyze
from dask_lens.rule import Rule
from dask_lens.source.program import read

RUNNING = Rule(
    "dask_lens.rules.running_only", code="DSK199", kind="slow", needs=("tasks",), message="",
    advice="", dont="", do="",
)  # fmt: skip


@RUNNING.check
def never(_run, _settings):
    raise AssertionError("asked of code that never ran")


def names(found):
    return [(ignore.comment.line, ignore.rules) for ignore in found]


def in_vain(run):
    return [n for n in analyze(run).not_judged if n.name in ("unused-ignore", "unknown-rule")]


def test_a_rule_that_needs_tasks_is_not_asked_of_code_that_never_ran():
    assert judge(Run((Cell("x = 1"),)), among=[RUNNING]).not_judged == ()
    [stumbled] = judge(Run((Cell("x = 1"),), observed=0), among=[RUNNING]).not_judged
    assert "asked of code that never ran" in stumbled.reason


def test_a_rule_that_is_switched_off_is_not_asked():
    run = Run((Cell("x = 1"),), observed=0)
    assert judge(run, among=[RUNNING], settings=lambda _: {"enabled": False}).not_judged == ()


def test_cells_are_read_once_for_all_rules():
    cells = (Cell("x = 1"), Cell("y = x"))
    assert read(cells) is read(cells)


@pytest.mark.parametrize(
    "source",
    [
        "x = 1",
        # Whether it is of use can only be told by running it.
        "work.compute()  # dask-lens: ignore[processes-small-batch]",
        "return x  # dask-lens: ignore[future-returned-from-task]",
    ],
)
def test_a_comment_of_which_nothing_can_be_told_is_left_alone(source):
    judged = judge(Run((Cell(source),)))
    assert (judged.unused, judged.unknown) == ((), ())
    assert in_vain(Run((Cell(source),), observed=0)) == []


def test_in_a_notebook_only_the_cell_that_ran_is_spoken_of():
    cells = (Cell("x = 1  # dask-lens: ignore"), Cell("y = 2"))
    assert in_vain(Run(cells, observed=1)) == []
    assert [n.name for n in in_vain(Run(cells, observed=0))] == ["unused-ignore"]


def test_in_a_notebook_a_comment_for_all_rules_may_be_of_use_another_time():
    cell = Cell("work.compute()  # dask-lens: ignore")
    assert in_vain(Run((cell,), observed=0)) == []
    assert names(judge(Run((cell,))).unused) == [(1, ())]


def test_a_comment_on_a_line_that_nobody_speaks_of_is_unused():
    source = "x = 1  # dask-lens: ignore[DSK201, future-returned-from-task]"
    expected = [(1, ("dsk201", "future-returned-from-task"))]
    assert names(judge(Run((Cell(source),))).unused) == expected


def test_a_comment_for_a_rule_that_was_not_asked_is_left_alone():
    run = Run((Cell("x = 1  # dask-lens: ignore[DSK201]\ny = 2  # dask-lens: ignore"),))
    assert judge(run, among=[rules.find("DSK101")]).unused == ()


def test_a_name_that_is_no_rule_is_told_with_the_nearest():
    run = Run((Cell("x.compute()  # dask-lens: ignore[procesess-small-batch]"),), observed=0)
    assert names(judge(run).unknown) == [(1, ("procesess-small-batch",))]
    assert "perhaps 'processes-small-batch'" in in_vain(run)[0].reason


def test_a_rule_is_found_by_name_and_code_and_a_typo_is_met_with_the_nearest():
    assert rules.find("dsk201") is rules.find("Processes_Small_Batch")
    with pytest.raises(KeyError, match="did you mean processes-small-batch"):
        rules.find("process-small-batch")
    with pytest.raises(KeyError, match="dask lens rules"):
        rules.find("zzz")


def test_what_only_informs_is_told_last_of_its_kind():
    source = (
        "import time\nimport dask.dataframe as dd\nfrom dask.distributed import Client\n"
        "client = Client()\nddf = dd.read_csv('*.csv')\nfutures = client.map(abs, range(3))\n"
        "start = time.time()\nmean = ddf.x.mean()\nprint(time.time() - start)\n"
        "values = [future.result() for future in futures]\n"
        "values.append([ddf[c].sum().compute() for c in 'ab'])\n"
        "client.submit(train, 1)\nfound = []\ndef find(x):\n    found.append(x)\n"
        "sent = client.map(find, range(3))\n"
    )
    codes = [finding.rule.code for finding in judge(Run((Cell(source),))).findings]
    assert codes == ["DSK605", "DSK309", "DSK107", "DSK301", "DSK302"]


def test_tests_are_silent_only_while_they_are_read():
    cell = Cell(
        "import dask\ndef test_it():\n    x = dask.delayed(abs)(1)\n    x.persist()\ntest_it()"
    )
    assert judge(Run((cell,))).findings == ()
    assert [f.rule.code for f in judge(Run((cell,), observed=0)).findings] == ["DSK306"]
