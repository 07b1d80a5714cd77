"""The lens in a real kernel, spoken to as the page speaks to it."""

from __future__ import annotations

import itertools
import json
import queue
import time

import pytest
from jupyter_client.manager import start_new_kernel

MIME_TYPE = "application/vnd.dask-lens.report+json"

SLOW = """\
import dask, time
work = [dask.delayed(time.sleep)(0.5) for _ in range(4)]
_ = dask.compute(*work, scheduler="threads", num_workers=2)
"""

SERIAL = SLOW.replace('"threads"', '"processes"').replace("0.5", "0.1")


class Kernel:
    """A kernel and what it published."""

    def __init__(self, client):
        self.client = client

    def run(self, code):
        """Run a cell; return its iopub messages by type, and when each came."""
        message_id = self.client.execute(code)
        return self._until_idle(message_id)

    def ask(self, question):
        """Open a comm as the page does, ask, and return the answers."""
        self._send("comm_open", {"comm_id": "asking", "target_name": "dask_lens.page", "data": {}})
        message_id = self._send("comm_msg", {"comm_id": "asking", "data": question})
        messages = self._until_idle(message_id)
        # An earlier comm of this name says goodbye whenever it is collected.
        told = [m["content"] for m in messages if m["msg_type"] == "comm_msg"]
        return [content["data"] for content in told if content["comm_id"] == "asking"]

    def _send(self, kind, content):
        message = self.client.session.msg(kind, content)
        self.client.shell_channel.send(message)
        return message["header"]["msg_id"]

    def _until_idle(self, message_id):
        messages = []
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                message = self.client.get_iopub_msg(timeout=1)
            except queue.Empty:
                continue
            messages.append(message)
            mine = message["parent_header"].get("msg_id") == message_id
            if mine and message["content"].get("execution_state") == "idle":
                return messages
        raise TimeoutError(f"the kernel did not become idle; it said {messages}")


def told(messages, kind):
    """Return what was sent to the page under ``kind``."""
    data = [m["content"]["data"] for m in messages if m["content"].get("comm_id") == "dask-lens"]
    return [d[kind] for d in data if d["kind"] == kind]


def bundles(messages):
    return [
        m["content"]["data"][MIME_TYPE]
        for m in messages
        if m["msg_type"] == "display_data" and MIME_TYPE in m["content"]["data"]
    ]


@pytest.fixture(scope="module")
def kernel():
    manager, client = start_new_kernel(kernel_name="python3")
    yield Kernel(client)
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.fixture
def loaded(kernel):
    kernel.run("%reload_ext dask_lens")
    yield kernel
    kernel.run("%unload_ext dask_lens")


def test_before_loading_nobody_answers_the_page(kernel):
    assert not any("kind" in answer for answer in kernel.ask({"kind": "hello"}))


def test_the_gauge_moves_while_a_cell_runs_and_comes_to_rest(loaded):
    gauge = told(loaded.run(SLOW), "gauge")
    assert max(live["running"] for live in gauge) == 2
    assert gauge[-1]["running"] == 0
    assert {live["threads"] for live in gauge if live["running"]} == {2}
    gaps = [b["time"] - a["time"] for a, b in itertools.pairwise(gauge)]
    assert sorted(gaps)[len(gaps) // 2] >= 0.09


def test_a_finding_goes_below_the_cell_and_to_the_page(loaded):
    messages = loaded.run(SERIAL)
    (shown,) = bundles(messages)
    assert shown["findings"][0]["code"] == "DSK201"
    sent = told(messages, "report")[-1]
    assert sent["findings"] == shown["findings"]
    json.dumps(sent)


def test_a_page_that_says_hello_gets_every_report(loaded):
    loaded.run(SERIAL)
    answers = loaded.ask({"kind": "hello"})
    assert answers[0]["kind"] == "status"
    assert answers[0]["status"]["on"] is True
    assert answers[-1]["kind"] == "ready"
    codes = [f["code"] for a in answers[1:-1] for f in a["report"]["findings"]]
    assert "DSK201" in codes


def test_the_page_of_a_rule_is_explained(loaded):
    (page,) = loaded.ask({"kind": "explain", "name": "processes-small-batch"})
    assert page["kind"] == "page"
    assert page["code"] == "DSK201"
    assert "Why it costs" in page["markdown"]
    (error,) = loaded.ask({"kind": "explain", "name": "<b>no such rule</b>"})
    assert error["kind"] == "error"


def test_an_unknown_question_gets_an_answer(loaded):
    (error,) = loaded.ask({"kind": "gossip"})
    assert error["kind"] == "error"


def test_unloaded_the_kernel_is_quiet(kernel):
    kernel.run("%load_ext dask_lens")
    kernel.run("%unload_ext dask_lens")
    messages = kernel.run(SERIAL)
    assert not bundles(messages)
    assert not told(messages, "gauge")
    assert not told(messages, "report")


def test_an_error_of_the_cell_is_its_own(loaded):
    code = SLOW.replace("time.sleep)(0.5)", "divmod)(1, 0)")
    plain = [m["content"]["traceback"] for m in loaded.run(code) if m["msg_type"] == "error"]
    loaded.run("%lens off")
    off = [m["content"]["traceback"] for m in loaded.run(code) if m["msg_type"] == "error"]
    assert [_without_counts(t) for t in plain] == [_without_counts(t) for t in off]


def _without_counts(traceback):
    return [line for line in traceback if "Cell" not in line and "In[" not in line]
