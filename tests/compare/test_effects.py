"""What a cell does outside itself."""

from __future__ import annotations

import types
from collections import Counter
from queue import Queue

import numpy as np
import pytest

from dask_lens.compare.effects import effects

NAMES = {
    "kept": [],
    "np": types.ModuleType("np"),
    "ddf": object(),
    "n": 1,
    "words": Counter(),
    "todo": Queue(),
    "array": np.zeros(2),
}


@pytest.mark.parametrize(
    "source",
    [
        "total = d.compute()",
        "out = []\nfor x in xs:\n    out.append(f(x))",
        "with open('a') as file:\n    text = file.read()",
        "text = df.to_csv()",
        "lazy = ddf.to_parquet('out', compute=False)",
        "s = np.add(1, 2)",
        "ddf2 = ddf.add(1)",
        "table = {}\ntable['a'] = 1",
        "def f(x):\n    x.append(1)",
        "%%time\nx = 1",
        "try:\n    f()\nexcept E as error:\n    error.args = ()",
        "n += 1",
        "kept = []\nkept += [1]",
        "x = 1\nx != 2",
        "y = system(1)",
        "match x:\n    case [first, *rest]:\n        rest.append(1)",
    ],
)
def test_nothing_is_seen_in(source):
    assert effects(source, NAMES) == ()


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("ddf.to_parquet('out')", "line 1 writes (to_parquet)"),
        ("x = 1\nopen('a', 'w').write('x')", "line 2 writes a file (open)"),
        ("kept.append(1)", "line 1 changes kept"),
        ("kept[0] = 1", "line 1 changes kept"),
        ("kept[0] += 1", "line 1 changes kept"),
        ("del kept[0]", "line 1 changes kept"),
        ("def f(kept):\n    return 1\nkept.append(2)", "line 3 changes kept"),
        ("model.weights = 1", "line 1 changes model"),
        ("def f():\n    global n\n    n = 1", "line 2 changes n from inside a function"),
        ("!rm -r out", "line 1 runs a command"),
        ("files = !touch out", "line 1 runs a command"),
        ("import os\nos.system('rm out')", "line 2 runs a command"),
        ("subprocess.run(['rm', 'out'])", "line 1 runs a command"),
        ("Path('out').touch()", "line 1 writes (touch)"),
        ("kept += [1]", "line 1 changes kept"),
        ("array *= 2", "line 1 changes array"),
        ("def f(x):\n    kept.append(x)", "line 2 changes kept"),
        ("words.update('ab')", "line 1 changes words"),
        ("todo.put(1)", "line 1 changes todo"),
        ("%%time\nplt.savefig('a.png')", "line 2 writes (savefig)"),
    ],
)
def test_it_is_named_with_its_line(source, told):
    assert told in effects(source, NAMES)
