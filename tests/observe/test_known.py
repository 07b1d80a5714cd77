"""What is said of graphs of known truth is true: a few of those in ``benchmarks/truth.py``."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import truth as table

#: This machine may run other tests meanwhile; the benchmark asks for 3 %, and 5 % or 20 ms.
SLACK = 3.0


def outside(compute: table.Compute, name: str, threads: int) -> list[str]:
    report, true = table.run(compute, table.graph(name), threads)
    return [table.cell(*row) for row in table.compare(report, true, SLACK) if not row[-1]]


@pytest.mark.parametrize("graph", ["fan-in", "map-reduce", "tiny tasks"])
@pytest.mark.parametrize(("scheduler", "threads"), [("sync", 1), ("threads", 2)])
def test_what_is_said_of_local_schedulers_is_true(
    scheduler: str, threads: int, graph: str
) -> None:
    with table.local(scheduler) as compute:
        assert outside(compute, graph, threads) == []


def test_what_is_said_of_processes_is_true() -> None:
    with table.local("processes") as compute:
        assert outside(compute, "transfer-heavy", 2) == []


@pytest.fixture(scope="module")
def cluster() -> Iterator[table.Compute]:
    with table.cluster(processes=False) as compute:
        yield compute


@pytest.mark.parametrize("graph", ["skewed", "map-reduce", table.NESTED])
def test_what_is_said_of_distributed_is_true(cluster: table.Compute, graph: str) -> None:
    assert outside(cluster, graph, 2) == []


def test_a_number_that_is_off_is_outside() -> None:
    with table.local("threads") as compute:
        report, true = table.run(compute, table.graph("skewed"), 2)
    assert all(near for *_, near in table.compare(report, true, SLACK))
    true.accounts["tail"] /= 2
    true.ceiling *= 1.2
    wrong = {name for name, _, _, near in table.compare(report, true, SLACK) if not near}
    assert wrong == {"tail", "ceiling"}
