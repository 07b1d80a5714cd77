from __future__ import annotations

import ast
import warnings

import pytest

from dask_lens.source.cell import parse

KEPT = [
    pytest.param("x = 1\n%matplotlib inline\ny = 2", id="a line magic between statements"),
    pytest.param("!ls *.csv | head\ny = 2", id="a shell line"),
    pytest.param("files = !ls 'it''s\ny = 2", id="the output of a shell line is assigned"),
    pytest.param("a, b = !ls\ny = 2", id="the output is unpacked"),
    pytest.param("x = %sql SELECT 1\ny = 2", id="the result of a magic is assigned"),
    pytest.param("df.head?\ny = 2", id="a question about an object"),
    pytest.param("?df\ny = 2", id="a question that comes first"),
    pytest.param("df??\ny = 2", id="a question about the source"),
    pytest.param("import dask.bag as db?\ny = 2", id="a question at the end of a statement"),
    pytest.param("x = f(a).b?\ny = 2", id="a question about what is assigned"),
    pytest.param("%%time\ny = 2", id="a timed cell"),
    pytest.param("\n\n%%time\n%%capture out\ny = 2", id="cell magics in a row, below blank lines"),
    pytest.param("%%timeit -n 3 z = 1\ny = 2", id="a timed cell with setup on its line"),
    pytest.param("if x:\n    %cd ..\n    !pwd\ny = 2", id="magics inside a block"),
    pytest.param("!echo \\\n  more \\\n  and more\ny = 2", id="a shell command over three lines"),
    pytest.param("await f()\ny = 2", id="await at the top level"),
    pytest.param("%timeit -n 3 -r 1 f(1)\ny = 2", id="a timed expression with options"),
    pytest.param("%time for i in x: pass\ny = 2", id="a magic before a compound statement"),
    pytest.param("s = '''\n%time not a magic\n!nor this\n'''\ny = 2", id="magics inside a string"),
    pytest.param("x = (7\n  %time\n)\n%pwd\ny = 2", id="a modulo inside brackets"),
    pytest.param("x = 'it' # don't\n!ls\ny = 2", id="an apostrophe in a comment"),
    pytest.param(",f a b\n/f x\ny = 2", id="calls without parentheses"),
    pytest.param("é = 'ü'\r\n%pwd\r\ny = 2", id="other line ends and other letters"),
]


@pytest.mark.parametrize("source", KEPT)
def test_python_beside_ipython_stays_where_it_was(source: str) -> None:
    cell = parse(source)
    assert cell.problem is None
    last = cell.tree.body[-1]
    assert isinstance(last, ast.Assign)
    assert ast.unparse(last) == "y = 2"
    assert last.lineno == len(cell.lines)
    assert last.col_offset == 0


@pytest.mark.parametrize(
    ("source", "column"),
    [
        pytest.param("%time f(1)", 7, id="a timed expression"),
        pytest.param("%time x = f(1)", 11, id="a timed assignment"),
        pytest.param("%timeit -n 3 -r 1 f(1)", 19, id="options before it"),
        pytest.param("%timeit -n3 f(1)", 13, id="an option without a space"),
        pytest.param("x = %timeit -o f(1)", 16, id="the result of a timing is assigned"),
        pytest.param("if 1:\n    %time f(1)", 11, id="inside a block"),
        pytest.param("%prun  f(1)", 8, id="profiled"),
        pytest.param("ü = %time f(1)", 11, id="after a letter of two bytes"),
    ],
)
def test_a_statement_after_a_magic_keeps_its_column(source: str, column: int) -> None:
    cell = parse(source)
    calls = [node for node in ast.walk(cell.tree) if isinstance(node, ast.Call)]
    place = cell.place(0, calls[0])
    assert (place.column, place.end_column) == (column, column + len("f(1)"))


@pytest.mark.parametrize(
    "source",
    [
        "%%bash\nfor i in 1 2; do echo $i; done",
        "%%html\n<b>x = 1</b>",
        "%%writefile x.py\nimport dask",
        "%%time\n%%bash\nls",
        "%%an_unknown_magic\nimport dask",
    ],
    ids=lambda source: source.split("\n")[0],
)
def test_a_cell_of_another_language_has_no_code(source: str) -> None:
    cell = parse(source)
    assert cell.problem is None
    assert cell.tree.body == []


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("x = <FILL IN>", id="a placeholder"),
        pytest.param("for x in", id="half a line"),
        pytest.param("x = 'a\0b'\0", id="a null byte"),
        pytest.param("(" * 5000, id="too many brackets"),
        pytest.param("x = '\ud800'", id="half a surrogate pair"),
        pytest.param("pip install dask", id="automagic"),
    ],
)
def test_what_does_not_parse_is_said_and_has_no_code(source: str) -> None:
    cell = parse(source)
    assert cell.problem
    assert cell.tree.body == []


def test_columns_count_characters() -> None:
    cell = parse("x = 'grüße'; compute(1)")
    call = cell.tree.body[1]
    place = cell.place(3, call)
    assert (place.cell, place.line, place.column, place.end_column) == (3, 1, 14, 24)


def test_what_python_warns_of_is_left_to_python() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert parse("x = '\\d' is 3").problem is None
