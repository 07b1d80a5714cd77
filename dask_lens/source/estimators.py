"""What estimators that work on collections give back, and what splits these for them."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from dask_lens.source import api
from dask_lens.source.values import Value, items, made
from dask_lens.source.words import words

#: Packages of estimators that leave lazy what they are given lazily.
PACKAGES = ("dask_ml", "cuml")

_SPLITS = "dask_ml.model_selection.train_test_split"
#: Their objects predict by an estimator of scikit-learn's, at once.
_EAGER = ("dask_ml.model_selection.", "dask_ml.metrics.")
_LAZY = ("dask_ml.", "cuml.dask.")
_PREDICTS = words("predict predict_proba predict_log_proba decision_function fit_predict")
_TRANSFORMS = words("transform fit_transform inverse_transform")


def of_estimator(
    name: str, call: ast.Call, receiver: Value | None, arguments: Sequence[Value | None]
) -> Value | None:
    """Return what a method of an estimator gives, or a split; None where it is not known.

    Parameters
    ----------
    name
        Its qualified name.
    call
        The call.
    receiver
        The estimator, for a method.
    arguments
        What is known of what is passed.
    """
    if name == _SPLITS:
        starred = any(isinstance(argument, ast.Starred) for argument in call.args)
        halves = [_half(call, value) for value in arguments for _ in range(2)]
        return items(halves) if halves and not starred else None
    last = name.rpartition(".")[2]
    if last == "fit":
        return receiver
    if not name.startswith(_LAZY) or name.startswith(_EAGER) or not arguments:
        return None
    given = arguments[0]
    if given is None or not given.is_instance(*api.COLLECTIONS):
        return None
    if last in _PREDICTS:
        return made(api.ARRAY, call, [given])
    return made(given.name, call, [given]) if last in _TRANSFORMS else None


def _half(call: ast.Call, value: Value | None) -> Value | None:
    lazy = value is not None and value.is_instance(*api.COLLECTIONS)
    return made(value.name, call, [value]) if lazy and value is not None else None
