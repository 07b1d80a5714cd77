"""What a new process of a pool imports before it runs its first task."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType

import pytest

from dask_lens.metrics import boot

CELLS = """
import colorsys, statistics
from fractions import Fraction
import decimal

def blend(pixels):
    return [colorsys.rgb_to_hls(*pixel) for pixel in pixels]

def halves(numbers):
    return list(map(lambda n: Fraction(n, 2), numbers))

mean = statistics.mean([1, 2])
"""


@pytest.fixture
def main(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = ModuleType("__main__")
    exec(CELLS, vars(module))  # noqa: S102 - as IPython does
    monkeypatch.setitem(sys.modules, "__main__", module)
    return module


@pytest.mark.usefixtures("main")
def test_of_a_notebook_it_is_what_its_functions_use() -> None:
    known = boot._imported(())
    assert {"colorsys", "fractions", "dask.multiprocessing"} <= set(known)
    assert not {"statistics", "decimal"} & set(known)


def test_of_a_script_it_is_all_that_it_imports(main: ModuleType) -> None:
    vars(main)["__file__"] = "script.py"
    assert {"colorsys", "fractions", "statistics", "decimal"} <= set(boot._imported(()))


@pytest.mark.usefixtures("main")
def test_it_is_measured_once_for_the_same_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boot, "_measured", {})
    assert boot.measured(now=False) is None
    seconds = boot.measured(now=True)
    assert seconds is not None
    assert 0 < seconds == boot.measured(now=False)


def test_modules_beside_a_script_are_found(
    main: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "beside_the_script.py").write_text("import time; time.sleep(0.3)")
    monkeypatch.setattr(boot, "_measured", {})
    monkeypatch.syspath_prepend(tmp_path)
    vars(main)["__file__"] = "script.py"
    vars(main)["beside"] = importlib.import_module("beside_the_script")
    seconds = boot.measured(now=True)
    assert seconds is not None
    assert seconds > 0.3
