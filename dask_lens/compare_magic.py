"""The door of comparisons in a notebook: ``%%lens_compare``."""

from __future__ import annotations

import time
from typing import Any

from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_cell_magic, magics_class

from dask_lens import comparing, lens
from dask_lens.compare import arguments
from dask_lens.compare.columns import seconds
from dask_lens.compare.comparison import Comparison
from dask_lens.compare.workload import WorkloadError
from dask_lens.record.cell import Cell

#: Names of a run that are not the cell's own.
_NOT_KEPT = frozenset({"get_ipython", "In", "Out", "exit", "quit"})


@magics_class
class CompareMagics(Magics):
    """Magics that compare."""

    @line_cell_magic("lens_compare")
    def lens_compare(self, line: str, cell: str | None = None) -> None:
        """Time the cell under several schedulers, or several versions of it.

        ::

            %%lens_compare [VARIANT ...] [-n N,N] [--workers N,N] [-r ROUNDS]
                           [--max-time S] [--seed N] [--yes] [-k] [-o NAME]

        A VARIANT is a scheduler with options: threads, "processes, chunksize=1",
        "distributed, workers=2", sync, as-written; the first is the baseline. Without any, the
        cell as it is runs against what Dask Lens suggests. Lines `# %% name` divide the cell
        into versions; what stands above the first of them belongs to all.

        -n 2,4          each variant with 2 and with 4 workers
        --workers 1,2,4 the same, and draw the speed-up curve
        -r 7            counted runs of each variant
        --max-time 120  seconds in all; it ends with what there is
        --yes           run a cell that writes
        -k              keep the names that the last run made
        -o NAME         keep the result: .table, .to_markdown(), .to_json(), .to_dict()

        Which scheduler?

        ::

            %%lens_compare threads "processes, chunksize=1" distributed
            total = df.groupby("name").x.mean().compute()

        How many workers?

        ::

            %%lens_compare threads --workers 1,2,4 -o curve
            x.sum().compute()

        This version or that?

        ::

            %%lens_compare
            parts = [dask.delayed(load)(name) for name in names]
            # %% one by one
            data = [part.compute() for part in parts]
            # %% at once
            data = dask.compute(*parts)

        A ratio of 0.50 is twice as fast as the baseline; its interval holds the truth 95 times
        in 100, and where it holds 1 the two are about the same. Results are compared as well.
        The cell runs in a copy of the names, and what is opened for it is closed. Interrupt it
        and it shows the rounds that are done. `%lens_compare --help` tells the rest.
        """
        shell: Any = self.shell
        try:
            request = arguments.read(line)
        except arguments.HelpError as text:
            print(text)
            return
        except arguments.RequestError as error:
            raise UsageError(str(error)) from None
        if cell is None:
            raise UsageError(
                "%%lens_compare must be the first line of the cell that it times; "
                "`%lens_compare --help` shows examples"
            )
        names = {name: v for name, v in shell.user_ns.items() if name not in ("In", "Out")}
        progress = _Progress(shell)
        watching = lens.loaded()
        try:
            if watching is not None:
                watching.comparing = True
            result, left = comparing.compare_cell(
                cell,
                request,
                names,
                progress,
                transform=shell.transform_cell,
                written=_written(cell),
            )
        except (WorkloadError, comparing.SideEffectsError) as error:
            raise UsageError(f"%%lens_compare: {error}") from None
        finally:
            progress.end()
        self._show(result)
        if request.keep:
            kept = {n: v for n, v in left.items() if n not in _NOT_KEPT and n[:1] != "_"}
            shell.user_ns.update(kept)
        if request.name is not None:
            shell.user_ns[request.name] = result

    def _show(self, result: Comparison) -> None:
        shell: Any = self.shell
        shell.display_pub.publish(comparing.bundle(result))
        watching = lens.loaded()
        if watching is not None:
            watching.keep_comparison(result)


def _written(body: str) -> Cell | None:
    """Return the cell that runs, as the notebook holds it."""
    watching = lens.loaded()
    current = watching.observer.current() if watching is not None else None
    cell = current.cells[-1] if current is not None and current.cells else None
    if cell is None or not cell.source.rstrip().endswith(body.rstrip()):
        return None
    return cell


class _Progress:
    """One line that tells what runs; it goes when the result is there."""

    def __init__(self, shell: Any) -> None:
        self._publish = shell.display_pub.publish
        self._id = f"dask-lens-compare-{time.time_ns()}"
        self._began = False

    def __call__(self, variant: str, round_: int, left: float | None) -> None:
        what = f"round {round_}" if round_ else "warm-up"
        rest = f", about {seconds(left)} left" if left is not None else ""
        self._put(f"Comparing: {what}, {variant}{rest}")

    def _put(self, text: str) -> None:
        self._publish({"text/plain": text}, transient={"display_id": self._id}, update=self._began)
        self._began = True

    def end(self) -> None:
        """Let the line disappear."""
        if self._began:
            self._publish(
                {"text/plain": "", "text/html": ""},
                transient={"display_id": self._id},
                update=True,
            )


def register(shell: Any) -> None:
    """Register the magic, and how results are displayed."""
    shell.register_magics(CompareMagics)
    formatters = shell.display_formatter.formatters
    formatters["text/html"].for_type(Comparison, comparing.html)
    formatters["text/plain"].for_type(Comparison, _print)


def unregister(shell: Any) -> None:
    """Take the magic away."""
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop("lens_compare", None)
    shell.magics_manager.registry.pop("CompareMagics", None)
    for kind in ("text/html", "text/plain"):
        shell.display_formatter.formatters[kind].pop(Comparison, None)


def _print(result: Comparison, printer: Any, cycle: bool) -> None:  # noqa: ARG001 - IPython's
    printer.text(comparing.text(result))
