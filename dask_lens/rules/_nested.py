"""Work that tasks start themselves: what kind of task it is, and whether it is waited for."""

from __future__ import annotations

from dask_lens.rules._task_bodies import TaskBody
from dask_lens.source import api
from dask_lens.source.calls import Call
from dask_lens.source.computes import may_compute
from dask_lens.source.words import words

_RUNS = words(
    "distributed.Client.compute distributed.Client.persist distributed.Client.get dask.compute "
    "dask.persist dask.optimize dask.visualize"
)
#: Methods of collections that compute, or write and so compute.
_METHODS = words(
    "compute persist head tail take load store to_csv to_parquet to_zarr to_hdf to_hdf5 to_json "
    "to_netcdf to_sql to_textfiles to_orc to_npy_stack visualize"
)


def computes_inside(task: TaskBody) -> bool:
    """Whether a task computes collections itself, as may be meant."""
    return any(_computes(call) for call in task.calls)


def _computes(call: Call) -> bool:
    if call.name in _RUNS or may_compute(call):
        return True
    owner, _, last = call.name.rpartition(".")
    return owner in api.COLLECTIONS and last in _METHODS


def is_delayed_task(task: TaskBody) -> bool:
    """Whether a function runs as a task because it is, or is made, a delayed function."""
    return all(
        use.name == api.DELAYED
        or (use.result is not None and use.result.is_instance(api.DELAYED_OBJECT))
        for use in task.uses
        if use.name != "distributed.Client.compute"
    )
