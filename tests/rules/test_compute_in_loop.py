from __future__ import annotations

import pytest
from performing import perform
from setting import found, marked

from dask_lens.report import FindingReport, analyze
from dask_lens.rules.compute_in_loop import rule

FINE = [
    pytest.param("while x.sum().compute() > 3:\n    x = x / 2", id="a loop until it converges"),
    pytest.param("err = 1\nwhile err > 0.1:\n    x = x / 2\n    err = abs(x).max().compute()",
                 id="a loop until the error is small"),
    pytest.param("for step in range(100):\n    x = (x + x.T).compute()", id="time steps"),
    pytest.param("for step in range(100):\n    x = (x + x.T).persist()\n"
                 "    if step % 10 == 0:\n        print(x.mean().compute())",
                 id="time steps that are persisted, and looked at"),
    pytest.param("for step in range(100):\n    x = client.persist(x * 0.5)\n"
                 "    means.append(float(x.mean()))", id="a client that persists each step"),
    pytest.param("def part(k): return ddf[ddf.a == k].b.max().compute()\n@delayed\n"
                 "def task(k): return part(k) + 1\ndask.compute([task(k) for k in range(9)])",
                 id="a function that tasks call, which are only made in a loop"),
    pytest.param("lo, hi = 0, 9\nwhile hi - lo > 1:\n    mid = (lo + hi) // 2\n"
                 "    if x[mid].sum().compute() > 3:\n        hi = mid\n"
                 "    else:\n        lo = mid",
                 id="a search that halves what is left"),
    pytest.param("place = 0\nfor step in range(9):\n    near = place + step\n"
                 "    value = x[near].sum().compute()\n    if value > 3:\n        place = near",
                 id="a step that is taken or not"),
    pytest.param("for k in range(9):\n    block = x[k].compute()\n    np.save(str(k), block)\n"
                 "    del block", id="pieces that are deleted"),
    pytest.param("for step in range(100):\n    x = x + 1\n    if step % 10 == 0:\n"
                 "        x = da.from_array(x.compute())", id="some steps computed"),
    pytest.param("for i in range(10):\n    if x[i].sum().compute() > 3:\n        break",
                 id="a search that ends early"),
    pytest.param("def find():\n    for i in range(10):\n        v = x[i].sum().compute()\n"
                 "        if v > 3:\n            return i\nfind()", id="a search that returns"),
    pytest.param("while True:\n    chosen = choose()\n    print(x[chosen].max().compute())",
                 id="no end"),
    pytest.param("for i in range(3):\n    print(x[int(input())].compute())", id="questions"),
    pytest.param("for level in range(5):\n    x = da.coarsen(np.mean, x, {0: 2}).compute()\n"
                 "    np.save(f'{level}.npy', x)", id="pyramid levels"),
    pytest.param("for n in (10, 100):\n    t0 = time.time()\n    da.ones(n).sum().compute()\n"
                 "    print(time.time() - t0)", id="a benchmark"),
    pytest.param("for n in (10, 100):\n    start = time.perf_counter()\n    da.ones(n).compute()\n"
                 "    took = time.perf_counter() - start", id="a benchmark, by perf_counter"),
    pytest.param("def bench(n):\n    t0 = time.time()\n    da.ones(n).compute()\n"
                 "    return time.time() - t0\n[bench(n) for n in (10, 100)]",
                 id="a benchmark in a function"),
    pytest.param("for n in (10, 100):\n    %timeit da.ones(n).compute()", id="a benchmark, magic"),
    pytest.param("for s in ('threads', 'processes'):\n    x[0].compute(scheduler=s)",
                 id="one scheduler after another"),
    pytest.param("for n in (1, 2, 4):\n    with dask.config.set(num_workers=n):\n"
                 "        print(x[:n].sum().compute())", id="one setting after another"),
    pytest.param("for n in (1, 2, 4):\n    c = Client(n_workers=n)\n    print(x[:n].compute())",
                 id="one cluster after another"),
    pytest.param("for n in (1, 2, 4):\n    client.cluster.scale(n)\n    time.sleep(3)\n"
                 "    print(x[:n].compute())", id="one size after another"),
    pytest.param("for i in range(3):\n    x.sum().compute()", id="the same again and again"),
    pytest.param("for attempt in range(3):\n    try:\n        v = x.compute()\n        break\n"
                 "    except OSError:\n        print('again')", id="another attempt"),
    pytest.param("tasks = [lazy(i) for i in range(100)]\nfor i in range(0, 100, 10):\n"
                 "    out = dask.compute(*tasks[i:i + 10])", id="batches"),
    pytest.param("for batch in [[1, 2], [3, 4]]:\n"
                 "    dask.compute(*[lazy(i) for i in batch])", id="batches of delayed"),
    pytest.param("for part in ddf.partitions:\n    df = part.compute()\n    df.to_csv('a')",
                 id="partition by partition, written"),
    pytest.param("for i in range(ddf.npartitions):\n    df = ddf.get_partition(i).compute()\n"
                 "    print(len(df))", id="partition by partition, let go"),
    pytest.param("def rows():\n    for i in range(9):\n        yield x[i].compute()\nrows()",
                 id="a generator"),
    pytest.param("for i in range(9):\n    model.partial_fit(x[i].compute())", id="training"),
    pytest.param("for row in x.compute():\n    print(row)", id="looping over what was computed"),
    pytest.param("for a, b in zip(*dask.compute(x, x)):\n    print(a)", id="over both"),
    pytest.param("[v for v in ddf.x.unique().compute()]", id="a comprehension over a result"),
    pytest.param("out = [lazy(i) for i in range(9)]\ndask.compute(*out)", id="one compute"),
    pytest.param("out = []\nfor i in range(9):\n    out.append(lazy(i))\nout = dask.compute(*out)",
                 id="one compute after a loop"),
    pytest.param("futures = [client.compute(x[i]) for i in range(9)]\nclient.gather(futures)",
                 id="futures in a loop"),
    pytest.param("loaded = ds.compute()\nfor v in loaded.data_vars:\n    loaded[v].values",
                 id="values of what is in memory"),
    pytest.param("for v in ds.data_vars:\n    print(ds[v].shape, ds.lat.values)", id="metadata"),
    pytest.param("@delayed\ndef g(p):\n    return p.sum().compute()\n[g(i) for i in range(3)]",
                 id="a task that computes"),
    pytest.param("for i in range(9):\n    y = x[i].persist()", id="a persist"),
    pytest.param("for i in range(3):\n    def g():\n        return x[i].compute()",
                 id="a function defined in a loop"),
    pytest.param("import torchmetrics\nm = torchmetrics.Accuracy()\nfor i in range(3):\n"
                 "    print(m[i].compute())\n    m.compute()", id="another library's compute"),
    pytest.param("df = pd.DataFrame({})\nfor c in df:\n    df[c].compute()", id="pandas"),
    pytest.param("for f in 'ab':\n    json.load(f); np.load(f); model.load(f)", id="other loads"),
]  # fmt: skip


