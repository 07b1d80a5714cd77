"""What a rule is, and what it finds.

A rule is a module on the ``rules`` shelf: its docstring is its page, ``rule = Rule(...)`` its
data, and the function decorated with ``@rule.check`` its logic, a pure generator over a
:class:`~dask_lens.record.run.Run`.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from dask_lens.metrics.estimate import Estimate
from dask_lens.record.cell import Place
from dask_lens.record.computation import Computation
from dask_lens.record.run import NotJudged, Run

#: What a finding says of the code, worst first.
KINDS = ("wrong", "fails", "slow")

#: How the rule knows: it happened and was measured, or it was read from source or graph.
CERTAINTIES = ("seen", "likely")

#: What a rule may look at.
NEEDS = ("source", "graph", "tasks", "namespace")

Settings: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True)
class Fix:
    """A rewrite that a finding asks for.

    Parameters
    ----------
    rewrite
        Name of the rewrite, such as ``"set-chunksize"``.
    place
        Where to apply it; None for the place of the finding.
    arguments
        Passed to the rewrite.
    estimate
        Seconds after the change, or why there is no estimate of them; None: what the rewrite
        does is replayed, where that can be said.
    ran
        The computations that it changes; None for those of the finding's lines.
    """

    rewrite: str
    place: Place | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    estimate: Estimate | NotJudged | None = None
    ran: tuple[Computation, ...] | None = None


@dataclass(frozen=True)
class Finding:
    """One mistake at one place, with what it cost.

    Parameters
    ----------
    rule
        The rule that found it.
    place
        The place to change; None where no line led to it.
    certainty
        ``"seen"`` or ``"likely"``.
    cost
        Seconds lost, measured; None where it was not measured.
    evidence
        Numbers and names that ``rule.message`` shows; JSON values only.
    fixes
        Rewrites to offer, best first.
    minor
        Whether it only informs: told after all others of its kind.
    """

    rule: Rule
    place: Place | None
    certainty: str
    cost: float | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)
    fixes: tuple[Fix, ...] = ()
    minor: bool = False

    @property
    def message(self) -> str:
        """What is wrong, with the numbers."""
        text = self.rule.message if self.certainty == "seen" else self.rule.forecast
        return text.format(**self.evidence)


Check: TypeAlias = Callable[[Run, Settings], Iterator[Finding | NotJudged]]


class Rule:
    """One entry of the catalogue.

    Parameters
    ----------
    module
        ``__name__`` of the rule's module; its last part, with hyphens, is the rule's name.
    code
        ``"DSK201"``; never used again for another rule.
    kind
        One of :data:`KINDS`.
    needs
        Which of :data:`NEEDS` the check looks at; it uses those that the run has.
    message
        What is wrong, with ``{placeholders}`` filled from the evidence.
    advice
        One deed.
    rewrite
        Names of the rewrites its fixes may ask for, best first.
    dont, do
        Code that has the mistake, and the same code without. Cells are separated by lines
        ``# %%``; the line to be found ends in ``# found here``.
    thresholds
        Named settings with their defaults, each to be overridden in ``dask.config`` under
        ``dask-lens.rules.<name>``.
    forecast
        The message before the code has run; ``message`` where it needs no other words.
    also
        Codes of other rules whose mistake the example ``dont`` has as well.
    """

    def __init__(
        self,
        module: str,
        *,
        code: str,
        kind: str,
        needs: tuple[str, ...],
        message: str,
        advice: str,
        dont: str,
        do: str,
        rewrite: tuple[str, ...] = (),
        thresholds: Settings | None = None,
        forecast: str | None = None,
        also: tuple[str, ...] = (),
    ) -> None:
        self.module = module
        self.name = module.rpartition(".")[2].replace("_", "-")
        self.code = code
        self.kind = kind
        self.needs = needs
        self.message = message
        self.forecast = message if forecast is None else forecast
        self.advice = advice
        self.rewrite = rewrite
        self.dont = dont
        self.do = do
        self.also = also
        self.thresholds: Settings = thresholds or {}
        self._check: Check | None = None

    def check(self, function: Check) -> Check:
        """Make ``function(run, settings)`` this rule's check (used as a decorator)."""
        self._check = function
        return function

    def run(self, run: Run, settings: Settings) -> Iterator[Finding | NotJudged]:
        """Look for this mistake.

        Parameters
        ----------
        run
            What happened, or what was written.
        settings
            Thresholds that differ from the rule's own.
        """
        if self._check is None:
            raise TypeError(f"rule {self.name} has no check: decorate one with @rule.check")
        return self._check(run, {**self.thresholds, **settings})

    def finding(
        self,
        place: Place | None,
        *,
        certainty: str,
        cost: float | None = None,
        fixes: tuple[Fix, ...] = (),
        minor: bool = False,
        **evidence: Any,
    ) -> Finding:
        """Build a finding of this rule."""
        return Finding(self, place, certainty, cost, evidence, fixes, minor)

    @property
    def is_confirmed(self) -> bool:
        """Whether a run confirms what it finds; else source or graph is all it looks at."""
        return not set(self.needs) <= {"source", "graph"}

    @property
    def page(self) -> str:
        """The rule's page: its module's docstring."""
        return inspect.cleandoc(sys.modules[self.module].__doc__ or "")

    def __repr__(self) -> str:
        return f"<Rule {self.code} {self.name}>"
