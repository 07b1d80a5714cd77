"""The door of comparisons in a shell: ``dask lens compare``."""

from __future__ import annotations

import atexit
import contextlib
import os
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import thread as thread_pools
from pathlib import Path

import click

from dask_lens import comparing
from dask_lens.compare import arguments
from dask_lens.compare.columns import seconds
from dask_lens.compare.comparison import Comparison
from dask_lens.compare.workload import WorkloadError
from dask_lens.present import comparison as views

PROGRAM = "dask lens compare"

#: Seconds that tasks get to end after the comparison.
GRACE = 1.0

#: Clears the line.
_CLEAR = "\r\x1b[K"


def compare_script(words: Sequence[str]) -> int:
    """Compare what the words of a command line ask for, print it, and return the exit status.

    Parameters
    ----------
    words
        What stands behind ``dask lens compare``.

    Raises
    ------
    click.UsageError
        When that cannot be done; nothing has run then.
    """
    try:
        request = arguments.read(words, PROGRAM)
    except arguments.HelpError as text:
        click.echo(str(text), nl=False)
        return 0
    except arguments.RequestError as error:
        raise click.UsageError(str(error)) from None
    progress = _Progress()
    try:
        with _printing_to_stderr():
            result = comparing.compare_script(Path(request.script), request, progress)
    except OSError as error:
        reason = error.strerror or error
        raise click.UsageError(f"{request.script} cannot be read: {reason}") from None
    except (WorkloadError, comparing.SideEffectsError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{request.script}: {error}") from None
    finally:
        progress.end()
    click.echo(_printed(result, request.output_format))
    status = 0 if result.baseline is not None else 1
    if any(row.error for row in result.rows):
        _end_in_spite_of_tasks(status)
    return status


def _end_in_spite_of_tasks(status: int) -> None:
    """End the process if a task on threads never does: Python would wait for it for ever."""
    until = time.monotonic() + GRACE
    while _is_in_a_task():
        if time.monotonic() > until:
            for stream in (sys.stdout, sys.stderr):
                stream.flush()
            # Closes clusters of the script, and waits for no thread.
            atexit._run_exitfuncs()  # noqa: SLF001 - Python's own end, but for the threads
            os._exit(status)
        time.sleep(0.05)


def _is_in_a_task() -> bool:
    """Whether a thread of a pool is at work; one that waits for work is in the pool's module."""
    frames = sys._current_frames()  # noqa: SLF001 - there is no other way to see
    pools = [t for t in threading.enumerate() if t.name.startswith("ThreadPoolExecutor")]
    tops = [frames[thread.ident] for thread in pools if thread.ident in frames]
    return any(top.f_code.co_filename != thread_pools.__file__ for top in tops)


def _printed(result: Comparison, how: str) -> str:
    return result.to_json() if how == "json" else views.text(result)


@contextlib.contextmanager
def _printing_to_stderr() -> Iterator[None]:
    """Send what the script and its workers print elsewhere: the result alone is output."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


class _Progress:
    """One line on a terminal that tells what runs; it goes when the result is there."""

    def __init__(self) -> None:
        self._shown = sys.stderr.isatty()

    def __call__(self, variant: str, round_: int, left: float | None) -> None:
        if self._shown:
            what = f"round {round_}" if round_ else "warm-up"
            rest = f", about {seconds(left)} left" if left is not None else ""
            click.echo(f"{_CLEAR}Comparing: {what}, {variant}{rest}", nl=False, err=True)

    def end(self) -> None:
        if self._shown:
            click.echo(_CLEAR, nl=False, err=True)
