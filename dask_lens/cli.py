"""The doors of the shell: ``dask lens check``, ``compare``, ``explain`` and ``rules``."""

from __future__ import annotations

import contextlib
import shutil
import sys

import click

from dask_lens import pages
from dask_lens import rules as catalogue
from dask_lens.lint import text
from dask_lens.lint.command import FORMATS, Options, run
from dask_lens.lint.settings import SettingsError, chosen


@click.group()
def lens() -> None:
    """Find parallelism mistakes in Dask notebooks and scripts."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):  # a test's or a notebook's own stream
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # the same


@lens.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--fix", is_flag=True, help="Apply the rewrites that cannot alter a value.")
@click.option("--unsafe-fixes", is_flag=True, help="Apply those to be confirmed as well.")
@click.option("--diff", is_flag=True, help="Show what --fix would change, and write nothing.")
@click.option("--select", multiple=True, metavar="RULES", help="Look for these alone.")
@click.option("--ignore", multiple=True, metavar="RULES", help="Do not look for these.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 whatever is found.")
@click.option("--statistics", is_flag=True, help="Show how often each rule found something.")
@click.option(
    "--output-format", type=click.Choice(FORMATS), default="text", show_default=True,
    help="How findings are printed.",
)  # fmt: skip
@click.option("--stdin-filename", metavar="NAME", help="What the code from stdin is called.")
def check(
    paths: tuple[str, ...],
    *,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    **options: object,
) -> None:
    """Find mistakes in .py and .ipynb files and folders; "-" is stdin.

    Without a PATH, below the folder you are in.

    RULES are names, codes or beginnings of codes such as DSK2, with commas between them.

    Exits with 1 where something is found, and with 2 where something cannot be read.
    """
    try:
        status = run(
            paths or (".",),
            Options(
                select=chosen(_words(select), "--select") if select else None,
                ignore=chosen(_words(ignore), "--ignore"),
                **options,  # type: ignore[arg-type]  # click has checked them
            ),
        )
    except SettingsError as error:
        raise click.UsageError(str(error)) from None
    sys.exit(status)


@lens.command(
    add_help_option=False,
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="SCRIPT [VARIANT]...")
def compare(words: tuple[str, ...]) -> None:
    """Time a script under several schedulers, or several versions of it."""
    from dask_lens.compare_command import compare_script  # noqa: PLC0415 - slow, for this alone

    sys.exit(compare_script(words))


@lens.command()
@click.argument("rule")
def explain(rule: str) -> None:
    """Show the page of RULE: why it costs, when it is fine, what to do."""
    try:
        found = catalogue.find(rule)
    except KeyError as error:
        raise click.UsageError(str(error.args[0])) from None
    colour = text.coloured(sys.stdout)
    width = min(shutil.get_terminal_size().columns, 100)
    click.echo(pages.plain(found, width=width, colour=colour), nl=False, color=colour)


@lens.command()
def rules() -> None:
    """List all rules."""
    colour = text.coloured(sys.stdout)
    for line in pages.table(colour=colour):
        click.echo(line, color=colour)


def _words(given: tuple[str, ...]) -> list[str]:
    return [word for part in given for word in part.split(",") if word.strip()]
