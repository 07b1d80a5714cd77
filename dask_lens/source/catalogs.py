"""What intake's catalogues give: Datasets and tables that are opened lazily."""

from __future__ import annotations

import ast

from dask_lens.source import api
from dask_lens.source.values import Value, instance, iterator, made
from dask_lens.source.words import words

#: A catalogue, a source in it, or what is found in it.
CATALOG = "intake.Catalog"

_MAKERS = words("open_catalog open_esm_datastore open_esm_metadatastore open_stac_catalog Catalog")
_NETCDF = words("open_netcdf open_zarr open_rasterio open_opendap open_xarray_image")
_TABLES = words("open_csv open_parquet open_json open_sql open_orc")
_PLAIN = words(
    "df read read_chunked read_partition discover keys nunique unique describe yaml gui to_dict "
    "metadata name walk items values serialize close esmcat aggregations persist"
)


def of_intake(name: str, call: ast.Call, receiver: Value | None) -> Value | None:
    """Return what a function of intake or a method of a catalogue gives; None if unknown.

    Parameters
    ----------
    name
        Its qualified name.
    call
        The call.
    receiver
        The catalogue, for a method.
    """
    last = name.rpartition(".")[2]
    if receiver is None:
        if name.startswith("intake.cat."):
            return _found(last, call)
        makers = {CATALOG: _MAKERS, api.DATASET: _NETCDF, api.DATAFRAME: _TABLES}
        kind = next((kind for kind, names in makers.items() if last in names), "")
        # A source of files is a catalogue's entry; what its to_dask() gives is known.
        return Value("instance", CATALOG, variable=kind, call=call) if kind else None
    return _found(last, call, receiver.variable)


def part(base: Value, name: str) -> Value | None:
    """Return what an attribute of a catalogue gives: one of its sources, or a catalogue in it."""
    return None if name in _PLAIN else instance(base.name)


def _found(method: str, call: ast.Call, kind: str = "") -> Value | None:
    lazy = kind if kind in (api.DATAFRAME, api.DATASET) else api.DATASET
    opened = made(lazy, call)
    if method == "to_dask":
        return opened
    if method == "to_dataset_dict":
        return iterator(opened)
    return None if method in _PLAIN else instance(CATALOG)
