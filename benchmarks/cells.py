"""Notebooks such as people write, made from patterns: the same ones every time.

Cells are read and never run. Some hold mistakes; most do not, and many do not use Dask at all.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path

#: Patterns by where they stand in a notebook; ``<v>`` is a variable, ``<n>`` a number.
PATTERNS = {
    heading: patterns.strip("\n").split("\n# %%\n")
    for heading, patterns in re.findall(
        r"#### (\w+)\n(.*?)(?=#### |\Z)",
        Path(__file__).with_name("cells.txt").read_text(encoding="utf-8"),
        re.DOTALL,
    )
}

_NAMES = ["df", "data", "trips", "flights", "records", "arr", "ts", "frame"]
#: Share of the cells that use Dask.
WITH_DASK = 0.6


def notebooks(number: int = 100, cells: int = 15, seed: int = 20) -> Iterator[list[str]]:
    """Yield the sources of the code cells of each notebook.

    Parameters
    ----------
    number, cells
        How many notebooks, and how many cells each has.
    seed
        Another seed makes other notebooks.
    """
    draw = random.Random(seed)  # noqa: S311 - nothing here is a secret
    for _ in range(number):
        names = draw.sample(_NAMES, 3)
        patterns = [draw.choice(PATTERNS["first"]), draw.choice(PATTERNS["client"])]
        while len(patterns) < cells:
            patterns.append(
                draw.choice(PATTERNS["body" if draw.random() < WITH_DASK else "plain"])
            )
        yield [
            pattern.replace("<v>", draw.choice(names)).replace("<n>", str(draw.randint(2, 40)))
            for pattern in patterns
        ]


def as_notebook(sources: list[str]) -> str:
    """Return cells as the text of a notebook file."""
    cells = [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": f"cell-{number}",
            "metadata": {},
            "outputs": [],
            "source": source.splitlines(keepends=True),
        }
        for number, source in enumerate(sources)
    ]
    document = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"
