"""The command as a shell runs it, without the second that starting a shell takes."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass

from dask_lens.cli import lens

#: A script with one mistake, at line 4, which has a safe rewrite.
WRONG = """\
from dask.distributed import Client, get_client
client = Client()
def load(path):
    return get_client().scatter(open(path).read())
future = client.submit(load, "data.csv")
"""
RIGHT = WRONG.replace("get_client().scatter(open(path).read())", "open(path).read()").replace(
    "Client, get_client", "Client"
)

#: The same, with a rewrite that is to be confirmed.
BATCH = """\
import dask, time

@dask.delayed
def slow(x):
    time.sleep(0.3)
    return x

tasks = [slow(i) for i in range(4)]
dask.compute(*tasks, scheduler="processes", num_workers=4)
"""


@dataclass
class Answer:
    """What a command printed, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


def shell(monkeypatch, capsys) -> Callable[..., Answer]:
    """Return a function that runs ``dask lens`` with these arguments."""

    def run(*arguments: object, stdin: bytes = b"") -> Answer:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capsys.readouterr()
        try:
            lens.main([str(argument) for argument in arguments], prog_name="dask lens")
        except SystemExit as ended:
            status = ended.code
        out, err = capsys.readouterr()
        assert isinstance(status, int)
        return Answer(status, out, err)

    return run


def notebook(*sources: str, indent: int | None = 1, **metadata: object) -> str:
    cells = [{"cell_type": "markdown", "metadata": {}, "source": ["# é\n", "text"]}]
    cells += [
        {
            "cell_type": "code",
            "execution_count": number,
            "id": f"c{number}",
            "metadata": {},
            "outputs": [{"name": "stdout", "output_type": "stream", "text": ["\u2028 \u00e9\n"]}],
            "source": source.splitlines(keepends=True),
        }
        for number, source in enumerate(sources)
    ]
    document = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(document, indent=indent, ensure_ascii=False) + "\n"
