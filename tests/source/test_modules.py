"""Functions of modules beside a file: read where they are plain, and never run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import dask_lens
from dask_lens.record.cell import Cell
from dask_lens.source.modules import MOST_BYTES, modules_beside

SCRIPT = """\
import dask.dataframe as dd
from dask.distributed import Client
from {module} import train
if __name__ == "__main__":
    client = Client()
    ddf = dd.read_csv("*.csv")
    future = client.submit(train, ddf)
    print(future.result())
"""
FINE = [
    pytest.param("def train(df):\n    return df.compute().sum()\n", id="it computes"),
    pytest.param("def train(df):\n    return [len(p) for p in df.partitions]\n", id="partitions"),
    pytest.param("import dask\ndef train(df):\n    return dask.compute(df)\n", id="Dask's own"),
    pytest.param("def train(df):\n    import dask_ml\n    return dask_ml.fit(df)\n",
                 id="made for collections"),
    pytest.param("from .fits import fit\ndef train(df):\n    return fit(df)\n", id="not known"),
    pytest.param("def train(df):\n    return size(df)\ndef size(df):\n    return df.npartitions\n",
                 id="partitions, in another function"),
    pytest.param("import tools\n@tools.lazily\ndef train(df):\n    return df.sum()\n",
                 id="decorated"),
    pytest.param("class train:\n    def __init__(self, df):\n        self.df = df\n", id="class"),
    pytest.param("def train(df:\n", id="no Python"),
    pytest.param("raise SystemExit('run')\ntrain = len\n", id="something else"),
]  # fmt: skip
PLAIN = """\
import numpy as np
raise SystemExit("this was run")
def mean(df):
    return np.mean(df.x)
def train(df):
    return mean(df) + 1
"""


def codes(path: Path) -> list[tuple[str, int | None]]:
    return [(f.code, f.line) for f in dask_lens.check(path)]


@pytest.mark.parametrize("text", FINE)
def test_nothing_is_said_of_a_function_where(text: str, tmp_path: Path) -> None:
    (tmp_path / "models.py").write_text(text, encoding="utf-8")
    script = tmp_path / "run.py"
    script.write_text(SCRIPT.format(module="models"), encoding="utf-8")
    assert codes(script) == []


def test_a_plain_function_is_given_a_lazy_collection(tmp_path: Path) -> None:
    (tmp_path / "models.py").write_text(PLAIN, encoding="utf-8")
    script = tmp_path / "run.py"
    script.write_text(SCRIPT.format(module="models"), encoding="utf-8")
    assert codes(script) == [("DSK403", 7)]


def test_a_module_of_a_package_is_found_from_a_notebook(tmp_path: Path) -> None:
    (tmp_path / "lab").mkdir()
    (tmp_path / "lab" / "models.py").write_text(PLAIN, encoding="utf-8")
    source = "import dask.dataframe as dd\nfrom dask.distributed import Client\n"
    source += "import lab.models as m\nclient = Client()\nd = dd.read_csv('x')\n"
    source += "f = client.submit(m.train, d)\nf.result()"
    cell = {"cell_type": "code", "source": source, "metadata": {}, "outputs": []}
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    assert codes(path) == [("DSK403", 6)]


def test_what_sends_nothing_and_what_is_too_large_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "models.py").write_text(PLAIN, encoding="utf-8")
    (tmp_path / "large.py").write_text("#" * (MOST_BYTES + 1), encoding="utf-8")
    (tmp_path / "bad.py").write_bytes(b"\xff\xfe\xfa")
    imports = "from models import train\nimport large, bad, missing\n"
    assert modules_beside([Cell(imports)], tmp_path) == ()
    found = modules_beside([Cell(f"{imports}c.submit(train, 1)")], tmp_path)
    assert found == (("models", PLAIN),)
