"""What a million tasks cost: memory, messages and time per event.

Each part runs in a process of its own:

``local``
    A million empty tasks on the synchronous scheduler, first bare, then observed: time per
    task, and by how much more memory the process took at its peak.
``cluster``
    A *simulated* scheduler with 1,000 workers of 2 threads each. There are no processes, no
    network and no work: the scheduler's half of the lens gets the calls that a scheduler makes
    (``add_worker``, ``remove_worker``, ``update_graph`` and ``transition`` from waiting to
    forgotten) for a million tasks, by a made-up clock, and the kernel's half asks it ten times
    in each second of that. Task states are stand-ins with what the lens reads of them. What the
    scheduler itself does meanwhile, and the CPU metrics of workers, are not simulated.

    python benchmarks/scale.py [TASKS]
"""

from __future__ import annotations

import heapq
import multiprocessing
import resource
import sys
import time
from collections.abc import Iterator
from multiprocessing.pool import Pool
from pathlib import Path
from typing import Any

import msgpack
from dask.local import get_sync

from dask_lens import config
from dask_lens.metrics.losses import budget
from dask_lens.observe import scheduler_plugin
from dask_lens.observe.breaker import Breaker
from dask_lens.observe.journal import Journal
from dask_lens.observe.keys import sample
from dask_lens.observe.link import Link
from dask_lens.observe.observer import Observer
from dask_lens.observe.scheduler_plugin import LensPlugin
from dask_lens.observe.sites import Site
from dask_lens.observe.submission import Submission
from dask_lens.record.cell import Cell
from dask_lens.record.run import Run

#: MiB by which the kernel and the scheduler may grow; bytes of a message.
MEMORY = 64
MESSAGE = 65_536
WORKERS, THREADS = 1_000, 2
#: Seconds of each simulated task, and between two questions of the kernel.
TASK, ASK = 0.1, 0.1
MIB = 2**20


def main(tasks: int) -> None:
    spawn = multiprocessing.get_context("spawn")
    with spawn.Pool(1, maxtasksperchild=1) as pool:
        compare(pool, tasks)
        alone, _ = pool.apply(cluster, (tasks, False))
        both, words = pool.apply(cluster, (tasks, True))
        print(
            f"{words}; scheduler + {alone:.0f} MiB, kernel + {both - alone:.0f} MiB "
            f"(budget {MEMORY} each)"
        )


# --- tasks here -------------------------------------------------------------------------------


def compare(pool: Pool, tasks: int) -> None:
    bare, before, _ = pool.apply(local, (tasks, False))
    observed, after, spent = pool.apply(local, (tasks, True))
    print(
        f"local: {tasks:,} tasks, {bare / tasks * 1e6:.1f} us each bare, "
        f"{observed / tasks * 1e6:.1f} us observed; kernel + {(after - before) / 1024:.0f} MiB "
        f"(budget {MEMORY}); {spent}",
        flush=True,
    )


def local(tasks: int, observe: bool) -> tuple[float, int, str]:
    """Return the seconds it took, the most KiB of memory, and the budget in words."""
    dsk: dict[str, Any] = {f"nothing-{i}": (nothing,) for i in range(tasks)}
    observer = Observer(lambda _run: None)
    if observe:
        observer.start()
        observer.begin(Cell("benchmark"), __file__)
    start = time.perf_counter()
    get_sync(dsk, list(dsk))
    took = time.perf_counter() - start
    spent = ""
    if observe:
        spent = in_words(observer.end())
        observer.stop()
    return took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, spent


def nothing() -> None:
    return None


def in_words(run: Run) -> str:
    spent = budget(run.computations)
    if spent is None:
        return "no budget"
    inside = spent.cpu + spent.waiting
    tasks = sum(c.n_tasks for c in run.computations)
    return f"{tasks:,} tasks recorded, {inside:.1f} of {spent.total:.1f} thread-seconds in tasks"


# --- tasks on a scheduler that is simulated -----------------------------------------------------


class Named:
    """A stand-in for a key prefix, a task group or a worker."""

    def __init__(self, name: str) -> None:
        self.name = self.address = name
        self.nthreads = THREADS
        self.memory_limit = 0


PREFIX = Named("nothing")


class State:
    """A stand-in for a task's state."""

    __slots__ = ("key", "nbytes", "priority", "processing_on", "state")

    dependencies = ()
    run_spec = True
    prefix = group = PREFIX

    def __init__(self, key: str, priority: int) -> None:
        self.key = key
        self.priority = priority
        self.processing_on: Named | None = None
        self.state = "released"
        self.nbytes = -1


