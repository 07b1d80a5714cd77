from __future__ import annotations

import pytest
from proposing import refused, rewritten

NAME = "plain-library"
SETUP = "import dask.array as da, dask.dataframe as dd, dask.bag as db\nfrom dask import delayed\n"


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        pytest.param("db.range(3)", "neither", id="a bag"),
        pytest.param("dd.from_pandas(x)", "neither", id="a function that pandas has not"),
        pytest.param("da.sum(x, split_every=3)", "only Dask", id="an option of Dask's"),
        pytest.param("da.max(db.range(3))", "neither", id="a bag within"),
        pytest.param("np = 1\nda.ones(3)", "something else", id="the name is taken"),
        pytest.param("d.ones(3)", "no function", id="something else"),
    ],
)
def test_it_leaves_alone(source: str, reason: str) -> None:
    assert reason in refused(NAME, SETUP, source, at="(")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("y = da.max(x)  # top", "import numpy as np\ny = np.max(x)  # top",
                     id="NumPy, imported"),
        pytest.param("import numpy\ny = da.max(x, axis=0)", "import numpy\n"
                     "y = numpy.max(x, axis=0)",
                     id="NumPy by its name"),
        pytest.param("y = da.ones((3, 2), chunks=2)", "import numpy as np\ny = np.ones((3, 2))",
                     id="without chunks"),
        pytest.param("y = da.multiply(x, da.ones(3, chunks=2, dtype=int))", "import numpy as np\n"
                     "y = np.multiply(x, np.ones(3, dtype=int))", id="two on a line"),
        pytest.param("import pandas as pd\n%time dd.read_csv(p)",
                     "import pandas as pd\n%time pd.read_csv(p)", id="pandas, behind a magic"),
    ],
)  # fmt: skip
def test_the_plain_function_is_called(before: str, after: str) -> None:
    assert rewritten(NAME, SETUP, before, at="(") == (after, "ask")
