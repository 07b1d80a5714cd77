"""Futures without a client among the user's variables."""

from __future__ import annotations

import collections
from typing import Any

import pytest
from distributed import Client, Future

from dask_lens.observe.namespace import Namespace
from dask_lens.record.run import UnboundFuture


def unbound(key: str) -> Future:
    return Future(key)


class Hostile:
    def __getattribute__(self, name: str) -> Any:
        raise AssertionError(f"somebody asked for {name}")

    def __repr__(self) -> str:
        raise AssertionError("somebody asked for a repr")

    def __len__(self) -> int:
        raise AssertionError("somebody asked for a length")


class HostileList(list[Any]):
    def __iter__(self) -> Any:
        raise AssertionError("somebody looked inside")


@pytest.mark.parametrize(
    "make",
    [
        lambda: 1,
        lambda: "text",
        Hostile,
        lambda: HostileList([1]),
        lambda: {"a": Hostile()},
        lambda: collections.deque([unbound("x")]),
        lambda: Future,
    ],
    ids=["number", "text", "hostile", "hostile list", "hostile inside", "deque", "class"],
)
def test_what_is_no_future_is_left_alone(make: Any) -> None:
    found = Namespace().unbound_futures({"value": make()})
    assert found == ()


def test_futures_with_a_client_are_fine() -> None:
    with Client(processes=False, dashboard_address=None, n_workers=1) as client:
        future = client.submit(abs, -1)
        assert Namespace().unbound_futures({"future": future, "several": [future]}) == ()


@pytest.mark.parametrize(
    "wrap",
    [
        lambda future: future,
        lambda future: [future],
        lambda future: (1, future),
        lambda future: {"a": future},
        lambda future: [{"a": (future,)}],
    ],
    ids=["bare", "list", "tuple", "dict", "nested"],
)
def test_futures_without_a_client_are_found(wrap: Any) -> None:
    found = Namespace().unbound_futures({"x": 1, "result": wrap(unbound("load-1"))})
    assert found == (UnboundFuture("result", "load-1"),)


def test_each_is_told_once_and_by_the_name_the_user_gave() -> None:
    namespace = Namespace()
    future = unbound("load-1")
    variables: dict[str, object] = {"_": future, "_1": future, "Out": {1: future}, "mine": future}
    assert namespace.unbound_futures(variables) == (UnboundFuture("mine", "load-1"),)
    assert namespace.unbound_futures(variables) == ()
    variables["another"] = unbound("load-2")
    assert namespace.unbound_futures(variables) == (UnboundFuture("another", "load-2"),)


def test_a_value_that_was_only_shown_is_told_too() -> None:
    assert Namespace().unbound_futures({"_": unbound("load-1")}) == (UnboundFuture("_", "load-1"),)


def test_large_containers_are_not_walked_to_the_end() -> None:
    circle: list[object] = []
    circle.append(circle)
    assert (
        Namespace().unbound_futures(
            {"a": [0] * 10**6, "b": circle, "c": dict.fromkeys(range(10**5))}
        )
        == ()
    )
