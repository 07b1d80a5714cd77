"""What methods and attributes of lazy objects give, and which of them compute."""

from __future__ import annotations

from dask_lens.source import api
from dask_lens.source.words import words

#: Stands for a plain value, where other results are named by their type.
PLAIN = "data"

#: Attributes of collections that are known without computing.
METADATA = words(
    "attrs blocksize chunks chunksize chunksizes columns coords crs data_vars dims divisions "
    "dtype dtypes encoding indexes itemsize key known_divisions meta name names nbytes ndim "
    "npartitions numblocks size sizes spatial_partitions status type variables xindexes"
)

#: Methods that write a collection to files, and compute it unless told otherwise.
WRITERS = words(
    "store to_avro to_csv to_hdf to_hdf5 to_json to_netcdf to_npy_stack to_orc to_parquet "
    "to_sql to_textfiles to_zarr"
)

#: Methods that compute at once, by type; the value is here afterwards.
EAGER = {
    api.DELAYED_OBJECT: words("compute"),
    api.ARRAY: words("compute"),
    api.BAG: words("compute take"),
    api.BAG_ITEM: words("compute"),
    **dict.fromkeys(api.FRAMES, words("compute head tail iterrows itertuples items to_string")),
    **dict.fromkeys(
        api.XARRAY,
        words("compute load item to_numpy to_pandas to_dataframe to_series to_dict plot tolist"),
    ),
}

_LOOKS = words("dask visualize info explain pprint analyze close dump") | WRITERS

#: Reductions of a frame: a DataFrame's give a Series, a Series' give one number.
_REDUCTIONS = words(
    "all any count idxmax idxmin kurtosis max mean median median_approximate memory_usage min "
    "nunique nunique_approx prod product sem skew std sum var"
)
_OF_SCALARS = words("autocorr corr cov item size")
_TO_FRAME = words("describe get_dummies reset_index to_frame to_dask_dataframe to_dataframe")
_FRAME_ATTRIBUTES = words("T divisions iloc loc partitions")
_BAG_ITEMS = words("all any count fold max mean min reduction std sum var")
_ARRAY_ATTRIBUTES = words("T blocks imag partitions real vindex A1")
_XARRAY_PARTS = words("coarsen cumulative groupby groupby_bins resample rolling weighted")

_BEGINNINGS = ("lat_", "lon_", "latitude_", "longitude_", "nav_l", "xlat", "xlong")
_NAMING = words("name dim var coord col key")
_ENDINGS = ("date", "time", "lat", "lon", "latitude", "longitude", "depth", "_bnds", "_bounds")

#: Dimensions by the names they usually go by: xarray keeps their values in memory.
COORDINATES = words(
    "band depth ensemble height lat latitude latitude_bnds lev level lon longitude member month "
    "plev pressure step t time x y year yc xc z dayofyear hour season"
)


def is_coordinate(name: object) -> bool:
    """Whether a name is usually that of a dimension, whose values xarray keeps in memory."""
    if not isinstance(name, str):
        return False
    name = name.partition(".")[0]  # "time.month" is made of the coordinate
    lower = name.lower()
    return name in COORDINATES or lower.endswith(_ENDINGS) or lower.startswith(_BEGINNINGS)


def names_coordinate(variable: str) -> bool:
    """Whether a variable is called as one that holds the name of a dimension: ``lat_name``."""
    name, _, last = variable.lower().rpartition("_")
    return last in _NAMING and is_coordinate(name)


def called(kind: str, method: str) -> str | None:
    """Return the type of what a method of a lazy object gives.

    Parameters
    ----------
    kind
        The type of the object, one of :mod:`dask_lens.source.api`.
    method
        The method.

    Returns
    -------
    str or None
        A type, or :data:`PLAIN`; None where it is not known.
    """
    if method in EAGER.get(kind, ()):
        return api.LOADED if kind in api.XARRAY and method in ("compute", "load") else PLAIN
    if kind == api.LOADED:
        return kind
    if kind == api.DELAYED_OBJECT:
        return None if method in ("dask", "visualize") else kind
    if kind == api.GENERATOR:
        return api.ARRAY
    if method == "persist" and kind in api.COLLECTIONS:
        return kind
    if method in _LOOKS or (kind not in api.COLLECTIONS and kind not in api.PARTS):
        return None
    if kind in (*api.FRAMES, api.GROUPED, api.WINDOW, api.ACCESSOR):
        return _of_frame(kind, method)
    if kind in (*api.XARRAY, *api.XARRAY_PARTS):
        return _of_xarray(kind, method)
    if kind == api.BAG:
        return api.BAG_ITEM if method in _BAG_ITEMS else _converted(method) or kind
    return _converted(method) or kind


