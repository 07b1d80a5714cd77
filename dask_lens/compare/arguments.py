"""What a comparison is asked for in words: of the cell magic and of the shell command."""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from dask_lens.compare.variant import Setting, VariantError, setting, whole_number, with_workers

_DESCRIPTION = """\
Time the code of a cell under several schedulers, or several versions of it.

A variant is a scheduler with options: threads, "processes, chunksize=1",
"distributed, workers=2, threads_per_worker=2", sync, as-written. The first one is
the baseline. Lines `# %% name` in the cell divide it into versions; what stands above
the first such line belongs to all of them.

Each variant runs once to warm up, then once a round, in random order, every second
round backwards. Pools and clusters are opened before, timed apart, and closed
afterwards. No run finds results of another one in a cluster. The cell's names stay as
they are: it runs in a copy of them. A cell that awaits runs in an event loop of its own.

A variant that fails or hangs is a row that says why; of several, none may take more than
half of the time left to warm up.
"""

_MAGIC = "%%lens_compare"

_EXAMPLES = """\
examples:
  {0}
      as it is, against what Dask Lens suggests
  {0} threads processes "processes, chunksize=1" distributed
      which scheduler
  {0} threads distributed -n 2,4 -r 11
      each with 2 and with 4 workers, in 11 rounds
  {0} distributed --workers 1,2,4,8
      the speed-up curve, measured over predicted

what it says:
  ratio     the variant's time over the baseline's: 0.50 is twice as fast
  interval  holds the true ratio 95 times in 100; where it holds 1, "about the same"
  memory    at most so much more than before; "could not look" where nobody tells
  result    equal to the baseline's, floats but for the last digits; DIFFERENT comes first
  thread time, and the sentence of each variant: what it lost most by
  Take ...  the one a user waits for least, where that is sure
"""

#: What only one of the two doors asks for.
_OF_A_DOOR = ("keep", "name", "script", "output_format", "whole")

_STATUS = """
A script in the percent format of Jupytext (marks without names, or with [markdown]) is
one piece; so is any script with --whole.

Exits with 1 where no variant could be timed, and with 2 on misuse, or where the script
writes and --yes is not given.
"""


@dataclass(frozen=True)
class Request:
    """What is asked for.

    Parameters
    ----------
    settings
        Schedulers, the baseline first; empty for what is usual.
    counts
        Numbers of workers of a speed-up curve; empty where none is asked for.
    numbers
        Numbers of workers that each variant gets, of a curve or not.
    rounds, max_time, seed
        As in :class:`dask_lens.compare.engine.Plan`.
    yes
        Whether side effects were agreed to.
    keep
        Whether the names of the last run are kept.
    name
        Variable that the result goes to; None for none.
    script, output_format, whole
        Of the shell command: what it compares, ``"text"`` or ``"json"``, and whether lines
        ``# %%`` divide the script into cells rather than into versions.
    """

    settings: tuple[Setting, ...] = ()
    counts: tuple[int, ...] = ()
    rounds: int = 7
    max_time: float = 120.0
    seed: int = 0
    yes: bool = False
    keep: bool = False
    name: str | None = None
    script: str = ""
    output_format: str = "text"
    whole: bool = False
    numbers: tuple[int, ...] = ()


class RequestError(ValueError):
    """Words that ask for nothing that can be done; the message says what can."""


class HelpError(Exception):
    """Help was asked for; the text is the message."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise RequestError(f"{self.prog}: {message}; {self.prog} --help tells more")

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        raise RequestError(message or f"{self.prog} ended with {status}")

    def print_help(self, file: object = None) -> NoReturn:  # noqa: ARG002 - its signature
        raise HelpError(self.format_help())


def parser(program: str) -> argparse.ArgumentParser:
    """Return the parser of the options.

    Parameters
    ----------
    program
        What the user wrote, ``%%lens_compare`` or ``dask lens compare``.
    """
    magic = program == _MAGIC
    examples = _EXAMPLES.format(program if magic else f"{program} a.py")
    made = _Parser(
        prog=program,
        description=_DESCRIPTION,
        epilog=examples if magic else examples + _STATUS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = made.add_argument
    if not magic:
        add("script", help="a file of Python code")
    add("variants", nargs="*", metavar="VARIANT", help="a scheduler with its options, in quotes")
    add("-n", dest="numbers", metavar="N,N", help="each variant with each number of workers")
    add("--workers", metavar="N,N", help="the same, and draw the speed-up curve")
    add("-r", "--rounds", type=int, default=7, help="counted runs of each variant (default 7)")
    add("--max-time", type=float, default=120.0, metavar="S", help="seconds in all (default 120)")
    add("--seed", type=int, default=0, help="of the order of the runs (default 0)")
    add("--yes", action="store_true", help="run the cell again and again although it writes")
    if magic:
        add("-k", "--keep", action="store_true", help="keep the names that the last run made")
        add("-o", dest="name", metavar="NAME", help="keep the result as NAME")
    else:
        add("--whole", action="store_true", help="lines `# %%%%` divide no versions, but cells")
        add("--output-format", choices=("text", "json"), default="text", help="what is printed")
    return made


def read(line: str | Sequence[str], program: str = _MAGIC) -> Request:
    """Read what is asked for.

    Parameters
    ----------
    line
        The words behind the magic, as one line or split as a shell splits them.
    program
        How messages call the command.

    Raises
    ------
    RequestError
        When an option or a variant cannot be understood.
    HelpError
        When help is asked for.
    """
    try:
        words = shlex.split(line) if isinstance(line, str) else list(line)
    except ValueError as error:
        raise RequestError(f"{program}: {error}") from None
    given = parser(program).parse_intermixed_args(words)
    try:
        counts = _numbers(given.workers, "--workers")
        several = counts or _numbers(given.numbers, "-n")
        settings = with_workers([setting(text) for text in given.variants], several)
    except VariantError as error:
        raise RequestError(f"{program}: {error}") from None
    if counts and len({s.scheduler for s in settings}) > 1:
        raise RequestError(f"{program}: --workers draws one curve: name one scheduler")
    if counts and settings and any(s.workers not in counts for s in settings):
        named = settings[0].name
        raise RequestError(f"{program}: --workers takes the number from {named!r}: name one apart")
    if given.rounds < 1 or given.max_time <= 0:
        raise RequestError(f"{program}: at least 1 round and more than 0 seconds are needed")
    of_the_door = {key: getattr(given, key) for key in _OF_A_DOOR if hasattr(given, key)}
    name = of_the_door.get("name")
    if name is not None and not name.isidentifier():
        raise RequestError(f"{program} -o takes a variable name, got {name!r}")
    return Request(
        tuple(settings),
        tuple(counts),
        given.rounds,
        given.max_time,
        given.seed,
        given.yes,
        numbers=tuple(several),
        **of_the_door,
    )


def _numbers(text: str | None, option: str) -> list[int]:
    if text is None:
        return []
    parts = (part.strip() for part in text.split(","))
    return list(dict.fromkeys(whole_number(part, option) for part in parts if part))
