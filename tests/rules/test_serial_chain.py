from __future__ import annotations

from dataclasses import replace

import pytest
from setting import codes, found, marked

from dask_lens.record.cell import Cell, Place
from dask_lens.record.computation import Computation
from dask_lens.record.graph import Graph
from dask_lens.record.run import Run
from dask_lens.record.task import Task
from dask_lens.rule import Finding
from dask_lens.rules.serial_chain import rule

ADD = "def add(a, b): return a + b\nacc = 0\n"
FINE = [
    pytest.param("acc = 0\nfor x in xs:\n    acc = delayed(f)(acc)", id="a recurrence"),
    pytest.param("for x in xs:\n    acc = delayed(f)(acc, delayed(f)(x))", id="no sum"),
    pytest.param("def step(a, b): return a * 0.5 + b\nfor x in xs:\n    s = delayed(step)(s, x)",
                 id="a step that is no sum"),
    pytest.param("def step(a, b):\n    a = a / 2\n    return a + b\nfor x in xs:\n"
                 "    s = delayed(step)(s, x)", id="a step that changes what it is given"),
    pytest.param("fut = client.submit(f, 0)\nfor i in range(9):\n    fut = client.submit(f, fut)",
                 id="a recurrence of futures"),
    pytest.param(ADD + "for x in xs:\n    acc = add(acc, x)", id="plain numbers"),
    pytest.param(ADD + "for x in xs:\n    acc = delayed(add)(acc, delayed(f)(x))\n"
                 "    sums.append(acc)", id="every sum is used"),
    pytest.param(ADD + "for x in xs:\n    y = delayed(f)(acc)\n    acc = delayed(add)(acc, y)",
                 id="a value made from the sum"),
    pytest.param(ADD + "for x in xs:\n    acc = delayed(f)(x)\n    acc = delayed(add)(acc, 1)",
                 id="begun anew in each pass"),
    pytest.param(ADD + "for x in [1, 2, 3]:\n    acc = delayed(add)(acc, delayed(f)(x))",
                 id="three values"),
    pytest.param(ADD + "for i in range(3):\n    acc = delayed(add)(acc, delayed(f)(i))",
                 id="three passes"),
    pytest.param(ADD + "for x in xs:\n    acc = delayed(add)(acc, 1)", id="the same each time"),
    pytest.param("total = 0\nfor x in xs:\n    total += delayed(f)(x)",
                 id="an operator, until a run tells"),
    pytest.param("parts = [delayed(f)(x) for x in xs]\ntotal = delayed(sum)(parts)", id="a list"),
    pytest.param(ADD + "L = [delayed(f)(x) for x in xs]\nwhile len(L) > 1:\n    L = [delayed(add)"
                 "(a, b) for a, b in zip(L[::2], L[1::2])]", id="a tree"),
    pytest.param("from operator import add\nfor x in xs:\n    x2 = da.from_array(x)\n"
                 "    acc = add(acc, x2)", id="arrays"),
    pytest.param(ADD + "while more():\n    acc = delayed(add)(acc, delayed(f)(0))", id="a while"),
]  # fmt: skip


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_for(source: str) -> None:
    assert found(rule, source) == []


FOUND = [
    pytest.param(ADD + "for x in xs:\n    acc = delayed(add)(acc, delayed(f)(x))  #!", id="a sum"),
    pytest.param(ADD + "for x in xs:\n    acc = delayed(add)(delayed(f)(x), acc)  #!",
                 id="the other way round"),
    pytest.param(ADD + "for x in xs:\n    y = delayed(f)(x)\n    acc = delayed(add)(acc, y)  #!",
                 id="a value with a name"),
    pytest.param("from operator import add\nplus = delayed(add)\nfor x in xs:\n"
                 "    acc = plus(acc, lazy(x))  #!", id="an imported function, wrapped before"),
    pytest.param("@delayed\ndef join(a, b):\n    '''Put together.'''\n    return pd.concat([a, b])"
                 "\nfor p in ps:\n    t = join(t, delayed(pd.read_csv)(p))  #!", id="tables"),
    pytest.param("for x in xs:\n    best = delayed(max)(best, delayed(f)(x))  #!", id="a maximum"),
    pytest.param("for x in xs:\n    s = delayed(lambda a, b: a | b)(s, delayed(f)(x))  #!",
                 id="a lambda"),
    pytest.param(ADD + "acc = client.submit(f, 0)\nfor x in xs:\n"
                 "    acc = client.submit(add, acc, client.submit(f, x))  #!", id="futures"),
    pytest.param("def total(xs):\n    acc = 0\n    for x in xs:\n        if x:\n"
                 "            acc = delayed(np.add)(acc, delayed(f)(x))  #!\n    return acc",
                 id="in a function, on a condition"),
    pytest.param("for g in gs:\n    acc = 0\n    for x in g:\n"
                 "        acc = delayed(max)(acc, delayed(f)(x))  #!", id="for each group"),
]  # fmt: skip


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found_for(source: str) -> None:
    assert found(rule, source) == marked(source)


