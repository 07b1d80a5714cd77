from __future__ import annotations

import pytest
from proposing import refused, rewritten

NAME = "compute-after-loop"
SETUP = """\
import dask
import dask.array as da
from dask import delayed
x = da.ones((10, 10), chunks=5)
@delayed
def inc(a):
    return a + 1
"""

UNTOUCHED = [
    pytest.param("out = []\nfor i in range(3):\n    v = inc(i).compute()\n    print(v)\n"
                 "    out.append(v)\n", "same pass", id="the value is printed"),
    pytest.param("t = 0\nfor i in range(3):\n    t += inc(i).compute()\n", "same pass",
                 id="the values are added up"),
    pytest.param("out = []\nfor i in range(3):\n    out.append(inc(len(out)).compute())\n",
                 "used for more", id="the list is read in the loop"),
    pytest.param("for i in range(3):\n    out.append(inc(i).compute())\n", "begin as an empty",
                 id="a list from elsewhere"),
    pytest.param("out = []\nkept = out\nfor i in range(3):\n    out.append(inc(i).compute())\n",
                 "begin as an empty list", id="a list of two names"),
    pytest.param("out = [1]\nfor i in range(3):\n    out.append(inc(i).compute())\n",
                 "begin as an empty list", id="a list that holds something"),
    pytest.param("out = []\nfor i in range(3):\n    try:\n        out.append(inc(i).compute())\n"
                 "    except OSError:\n        pass\n", "after an error", id="an attempt"),
    pytest.param("out = []\nfor i in range(3):\n    if i == 2:\n        break\n"
                 "    out.append(inc(i).compute())\n", "can be left", id="a break"),
    pytest.param("out = []\nfor i in range(3):\n    g = delayed(lambda a: a + i)\n"
                 "    out.append(g(1).compute())\n", "as they are after", id="a lambda"),
    pytest.param("out = []\np = {}\nfor i in range(3):\n    p['a'] = i\n"
                 "    out.append(inc(p).compute())\n", "changes an object", id="a changing dict"),
    pytest.param("out = []\np = []\nfor i in range(3):\n    p += [i]\n"
                 "    out.append(inc(p).compute())\n", "changes an object", id="a growing list"),
    pytest.param("out = []\np = [0]\nfor i in range(3):\n    p.append(i)\n"
                 "    out.append(inc(p).compute())\n", "changes an object", id="a filled list"),
    pytest.param("def fill(p, i): p[0] = i\nout = []\np = [0]\nfor i in range(3):\n"
                 "    fill(p, i)\n    v = inc(p)\n    out.append(v.compute())\n",
                 "changes an object", id="a list that a function fills"),
    pytest.param("out = []\nfor i in range(3):\n    with open('a') as h:\n"
                 "        out.append(inc(h).compute())\n", "would be closed", id="an open file"),
    pytest.param("out = []\nfor i in range(3):\n    v = inc(i).compute()\n    out.append(v)\n"
                 "print(v)\n", "after the loop", id="the last value is used"),
    pytest.param("out = [str(inc(i).compute()) for i in range(3)]\n", "within the comprehension",
                 id="a call around it"),
    pytest.param("out = any(inc(i).compute() for i in range(3))\n", "one by one",
                 id="a generator that is asked one by one"),
    pytest.param("out = []\nfor i in range(3):\n    out.append(dask.compute(inc(i), inc(1)))\n"
                 .replace("dask.compute", "dask.compute"), "tuple", id="two at a time"),
    pytest.param("def get(i):\n    return inc(i).compute()\nout = [get(i) for i in range(3)]\n",
                 "calls a function", id="a function that computes"),
]  # fmt: skip


@pytest.mark.parametrize(("cell", "reason"), UNTOUCHED)
def test_it_leaves_alone(cell: str, reason: str) -> None:
    assert reason in refused(NAME, SETUP, cell, at="compute(")


def test_it_leaves_alone_what_cannot_call_dask() -> None:
    cell = "from dask import delayed\ndask = 3\nout = [delayed(len)(i).compute() for i in 'ab']\n"
    assert "the name dask is something else" in refused(NAME, cell, at="compute(")


