"""Notebooks such as people write, made from patterns: the same ones every time.

Cells are read and never run. Some hold mistakes; most do not, and many do not use Dask at all.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator

_FIRST = [
    "import dask\nimport dask.array as da\nimport dask.dataframe as dd\nimport numpy as np\n"
    "import pandas as pd\nfrom dask.distributed import Client, LocalCluster",
    "%matplotlib inline\nimport os, time\nfrom dask import compute, delayed\n"
    "from dask.diagnostics import ProgressBar\nimport matplotlib.pyplot as plt",
    "from dask import delayed as lazy\nimport dask.bag as db, json\nimport distributed\n"
    "from pathlib import Path",
    "import xarray as xr\nimport numpy as np\nimport dask.array as da\nfrom functools import partial\n"
    "import warnings; warnings.filterwarnings('ignore')",
    "import dask.dataframe as ddf\nfrom dask.distributed import Client, as_completed, get_client, "
    "wait, fire_and_forget\nfrom dask_ml.linear_model import LogisticRegression",
]
_CLIENT = [
    "client = Client(n_workers={n}, threads_per_worker=1)\nclient",
    "cluster = LocalCluster(n_workers={n}, memory_limit='2GB')\nclient = Client(cluster)\n"
    "print(client.dashboard_link)",
    "with Client(processes=False) as client:\n    {v} = client.submit(sum, range({n})).result()",
    "!pip list | grep dask\nclient = distributed.Client('tcp://10.0.0.{n}:8786')\n"
    "client.get_versions(check=True);",
]
_BODY = [
    "{v} = dd.read_csv('data/2015-*.csv', parse_dates={{'Date': [0, 1, 2]}}, dtype={{'Tail': str}},"
    " blocksize='{n}MB')\n{v}.head()",
    "%%time\n{v} = {v}[{v}.fare_amount > {n}]\nmean = {v}.groupby('passenger_count').fare_amount."
    "mean()\nresult = mean.compute()\nprint(result)",
    "x = da.random.random(({n}000, {n}000), chunks=({n}00, {n}00))\ny = (x + x.T)[::2, {n}:]."
    "mean(axis=1)\ny.compute()",
    "@delayed\ndef load_{v}(path):\n    with open(path) as handle:\n        return json.load(handle)"
    "\n\n@delayed\ndef clean_{v}(record, *, drop=('id',)):\n    return {{k: w for k, w in "
    "record.items() if k not in drop}}",
    "results = []\nfor path in sorted(Path('.').glob('*.json'))[:{n}]:\n    a = load_{v}(path)\n"
    "    b = clean_{v}(a)\n    results.append(b)\ntotal = delayed(len)(results)\n"
    "total.compute(scheduler='processes')",
    "for name in ['a', 'b', 'c']:\n    value = {v}[name].max().compute()\n    print(f'{{name}}: "
    "{{value:.2f}}')",
    "futures = client.map(load_{v}, range({n}))\nfor future in as_completed(futures):\n"
    "    data = future.result()\n    if data is not None:\n        print(len(data))",
    "def process_{v}(block, axis=0):\n    \"\"\"Work on one block.\"\"\"\n    out = np.empty_like("
    "block)\n    for i in range(block.shape[0]):\n        out[i] = block[i] - block.mean(axis=axis)"
    "\n    return out\n\nz = x.map_blocks(process_{v}, dtype=x.dtype)",
    "b = db.read_text('logs/*.gz').map(json.loads).filter(lambda r: r['level'] > {n})\n"
    "b.pluck('name').frequencies(sort=True).topk({n}, key=1).compute()",
    "def recurse_{v}(n):\n    c = get_client()\n    if n < 2:\n        return n\n    a = c.submit("
    "recurse_{v}, n - 1)\n    b = c.submit(recurse_{v}, n - 2)\n    a, b = c.gather([a, b])\n"
    "    return a + b\n\nclient.submit(recurse_{v}, {n}).result()",
    "def load_{v}_remote(path):\n    c = get_client()\n    frame = pd.read_csv(path)\n"
    "    return c.scatter(frame)\n\nfuture = client.submit(load_{v}_remote, 'x{n}.csv')",
    "tasks = [delayed(time.sleep)(i) for i in range({n} % 5 + 1)]\nwith ProgressBar():\n"
    "    compute(*tasks, scheduler='processes', num_workers=4)",
    "ds = xr.open_mfdataset('air_*.nc', chunks={{'time': {n}}}, combine='by_coords')\n"
    "da_ = ds['t2m'] - 273.15\nclimatology = da_.groupby('time.month').mean('time')\n"
    "anomaly = da_.groupby('time.month') - climatology\nanomaly.std('time').plot(figsize=(8, 6))",
    "{v} = {v}.set_index('timestamp').repartition(npartitions={n}).persist()\nwait({v})\n"
    "len({v}), {v}.npartitions",
    "def objective_{v}(params, data=None):\n    try:\n        model = LogisticRegression(**params)\n"
    "        model.fit(data[0], data[1])\n        return model.score(*data)\n    except ValueError "
    "as error:\n        print('failed', error)\n        return float('nan')\n    finally:\n"
    "        del data\n\ngrid = [{{'C': 10 ** -i}} for i in range({n})]\n"
    "scores = client.gather(client.map(partial(objective_{v}, data=(1, 2)), grid))",
    "big_{v} = np.random.randn({n}00_000, 10)\n[remote] = client.scatter([big_{v}], broadcast=True)\n"
    "parts = [client.submit(np.sum, remote, axis=k % 2) for k in range({n})]\nsum(p.result() for p "
    "in parts)",
]
_PLAIN = [
    "# what is in the folder?\n!ls -l data | head -{n}\nfiles = !ls data",
    "fig, ax = plt.subplots(figsize=(10, {n}))\nax.plot(range({n}), np.cumsum(np.ones({n})), "
    "label='{v}')\nax.set_xlabel('step')\nax.legend()\nplt.show()",
    "{v} = pd.DataFrame({{'x': range({n}), 'y': [i ** 2 for i in range({n})]}})\n"
    "{v}['z'] = {v}.apply(lambda row: row.x + row.y, axis=1)\n{v}.describe()",
    "{v}.head({n})",
    "len({v})",
    "class Model_{v}:\n    rate = 0.{n}\n\n    def __init__(self, size):\n        self.size = size\n"
    "        self.weights = [0.0] * size\n\n    def step(self, xs, ys):\n        for x, y in zip(xs, "
    "ys):\n            error = y - sum(w * x for w in self.weights)\n            self.weights = [w + "
    "self.rate * error * x for w in self.weights]\n        return self",
    "{v}?",
    "%%bash\nfor i in 1 2 3; do echo $i; done",
    "config = {{\n    'path': 's3://bucket/{v}',\n    'n': {n},\n    'columns': ['a', 'b', 'c', 'd'],\n"
    "    'nested': {{'deep': [1, 2, 3, {{'deeper': None}}]}},\n}}\nfor key, value in config.items():\n"
    "    print(key, '->', value)",
    "t0 = time.time()\nfor i in range({n}):\n    time.sleep(0.0{n})\nprint('took', time.time() - t0)",
]
_NAMES = ["df", "data", "trips", "flights", "records", "arr", "ts", "frame"]


def notebooks(number: int = 100, cells: int = 15, seed: int = 20) -> Iterator[list[str]]:
    """Yield the sources of the code cells of each notebook.

    Parameters
    ----------
    number, cells
        How many notebooks, and how many cells each has.
    seed
        Another seed makes other notebooks.
    """
    draw = random.Random(seed)  # noqa: S311 - nothing here is a secret
    for _ in range(number):
        names = draw.sample(_NAMES, 3)
        sources = [draw.choice(_FIRST), draw.choice(_CLIENT)]
        while len(sources) < cells:
            sources.append(draw.choice(_BODY if draw.random() < 0.6 else _PLAIN))  # noqa: PLR2004 - most cells use Dask
        yield [s.format(v=draw.choice(names), n=draw.randint(2, 40)) for s in sources]


def as_notebook(sources: list[str]) -> str:
    """Return cells as the text of a notebook file."""
    cells = [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": f"cell-{number}",
            "metadata": {},
            "outputs": [],
            "source": source.splitlines(keepends=True),
        }
        for number, source in enumerate(sources)
    ]
    document = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"
