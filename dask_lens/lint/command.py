"""The whole of ``dask lens check``: files in, lines out, an exit status."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import click

from dask_lens.lint import text
from dask_lens.lint.checking import Checked, Remark, check
from dask_lens.lint.files import files
from dask_lens.lint.fixes import diff, mend
from dask_lens.lint.machines import as_github, as_json
from dask_lens.lint.sarif import as_sarif
from dask_lens.lint.settings import choose, settings_of
from dask_lens.lint.store import store
from dask_lens.source.document import Document, decoded, read_bytes
from dask_lens.source.notebook import NotebookError

FORMATS = ("text", "json", "sarif", "github")

STDIN = "-"


@dataclass(frozen=True)
class Options:
    """What was asked for on the command line; see ``dask lens check --help``."""

    select: frozenset[str] | None = None
    ignore: frozenset[str] = frozenset()
    fix: bool = False
    unsafe_fixes: bool = False
    diff: bool = False
    exit_zero: bool = False
    statistics: bool = False
    output_format: str = "text"
    stdin_filename: str | None = None

    @property
    def mends(self) -> bool:
        """Whether rewrites are worked out."""
        return self.fix or self.unsafe_fixes or self.diff


@dataclass
class _Outcome:
    """What came of all files."""

    remarks: list[tuple[str, Remark]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    n_files: int = 0
    n_changed: int = 0
    applied: int = 0
    stdout_taken: bool = False

    def complain(self, problem: str) -> None:
        """Say at once what could not be looked at."""
        self.problems.append(problem)
        click.echo(text.printable(problem), err=True)


def run(paths: Iterable[str], options: Options) -> int:
    """Check files and print what is found; return the exit status.

    Parameters
    ----------
    paths
        Files and folders; ``-`` is what comes on stdin.
    options
        What was asked for.

    Raises
    ------
    dask_lens.lint.settings.SettingsError
        When a ``pyproject.toml`` makes no sense.
    """
    outcome = _Outcome()
    given = list(paths)
    if STDIN in given:
        _stdin(options, outcome)
    for path in files((path for path in given if path != STDIN), outcome.complain):
        _file(path, options, outcome)
    _say(options, outcome)
    if outcome.problems:
        return 2
    found = outcome.n_changed if options.diff else len(outcome.remarks)
    return 1 if found and not options.exit_zero else 0


def _stdin(options: Options, outcome: _Outcome) -> None:
    name = options.stdin_filename or STDIN
    data = sys.stdin.buffer.read()
    is_notebook = Path(name).suffix == ".ipynb"
    if options.stdin_filename is None:
        is_notebook = data.lstrip().startswith(b"{") and b'"cells"' in data
    before = after = None
    try:
        before = decoded(data, name, is_notebook=is_notebook)
        after = _document(before, Path(name), options, outcome)
    except NotebookError as error:
        outcome.complain(str(error))
    if options.mends and not options.diff:
        # What comes out is the code in any case: an editor puts it in place of what went in.
        outcome.stdout_taken = True
        sys.stdout.flush()
        sys.stdout.buffer.write(data if after is None or after is before else after.encoded())
        sys.stdout.buffer.flush()


def _file(path: Path, options: Options, outcome: _Outcome) -> None:
    try:
        data = read_bytes(path)
        before = decoded(data, str(path), is_notebook=path.suffix == ".ipynb")
        after = _document(before, path, options, outcome)
        if after is not before and not options.diff:
            store(path, after.encoded(), data)
    except NotebookError as error:
        outcome.complain(str(error))


def _document(before: Document, path: Path, options: Options, outcome: _Outcome) -> Document:
    """Check a document; return it as it should be."""
    settings = settings_of(path.absolute().parent)
    choice = choose(settings, path, options.select, options.ignore)

    def checked(document: Document) -> Checked:
        return check(document, choice)

    after, applied = before, 0
    if options.mends:
        safeties = ("same", "ask") if options.unsafe_fixes else ("same",)
        after, applied = mend(before, checked, safeties)
    result = checked(after)
    outcome.n_files += 1
    outcome.n_changed += after is not before
    outcome.applied += applied
    for problem in result.problems:
        outcome.complain(problem)
    if options.diff:
        for line in diff(before.name, before, after):
            click.echo(_in_colour(line), color=text.coloured(sys.stdout))
    outcome.remarks += [(before.name, remark) for remark in result.remarks]
    return after


def _in_colour(line: str) -> str:
    """Return a line of a diff as it looks on a terminal."""
    shown = "".join(c if c in "\t\r" else text.printable(c) for c in line)
    colour = {"-": "red", "+": "green", "@": "cyan"}.get(line[:1])
    return click.style(shown, fg=colour) if colour else shown


def _say(options: Options, outcome: _Outcome) -> None:
    """Print what was found, in the format that was asked for."""
    stream = sys.stderr if outcome.stdout_taken or options.diff else sys.stdout
    colour = text.coloured(stream)

    def echo(line: str) -> None:
        click.echo(line, file=stream, color=colour)

    remarks = [remark for _, remark in outcome.remarks]
    if options.diff:
        rewrites = text.number(outcome.applied, "rewrite")
        echo(f"Would apply {rewrites} in {text.number(outcome.n_changed, 'file')}.")
    elif options.output_format == "json" and options.statistics:
        rows = text.counts(remarks)
        echo(json.dumps([{"code": c, "name": n, "count": number} for c, n, number in rows]))
    elif options.output_format == "json":
        echo(as_json(outcome.remarks))
    elif options.output_format == "sarif":
        echo(as_sarif(outcome.remarks, outcome.problems))
    elif options.output_format == "github":
        for line in as_github(outcome.remarks):
            echo(line)
    else:
        lines = text.statistics(remarks) if options.statistics else _findings(options, outcome)
        n_with = len({name for name, _ in outcome.remarks})
        for line in (
            *lines,
            *text.summary(
                remarks, outcome.n_files, n_with, outcome.applied, unsafe=options.unsafe_fixes
            ),
        ):
            echo(line)


def _findings(options: Options, outcome: _Outcome) -> Iterator[str]:
    for name, remark in outcome.remarks:
        yield from text.finding(name, remark, reasons=options.mends)