@pytest.mark.parametrize("source", FINE)
def test_it_is_silent_where_there_is(source: str) -> None:
    assert found(rule, source) == []


FOUND = [
    pytest.param("out = []\nfor i in range(9):\n    out.append(x[i].sum().compute())  #!",
                 id="appended"),
    pytest.param("for i in range(9):\n    v = x[i].sum().compute()  #!\n    print(v)",
                 id="printed"),
    pytest.param("out = [x[i].sum().compute() for i in range(9)]  #!", id="in a list"),
    pytest.param("best = 0\nfor i in range(9):\n    v = x[i].sum().compute()  #!\n"
                 "    if v > best:\n        best = v", id="the largest is kept"),
    pytest.param("n = 0\nfor i in range(9):\n    if x[i].sum().compute() > 3:  #!\n        n += 1",
                 id="some are counted"),
    pytest.param("r = {c: ddf[c].mean().compute() for c in ddf.columns}  #!",
                 id="in a dict"),
    pytest.param("sum(x[i].sum().compute() for i in range(9))  #!", id="in a generator"),
    pytest.param("r = {}\nfor c in ddf.columns:\n    r[c] = ddf[c].mean().compute()  #!",
                 id="put into a dict"),
    pytest.param("t = 0\nfor i in range(9):\n    t += x[i].sum().compute()  #!",
                 id="added up"),
    pytest.param("i = 0\nwhile i < 9:\n    v = x[i].sum().compute()  #!\n    i += 1",
                 id="a while loop that counts"),
    pytest.param("for i in range(9):\n    (v,) = dask.compute(x[i])  #!\n    print(v)",
                 id="dask.compute of one"),
    pytest.param("out = []\nfor i in range(9):\n    out.append(dask.compute(x[i])[0])"
                 "  #!", id="the first of dask.compute"),
    pytest.param("for c in 'ab':\n    m, s = dask.compute(ddf[c].mean(), ddf[c].std())"
                 "  #!\n    print(m)", id="two at a time"),
    pytest.param("from dask import compute as go\nfor i in range(9):\n    print(go(x[i]))"
                 "  #!", id="another name for compute"),
    pytest.param("for p in 'ab':\n    df = dd.read_csv(p)\n    df = df.sum().compute()"
                 "  #!\n    print(df)", id="one file after another"),
    pytest.param("import dask\n@dask.delayed\ndef g(a): return a\n"
                 "out = [g(i).compute() for i in range(9)]  #!", id="a decorator"),
    pytest.param("for i in range(9):\n    delayed(f)(i).compute()  #!", id="a statement"),
    pytest.param("for n in ds.data_vars:\n    m = ds[n].mean().load()  #!\n    print(m)",
                 id="xarray's load"),
    pytest.param("for n in ds.data_vars:\n    print(ds[n].values)  #!", id="xarray's values"),
    pytest.param("for y in range(9):\n    print(float(ds.sst.isel(y=y).mean()))  #!",
                 id="float of a DataArray"),
    pytest.param("for p in 'ab':\n    d = xr.open_dataset(p, chunks={})\n"
                 "    print(d.sst.mean().compute())  #!", id="dataset by dataset"),
    pytest.param("for i in range(9):\n    print(client.compute(x[i]).result())  #!",
                 id="through the client"),
    pytest.param("for i in range(9):\n    print(np.asarray(x[i]))  #!", id="asarray"),
    pytest.param("for k in range(3):\n    for i in range(9):\n"
                 "        print(x[k, i].compute())  #!", id="nested loops"),
    pytest.param("for i in range(9):\n    if i % 2:\n        try:\n            f(x[i].compute())"
                 "  #!\n        except OSError:\n            pass", id="in an attempt"),
    pytest.param("def mean(c):\n    return ddf[c].mean().compute()  #!\n"
                 "out = [mean(c) for c in ddf.columns]", id="in a function called in a list"),
    pytest.param("def mean(c):\n    m = ddf[c].mean()\n    return m.compute()  #!\n"
                 "for c in ddf.columns:\n    print(mean(c))", id="in a function called in a loop"),
    pytest.param("def run():\n    out = []\n    for i in range(9):\n"
                 "        out.append(x[i].compute())  #!\n    return out\nrun()",
                 id="a loop in a function"),
    pytest.param("def run(frames):\n    return [d.sum().compute() for d in frames]  #!",
                 id="a parameter that has a compute"),
    pytest.param("cat = open_catalog()\nfor n in cat:\n    print(cat[n].to_dask().compute())"
                 "  #!", id="something unknown that has a compute"),
    pytest.param("for i, g in enumerate(ddf.groupby('a').b.mean() for _ in range(3)):\n"
                 "    print(i, g.compute())  #!", id="items of a generator"),
    pytest.param("%%time\nfor i in range(9):\n    print(x[i].compute())  #!",
                 id="in a timed cell"),
    pytest.param("from tqdm import tqdm\nfor i in tqdm(range(9)):\n    print(x[i].compute())"
                 "  #!", id="with a progress bar"),
    pytest.param("parts = [p.compute() for p in ddf.to_delayed()]  #!",
                 id="all partitions collected"),
]  # fmt: skip


