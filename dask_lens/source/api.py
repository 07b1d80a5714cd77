"""The part of Dask's interface that source is judged by: qualified names and what they return.

A name is written the short way users import it (``distributed.Client``, ``dask.compute``,
``dask.array.Array``); :func:`canonical` brings every other spelling to it.
"""

from __future__ import annotations

from dask_lens.source.words import words

CLIENT = "distributed.Client"
FUTURE = "distributed.Future"
CLUSTER = "distributed.Cluster"
WORKER_CLIENT = "distributed.worker_client"
CLIENT_EXECUTOR = "distributed.ClientExecutor"
DELAYED = "dask.delayed"
DELAYED_FUNCTION = "dask.DelayedLeaf"
DELAYED_OBJECT = "dask.Delayed"
ARRAY = "dask.array.Array"
DATAFRAME = "dask.dataframe.DataFrame"
SERIES = "dask.dataframe.Series"
SCALAR = "dask.dataframe.Scalar"
INDEX = "dask.dataframe.Index"
GROUPED = "dask.dataframe.GroupBy"
WINDOW = "dask.dataframe.Rolling"
ACCESSOR = "dask.dataframe.Accessor"
BAG = "dask.bag.Bag"
BAG_ITEM = "dask.bag.Item"
GENERATOR = "dask.array.random.Generator"
DATASET = "xarray.Dataset"
DATA_ARRAY = "xarray.DataArray"
XARRAY_GROUPED = "xarray.GroupBy"
ARRAY_GROUPED = "xarray.DataArrayGroupBy"
#: A Dataset or DataArray that holds NumPy arrays, or values that are cheap to read.
LOADED = "xarray.Loaded"

FRAMES = (DATAFRAME, SERIES, SCALAR, INDEX)
#: Datasets and DataArrays that hold Dask arrays.
XARRAY = (DATASET, DATA_ARRAY)
#: Groups and windows of these.
XARRAY_PARTS = (XARRAY_GROUPED, ARRAY_GROUPED)

#: What a function that is not known made of something lazy: lazy, too, if it is asked to compute.
DERIVED = "dask.Derived"

#: xesmf's: it keeps lazy what it is called with.
REGRIDDER = "xesmf.Regridder"

#: Lazy objects: what ``dask.compute`` turns into values.
COLLECTIONS = (DELAYED_OBJECT, ARRAY, *FRAMES, BAG, BAG_ITEM, *XARRAY)

#: Parts of collections that are lazy without being collections themselves.
PARTS = (GROUPED, WINDOW, ACCESSOR, XARRAY_GROUPED, ARRAY_GROUPED, GENERATOR)

#: Calls that give the client of the worker they run on.
WORKER_CLIENTS = frozenset(
    {
        "distributed.get_client",
        "distributed.Client.current",
        "distributed.default_client",
        "distributed.Worker._get_client",
    }
)

#: Functions of ``dask.array`` and the like that make a collection from something else.
ARRAY_MAKERS = words(
    "arange asarray array concatenate diag empty empty_like eye from_array from_delayed "
    "from_npy_stack from_tiledb from_zarr full full_like linspace map_blocks ones ones_like "
    "stack tri where zeros zeros_like"
)
FRAME_MAKERS = words(
    "concat from_array from_bcolz from_dask_array from_delayed from_dict from_map "
    "from_pandas map_partitions merge read_csv read_fwf read_hdf read_json read_orc "
    "read_parquet read_sql read_sql_query read_sql_table read_table"
)
BAG_MAKERS = words(
    "concat from_delayed from_sequence from_url map map_partitions range read_avro read_text zip"
)

#: Generators of random numbers that keep their own state.
RANDOM_GENERATORS = ("numpy.random.Generator", "numpy.random.RandomState", "random.Random")

#: What calling a name gives: the type of the result.
RETURNS: dict[str, str] = {
    CLIENT: CLIENT,
    **dict.fromkeys(WORKER_CLIENTS, CLIENT),
    WORKER_CLIENT: CLIENT,
    "distributed.get_worker": "distributed.Worker",
    FUTURE: FUTURE,
    "distributed.Client.submit": FUTURE,
    "distributed.Client.get_executor": CLIENT_EXECUTOR,
    "distributed.Cluster.get_client": CLIENT,
    **{name: name for name in RANDOM_GENERATORS},
    "numpy.random.default_rng": "numpy.random.Generator",
    "dask.datasets.timeseries": DATAFRAME,
    "dask.datasets.make_people": BAG,
    "dask.array.random.RandomState": GENERATOR,
    "dask.array.random.default_rng": GENERATOR,
    "dask_image.imread.imread": ARRAY,
    "stackstac.stack": DATA_ARRAY,
    **{f"dask.array.{name}": ARRAY for name in ARRAY_MAKERS},
    **{f"dask.dataframe.{name}": DATAFRAME for name in FRAME_MAKERS},
    **{f"dask.bag.{name}": BAG for name in BAG_MAKERS},
}

#: Methods that bring a plain value here.
TO_DATA = frozenset(
    {
        "distributed.Client.gather",
        "distributed.Client.get",
        "distributed.Client.run",
        "distributed.Client.cancel",
        "distributed.Client.close",
        "distributed.Client.publish_dataset",
        "distributed.Future.result",
        "distributed.Future.done",
        "distributed.Future.cancelled",
        "distributed.Future.exception",
        "distributed.wait",
        "distributed.fire_and_forget",
    }
)

_DISTRIBUTED_PARTS = words(
    "client cluster core deploy diagnostics local security spec worker worker_client actor "
    "queues variable scheduler"
)
_SPELLINGS = {
    **{f"dask.array.core.{name}": f"dask.array.{name}" for name in ARRAY_MAKERS},
    **{f"dask.dataframe.core.{name}": f"dask.dataframe.{name}" for name in FRAME_MAKERS},
    "dask.delayed.delayed": DELAYED,
    "dask.base.compute": "dask.compute",
    "dask.base.persist": "dask.persist",
    "dask.base.optimize": "dask.optimize",
    "dask.base.visualize": "dask.visualize",
    "dask.array.core.Array": ARRAY,
    **{f"dask.dataframe.core.{k}": f"dask.dataframe.{k}" for k in ("DataFrame", "Series")},
    "dask.bag.core.Bag": BAG,
    "dask.delayed.Delayed": DELAYED_OBJECT,
    "dask.delayed.DelayedLeaf": DELAYED_FUNCTION,
}


def canonical(name: str) -> str:
    """Return the one spelling of a qualified name that the tables use."""
    if name.startswith("dask.distributed"):
        name = name[len("dask.") :]
    first, _, rest = name.partition(".")
    if first == "distributed" and rest:
        words = rest.split(".")
        while len(words) > 1 and words[0] in _DISTRIBUTED_PARTS:
            words.pop(0)
        name = ".".join([first, *words])
    return _SPELLINGS.get(name, name)


def is_cluster(name: str) -> bool:
    """Whether ``name`` is a class of Dask clusters, by a package of Dask's family."""
    root, _, last = name.partition(".")
    family = root == "distributed" or root.startswith("dask") or root == "coiled"
    return family and last.rpartition(".")[2].endswith("Cluster")
