"""What a script does is put below a guard, and all else stays as it was."""

from __future__ import annotations

import pytest

from dask_lens import rewrites
from dask_lens.record.cell import Cell, Place
from dask_lens.rewrite import Proposal, Untouched

HEAD = '''"""Counts."""

from dask.distributed import Client

'''


def proposed(source: str, at: str, path: str | None = "run.py") -> Proposal | Untouched:
    """Apply the rewrite at the line that holds ``at``."""
    lines = source.splitlines()
    line = next((n for n, text in enumerate(lines, start=1) if at in text), 1)
    return rewrites.catalogue()["guard-main"].propose(
        (Cell(source, path=path),), Place(0, line), {}
    )


def guarded(source: str, at: str = "Client()", path: str | None = "run.py") -> tuple[str, str]:
    """Return the new text and its safety; a second time nothing changes."""
    made = proposed(source, at, path)
    assert isinstance(made, Proposal), made
    [edit] = made.edits
    assert isinstance(proposed(edit.after, at, path), Untouched)
    return edit.after, made.safety


def test_it_begins_with_the_statement_and_holds_what_follows() -> None:
    before = HEAD + (
        "# where the work is done\nclient = Client()  # here\n\n"
        "text = '''\nleft as it is\n'''\nfor i in range(3):\n    print(i)\n\n# the end\n"
    )
    after = HEAD + (
        '# where the work is done\nif __name__ == "__main__":\n    client = Client()  # here\n\n'
        "    text = '''\nleft as it is\n'''\n"
        "    for i in range(3):\n        print(i)\n\n# the end\n"
    )
    assert guarded(before) == (after, "same")


def test_a_block_is_put_below_it() -> None:
    before = HEAD + "with Client() as client:\n    print(client)\n"
    after = (
        HEAD + 'if __name__ == "__main__":\n    with Client() as client:\n        print(client)\n'
    )
    assert guarded(before) == (after, "same")


def test_functions_that_others_may_import_are_asked_about() -> None:
    before = HEAD + "client = Client()\n\n@decorated\ndef double(x):\n    return 2 * x\n"
    after = HEAD + (
        'if __name__ == "__main__":\n    client = Client()\n\n'
        "    @decorated\n    def double(x):\n        return 2 * x\n"
    )
    assert guarded(before) == (after, "ask")


def test_it_moves_to_a_guard_that_is_there() -> None:
    before = HEAD + (
        "client = Client()  # local\n\ndef main():\n    print(client)\n\n"
        'if __name__ == "__main__":\n    # begin\n    main()\n'
    )
    after = HEAD + (
        "def main():\n    print(client)\n\n"
        'if __name__ == "__main__":\n    client = Client()  # local\n    # begin\n    main()\n'
    )
    assert guarded(before) == (after, "ask")


def test_the_magic_that_writes_the_script_stays() -> None:
    before = "\n%%writefile run.py\nimport dask\nlazy.compute(scheduler='processes')\n"
    after = (
        '\n%%writefile run.py\nimport dask\nif __name__ == "__main__":\n'
        "    lazy.compute(scheduler='processes')\n"
    )
    assert guarded(before, "compute", path=None) == (after, "same")


def test_line_ends_stay_as_they_are() -> None:
    before = "%%writefile run.py\r\nimport dask\r\nlazy.compute()\r\n"
    after = (
        '%%writefile run.py\r\nimport dask\r\nif __name__ == "__main__":\r\n    lazy.compute()\r\n'
    )
    assert guarded(before, "compute", path=None) == (after, "same")


@pytest.mark.parametrize(
    ("source", "path", "reason"),
    [
        (HEAD + "client = Client()\n", None, "no script"),
        (HEAD + "if __name__ == '__main__':\n    Client()\n", "a.py", "guarded already"),
        (HEAD + "a = 1; client = Client()\n", "a.py", "one line"),
        (HEAD + "Client()\nprint(1)\nif __name__ == '__main__':\n    pass\n", "a.py", "move"),
        ("# Client()\n", "a.py", "no statement"),
        ("Client()(\n", "a.py", "no statement"),
    ],
    ids=["a cell", "a guard", "two on a line", "more than definitions", "a comment", "no Python"],
)
def test_it_is_refused_for(source: str, path: str | None, reason: str) -> None:
    made = proposed(source, "Client()", path)
    assert isinstance(made, Untouched)
    assert reason in made.reason
