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
from dask_lens.rules.single_giant_task import rule

ALL = "def load(x): return x\ndef all(xs): return [load(x) for x in xs]\n"


def looped(*body: str, begin: str = "out = []") -> str:
    """Return a function that goes through a list, and a task of it."""
    lines = "".join(f"        {line}\n" for line in body)
    function = f"def all(xs):\n    {begin}\n    for x in xs:\n{lines}    return out\n"
    return f"{function}r = delayed(all)(names)"


FINE = [
    pytest.param(ALL + "r = all(names)", id="no task"),
    pytest.param(ALL + "r = [delayed(load)(n) for n in names]", id="a task for each item"),
    pytest.param(ALL + "r = [delayed(all)(names[i:i + 9]) for i in range(0, 99, 9)]", id="pieces"),
    pytest.param(ALL + "r = client.map(all, pieces)", id="pieces of a cluster"),
    pytest.param(ALL + "a = delayed(all)(names[:9])\nb = delayed(all)(names[9:])", id="halves"),
    pytest.param(ALL + "r = delayed(all)([1, 2, 3])", id="three items"),
    pytest.param(ALL + "r = delayed(all)(range(3))", id="three numbers"),
    pytest.param(ALL + "r = delayed(all)(lazy(1))", id="a list that another task makes"),
    pytest.param(ALL + "r = delayed(all)([lazy(i) for i in range(9)])", id="results of tasks"),
    pytest.param(ALL + "def run(x):\n    return delayed(all)(x)\nr = [run(n) for n in names]",
                 id="in a function that a loop calls"),
    pytest.param("def all(xs): return [x + 1 for x in xs]\nr = delayed(all)(names)",
                 id="nothing is called"),
    pytest.param("def load(x): return x\n@delayed\ndef all(xs):\n"
                 "    return [delayed(load)(x) for x in xs]\nr = all(names)",
                 id="only lazy calls, which do no work"),
    pytest.param("@delayed\ndef load(x): return x\ndef all(xs, load):\n"
                 "    return [load(x) for x in xs]\nr = delayed(all)(names, load)",
                 id="a lazy function that is given"),
    pytest.param("def all(xs): return f(xs)\nr = delayed(all)(names)", id="no loop"),
    pytest.param("def all(xs): return [f(x, len(xs)) for x in xs]\nr = delayed(all)(names)",
                 id="an item that needs the others"),
    pytest.param("def all(n): return [f(i) for i in range(n)]\nr = delayed(all)(9)",
                 id="a number, not a list"),
    pytest.param(looped("last = f(x, out[-1:])", "out.append(last)"), id="what there is so far"),
    pytest.param(looped("state = f(x, state)", "out.append(state)", begin="out, state = [], 0"),
                 id="a recurrence"),
    pytest.param(looped("if f(x):", "    break", "out.append(x)"), id="a search"),
    pytest.param(looped("if x in seen:", "    continue", "seen.add(x)", "out.append(f(x))"),
                 id="only what was not seen yet"),
    pytest.param(looped("out.append(model.step(x))"), id="a model that learns"),
    pytest.param(looped("out = f(x, out)"), id="a fold"),
    pytest.param(looped("out = out + f(x)", begin="out = 1"), id="a sum that begins with one"),
    pytest.param("def train(epochs):\n    m = f(0)\n    for e in epochs:\n        m.fit(e)\n"
                 "    return m\nr = delayed(train)(range(99))", id="training"),
]  # fmt: skip


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_for(source: str) -> None:
    assert found(rule, source) == []


FOUND = [
    pytest.param(ALL + "r = delayed(all)(names)  #!", id="a comprehension"),
    pytest.param(ALL + "r = delayed(all)(xs=names)  #!", id="by keyword"),
    pytest.param(ALL + "fut = client.submit(all, names)  #!", id="a future"),
    pytest.param("@delayed\n" + ALL.split("\n")[1] + "\ndef load(x): return x\n"
                 "r = all(names)  #!", id="decorated"),
    pytest.param(looped("y = f(x)", "y = y + f(y)", "out.append(y)") + "  #!", id="several steps"),
    pytest.param(looped("if f(x):", "    continue", "out.append(x)") + "  #!", id="some of them"),
    pytest.param(looped("with open(x) as file:", "    text = file.read()", "out.append(text)")
                 + "  #!", id="files"),
    pytest.param(looped("out += f(x)", begin="out = 0") + "  #!", id="a sum"),
    pytest.param("r = delayed(lambda xs: sum(f(x) for x in xs))(names)  #!", id="a lambda"),
    pytest.param("def go():\n    def all(xs):\n        '''All.'''\n        return [pd.read_csv(x) "
                 "for x in xs]\n    return delayed(all)(names)  #!", id="in a function"),
]  # fmt: skip


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found_for(source: str) -> None:
    assert found(rule, source) == marked(source)


def test_one_cause_is_told_once() -> None:
    assert codes(ALL + "r = delayed(all)(names).compute()") == ["DSK505"]


SOURCE = "from dask import delayed\n" + ALL + "r = delayed(all)(names)\nr.compute()\n"


def ran(*seconds: float, threads: int = 4) -> Computation:
    """Return a computation of the task, and of others beside it."""
    tasks = tuple(
        Task(f"t-{n}", "t", "w", n, 0.0, took) for n, took in enumerate(seconds)
    )  # fmt: skip
    keys = tuple(task.key for task in tasks)
    places = (Place(0, 4), Place(0, 5))
    graph = Graph(keys, ((),) * len(keys), places, (0, *[1] * (len(keys) - 1)))
    return Computation("threads", 0.0, max(seconds), threads, tasks, len(tasks), sum(seconds),
                       Place(0, 5), graph=graph)  # fmt: skip


def judged(computation: Computation) -> list[Finding]:
    run = Run((Cell(SOURCE),), 0, 0.0, 100.0, (computation,))
    return [one for one in rule.run(run, {}) if isinstance(one, Finding)]


SILENT = [
    pytest.param(ran(0.1), id="over soon"),
    pytest.param(ran(4.0, 4.0, 4.0), id="one of several long ones"),
    pytest.param(ran(4.0, threads=1), id="one thread"),
    pytest.param(replace(ran(4.0), status="finished", tasks=(
        Task("t-0", "t", "w", 0, 0.0, 4.0, status="erred"),)), id="an error"),
]  # fmt: skip


@pytest.mark.parametrize("computation", SILENT)
def test_a_run_is_passed_over_with(computation: Computation) -> None:
    assert judged(computation) == []


def test_a_run_tells_what_one_thread_did_alone() -> None:
    [finding] = judged(ran(4.0, 0.1))
    assert finding.certainty == "seen"
    assert finding.cost == pytest.approx(3.0)
    assert "all goes through names in one task: 4.0 s on one of 4 threads" in finding.message
