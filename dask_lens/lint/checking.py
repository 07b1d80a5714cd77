"""One file judged: its findings, what is said of its comments, and what could not be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dask_lens.findings import FindingReport, reported, rewritten, where
from dask_lens.judge import judge, unknown_words, unused_words
from dask_lens.lint.settings import NOTICES, Choice
from dask_lens.record.cell import Place
from dask_lens.record.run import Run
from dask_lens.rewrite import Edit, Proposal, Untouched
from dask_lens.rule import Finding
from dask_lens.source.document import Document
from dask_lens.source.ignores import Ignore, without
from dask_lens.source.program import read

_UNUSED_ADVICE = "Remove the comment, or the names that are of no use."
_UNKNOWN_ADVICE = "Write the name as `dask lens rules` lists it."


@dataclass(frozen=True)
class Remark:
    """A finding, or a notice about a comment, in one document.

    Parameters
    ----------
    document
        Where it is.
    place
        The place of it; None where no line led to it.
    finding
        What a rule found; None for a notice.
    notice, ignore
        Name of the notice, and the comment that it is about; None for a finding.
    """

    document: Document
    place: Place | None
    finding: Finding | None = None
    notice: str | None = None
    ignore: Ignore | None = None

    @property
    def may_be_rewritten(self) -> bool:
        """Whether there may be a rewrite, which is not worked out yet."""
        return bool(self.finding.fixes) if self.finding else self.notice == "unused-ignore"

    def outcomes(self) -> Iterator[Proposal | Untouched]:
        """Work out the rewrites, one by one, best first."""
        if self.finding is not None:
            yield from rewritten(self.finding, self.document.cells)
        elif self.notice == "unused-ignore" and self.ignore is not None:
            cell = self.document.cells[self.ignore.comment.cell]
            edit = Edit(cell.cell_id, cell.index, cell.source, without(cell.source, self.ignore))
            yield Proposal("remove-ignore", "same", "Remove the comment", (edit,))

    def report(self, *, propose: bool) -> FindingReport:
        """Return it as it travels.

        Parameters
        ----------
        propose
            Whether the rewrites are worked out.
        """
        outcomes = tuple(self.outcomes()) if propose else ()
        if self.finding is not None:
            return reported(self.finding, self.document.cells, outcomes)
        notice, ignore = str(self.notice), self.ignore
        words = unused_words if notice == "unused-ignore" else unknown_words
        return FindingReport(
            code=NOTICES[notice],
            name=notice,
            kind="notice",
            certainty="seen",
            message=f"{words(ignore)}." if ignore else "",
            advice=_UNUSED_ADVICE if notice == "unused-ignore" else _UNKNOWN_ADVICE,
            cost=None,
            **where(self.place, self.document.cells),
            proposals=tuple(outcome for outcome in outcomes if isinstance(outcome, Proposal)),
        )


@dataclass(frozen=True)
class Checked:
    """What is known of one document.

    Parameters
    ----------
    remarks
        In the order of the text.
    problems
        What could not be looked at, one line each.
    """

    remarks: tuple[Remark, ...]
    problems: tuple[str, ...]


def check(document: Document, choice: Choice) -> Checked:
    """Judge a document.

    Parameters
    ----------
    document
        A notebook or a script.
    choice
        What to look for.
    """
    run = Run(document.cells, modules=document.modules)
    judged = judge(run, choice.rules, choice.settings)
    remarks = [Remark(document, finding.place, finding) for finding in judged.findings]
    remarks += _notices(document, "unused-ignore", judged.unused, choice)
    remarks += _notices(document, "unknown-rule", judged.unknown, choice)
    problems = [
        f"{document.name}:{f'cell {number + 1}:' if document.is_notebook else ''} "
        f"cannot be read as Python: {problem}"
        for number, problem in read(run.cells).problems.items()
    ]
    problems += [
        f"{document.name}: {missed.name}: {missed.reason}"
        for missed in judged.not_judged
        if "stumbled" in missed.reason
    ]
    return Checked(tuple(sorted(remarks, key=_position)), tuple(problems))


def _notices(
    document: Document, name: str, found: Iterable[Ignore], choice: Choice
) -> Iterator[Remark]:
    if name in choice.notices:
        for ignore in found:
            yield Remark(document, ignore.comment, None, name, ignore)


def _position(remark: Remark) -> tuple[int, int, int]:
    place = remark.place
    return (place.cell, place.line, place.column or 0) if place else (-1, 0, 0)
