"""Noticing an import must not get in the way of it, whatever other threads import."""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dask_lens.observe.on_import import OnImport

PACKAGE = """
import slow_package.client
import slow_gate
slow_gate.reached.set()
assert slow_gate.go_on.wait(20)
import slow_package.rest
"""
GATE = "import threading\nreached, go_on = threading.Event(), threading.Event()\n"


@pytest.fixture
def gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, threading.Event]]:
    """Give the events of a package that stops in mid-import, after its client has come."""
    folder = tmp_path / "slow_package"
    folder.mkdir()
    (folder / "__init__.py").write_text(PACKAGE)
    (folder / "client.py").write_text("class Client: pass\n")
    (folder / "rest.py").touch()
    (tmp_path / "slow_other.py").touch()
    (tmp_path / "slow_gate.py").write_text(GATE)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield vars(importlib.import_module("slow_gate"))
    for name in [name for name in sys.modules if name.startswith("slow_")]:
        del sys.modules[name]


@pytest.fixture
def told() -> Iterator[list[int]]:
    """Give the threads in which an observer of the package was told that it has come."""
    threads: list[int] = []

    def tell() -> None:
        # As ours does: it imports more of the package.
        importlib.import_module("slow_package.rest")
        threads.append(threading.get_ident())

    hook = OnImport(tell, "Client", "slow_package.client")
    hook.install()
    yield threads
    hook.remove()


def test_only_the_thread_that_imports_a_package_goes_on_to_import_more_of_it(
    gate: dict[str, threading.Event], told: list[int]
) -> None:
    def import_package() -> int:
        importlib.import_module("slow_package")
        return threading.get_ident()

    with ThreadPoolExecutor(1) as pool:
        importing = pool.submit(import_package)
        assert gate["reached"].wait(20)
        importlib.import_module("slow_other")
        assert told == []
        gate["go_on"].set()
        assert told == [importing.result(20)]


def test_a_package_that_is_whole_is_told_of_by_any_thread(
    gate: dict[str, threading.Event], told: list[int]
) -> None:
    gate["go_on"].set()
    hooks = [hook for hook in sys.meta_path if isinstance(hook, OnImport)]
    for hook in hooks:
        hook.remove()
    importlib.import_module("slow_package")
    for hook in hooks:
        hook.install()
    importlib.import_module("slow_other")
    assert told == [threading.get_ident()]
