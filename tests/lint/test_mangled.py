"""Files that nobody would write, judged and mended: nothing fails, and nothing else changes.

``DASK_LENS_FUZZ=50`` tries fifty times as many.
"""

from __future__ import annotations

import ast
import json
import os
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dask_lens import rules
from dask_lens.lint.checking import check
from dask_lens.lint.fixes import diff, mend
from dask_lens.lint.settings import Settings, choose
from dask_lens.source.cell import parse
from dask_lens.source.document import Document

TIMES = int(os.environ.get("DASK_LENS_FUZZ", "1"))

#: Lines that no rewrite has any business with, laid out as no program would.
ODD = [
    "odd = [1,2 ,  3 ,]  # odd:  '%time'",
    "%config  InlineBackend.figure_format = 'svg'",
    "!echo  $HOME |  cat",
    "text = '''\n  %%time\n\todd \\\n'''",
    "if  1 :  pass   ;  odd=( odd )",
    "# dask-lens: of no meaning",
    "odd  ;",
    "ü  =  'é\u2028\U0001f600'",
]
EXAMPLES = [
    [cell.strip("\n") for cell in code.split("# %%\n")]
    for rule in rules.catalogue()
    for code in (rule.dont, rule.do)
]
SAFETIES = ("same", "ask")


def looked(document):
    """Judge a document by every rule."""
    return check(document, choose(Settings(), Path(document.name)))


def as_document(sources, *, notebook, ends="\n"):
    if not notebook:
        return Document(ends.join(sources), "script.py")
    cells = [
        {"cell_type": "code", "metadata": {"n": n}, "source": source.splitlines(keepends=True)}
        for n, source in enumerate(sources)
    ]
    text = json.dumps({"cells": cells, "metadata": {}}, indent=1, ensure_ascii=False)
    return Document(text, "book.ipynb", is_notebook=True)


def mended(document):
    """Mend a document, and check what holds of all of them; return it."""
    before = [cell.source for cell in document.cells]
    assert [p for p in looked(document).problems if "stumbled" in p] == []
    after, applied = mend(document, looked, SAFETIES)
    assert (after.text == document.text) == (applied == 0)
    assert list(diff("x", document, after)) or not applied
    for old, cell in zip(before, after.cells, strict=True):
        assert parse(old).problem is not None or parse(cell.source).problem is None
    if document.is_notebook:
        written = json.loads(document.text)
        for cell, new in zip(written["cells"], json.loads(after.text)["cells"], strict=True):
            assert type(cell["source"]) is type(new["source"])
            cell["source"] = new["source"]
        assert written == json.loads(after.text)
    return after


def assert_kept_in_order(lines, text):
    """Check that each of these lines stands in a text, byte for byte, one after the other."""
    position = 0
    for line in lines:
        assert line in text[position:], (line, text)
        position = text.index(line, position) + len(line)


def tries(number):
    return settings(
        deadline=None, max_examples=number * TIMES, suppress_health_check=list(HealthCheck)
    )


@pytest.mark.parametrize("rule", rules.catalogue(), ids=lambda rule: rule.name)
@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["Unix", "Windows"])
def test_what_stands_around_a_mistake_is_left_alone(rule, ends):
    draw = random.Random(rule.code)  # noqa: S311 - no secret
    odd = draw.sample(ODD, len(ODD))
    sources = [
        "\n".join([odd[n % len(odd)], cell.strip("\n"), odd[(n + 1) % len(odd)]])
        for n, cell in enumerate(rule.dont.split("# %%\n"))
    ]
    sources = [source.replace("\n", ends) for source in sources]
    after = mended(as_document(sources, notebook=True))
    for n, cell in enumerate(after.cells):
        around = [odd[n % len(odd)], odd[(n + 1) % len(odd)]]
        assert_kept_in_order([line.replace("\n", ends) for line in around], cell.source)
        if ends == "\r\n":
            assert cell.source.count("\n") == cell.source.count("\r\n")


@st.composite
def shaken(draw):
    """The cells of an example with lines taken out, doubled, moved, indented or cut."""
    sources = [source.split("\n") for source in draw(st.sampled_from(EXAMPLES))]
    sources += draw(st.lists(st.sampled_from(draw(st.sampled_from(EXAMPLES))), max_size=2).map(
        lambda cells: [cell.split("\n") for cell in cells]
    ))  # fmt: skip
    for _ in range(draw(st.integers(0, 6))):
        lines = sources[draw(st.integers(0, len(sources) - 1))]
        at = draw(st.integers(0, len(lines)))
        deed = draw(st.sampled_from(["odd", "drop", "double", "indent", "cut", "wrap", "glue"]))
        if deed == "odd" or at == len(lines):
            lines.insert(at, draw(st.sampled_from(ODD)))
        elif deed == "drop":
            del lines[at]
        elif deed == "double":
            lines.insert(draw(st.integers(0, len(lines))), lines[at])
        elif deed == "indent":
            lines[at:] = ["if True:", *("    " + line for line in lines[at:])]
        elif deed == "cut":
            lines[at] = lines[at][: draw(st.integers(0, len(lines[at])))]
        elif deed == "wrap":
            lines[at] = f"({lines[at].strip()}\n)"
        else:
            lines[at : at + 2] = ["; ".join(line.strip() for line in lines[at : at + 2])]
    return ["\n".join(lines) for lines in sources]


@tries(60)
@given(shaken(), st.booleans())
def test_shaken_examples_are_mended_without_harm(sources, notebook):
    mended(as_document(sources, notebook=notebook))


@tries(30)
@given(st.lists(st.text(max_size=60), max_size=3), st.booleans())
def test_any_text_is_judged(sources, notebook):
    mended(as_document(sources, notebook=notebook))


@tries(40)
@given(shaken())
def test_what_python_reads_it_reads_afterwards(sources):
    document = as_document(sources, notebook=False)
    after = mended(document)
    try:
        ast.parse(document.text)
    except SyntaxError:
        return
    ast.parse(after.text)
