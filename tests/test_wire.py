"""What happened, as JSON and back: nothing is lost, and what cannot be read says why."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dask_lens.record import wire
from dask_lens.record.call import ObservedCall
from dask_lens.record.cell import Cell
from dask_lens.record.computation import Computation
from dask_lens.record.graph import Graph
from dask_lens.record.run import Run
from dask_lens.record.task import Task
from dask_lens.record.variable import Variable

# JSON has no NaN and no infinity, and Python compares NaN with nothing.
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))
JSON = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text())
for kind in (ObservedCall, Variable):
    st.register_type_strategy(kind, st.builds(kind, facts=st.dictionaries(st.text(), JSON)))

TASK = Task("inc-1", "inc", "4711", 1, start=10.0, stop=10.5)
RUN = Run(
    cells=(Cell("x = 1"), Cell("d.compute()", "a1", 3)),
    observed=1,
    start=9.0,
    stop=11.0,
    computations=(
        Computation("threads", 10.0, 10.6, 2, (TASK,), 1, 0.5, graph=Graph(("inc-1",), ((),))),
    ),
)


def through_json(value: Any, kind: type[Any]) -> Any:
    return wire.from_dict(kind, json.loads(json.dumps(wire.to_dict(value))))


@settings(max_examples=60, deadline=None)
@given(run=st.from_type(Run))
def test_any_run_survives_the_way_to_json_and_back(run: Run) -> None:
    assert through_json(run, Run) == run


def test_json_gets_only_what_json_has() -> None:
    assert json.loads(json.dumps(wire.to_dict(RUN))) == wire.to_dict(RUN)


def test_a_field_this_version_does_not_know_is_passed_over() -> None:
    document = wire.to_dict(RUN) | {"mood": "cheerful"}
    assert wire.from_dict(Run, document) == RUN


def test_a_field_written_before_it_existed_takes_its_default() -> None:
    document = wire.to_dict(RUN)
    del document["unbound_futures"]
    del document["computations"][0]["tasks"][0]["exact"]
    assert wire.from_dict(Run, document) == RUN


def test_a_whole_number_is_read_as_seconds() -> None:
    document = wire.to_dict(RUN) | {"start": 9}
    assert wire.from_dict(Run, document) == RUN
    assert isinstance(wire.from_dict(Run, document).start, float)


def test_a_run_that_is_still_open_keeps_its_missing_stop() -> None:
    computation = replace(RUN.computations[0], stop=None, status="open")
    run = replace(RUN, stop=None, computations=(computation,))
    assert through_json(run, Run) == run


@dataclass(frozen=True)
class Evidence:
    numbers: dict[str, float] = field(default_factory=dict)
    anything: Any = None


def test_mappings_and_free_values_survive() -> None:
    evidence = Evidence({"lost": 3.5}, {"names": ["a", "b"], "n": 2})
    assert through_json(evidence, Evidence) == evidence


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ([], r"document: expected an object, got list"),
        ({"cells": {}}, r"document\.cells: expected a list, got dict"),
        ({"cells": [{"source": 1}]}, r"document\.cells\[0\]\.source: expected str, got int"),
        ({"cells": ["x"]}, r"document\.cells\[0\]: expected an object, got str"),
        ({"cells": [], "start": "now"}, r"document\.start: expected float, got str"),
        ({"cells": [], "observed": True}, r"document\.observed: expected int, got bool"),
        ({"cells": [], "start": True}, r"document\.start: expected float, got bool"),
        ({}, r"document: .*'cells'; was it written by another version\?"),
    ],
    ids=[
        "a list where a run should be",
        "an object where a list should be",
        "a number where text should be",
        "text where an object should be",
        "text where seconds should be",
        "a truth value where a number should be",
        "a truth value where seconds should be",
        "a field that must be there",
    ],
)
def test_a_malformed_document_is_refused_with_its_place(document: Any, complaint: str) -> None:
    with pytest.raises(wire.WireError, match=complaint):
        wire.from_dict(Run, document)


def test_a_malformed_mapping_is_refused_with_its_place() -> None:
    with pytest.raises(wire.WireError, match=r"document\.numbers: expected an object, got list"):
        wire.from_dict(Evidence, {"numbers": []})
    with pytest.raises(wire.WireError, match=r"document\.numbers\.lost: expected float, got str"):
        wire.from_dict(Evidence, {"numbers": {"lost": "much"}})


def test_the_place_starts_with_the_name_of_the_document() -> None:
    with pytest.raises(wire.WireError, match=r"^serial\.json\.cells: "):
        wire.from_dict(Run, {"cells": None}, "serial.json")