@pytest.mark.parametrize("source", FOUND)
def test_it_is_found_where_it_is(source: str) -> None:
    assert found(rule, source) == marked(source)


def test_names_are_followed_from_cell_to_cell() -> None:
    cells = ("y = x.sum(axis=0)", "out = [y[i].compute() for i in range(3)]  #!")
    assert found(rule, *cells) == marked(*cells)


SLOW = """\
import time
import dask

@dask.delayed
def slow(x):
    time.sleep(0.05)
    return x

def get(x):
    return slow(x).compute(scheduler="threads", num_workers=2)
# %%
"""


def judge(code: str) -> list[FindingReport]:
    return list(analyze(perform(SLOW + code)[-1]).findings)


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("for x in range(2):\n    get(x)\n", id="two passes"),
        pytest.param("for x in range(0):\n    get(x)\n", id="no pass"),
        pytest.param(
            "for x in range(3):\n    print(slow(x).compute(scheduler='sync'))\n", id="one thread"
        ),
        pytest.param(
            "for x in range(3):\n"
            "    print(dask.delayed(sum)([slow(x), slow(9), slow(8)]).compute(num_workers=2))\n",
            id="passes that keep every thread at work",
        ),
    ],
)
def test_it_is_silent_after(code: str) -> None:
    assert judge(code) == []


def test_the_cost_is_what_one_compute_would_have_saved() -> None:
    [finding] = judge("out = []\nfor x in range(6):\n    out.append(get(x))\n")
    assert (finding.code, finding.certainty) == ("DSK301", "seen")
    assert (finding.cell_id, finding.line) == ("cell-0", 10)
    # Six of 0.05 s, where three would have done.
    assert finding.cost is not None
    assert 0.13 < finding.cost < 0.25
    assert finding.evidence["n_computes"] == 6
    assert finding.evidence["busy"] <= 1


def test_the_proposal_tells_how_long_it_would_take_afterwards() -> None:
    [finding] = judge(
        "out = []\nfor x in range(6):\n"
        "    out.append(slow(x).compute(scheduler='threads', num_workers=2))\n"
    )
    [proposal] = finding.proposals
    assert proposal.estimate is not None
    assert 0.15 <= proposal.estimate.mid < 0.22
    assert proposal.estimate.low <= proposal.estimate.mid <= proposal.estimate.high
