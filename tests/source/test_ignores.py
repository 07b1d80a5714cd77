from __future__ import annotations

from dataclasses import replace

import pytest

from dask_lens.record.cell import Cell, Place
from dask_lens.source.cell import parse
from dask_lens.source.ignores import ignores, unused, without

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


def test_of_several_names_those_that_silence_nothing_are_told() -> None:
    given = ignores([Cell(f"x()  # dask-lens: ignore[tiny-tasks, {NAME}]")])
    [left] = unused(given, [(Place(0, 1), NAME)])
    assert left.rules == ("tiny-tasks",)


@pytest.mark.parametrize(
    ("source", "names", "after"),
    [
        ("x()  # dask-lens: ignore", (), "x()"),
        ("x()  # dask-lens: ignore\r\ny()\r\n", (), "x()\r\ny()\r\n"),
        ("if x:\n    # dask-lens: ignore\n    y()\n", (), "if x:\n    y()\n"),
        ("x()  # a note  # dask-lens: ignore", (), "x()  # a note"),
        ("x()  # dask-lens: ignore  # noqa: E501", (), "x()  # noqa: E501"),
        ("x()  # dask-lens: ignore[a] as it is short\n", ("a",), "x()\n"),
        ("x()  # dask-lens: ignore[a, b_c]", ("a",), "x()  # dask-lens: ignore[b_c]"),
        ("x()  # dask-lens: ignore[a, DSK101]", ("dsk101",), "x()  # dask-lens: ignore[a]"),
        ("ü = 'é'  # dask-lens: ignore", (), "ü = 'é'"),
        ("%time x()  # dask-lens: ignore\n!ls", (), "%time x()\n!ls"),
        ("x()  # dask-lens: ignore[a]  # dask-lens: ignore[b]", ("a",),
         "x()  # dask-lens: ignore[b]"),
    ],
)  # fmt: skip
def test_a_comment_is_taken_away_and_nothing_else(source, names, after) -> None:
    ignore = next(i for i in ignores([Cell(source)]) if i.comment.column)
    assert without(source, replace(ignore, rules=names)) == after


@pytest.mark.parametrize(
    ("source", "line", "plain"),
    [
        ("x = 1", 1, True),
        ("\n# only a comment\n", 2, True),
        ("import dask", 1, True),
        ("def f():\n    x = 1\n    return x", 2, True),
        ("x = y.compute()", 1, False),
        ("x = [\n    1,\n    f(2),\n]", 2, False),
        ("def f():\n    return x", 1, False),
        ("def f():\n    return x", 2, False),
        ("@delayed\ndef f():\n    return x", 1, False),
        ("for x in y:\n    pass", 1, False),
        ("x = (", 1, False),
    ],
)
def test_a_line_on_which_there_can_be_nothing_to_find(source, line, plain) -> None:
    assert parse(source).is_plain(line) is plain
