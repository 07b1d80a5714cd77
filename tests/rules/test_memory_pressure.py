from __future__ import annotations

import pytest

from dask_lens.record.call import ObservedCall
from dask_lens.record.cell import Cell, Place
from dask_lens.record.computation import Computation
from dask_lens.record.run import Run
from dask_lens.rule import Finding
from dask_lens.rules.memory_pressure import rule


def judged(message: str, at: float = 2.0, kind: str = "memory") -> list[Finding]:
    facts = {"kind": kind, "message": message}
    seen = ObservedCall(f"logging.{kind}", None, at, at, 1, facts)
    ran = Computation("distributed", 1.0, 3.0, 1, n_tasks=1, busy=2.0, place=Place(0, 1))
    run = Run((Cell("y = x.compute()"),), 0, 0.0, 9.0, (ran,), calls=(seen,))
    return [one for one in rule.run(run, {}) if isinstance(one, Finding)]


@pytest.mark.parametrize(
    ("message", "at", "kind"),
    [
        pytest.param("Worker is at 70% memory usage. Resuming worker.", 2.0, "memory",
                     id="a worker that is well again"),
        pytest.param("Pausing worker", 8.0, "memory", id="a time when nothing ran"),
        pytest.param("Pausing worker", 2.0, "worker", id="another matter"),
    ],
)  # fmt: skip
def test_it_is_silent_where(message: str, at: float, kind: str) -> None:
    assert judged(message, at, kind) == []


@pytest.mark.parametrize(
    "message",
    [
        "Worker is at 81% memory usage. Pausing worker. Process memory: 1 GiB",
        "Worker tcp://a:1 (pid=1) exceeded 95% memory budget. Restarting...",
        "Unmanaged memory use is high. This may indicate a memory leak",
    ],
)
def test_it_is_found(message: str) -> None:
    [finding] = judged(message)
    assert message in finding.message
    assert finding.place is not None
    assert finding.place.line == 1
