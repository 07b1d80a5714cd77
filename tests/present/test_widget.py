"""The gauge widget: what the page is told, from any thread, without a page."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import Any

import pytest

from dask_lens.metrics.parallelism import Parallelism
from dask_lens.present.widget import Gauge
from dask_lens.record.live import Live


class Recorded(Gauge):
    """A gauge that keeps what it would send."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        super().__init__()

    def send_state(self, key: Any = None) -> None:
        names = {key} if isinstance(key, str) else set(key or ())
        self.sent.append({name: getattr(self, name) for name in names})


@pytest.fixture
def gauge() -> Recorded:
    gauge = Recorded()
    gauge.sent.clear()
    return gauge


def sample(time: float, running: int = 2) -> Live:
    return Live(time=time, running=running, threads=4, done=1, total=9, elapsed=time)


def test_in_a_terminal_it_says_how_things_stand(gauge: Recorded) -> None:
    assert "nothing has run yet" in repr(gauge)
    gauge.show(sample(1.0))
    assert "2 of 4 threads busy" in repr(gauge)
    gauge.show(Live(time=2.0, running=0, threads=4, done=9, total=9, elapsed=0.0))
    gauge.settle(Parallelism(achieved=1.98, threads=4, ceiling=2.0))
    assert "2.0 of 4 in parallel" in repr(gauge)


def test_it_is_not_loaded_by_importing_the_package() -> None:
    code = "import sys, dask_lens; print('dask_lens.present.widget' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "False"


def test_it_says_nothing_before_it_is_shown_something(gauge: Recorded) -> None:
    assert gauge.live is None
    assert gauge.samples == []
    assert gauge.result is None


def test_it_brings_the_code_that_draws_it(gauge: Recorded) -> None:
    assert "Parallelism" in str(gauge._esm)


def test_a_sample_travels_alone_while_the_others_are_fresh(gauge: Recorded) -> None:
    gauge.show(sample(100.0))
    gauge.show(sample(100.1))
    assert set(gauge.sent[-1]) == {"live"}
    assert gauge.sent[-1]["live"]["time"] == 100.1


def test_the_last_sample_of_a_run_brings_the_others(gauge: Recorded) -> None:
    gauge.show(sample(100.0))
    gauge.show(sample(100.1))
    gauge.show(Live(time=100.2, threads=4))
    assert [kept["time"] for kept in gauge.sent[-1]["samples"]] == [100.0, 100.1, 100.2]


def test_samples_older_than_a_minute_are_dropped(gauge: Recorded) -> None:
    for time in (100.0, 130.0, 161.0):
        gauge.show(sample(time))
    assert [kept["time"] for kept in gauge.samples] == [130.0, 161.0]


def test_a_run_that_ended_settles_on_its_parallelism(gauge: Recorded) -> None:
    gauge.settle(Parallelism(achieved=1.0, threads=4, ceiling=2.0))
    assert gauge.result == {
        "achieved": 1.0,
        "threads": 4,
        "ceiling": 2.0,
        "available": None,
    }


def test_threads_may_show_at_the_same_time(gauge: Recorded) -> None:
    def show(first: float) -> None:
        for i in range(100):
            gauge.show(sample(first + i / 100))
            gauge.settle(Parallelism(1.0, 4, None))

    threads = [threading.Thread(target=show, args=(100.0 + n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum("live" in sent for sent in gauge.sent) == 400
