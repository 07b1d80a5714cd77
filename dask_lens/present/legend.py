"""Words and colours, wherever something is shown: of accounts, and of key prefixes.

The page's are written from here: ``js/src/legend.ts`` and ``js/style/legend.css``, by
``tools/generate.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dask_lens.record import wire

if TYPE_CHECKING:
    from dask_lens.report import Report


@dataclass(frozen=True)
class Account:
    """One account.

    Parameters
    ----------
    label
        A few words.
    meaning
        A sentence without its full stop.
    sign
        The character that stands for it in plain text.
    colour
        For pages of our own, readable on white and on black (Okabe and Ito's palette).
    themed
        The same in JupyterLab, from the theme's colours.
    """

    label: str
    meaning: str
    sign: str
    colour: str
    themed: str


#: In the order in which they are shown: what worked, then what was lost. ``tasks`` is there
#: where it is not known what was on the CPU: of some runs, and while a computation runs.
ACCOUNTS = {
    "cpu": Account(
        "on the CPU",
        "In a task, on the CPU",
        "#",
        "#009e73",
        "var(--jp-success-color1)",
    ),
    "waiting": Account(
        "waiting inside tasks",
        "In a task, off the CPU: I/O, sleep, locks, the GIL",
        "=",
        "#56b4e9",
        "var(--jp-info-color1)",
    ),
    "tasks": Account(
        "in tasks",
        "In a task; whether on the CPU is not known",
        "+",
        "#0072b2",
        "var(--jp-brand-color1)",
    ),
    "movement": Account(
        "moving data",
        "The next task waited for transfer, serialisation or disk",
        ">",
        "#cc79a7",
        "color-mix(in srgb, var(--jp-error-color1) 50%, var(--jp-brand-color1))",
    ),
    "scheduling": Account(
        "idle, tasks were ready",
        "Idle although tasks could have run: batches, start-up, latency",
        "s",
        "#d55e00",
        "var(--jp-error-color1)",
    ),
    "dependencies": Account(
        "idle, waiting for other tasks",
        "Idle because fewer tasks could run than there were threads",
        "d",
        "#e69f00",
        "var(--jp-warn-color1)",
    ),
    "tail": Account(
        "idle, waiting for the last task",
        "Idle while the last tasks finished",
        "t",
        "#b8a200",
        "color-mix(in srgb, var(--jp-warn-color1) 55%, var(--jp-success-color1))",
    ),
    "client": Account(
        "no task in the system",
        "No task was there: building graphs, Python between computations",
        ".",
        "#8c8c8c",
        "var(--jp-ui-font-color3)",
    ),
}


#: Colours of key prefixes: for pages of our own, and in JupyterLab. The last is for all others.
PREFIXES = (
    ("#0072b2", "var(--jp-brand-color1)"),
    ("#e69f00", "var(--jp-warn-color1)"),
    ("#009e73", "var(--jp-success-color1)"),
    ("#cc79a7", "color-mix(in srgb, var(--jp-error-color1) 50%, var(--jp-brand-color1))"),
    ("#56b4e9", "var(--jp-info-color1)"),
    ("#b8a200", "color-mix(in srgb, var(--jp-warn-color1) 55%, var(--jp-success-color1))"),
    ("#d55e00", "color-mix(in srgb, var(--jp-error-color1) 60%, var(--jp-warn-color1))"),
    ("#7570b3", "color-mix(in srgb, var(--jp-brand-color1) 60%, var(--jp-layout-color4))"),
    ("#8c8c8c", "var(--jp-ui-font-color3)"),
)


def amounts(report: Report) -> dict[str, float]:
    """Return thread-seconds by account, as they are shown.

    Time in tasks of which nobody told whether they were on the CPU is counted as ``cpu``; it
    is shown as what it is.
    """
    if report.budget is None:
        return {}
    spent: dict[str, float] = wire.to_dict(report.budget)
    if any(item.name == "waiting" for item in report.not_judged):
        return {**spent, "tasks": spent["cpu"], "cpu": 0.0}
    return spent


def shares(spent: dict[str, float], least: float = 0.005) -> list[tuple[str, float]]:
    """Return the accounts that can be seen in a bar, with their share of it.

    Parameters
    ----------
    spent
        Thread-seconds by account; other names, such as ``total``, are passed over.
    least
        Share below which an account is too thin to be seen.
    """
    known = {name: max(spent.get(name, 0.0), 0.0) for name in ACCOUNTS}
    total = sum(known.values())
    return [
        (name, amount / total)
        for name, amount in known.items()
        if total > 0 and amount >= least * total
    ]
