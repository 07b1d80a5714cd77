from __future__ import annotations

import pytest
from reading import assert_found, findings

from dask_lens.rules.mutated_after_delayed import rule

SETUP = """\
import dask
from dask import delayed
import dask.array as da
from dask.distributed import *
client = Client()
def run(x, y=0): return x
params, jobs, buf = {}, [], make()
x = da.ones(3)
"""

FINE = [
    pytest.param("for i in range(3):\n    jobs.append(delayed(run)(i))", id="a number"),
    pytest.param("for i in range(3):\n    params = {'i': i}\n"
                 "    jobs.append(delayed(run)(params))",
                 id="a new object in each pass"),
    pytest.param("for i in range(3):\n    params['i'] = i\n"
                 "    jobs.append(delayed(run)(dict(params)))", id="a copy"),
    pytest.param("for i in range(3):\n    params['i'] = i\n"
                 "    jobs.append(delayed(run)(params).compute())",
                 id="computed in the same pass"),
    pytest.param("for i in range(3):\n    params['i'] = i\n    d = delayed(run)(params)\n"
                 "    out.append(dask.compute(d)[0])", id="computed later in the same pass"),
    pytest.param("params['i'] = 1\nd = delayed(run)(params)\nd.compute()",
                 id="changed before the call"),
    pytest.param("d = delayed(run)(params)\nd.compute()\nparams['i'] = 2",
                 id="changed after the compute"),
    pytest.param("for i in range(3):\n    jobs.append(delayed(run)(i))\n"
                 "total = delayed(sum)(jobs)\n"
                 "jobs.append(1)", id="a list of lazy objects, copied at the call"),
    pytest.param("for i in range(3):\n    params['i'] = i\n"
                 "    futs.append(client.submit(run, params))",
                 id="a submit, which sends it at once"),
    pytest.param("for i in range(3):\n    params['i'] = i\n    out.append(run(params))",
                 id="a call that runs here"),
    pytest.param("for i in range(3):\n    jobs.append(delayed(lambda i=i: run(i))())",
                 id="a lambda with a default"),
    pytest.param("for i in range(3):\n    jobs.append(delayed(lambda j: run(j))(i))",
                 id="a lambda with a parameter"),
    pytest.param("for i in range(3):\n    jobs.append(delayed(lambda: run(buf))())",
                 id="a lambda that reads something else"),
    pytest.param("for i in range(3):\n    out.append(x.map_blocks(lambda b: b + i).compute())",
                 id="a lambda that is computed in its pass"),
    pytest.param("from joblib import delayed as d2\nfor i in range(3):\n    params['i'] = i\n"
                 "    jobs.append(d2(run)(params))", id="joblib's delayed"),
    pytest.param("n = 0\nfor i in range(3):\n    n += 1\n    jobs.append(delayed(run)(n))",
                 id="a number that is counted up"),
    pytest.param("[delayed(run)(i) for i in range(3)]", id="a comprehension"),
    pytest.param("for i in range(3):\n    futs.append(client.submit(lambda: run(i)))",
                 id="a lambda that is sent at once"),
]  # fmt: skip


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_where(source: str) -> None:
    assert findings(rule, SETUP, source) == []


FOUND = [
    pytest.param("for i in range(3):\n    params['i'] = i\n"
                 "    jobs.append(delayed(run)(params))  # found here", id="a dict"),
    pytest.param("for params['i'] in range(3):\n"
                 "    jobs.append(delayed(run)(params))  # found here",
                 id="the loop sets an item"),
    pytest.param("for i in range(3):\n    buf[:] = i\n"
                 "    jobs.append(delayed(run)(buf))  # found here",
                 id="an array"),
    pytest.param("for i in range(3):\n    buf.rate = i\n"
                 "    jobs.append(delayed(run)(i, y=buf))  # found here",
                 id="an attribute, by keyword"),
    pytest.param("for i in range(3):\n    jobs.append(delayed(run)(buf))  # found here\n"
                 "    buf.append(i)", id="a list that grows afterwards"),
    pytest.param("@delayed\ndef lazy(p): return p\nwhile go():\n    params.update(i=next(it))\n"
                 "    jobs.append(lazy(params))  # found here", id="a delayed function, update"),
    pytest.param("d = delayed(run)(params)  # found here\nparams['i'] = 2\nd.compute()",
                 id="changed before the compute"),
    pytest.param("for i in range(3):\n    jobs.append(delayed(lambda: run(i))())  # found here",
                 id="a lambda in a loop"),
    pytest.param("jobs = [delayed(lambda: run(i))() for i in range(3)]  # found here",
                 id="a lambda in a comprehension"),
    pytest.param("for i in range(3):\n    out.append(x.map_blocks(lambda b: b + i))  # found here",
                 id="a lambda over blocks"),
    pytest.param("for i in range(3):\n    def task(): return run(i)\n"
                 "    jobs.append(delayed(task)())  # found here",
                 id="a function made in the loop"),
    pytest.param("def sweep(phis):\n    opts = {}\n    for phi in phis:\n"
                 "        opts['phi'] = phi\n"
                 "        jobs.append(dask.delayed(run)(opts))  # found here", id="in a function"),
]  # fmt: skip


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found(source: str) -> None:
    assert assert_found(rule, SETUP, source).certainty == "likely"
