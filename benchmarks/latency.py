"""How soon the gauge tells of a task that has started, and what it costs meanwhile.

A real kernel runs cells under the lens, and what is measured is the time from the start of a
task to the arrival, at a client of the kernel, of the message that the page would draw. The
page adds a frame or two; ``tests/ui/test_latency.py`` measures the whole way in a browser. The
cost is the CPU time of the lens's own threads in the kernel over the time that tasks ran.

    python benchmarks/latency.py [ROUNDS]
"""

from __future__ import annotations

import ast
import queue
import statistics
import sys
import time
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

#: Seconds to the message at the 95th percentile, and share of one core.
BUDGET, SHARE = 0.250, 0.02

SETUP = """
%load_ext dask_lens
import dask, distributed, random, threading, time

def first(seconds):
    began = time.time()
    time.sleep(seconds)
    return began

def then(before):
    began = time.time()
    time.sleep(0.4)
    return before, began

def on_cpu():
    ours = [t.ident for t in threading.enumerate() if t.name.startswith("dask-lens")]
    return sum(time.clock_gettime(time.pthread_getcpuclockid(ident)) for ident in ours)

client = distributed.Client(n_workers=1, threads_per_worker=2, processes=False,
                            dashboard_address=None, set_as_default=False)
HOW = {"threads": dict(scheduler="threads", num_workers=2), "distributed": dict(scheduler=client)}
"""

#: One task begins with the cell, two more somewhere within it.
CELL = """
before = dask.delayed(first)(random.uniform(0.4, 0.6))
began, spent = time.time(), on_cpu()
told = dask.compute(*[dask.delayed(then, pure=False)(before) for _ in range(2)], **HOW[{how!r}])
print([told[0][0], max(began for _, began in told), (on_cpu() - spent) / (time.time() - began)])
"""


def run(client: BlockingKernelClient, code: str) -> tuple[list[tuple[float, Any]], str]:
    """Run a cell; return when each message of the gauge came, and what was printed."""
    asked = client.execute(code)
    told: list[tuple[float, Any]] = []
    printed = ""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            message = client.get_iopub_msg(timeout=1)
        except queue.Empty:
            continue
        content = message["content"]
        if content.get("comm_id") == "dask-lens" and content["data"].get("kind") == "gauge":
            told.append((time.time(), content["data"]["gauge"]))
        elif message["msg_type"] == "error":
            raise RuntimeError("\n".join(content["traceback"]))
        elif message["msg_type"] == "stream":
            printed += content["text"]
        mine = message["parent_header"].get("msg_id") == asked
        if mine and content.get("execution_state") == "idle":
            return told, printed
    raise TimeoutError("the kernel did not become idle")


def measure(client: BlockingKernelClient, how: str, rounds: int) -> bool:
    """Print the latencies of a scheduler; return whether all is within the budget."""
    waits, shares = [], []
    for _ in range(rounds):
        told, printed = run(client, CELL.format(how=how))
        first, second, share = ast.literal_eval(printed)
        shares.append(share)
        for running, start in ((1, first), (2, second)):
            came = [when for when, live in told if live["running"] == running and when >= start]
            waits.append(min(came) - start if came else float("inf"))
    late = statistics.quantiles(waits, n=20)[-1]
    share = statistics.median(shares)
    print(
        f"{how:12} task start to message: median {statistics.median(waits) * 1e3:4.0f} ms, "
        f"95th percentile {late * 1e3:4.0f} ms (budget {BUDGET * 1e3:.0f}); "
        f"{share:.1%} of one core (budget {SHARE:.0%})",
        flush=True,
    )
    return late <= BUDGET and share <= SHARE


def main(rounds: int) -> int:
    """Print the table; return 1 when something is above the budget."""
    manager, client = start_new_kernel(kernel_name="python3")
    try:
        run(client, SETUP)
        for how in ("threads", "distributed"):
            run(client, CELL.format(how=how))
        within = [measure(client, how, rounds) for how in ("threads", "distributed")]
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    return int(not all(within))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20))
