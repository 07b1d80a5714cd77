from __future__ import annotations

import pytest
from proposing import refused, rewritten

NAME = "import-warn"
SETUP = "import warnings\n"


@pytest.mark.parametrize(
    ("setup", "before", "reason"),
    [
        pytest.param("from distributed import warn\n", "warn('a')\n", "Python's own",
                     id="distributed's own"),
        pytest.param("from warnings import warn\n", "def f(x):\n    warn('a')\n", "something else",
                     id="imported by its name"),
        pytest.param(SETUP, "warn = 1\ndef f(x):\n    warnings.warn('a')\n", "something else",
                     id="a name that is taken"),
    ],
)  # fmt: skip
def test_it_leaves_alone(setup: str, before: str, reason: str) -> None:
    assert reason in refused(NAME, setup, before, at="warn(")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("def f(x):\n\twarnings.warn( 'é', RuntimeWarning )  # odd\n",
                     "from dask.distributed import warn\n"
                     "def f(x):\n\twarn( 'é', RuntimeWarning )  # odd\n", id="with the import"),
        pytest.param("import distributed\ndef f(x): warnings.warn('a'); return x\n",
                     "import distributed\ndef f(x): distributed.warn('a'); return x\n",
                     id="of a module that is there"),
        pytest.param("from dask.distributed import Client\ndef f(x):\n    warnings.warn('a')\n",
                     "from dask.distributed import Client, warn\ndef f(x):\n    warn('a')\n",
                     id="beside another name"),
    ],
)  # fmt: skip
def test_the_warning_is_passed_on(before: str, after: str) -> None:
    assert rewritten(NAME, SETUP, before, at="warn(") == (after, "ask")
