"""The example notebooks, run from top to bottom in a real kernel."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

EXAMPLES = Path(__file__).parents[1] / "examples"
MIME_TYPE = "application/vnd.dask-lens.report+json"

#: What each notebook promises: findings by the cell under which they stand. All other cells
#: are silent.
PROMISES = {
    "01-serial-processes": {"slow": {"DSK201"}},
    "02-recursive-futures": {"simple": {"DSK101"}, "large": {"DSK101"}},
    "03-choosing-a-scheduler": {},
}

COMPARISON_TYPE = "application/vnd.dask-lens.comparison+json"


@pytest.fixture(scope="module", params=sorted(PROMISES))
def ran(request):
    """Return a notebook's name and its cells after the run, by id."""
    notebook = nbformat.read(EXAMPLES / f"{request.param}.ipynb", as_version=4)
    NotebookClient(notebook, timeout=180, resources={"metadata": {"path": EXAMPLES}}).execute()
    return request.param, {cell.id: cell for cell in notebook.cells if cell.cell_type == "code"}


def reports(cell):
    return [o.data[MIME_TYPE] for o in cell.outputs if MIME_TYPE in o.get("data", {})]


def text(cell):
    return "".join(o.get("text", "") for o in cell.outputs)


def test_every_example_has_its_promises():
    assert {path.stem for path in EXAMPLES.glob("*.ipynb")} == set(PROMISES)


def test_examples_are_committed_without_outputs():
    for path in EXAMPLES.glob("*.ipynb"):
        for cell in nbformat.read(path, as_version=4).cells:
            assert not cell.get("outputs"), path.name
            assert not cell.get("execution_count"), path.name


def test_the_notebook_finds_what_it_promises_and_the_rest_is_silent(ran):
    name, cells = ran
    found = {
        cell_id: {f["code"] for report in reports(cell) for f in report["findings"]}
        for cell_id, cell in cells.items()
        if reports(cell)
    }
    assert found == PROMISES[name]


def test_findings_were_seen_and_carry_a_way_out(ran):
    _, cells = ran
    for cell in cells.values():
        for report in reports(cell):
            for finding in report["findings"]:
                assert finding["certainty"] == "seen"
                assert finding["proposals"]
                assert finding["line"] is not None


def test_printed_overlaps_are_the_truth(ran):
    name, cells = ran
    overlaps = {
        cell_id: float(text(cell).split(" for ")[1].split()[0])
        for cell_id, cell in cells.items()
        if cell_id.endswith("-times")
    }
    if name == "01-serial-processes":
        assert overlaps.pop("slow-times") == 0
        assert overlaps.keys() == {"fast-times", "cluster-times"}
    assert all(seconds > 2 for seconds in overlaps.values())


def test_each_comparison_recommends_what_the_story_says(ran):
    name, cells = ran
    if name != "03-choosing-a-scheduler":
        return
    found = {
        cell_id: output.data[COMPARISON_TYPE]
        for cell_id, cell in cells.items()
        for output in cell.outputs
        if COMPARISON_TYPE in output.get("data", {})
    }
    assert found.keys() == {"sleeps", "python", "io", "mixed", "numpy", "versions"}
    four = {variant["name"]: variant["median"] for variant in found["sleeps"]["variants"]}
    batch = four.pop("processes, workers=2")
    assert all(median < 0.75 * batch for median in four.values())
    assert found["sleeps"]["recommended"] in four
    assert found["sleeps"]["recommended"] != "processes, workers=2, chunksize=1"
    assert found["io"]["recommended"] == "threads, workers=8"
    # Python at the same time is worth what other programs leave of the second core.
    cluster = found["mixed"]["variants"][2]
    assert cluster["verdict"] in ("faster", "about the same")
    assert cluster["parallelism"] > 2
    assert found["versions"]["recommended"] == "at once"
    assert len(found["numpy"]["curve"]) == 2
    for comparison in found.values():
        assert all(v["results_equal"] is True for v in comparison["variants"])