class Scheduler:
    """A stand-in for a scheduler: what the lens reads of it, and a clock."""

    def __init__(self, tasks: int) -> None:
        self.now = time.time()
        self.workers = {
            f"tcp://10.0.0.1:{port}": Named(f"tcp://10.0.0.1:{port}") for port in range(WORKERS)
        }
        self.tasks = {f"nothing-{i}": State(f"nothing-{i}", i) for i in range(tasks)}
        self.clients: dict[str, Any] = {}
        self.handlers: dict[str, Any] = {}
        self.plugins: dict[str, Any] = {}
        self.cumulative_worker_metrics: dict[Any, float] = {}

    def clock(self) -> float:
        """Return the made-up time."""
        return self.now

    def events(self, plugin: LensPlugin) -> Iterator[None]:
        """Run all tasks, telling the plugin; stop after each call."""
        transition = plugin.transition
        for key, state in self.tasks.items():
            transition(key, "waiting", "queued")
            state.state = "queued"
            yield
        queue = iter(self.tasks)
        free = [name for name in self.workers for _ in range(THREADS)]
        busy: list[tuple[float, str, str, float]] = []
        while True:
            for key in queue:
                worker = free.pop()
                self.tasks[key].processing_on = self.workers[worker]
                transition(key, "queued", "processing")
                yield
                heapq.heappush(
                    busy, (self.now + TASK * (1 + len(busy) % 7 / 10), key, worker, self.now)
                )
                if not free:
                    break
            if not busy:
                return
            self.now, key, worker, start = heapq.heappop(busy)
            free.append(worker)
            steps = [{"action": "compute", "start": start + 0.001, "stop": self.now - 0.001}]
            self.tasks[key].nbytes = 28
            told = {
                "worker": worker,
                "thread": 1,
                "nbytes": 28,
                "typename": "builtins.int",
                "startstops": steps,
            }
            transition(key, "processing", "memory", **told)
            yield
            transition(key, "released", "forgotten")
            yield


class Client:
    """A stand-in for a client: a scheduler knows it by its name."""

    id = "Client-simulated"
    status = "running"


class Kernel:
    """The kernel's half, which asks the plugin without a network in between.

    Parameters
    ----------
    plugin
        The scheduler's half.
    take
        Whether to take in the answers, or throw them away.
    """

    def __init__(self, plugin: LensPlugin, *, take: bool) -> None:
        self.plugin = plugin
        self.take = take
        self.client = Client()
        self.journal = Journal(Breaker(), lambda _run: None)
        self.journal.begin(Cell("benchmark"), None)
        told = self.journal.open, self.journal.close, self.journal.changed
        self.link = Link(self.client, *told)
        self.messages = self.largest = 0
        self.took = 0.0

    def send(self, keys: list[str]) -> None:
        """Expect a graph, as after it was sent."""
        recording = self.journal.running
        if recording is not None:
            submission = Submission(Site(None, recording, None, direct=True), "map")
            submission.sample, submission.sent = sample(keys), self.plugin.scheduler.now
            self.link.outbox.append(submission)
            self.link._absorb()

    # Without a network in between, the two halves are brought together by hand.
    # ruff: noqa: SLF001 - which the lens itself does in private

    def ask(self) -> bool:
        """Ask for what is new; return whether there is more."""
        start = time.perf_counter()
        answer = self.plugin.answer(after=self.link._after)
        self.messages += 1
        self.largest = max(self.largest, len(msgpack.dumps(answer)))
        if self.take:
            self.link._take_in(msgpack.loads(msgpack.dumps(answer)))
        else:
            self.link._after = answer["next"]
        self.took += time.perf_counter() - start
        return bool(answer["more"])


def cluster(tasks: int, take: bool) -> tuple[float, str]:
    """Return by how many MiB the process grew at most, and what else it cost in words."""
    scheduler = Scheduler(tasks)
    scheduler_plugin.time = scheduler.clock  # type: ignore[attr-defined]  # the made-up one
    plugin = LensPlugin(
        Client.id,
        "simulated",
        config.get("observe.max-tasks"),
        config.get("observe.max-graph"),
    )
    plugin.begin(scheduler)
    kernel = Kernel(plugin, take=take)
    last = [f"nothing-{tasks - 1}"]
    before = resident()
    kernel.send(last)
    graph = -time.perf_counter()
    plugin.update_graph(scheduler, client=Client.id, tasks=scheduler.tasks, keys=last)
    graph += time.perf_counter()
    asked, count, most = scheduler.now, 0, 0
    start = time.perf_counter()
    for _ in scheduler.events(plugin):
        count += 1
        if scheduler.now >= asked + ASK:
            asked = scheduler.now
            kernel.ask()
        if count % 100_000 == 0:
            most = max(most, resident() - before)
    took = time.perf_counter() - start - kernel.took
    while kernel.ask():
        pass
    most = max(most, resident() - before)
    run = kernel.journal.end(None, ())
    words = (
        f"cluster (simulated): {tasks:,} tasks, {WORKERS:,} workers; {count:,} events, "
        f"{took / count * 1e6:.1f} us each with making them up; the graph {graph:.1f} s; "
        f"{kernel.messages} messages of at most {kernel.largest:,} bytes (budget {MESSAGE:,}), "
        f"{kernel.took / kernel.messages * 1e3:.1f} ms each in both halves; "
        + ("" if run is None else in_words(run))
    )
    return most / MIB, words


def resident() -> int:
    """Return the bytes of memory that this process has."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
