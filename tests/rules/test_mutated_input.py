from __future__ import annotations

import pytest
from reading import assert_found, findings

from dask_lens.rules.mutated_input import rule

SETUP = """\
import dask, random
from dask import delayed
import dask.array as da, dask.dataframe as dd, dask.bag as db
import numpy as np, pandas as pd
from dask.distributed import *
client = Client()
ddf = dd.read_csv('x')
@delayed
def load(p): return pd.read_csv(p)
"""

FINE = [
    pytest.param("@delayed\ndef f(df):\n    df = df.copy()\n    df['a'] = 1\n    return df\n"
                 "f(load(1))", id="a copy is made first"),
    pytest.param("@delayed\ndef f(df):\n    return df.assign(a=1)\nf(load(1))", id="assign"),
    pytest.param("@delayed\ndef f(df):\n    df = df[df.x > 0]\n    df['a'] = 1\n    return df\n"
                 "f(load(1))", id="the name is given something new"),
    pytest.param("@delayed\ndef f(n):\n    n += 1\n    return n\nf(1)",
                 id="a number is counted up"),
    pytest.param("@delayed\ndef f(xs):\n    out = []\n    out.append(xs)\n    return out\nf(1)",
                 id="a list of its own"),
    pytest.param("@delayed\ndef f(xs):\n    return sorted(xs)\nf(load(1))", id="sorted"),
    pytest.param("@delayed\ndef f(xs):\n    xs.sort()\n    return xs\nf([load(1), load(2)])",
                 id="a list that is made for the call"),
    pytest.param("@delayed\ndef f(d):\n    d['a'] = 1\n    return d\nf(dict(params))",
                 id="a copy that is made for the call"),
    pytest.param("def f(df):\n    df['a'] = 1\n    return df\nf(pd.DataFrame())",
                 id="the function runs here"),
    pytest.param("def f(d):\n    d['a'] = 1\n    return d\nclient.submit(f, {'b': 1})",
                 id="what is sent along with the task"),
    pytest.param("def f(x):\n    y = x * 2\n    y[0] = 1\n    return y\nda.ones(3).map_blocks(f)",
                 id="a new array is changed"),
    pytest.param("@delayed\ndef f(bar, x):\n    bar.update(1)\n    return x\nf(1, 2)",
                 id="a progress bar"),
    pytest.param("@delayed\ndef f(df):\n    df.sort_values('a', inplace=False)\nf(load(1))",
                 id="inplace=False"),
    pytest.param("def f(x, top):\n    while x.max() > top:\n        top *= 1.1\n    return x\n"
                 "da.ones(3).map_blocks(f, 2)", id="a number beside a block is counted up"),
    pytest.param("def f(row):\n    row['a'] = 1\n    return row\n"
                 "ddf.apply(f, axis=1, meta=ddf)", id="a row, made for the call"),
    pytest.param("class Counter:\n    def add(self):\n        self.n = 1\n"
                 "client.submit(Counter, actor=True)", id="an actor's own state"),
    pytest.param("from joblib import delayed as d2\n@d2\ndef f(df):\n    df['a'] = 1\n",
                 id="joblib's delayed"),
    pytest.param("@delayed\ndef f(df):\n    for df in [1]:\n        df.sort()\nf(load(1))",
                 id="the name is a loop's"),
    pytest.param("@delayed\ndef f(path):\n    with open(path) as path:\n        path.x = 1\nf(1)",
                 id="the name is a with block's"),
]  # fmt: skip


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_where(source: str) -> None:
    assert findings(rule, SETUP, source) == []


FOUND = [
    pytest.param("@delayed\ndef f(df):\n    df['a'] = 1  # found here\n    return df\nf(load(1))",
                 id="a column is set"),
    pytest.param("def f(df):\n    df['a'] = 1  # found here\n    return df\n"
                 "delayed(f)(load(1))", id="a function that is made lazy"),
    pytest.param("def f(df):\n    df.loc[df.x > 0, 'a'] = 1  # found here\n    return df\n"
                 "ddf.map_partitions(f)", id="loc, on partitions"),
    pytest.param("def f(x):\n    x[x < 0] = 0  # found here\n    return x\n"
                 "da.ones(3).map_blocks(f)", id="an array's items"),
    pytest.param("def f(x):\n    x += 1  # found here\n    return x\nda.ones(3).map_blocks(f)",
                 id="an array is added to in place"),
    pytest.param("@delayed\ndef f(df):\n    df.drop(columns='a', inplace=True)  # found here\n"
                 "    return df\nf(load(1))", id="inplace=True"),
    pytest.param("@delayed\ndef f(xs):\n    xs.append(1)  # found here\n    return xs\nf(load(1))",
                 id="append"),
    pytest.param("@delayed\ndef f(d):\n    x = d.pop('a')  # found here\n    return x\nf(load(1))",
                 id="pop"),
    pytest.param("@delayed\ndef f(model, x):\n    model.rate = x  # found here\n    return model\n"
                 "f(load(1), 2)", id="an attribute"),
    pytest.param("@delayed\ndef f(df):\n    if len(df):\n        del df['a']  # found here\n"
                 "    return df\nf(load(1))", id="a column is deleted, in a branch"),
    pytest.param("@delayed\ndef f(df):\n    other = df\n    other['a'] = 1  # found here\n"
                 "    return other\nf(load(1))", id="another name for the same"),
    pytest.param("@delayed\ndef f(xs):\n    random.shuffle(xs)  # found here\n    return xs\n"
                 "f(load(1))", id="shuffle"),
    pytest.param("def f(df):\n    df['a'] = 1  # found here\n    return df\n"
                 "client.submit(f, client.submit(g, 1))", id="the result of another task"),
    pytest.param("def f(df):\n    df['a'] = 1  # found here\n    return df\n"
                 "futs = client.map(g, xs)\nclient.map(f, futs)", id="the results of a map"),
    pytest.param("from dask import delayed as d\n@d(pure=True)\ndef f(df, *, a=1):\n"
                 "    try:\n        df.columns = [1]  # found here\n    finally:\n        pass\n"
                 "    return df\nf(load(1))", id="an alias, in a try block"),
    pytest.param("@delayed\ndef f(df):\n    df['a'] = 1  # found here\n    return df",
                 id="a function that is only decorated"),
]  # fmt: skip


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found(source: str) -> None:
    assert assert_found(rule, SETUP, source).certainty == "likely"
