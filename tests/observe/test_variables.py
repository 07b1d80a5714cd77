"""What the user's names hold, told without asking anything of the user's."""

from __future__ import annotations

import sys
import types
from typing import Any

import dask
import dask.array as da
import dask.bag as db
import dask.dataframe as dd
import numpy as np
import pandas as pd
import pytest
from distributed import Client, wait

from dask_lens.observe.computing import layers_of
from dask_lens.observe.variables import MOST_KEPT, snapshot
from dask_lens.record.cell import Cell
from dask_lens.source.program import read


class Touchy:
    def __getattribute__(self, name: str) -> Any:
        raise AssertionError(f"{name} was asked for")

    def __len__(self) -> int:
        raise AssertionError("its length was asked for")


def types_of(**names: object) -> dict[str, str]:
    return {variable.name: variable.type for variable in snapshot(names)}


def test_what_is_no_concern_of_dasks_is_left_out() -> None:
    class Mine:
        pass

    names = {"a": 1, "b": [da.ones(3)], "c": Touchy(), "d": Mine, "e": Mine(), "f": print, "g": pd}
    assert snapshot(names | {"_hidden": da.ones(3), "h": types_of, "i": lambda: 1}) == ()


def test_collections_and_data_are_told_by_type_and_size() -> None:
    x = da.ones((8, 4), chunks=(2, 4))
    frame = pd.DataFrame({"a": [1, 2]})
    found = snapshot({"x": x, "n": np.ones(10), "p": frame, "ddf": dd.from_pandas(frame, 1)})
    assert [variable.name for variable in found] == ["x", "n", "p", "ddf"]
    assert (found[0].type, found[0].facts["npartitions"]) == ("dask.array.core.Array", 4)
    assert found[0].facts["nbytes"] == 256
    assert (found[1].type, found[1].facts) == ("numpy.ndarray", {"nbytes": 80})
    assert found[3].type.endswith(".DataFrame")


def test_imports_are_told_by_their_names() -> None:
    found = snapshot({"da": da, "C": Client, "w": wait, "d": dask.delayed, "c": dask.compute})
    assert [(v.type, v.facts["name"]) for v in found] == [
        ("module", "dask.array"),
        ("class", "distributed.client.Client"),
        ("function", "distributed.client.wait"),
        ("function", "dask.delayed"),
        ("function", "dask.base.compute"),
    ]


def test_very_many_names_are_bounded() -> None:
    x = da.ones(3)
    assert len(snapshot({f"x{n}": x for n in range(3_000)})) == MOST_KEPT


def calls(source: str, names: dict[str, object], *before: str) -> list[str]:
    cells = (*map(Cell, before), Cell(source, variables=snapshot(names)))
    last = len(cells) - 1
    return [call.name for call in read(cells).calls if call.cell == last]


def test_a_cell_is_read_with_what_its_names_hold() -> None:
    x, bag = da.ones(3), db.from_sequence([1])
    one = dask.delayed(abs)
    names = {"x": x, "bag": bag, "lazy": one(1), "f": one, "hidden": types.SimpleNamespace()}
    assert calls("x.compute()", names) == ["dask.array.Array.compute"]
    assert calls("bag.map(f)", names) == ["dask.bag.Bag.map"]
    assert calls("lazy.compute()", names) == ["dask.Delayed.compute"]
    assert "dask.Delayed.compute" in calls("f(2).compute()", names)
    assert calls("hidden.compute()", names) == [""]
    assert calls("go(x)", {"go": dask.compute, "x": x}) == ["dask.compute"]
    assert calls("C()", {"C": Client}) == ["distributed.Client"]
    assert "dask.dataframe.DataFrame.compute" in calls("d.read_csv('x').compute()", {"d": dd})


def test_what_the_kernel_knows_wins_over_the_text_and_keeps_how_it_was_made() -> None:
    before = "import dask.dataframe as dd\nddf = dd.read_csv('x')"
    frame = pd.DataFrame({"a": [1]})
    assert calls("ddf.mean()", {}, before) == ["dask.dataframe.DataFrame.mean"]
    assert "dask" not in calls("ddf.mean()", {"ddf": frame}, before)[0]
    series = dd.from_pandas(frame, 1).a
    assert calls("ddf.mean()", {"ddf": series}, before) == ["dask.dataframe.Series.mean"]


def test_cells_are_the_same_whatever_their_variables() -> None:
    assert Cell("x", variables=snapshot({"x": da.ones(3)})) == Cell("x")


class Held:
    __slots__ = ("_data",)

    def __init__(self, data: object) -> None:
        self._data = data


class DataArray:
    __module__ = "xarray.core.dataarray"

    def __init__(self, data: object) -> None:
        self._variable = Held(data)


class Dataset:
    __module__ = "xarray.core.dataset"

    def __init__(self, data: object) -> None:
        self._variables = {"v": Held(data)}


def test_objects_of_xarray_are_lazy_where_they_hold_dask_arrays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    xarray: Any = types.ModuleType("xarray")
    xarray.DataArray, xarray.Dataset = DataArray, Dataset
    monkeypatch.setitem(sys.modules, "xarray", xarray)
    lazy, plain = da.ones(3), np.ones(3)
    names = {"a": DataArray(lazy), "b": DataArray(plain), "c": Dataset(lazy), "d": Dataset(plain)}
    assert [v.facts["lazy"] for v in snapshot(names)] == [True, False, True, False]
    told = [layers_of([value]) for value in names.values()]
    assert [bool(facts) for facts in told] == [True, False, True, False]
    assert told[0]["finest"]["chunks"] == [3]
