"""What the kernel knows of names, added to what the text tells."""

from __future__ import annotations

from dataclasses import replace

from dask_lens.record.variable import Variable
from dask_lens.source import api
from dask_lens.source.values import DATA, Value

_INSTANCES = {
    "dask.array.core.Array": api.ARRAY,
    "dask.bag.core.Bag": api.BAG,
    "dask.bag.core.Item": api.BAG_ITEM,
    "dask.delayed.Delayed": api.DELAYED_OBJECT,
    "dask.delayed.DelayedAttr": api.DELAYED_OBJECT,
    "distributed.client.Client": api.CLIENT,
    "distributed.client.Future": api.FUTURE,
    "xarray.core.dataset.Dataset": api.DATASET,
    "xarray.core.dataarray.DataArray": api.DATA_ARRAY,
}
_FRAMES = {
    "DataFrame": api.DATAFRAME,
    "Series": api.SERIES,
    "Index": api.INDEX,
    "Scalar": api.SCALAR,
}
#: Packages whose functions users know by the package, not by the module that defines them.
_PACKAGES = ("dask.array", "dask.dataframe", "dask.bag")


def learn(names: dict[str, Value | None], variables: tuple[Variable, ...]) -> None:
    """Put what the kernel knows into a scope; what the text tells in more detail stays.

    Parameters
    ----------
    names
        Values by name, as the text tells them; changed in place.
    variables
        What the names held.
    """
    for variable in variables:
        value = _value(variable)
        known = names.get(variable.name)
        if value is None or (known is not None and known.kind == "items"):
            continue
        if known is None or (value.kind, value.name) != (known.kind, known.name):
            both = known is not None and known.kind == value.kind == "instance"
            # How it was made stays known.
            names[variable.name] = replace(known, name=value.name) if both and known else value


def _value(variable: Variable) -> Value | None:
    kind = variable.type
    if kind in ("module", "class", "function"):
        return Value("name", _public(str(variable.facts.get("name"))))
    if kind.startswith(("numpy.", "pandas.")):
        return DATA
    if kind == "dask.delayed.DelayedLeaf":
        callable_ = variable.facts.get("callable") is True
        return Value("instance", api.DELAYED_FUNCTION if callable_ else api.DELAYED_OBJECT)
    if kind.startswith(("dask.dataframe.", "dask_expr.")):
        name = _FRAMES.get(kind.rpartition(".")[2])
        return Value("instance", name) if name is not None else None
    if kind.startswith("xarray.") and variable.facts.get("lazy") is False:
        return Value("instance", api.LOADED)
    if api.is_cluster(kind):
        return Value("instance", api.CLUSTER)
    name = _INSTANCES.get(kind)
    return Value("instance", name) if name is not None else None


def _public(name: str) -> str:
    """Return the name that users import something by."""
    for package in _PACKAGES:
        if name.startswith(f"{package}.") and name.count(".") > package.count(".") + 1:
            return f"{package}.{name.rpartition('.')[2]}"
    return api.canonical(name)
