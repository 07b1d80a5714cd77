from __future__ import annotations

import pytest
import shelling


@pytest.fixture
def dask_lens(monkeypatch, capsys, tmp_path):
    """Run ``dask lens`` in an empty folder."""
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return shelling.shell(monkeypatch, capsys)