REWRITTEN = [
    pytest.param(
        "out = []\nfor i in range(3):\n    out.append(inc(i).compute())\n",
        "out = []\nfor i in range(3):\n    out.append(inc(i))\nout = list(dask.compute(*out))\n",
        "same", id="appended",
    ),
    pytest.param(
        "out = []\nfor i in range(3):\n    # c\n    v = inc(i).compute()\n    out.append(v)\n",
        "out = []\nfor i in range(3):\n    # c\n    v = inc(i)\n    out.append(v)\n"
        "out = list(dask.compute(*out))\n",
        "same", id="named and appended",
    ),
    pytest.param(
        "r = {}\nfor i in range(3):\n    r[i] = x[i].sum().compute()\nprint(r)\n",
        "r = {}\nfor i in range(3):\n    r[i] = x[i].sum()\nr = dask.compute(r)[0]\nprint(r)\n",
        "same", id="put into a dict",
    ),
    pytest.param(
        "out = []\nfor i in range(3):\n    y = x[i] + 1\n    if i:\n"
        "        out.append(y.sum().compute(scheduler='sync'))\n",
        "out = []\nfor i in range(3):\n    y = x[i] + 1\n    if i:\n        out.append(y.sum())\n"
        "out = list(dask.compute(*out, scheduler='sync'))\n",
        "same", id="under a condition, with a keyword",
    ),
    pytest.param(
        "out = []\nfor i in range(3):\n    print(i)\n    out.append(inc(i).compute())\n",
        "out = []\nfor i in range(3):\n    print(i)\n    out.append(inc(i))\n"
        "out = list(dask.compute(*out))\n",
        "ask", id="with something printed",
    ),
    pytest.param(
        "out = []\nfor i in range(3):\n    out.append(dask.compute(inc(i))[0])\n",
        "out = []\nfor i in range(3):\n    out.append(inc(i))\nout = list(dask.compute(*out))\n",
        "same", id="dask.compute of one",
    ),
    pytest.param(
        "def run():\n    out = []\n    for i in range(3):\n        out.append(inc(i).compute())\n"
        "    return out\nout = run()\n",
        "def run():\n    out = []\n    for i in range(3):\n        out.append(inc(i))\n"
        "    out = list(dask.compute(*out))\n    return out\nout = run()\n",
        "same", id="in a function",
    ),
    pytest.param(
        "out = []\ni = 0\nwhile i < 3:\n    out.append(inc(i).compute())\n    i += 1\n",
        "out = []\ni = 0\nwhile i < 3:\n    out.append(inc(i))\n    i += 1\n"
        "out = list(dask.compute(*out))\n",
        "same", id="a while loop",
    ),
    pytest.param(
        "out = [inc(i).compute() for i in range(3)]\n",
        "out = list(dask.compute(*[inc(i) for i in range(3)]))\n", "same", id="a list",
    ),
    pytest.param(
        "out = [(x[i] + 1).sum().compute() for i in range(3) if i]\n",
        "out = list(dask.compute(*[(x[i] + 1).sum() for i in range(3) if i]))\n",
        "same", id="a list with a condition",
    ),
    pytest.param(
        "out = {i: inc(i).compute() for i in range(3)}\n",
        "out = dask.compute({i: inc(i) for i in range(3)})[0]\n", "same", id="a dict",
    ),
    pytest.param(
        "out = {inc(i).compute() for i in range(3)}\n",
        "out = set(dask.compute(*[inc(i) for i in range(3)]))\n", "same", id="a set",
    ),
    pytest.param(
        "out = sum(inc(i).compute() for i in range(3))\n",
        "out = sum(dask.compute(*[inc(i) for i in range(3)]))\n", "same", id="a sum",
    ),
    pytest.param(
        "out = [dask.compute(inc(i))[0] for i in range(3)]\n",
        "out = list(dask.compute(*[inc(i) for i in range(3)]))\n", "same",
        id="dask.compute of one in a list",
    ),
    pytest.param(
        "n = []\ndef grow(i):\n    n.append(i)\n    return i\n"
        "out = [delayed(grow)(i).compute() for i in range(3)]\n",
        "n = []\ndef grow(i):\n    n.append(i)\n    return i\n"
        "out = list(dask.compute(*[delayed(grow)(i) for i in range(3)]))\n", "ask",
        id="tasks that change what is around them",
    ),
    pytest.param(
        "a = []\nout = []\nfor i in range(3):\n    out.append(x[i].sum().compute())\n"
        "    a.append(x[i])\n",
        "a = []\nout = []\nfor i in range(3):\n    out.append(x[i].sum())\n    a.append(x[i])\n"
        "out = list(dask.compute(*out))\n", "ask", id="beside another list",
    ),
    pytest.param(
        "%time out = [inc(i).compute() for i in range(3)]\n",
        "%time out = list(dask.compute(*[inc(i) for i in range(3)]))\n", "same", id="a magic",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "safety"), REWRITTEN)
def test_it_computes_together(before: str, after: str, safety: str) -> None:
    assert rewritten(NAME, SETUP, before, at="compute(") == (after, safety)
    if "%" not in before:
        assert run(after) == run(before)


def run(cell: str) -> object:
    """Run the set-up and a cell, and return what it collected."""
    names: dict[str, object] = {}
    with_threads = f"{SETUP}dask.config.set(scheduler='sync')\n{cell}"
    exec(with_threads, names)  # noqa: S102 - the text of this test
    return names.get("out", names.get("r"))


def test_dask_is_imported_where_it_is_not() -> None:
    cell = "# first\nfrom dask import delayed\nout = [delayed(len)(i).compute() for i in 'ab']\n"
    after = (
        "# first\nimport dask\nfrom dask import delayed\n"
        "out = list(dask.compute(*[delayed(len)(i) for i in 'ab']))\n"
    )
    assert rewritten(NAME, cell, at="compute(") == (after, "same")


def test_an_imported_compute_is_used() -> None:
    cell = "from dask import compute, delayed\n\nout = [delayed(len)(i).compute() for i in 'ab']"
    assert "list(compute(*[delayed" in rewritten(NAME, cell, at="out = ")[0]