def test_one_cause_is_told_once() -> None:
    source = ADD + "for x in xs:\n    acc = delayed(add)(acc, delayed(f)(x))\nacc.compute()"
    assert codes(source) == ["DSK502"]


SUM = "from dask import delayed\nfrom m import add, f\ntotal = 0\n"
LOOP = SUM + "for x in xs:\n    total += delayed(f)(x)\ntotal.compute()\n"
BUILTIN = SUM + "total = sum(delayed(f)(x) for x in xs)\n\ntotal.compute()\n"
STEPS = SUM + "for x in xs:\n    total = delayed(add)(total, delayed(f)(x))\ntotal.compute()\n"


def chained(values: int, kind: str = "add", load: float = 0.0, step: float = 1.0) -> Computation:
    """Return a computation that loads values side by side and folds them one by one."""
    tasks, needs, now = [], [], load
    for number in range(values):
        tasks.append(Task(f"f-{number}", "f", "w", 1 + number % 3, 0.0, load, 0.0))
        needs.append(())
        tasks.append(Task(f"{kind}-{number}", kind, "w", 0, now, now + step, 0.0))
        needs.append((2 * number - 1, 2 * number) if number else (0,))
        now += step
    keys = tuple(task.key for task in tasks)
    graph = Graph(keys, tuple(needs), (Place(0, 5),), (0,) * len(keys))
    busy = sum(task.duration for task in tasks)
    return Computation("threads", 0.0, now, 4, tuple(tasks), len(tasks), busy, Place(0, 6),
                       graph=graph)  # fmt: skip


def judged(source: str, ran: Computation) -> list[Finding]:
    run = Run((Cell(source),), 0, 0.0, 100.0, (ran,))
    return [one for one in rule.run(run, {}) if isinstance(one, Finding)]


SHORT = chained(7, step=0.001)
SILENT = [
    pytest.param(LOOP, SHORT, id="numbers, added at once"),
    pytest.param(STEPS.replace("from m import add, f", "from operator import add; f = len"), SHORT,
                 id="what the text tells, and takes no time"),
    pytest.param(LOOP, chained(3), id="three values"),
    pytest.param(LOOP, replace(chained(7), threads=1), id="one thread"),
    pytest.param(LOOP, chained(30, load=9.0, step=0.05), id="loading is what takes the time"),
    pytest.param(LOOP, replace(chained(7), status="erred"), id="an error"),
    pytest.param(LOOP, replace(chained(7), graph=None), id="a graph that is not known"),
    pytest.param(STEPS, chained(7, "step"), id="a function of which nothing is known"),
    pytest.param(BUILTIN, chained(7, "merge"), id="tasks of which nothing is known"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "ran"), SILENT)
def test_a_run_is_passed_over_with(source: str, ran: Computation) -> None:
    assert judged(source, ran) == []


@pytest.mark.parametrize(
    ("source", "what"),
    [
        pytest.param(LOOP, "add", id="an operator in a loop"),
        pytest.param(BUILTIN, "add", id="no loop at all"),
        pytest.param(STEPS.replace("from m import add, f", "from operator import add; f = len"),
                     "add", id="what the text tells"),
    ],
)  # fmt: skip
def test_a_run_tells_what_a_tree_would_have_saved(source: str, what: str) -> None:
    [finding] = judged(source, chained(7))
    assert finding.certainty == "seen"
    assert finding.cost == pytest.approx(7.0 - 3.0)
    assert f"7 tasks {what} ran one after another, 7.0 s in all" in finding.message
    assert "3 deep: up to 4.0 s less" in finding.message
    assert finding.place is not None
    assert finding.place.line == 5
    [fix] = finding.fixes
    assert fix.estimate is not None
    assert fix.estimate.mid == pytest.approx(3.0, abs=0.1)


def test_on_one_processor_a_tree_gains_nothing() -> None:
    ran = chained(7)
    tasks = tuple(replace(task, cpu=task.duration) for task in ran.tasks)
    assert judged(LOOP, replace(ran, tasks=tasks, cores=1)) == []
