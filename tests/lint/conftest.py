from __future__ import annotations

import pytest
import shelling

from dask_lens import rules

TWO = tuple(rules.find(code) for code in ("DSK101", "DSK201"))


@pytest.fixture
def dask_lens(monkeypatch, capsys, tmp_path):
    """Run ``dask lens`` in an empty folder, with two rules.

    What the other rules find in the files of these tests is not what is tested.
    """
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(rules, "catalogue", lambda: TWO)
    rules._by_name.cache_clear()
    yield shelling.shell(monkeypatch, capsys)
    rules._by_name.cache_clear()
