"""The connection from a client to the plugin on its scheduler."""

from __future__ import annotations

from typing import Any

import pytest
from distributed import Client
from miniature import Notebook

from dask_lens.observe.link import Link


def test_a_scheduler_is_not_asked_before_it_knows_the_plugin(
    notebook: Notebook, lone_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    plain = Link._register

    async def slowly(link: Link, *given: Any) -> None:
        asked.append(f"{link.drain(1.0)} {link.name!r}")
        await plain(link, *given)

    monkeypatch.setattr(Link, "_register", slowly)
    monkeypatch.setattr(Link, "_watch_futures", lambda *_: None)
    with Client(lone_client.scheduler.address, set_as_default=False) as other:
        notebook.variables["other"] = other
        assert notebook.one("other.submit(abs, -1).result()").n_tasks == 1
    assert set(asked) == {"False ''"}
