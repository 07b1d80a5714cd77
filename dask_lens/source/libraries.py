"""What the functions of Dask's modules, xarray, NumPy and pandas give back."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from dask_lens.source import api, methods
from dask_lens.source.values import DATA, NONE, UNREAD, Value, contained, items, iterator, made
from dask_lens.source.words import words

_PAIRS = words("dask.array.linalg.qr dask.array.linalg.lu dask.array.unique")
_LISTS = words("broadcast_arrays meshgrid nonzero gradient linalg.svd linalg.svd_compressed")
_ARRAY_PARTS = words("fft image linalg ma overlap random stats ufunc")
_PLAIN_OF_ARRAY = words("broadcast_shapes can_cast compute iinfo finfo ndim result_type shape")
_SERIES_OF_FRAME = words("to_datetime to_numeric to_timedelta from_dask_array")
#: Packages whose readers and functions are those of ``dask.dataframe``.
_FRAME_PACKAGES = ("dask.dataframe", "dask_cudf", "dask_geopandas", "dask_expr")
#: Functions of xarray that open files, lazily with Dask where chunks are asked for.
_OPENERS = words(
    "xarray.open_dataset xarray.open_dataarray xarray.open_rasterio xarray.tutorial.open_dataset "
    "xarray.tutorial.load_dataset xarray.load_dataset xarray.load_dataarray "
    "rioxarray.open_rasterio odc.stac.load odc.stac.stac_load"
)
#: What xarray's objects are made of, by the name of the argument.
_MADE_OF = {"DataArray": "data", "Dataset": "data_vars"}
#: Packages whose functions leave lazy what they are given lazily.
_OF_XARRAY = words("xhistogram xskillscore xrft xrspatial")
#: Packages whose own objects are files, or arrays in them.
_STORES = ("h5py.", "netCDF4.", "zarr.")
#: Functions that open files with Dask unless told otherwise.
_LAZY_OPENERS = words("xarray.open_mfdataset xarray.open_zarr")
_ARRAYS_OPENED = words(
    "xarray.open_dataarray xarray.load_dataarray xarray.open_rasterio rioxarray.open_rasterio"
)
#: Functions of NumPy and pandas that take an array in, and compute a lazy one.
TAKES_IN = words(
    "numpy.array numpy.asarray numpy.asanyarray numpy.ascontiguousarray numpy.save numpy.savez "
    "numpy.savetxt numpy.testing.assert_allclose numpy.testing.assert_array_equal "
    "pandas.DataFrame pandas.Series"
)


def of_library(
    name: str,
    call: ast.Call,
    arguments: Sequence[Value | None],
    keywords: Mapping[str, Value | None],
) -> Value | None:
    """Return what the function ``name`` of a library gives; None where it is not known.

    Parameters
    ----------
    name
        Its qualified name.
    call
        The call.
    arguments, keywords
        What is known of what is passed.
    """
    root, _, rest = name.partition(".")
    given = (*arguments, *keywords.values())
    if root in ("numpy", "pandas"):
        return _of_numpy(name, call, given)
    if name in _OPENERS or name in _LAZY_OPENERS:
        return _opened(name, call, keywords)
    if root == "xarray":
        return _of_xarray(rest, call, _made_of(rest, arguments, keywords))
    if root in _OF_XARRAY:
        return _of_dataset(call, given)
    if name.startswith("dask.array.") and rest[6:7].islower():
        return _of_array(name, call, arguments)
    package = name.rpartition(".")[0]
    last = name[len(package) + 1 :]
    if package in _FRAME_PACKAGES and last[:1].islower():
        return _of_frame(last, call, given)
    if package == "dask.bag" and last[:1].islower():
        return None if last in methods.WRITERS else made(api.BAG, call, given)
    if package.startswith("dask_ml.datasets"):
        return iterator(made(api.ARRAY, call, given))
    opens = root == "zarr" and last.startswith("open")
    made_anew = last[:1].isupper() and root not in ("dask", "distributed", "builtins")
    if (opens or made_anew) and package:
        # An object of another library.
        return Value("instance", name, call=call)
    return None


def is_store(value: Value | None) -> bool:
    """Whether a value is an open file, whose arrays are read when they are asked for."""
    return value is not None and value.kind == "instance" and value.name.startswith(_STORES)


def in_store(value: Value | None, key: ast.expr) -> bool:
    """Whether a subscript takes an array out of an open file, by its name."""
    named = isinstance(key, ast.Constant) and isinstance(key.value, str)
    return is_store(value) and (named or isinstance(key, ast.JoinedStr))


def written(call: ast.Call) -> Value:
    """Return what a writer gives: nothing of interest, or with ``compute=False`` a Delayed."""
    for keyword in call.keywords:
        value = keyword.value
        if keyword.arg == "compute" and isinstance(value, ast.Constant) and value.value is False:
            return made(api.DELAYED_OBJECT, call)
    return DATA


def _of_numpy(name: str, call: ast.Call, given: Sequence[Value | None]) -> Value | None:
    lazy = next((v for v in given if v is not None and v.is_instance(*api.COLLECTIONS)), None)
    if lazy is not None:
        # NumPy's functions hand over to the collection's own.
        return DATA if name in TAKES_IN else made(lazy.name, call, given)
    if any(v is not None and v.is_instance(api.LOADED) for v in given):
        return Value("instance", api.LOADED, call=call)
    return DATA


def _opened(name: str, call: ast.Call, keywords: Mapping[str, Value | None]) -> Value | None:
    told = "chunks" in keywords
    lazy = keywords["chunks"] is not NONE if told else name in _LAZY_OPENERS
    if not lazy and not told and UNREAD in keywords:
        return None
    kind = api.DATA_ARRAY if name in _ARRAYS_OPENED else api.DATASET
    return made(kind if lazy else api.LOADED, call)


def _of_xarray(rest: str, call: ast.Call, given: Sequence[Value | None]) -> Value | None:
    if rest in ("set_options", "show_versions", "infer_freq") or rest.count("."):
        return None
    found = next((c for v in given if (c := contained(v, *api.COLLECTIONS)) is not None), None)
    if found is not None:
        kind = found.name if found.name in api.XARRAY else api.DATA_ARRAY
        if rest in ("Dataset", "merge"):
            kind = api.DATASET
        return made(kind, call, given)
    loaded = any(contained(v, api.LOADED) is not None for v in given)
    plain = all(v is not None and v.kind != "instance" for v in given)
    if loaded or (rest in ("DataArray", "Dataset") and plain):
        return Value("instance", api.LOADED, call=call)
    return None


def _made_of(
    rest: str, arguments: Sequence[Value | None], keywords: Mapping[str, Value | None]
) -> Sequence[Value | None]:
    if rest in _MADE_OF:
        # Coordinates are read at once, whatever they were.
        return (*arguments[:1], keywords.get(_MADE_OF[rest]))
    return (*arguments, *keywords.values())


def _of_dataset(call: ast.Call, given: Sequence[Value | None]) -> Value | None:
    found = next((v for v in given if v is not None and v.is_instance(*api.XARRAY)), None)
    return made(found.name, call, given) if found is not None else None


def _of_array(name: str, call: ast.Call, arguments: Sequence[Value | None]) -> Value | None:
    rest = name[len("dask.array.") :]
    inner, _, last = rest.rpartition(".")
    if inner and (inner not in _ARRAY_PARTS or not last[:1].islower()):
        return None
    if rest in methods.WRITERS or rest in _PLAIN_OF_ARRAY:
        return written(call)
    array = made(api.ARRAY, call, arguments)
    if rest == "histogram":  # the edges are there, or little work
        return items([array, DATA])
    if name in _PAIRS:
        return items([array, array]) if rest != "unique" or call.keywords else array
    return iterator(array) if rest in _LISTS else array


def _of_frame(last: str, call: ast.Call, given: Sequence[Value | None]) -> Value | None:
    if last in methods.WRITERS:
        return written(call)
    if last in ("compute", "optimize"):
        return None
    return made(api.SERIES if last in _SERIES_OF_FRAME else api.DATAFRAME, call, given)
