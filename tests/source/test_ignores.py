from __future__ import annotations

import pytest

from dask_lens.record.cell import Cell, Place
from dask_lens.source.ignores import ignores, unused

NAME = "processes-small-batch"


def silenced(source: str, place: Place, rule: str = NAME) -> bool:
    return any(ignore.silences(place, rule) for ignore in ignores([Cell(source)]))


@pytest.mark.parametrize(
    ("source", "place"),
    [
        pytest.param("x.compute()", Place(0, 1), id="there is no comment"),
        pytest.param("x.compute()  # dask-lens: ignore[other]", Place(0, 1), id="another rule"),
        pytest.param("y = 1  # dask-lens: ignore\nx.compute()", Place(0, 2), id="the line above"),
        pytest.param("y = '# dask-lens: ignore'; x.compute()", Place(0, 1), id="a string"),
        pytest.param("x.compute()  # dask-lens: ignore", Place(1, 1), id="another cell"),
        pytest.param("x.compute()  # type: ignore", Place(0, 1), id="somebody else's comment"),
    ],
)
def test_a_finding_stays_where_it_finds(source: str, place: Place) -> None:
    assert not silenced(source, place)


@pytest.mark.parametrize(
    ("source", "place"),
    [
        pytest.param("x.compute()  # dask-lens: ignore", Place(0, 1, 1, 1, 12), id="the line"),
        pytest.param("x.compute()  # dask-lens: ignore[processes-small-batch]", Place(0, 1),
                     id="the line, for this rule"),
        pytest.param("x.compute()  #dask-lens:ignore[ other , processes_small_batch ]",
                     Place(0, 1), id="several rules, loosely written"),
        pytest.param("x.compute(\n    y,\n)  # dask-lens: ignore", Place(0, 1, 1, 3, 2),
                     id="the last line of a call"),
        pytest.param("x.compute(  # dask-lens: ignore\n    y,\n)", Place(0, 1, 1, 3, 2),
                     id="the first line of a call"),
        pytest.param("# dask-lens: ignore\nx.compute()", Place(0, 2), id="the line above, alone"),
        pytest.param("%time x.compute()  # dask-lens: ignore", Place(0, 1), id="behind a magic"),
        pytest.param("y = 2  # a note, dask-lens\nx()  # why? # dask-lens: ignore", Place(0, 2),
                     id="behind another comment"),
    ],
)  # fmt: skip
def test_a_finding_is_silenced_by(source: str, place: Place) -> None:
    assert silenced(source, place)


def test_comments_that_silence_nothing_are_told() -> None:
    given = ignores([Cell("x()  # dask-lens: ignore\ny()  # dask-lens: ignore[tiny-tasks]")])
    [left] = unused(given, [(Place(0, 1), NAME), (Place(0, 2), NAME)])
    assert left.place.line == 2
    assert left.rules == ("tiny-tasks",)


@pytest.mark.parametrize("source", ["# dask-lens: ignore\nx = (", "x = '# dask-lens", "%%bash\n#"])
def test_cells_that_are_no_python_do_no_harm(source: str) -> None:
    assert len(ignores([Cell(source)])) <= 1
