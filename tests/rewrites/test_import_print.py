from __future__ import annotations

import pytest
from proposing import refused, rewritten

NAME = "import-print"
IMPORT = "from dask.distributed import print\n"


def test_it_leaves_alone_a_print_that_is_not_pythons() -> None:
    assert "Python's own" in refused(NAME, IMPORT, "print(1)", at="print(")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("def f(x):\n    print(x)\n", IMPORT + "def f(x):\n    print(x)\n",
                     id="first"),
        pytest.param("%%time\n'''Doc.'''\nimport os\n!ls\nprint(os)",
                     "%%time\n'''Doc.'''\n" + IMPORT + "import os\n!ls\nprint(os)",
                     id="below the docstring"),
    ],
)  # fmt: skip
def test_the_name_is_imported(before: str, after: str) -> None:
    assert rewritten(NAME, before, at="print(") == (after, "same")