def attribute(kind: str, name: str) -> str | None:
    """Return the type of an attribute of a lazy object, as :func:`called` does of methods."""
    if name.startswith("_"):
        return None
    if kind == api.LOADED:
        return kind
    if kind == api.DELAYED_OBJECT:
        return {"key": PLAIN, "compute": None, "dask": None, "visualize": None}.get(name, kind)
    if kind in (api.GROUPED, api.WINDOW):
        return kind
    if kind == api.BAG:
        return kind if name == "str" else None
    if kind == api.ARRAY:
        return PLAIN if name in METADATA or name == "shape" else kind
    if kind in api.FRAMES:
        return _frame_attribute(kind, name)
    if kind in (*api.XARRAY, *api.XARRAY_PARTS):
        return _xarray_attribute(kind, name)
    return None


def item(kind: str, constant: object, *, is_list: bool = False) -> str:
    """Return the type of ``collection[constant]``; the constant is None where not known."""
    if kind == api.DATAFRAME and not is_list and isinstance(constant, str):
        return api.SERIES
    if kind == api.DATASET and not is_list and isinstance(constant, str):
        return api.LOADED if is_coordinate(constant) else api.DATA_ARRAY
    if kind == api.DATA_ARRAY and isinstance(constant, str):
        return api.LOADED
    return kind


def _converted(method: str) -> str | None:
    if method in ("to_dask_dataframe", "to_dataframe"):
        return api.DATAFRAME
    if method == "to_bag":
        return api.BAG
    return api.ARRAY if method in ("to_dask_array", "to_array") else None


def _of_frame(kind: str, method: str) -> str | None:
    if kind == api.ACCESSOR:
        return api.SERIES
    if method == "groupby":
        return api.GROUPED
    if method in ("rolling", "resample", "expanding", "ewm") and kind != api.GROUPED:
        return api.WINDOW
    if kind in (api.GROUPED, api.WINDOW):
        return api.SERIES if method == "size" else api.DATAFRAME
    if method in ("to_dask_array", "to_bag"):
        return _converted(method)
    if method in _TO_FRAME and kind != api.SCALAR:
        return api.SERIES if (kind, method) == (api.SERIES, "describe") else api.DATAFRAME
    if method in _REDUCTIONS:
        return api.SERIES if kind == api.DATAFRAME else api.SCALAR
    if method in _OF_SCALARS and kind == api.SERIES:
        return api.SCALAR
    return kind


def _frame_attribute(kind: str, name: str) -> str | None:
    if name == "values":
        return api.ARRAY
    if name == "shape":
        return PLAIN
    if name == "size":
        return api.SCALAR
    if name in METADATA and not (kind == api.DATAFRAME and name in ("name", "type", "status")):
        return PLAIN
    if name == "index":
        return api.INDEX
    if kind in (api.SERIES, api.INDEX) and name in ("str", "dt", "cat", "list", "struct"):
        return api.ACCESSOR
    if name in _FRAME_ATTRIBUTES or kind != api.DATAFRAME:
        return kind
    return None if name in ("dask", "plot", "compute", "persist") else api.SERIES


def _of_xarray(kind: str, method: str) -> str | None:
    of_array = kind in (api.DATA_ARRAY, api.ARRAY_GROUPED)
    if method in _XARRAY_PARTS:
        return api.ARRAY_GROUPED if of_array else api.XARRAY_GROUPED
    if kind in api.XARRAY_PARTS:
        return api.DATA_ARRAY if of_array and method != "to_dataset" else api.DATASET
    if method in ("to_array", "to_dataarray"):
        return api.DATA_ARRAY
    if method == "to_dataset":
        return api.DATASET
    if method in ("get_index", "copy_attrs", "keys", "nbytes"):
        return PLAIN
    return api.DATAFRAME if method == "to_dask_dataframe" else kind


def _xarray_attribute(kind: str, name: str) -> str | None:
    if name in METADATA or name in ("shape", "values"):
        return PLAIN
    if name == "data":
        return api.ARRAY if kind == api.DATA_ARRAY else None
    if is_coordinate(name):
        return api.LOADED
    if name in ("plot", "hvplot", "rio", "dask", "compute", "load"):
        return None
    if name in ("str", "dt", "T", "loc", "real", "imag"):
        return kind
    return api.DATA_ARRAY if kind == api.DATASET else kind
