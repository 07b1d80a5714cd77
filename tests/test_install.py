"""What a user gets from the wheel, on a machine without node and without JupyterLab."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
VERSION = json.loads((ROOT / "js" / "package.json").read_text(encoding="utf-8"))["version"]
EXTENSION = "share/jupyter/labextensions/dask-lens/"


def run(*command: str | Path, path: str | Path, cwd: Path) -> str:
    """Run a program that finds only what is in ``path``, and return what it printed."""
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, "PATH": str(path)},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build both distributions: the source one here, the wheel from it, without node."""
    folder = tmp_path_factory.mktemp("dist")
    nowhere = tmp_path_factory.mktemp("empty")
    run(sys.executable, "-m", "build", "--outdir", folder, path=nowhere, cwd=ROOT)
    return folder


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Path:
    (wheel,) = dist.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel where there is nothing but what it asks for."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=True)
    run(
        folder / "bin" / "python",
        *("-m", "pip", "--disable-pip-version-check", "install", "--quiet"),
        wheel,
        path=folder / "bin",
        cwd=folder,
    )
    return folder


def python(environment: Path, code: str) -> str:
    """Run code in the environment, with only its own programs to be found."""
    program = environment / "bin" / "python"
    return run(program, "-c", code, path=environment / "bin", cwd=environment).strip()


def test_the_wheel_holds_each_file_once_and_the_page(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert len(names) == len(set(names))
    shared = [name.partition(EXTENSION)[2] for name in names if EXTENSION in name]
    assert {"package.json", "install.json", "static/style.js"} <= set(shared)
    assert not [name for name in names if name.startswith("dask_lens/labextension")]
    for part in ("present/static/widget.js", "dask-lens.yaml", "dask-lens-schema.yaml"):
        assert f"dask_lens/{part}" in names


def test_the_wheel_says_its_version_and_licence(wheel: Path) -> None:
    assert wheel.name == f"dask_lens-{VERSION}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        metadata = archive.read(f"dask_lens-{VERSION}.dist-info/METADATA").decode()
    assert "License-Expression: BSD-3-Clause" in metadata


def test_installing_brings_no_jupyterlab(environment: Path) -> None:
    code = "from importlib.util import find_spec; print(find_spec('jupyterlab'))"
    assert python(environment, code) == "None"


def test_the_page_lies_where_jupyterlab_looks_for_it(environment: Path) -> None:
    about = json.loads((environment / EXTENSION / "package.json").read_text(encoding="utf-8"))
    assert (about["name"], about["version"]) == ("dask-lens", VERSION)
    entry = about["jupyterlab"]["_build"]["load"]
    assert (environment / EXTENSION / entry).is_file()


def test_version_and_metadata_agree(environment: Path) -> None:
    code = (
        "import dask_lens, importlib.metadata as m;"
        "print(dask_lens.__version__, m.version('dask-lens'))"
    )
    assert python(environment, code).split() == [VERSION, VERSION]


def test_importing_it_loads_nothing_heavy(environment: Path) -> None:
    heavy = ("distributed", "libcst", "IPython", "anywidget")
    code = f"import sys, dask_lens; print([name for name in {heavy} if name in sys.modules])"
    assert python(environment, code) == "[]"


def test_the_extension_loads_observes_and_unloads(environment: Path) -> None:
    code = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
def cell(source):
    shell.run_cell(source, store_history=True).raise_error()
cell("%load_ext dask_lens")
cell("import dask; dask.delayed(sum)([1, 2]).compute(scheduler='threads')")
cell("import dask_lens; assert dask_lens.last_report().computations[0].tasks == 1")
cell("%lens gauge")
cell("%unload_ext dask_lens")
"""
    assert "Traceback" not in python(environment, code)
