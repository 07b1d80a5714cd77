"""Talks to the page. Runs in the kernel.

Kernel to page is a comm with a fixed identifier that the page only listens to: no handshake,
so it survives reloads, restarts and second tabs. Page to kernel is a comm that the page opens
when it has a question; it is answered from within its handler only, which the kernel may run
in a subshell while a cell is busy.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from typing import Any

from dask_lens.record import wire

#: Identifier of the comm that the page listens to.
COMM_ID = "dask-lens"

#: Target of the comms that the page opens.
TARGET = "dask_lens.page"

Answers = Callable[[dict[str, Any]], Iterator[dict[str, Any]]]


class Page:
    """The page at the other end of the kernel's comms; nobody may be listening.

    Parameters
    ----------
    answer
        Called with a question of the page, yields the messages to send back. Raises
        nothing; may be called off the main thread.
    """

    def __init__(self, answer: Answers) -> None:
        self._answer = answer
        # Starts at the clock, so that a kernel that loads again goes on counting upwards.
        self._sequence = itertools.count(time.time_ns() // 1_000_000)
        self._comm: Any = None

    def open(self) -> None:
        """Begin to talk; does nothing outside a kernel."""
        import comm  # noqa: PLC0415 - comes with ipykernel, absent in plain IPython

        if not hasattr(comm.get_comm_manager(), "register_target"):
            return
        self._comm = comm.create_comm(target_name="dask_lens", comm_id=COMM_ID, primary=False)
        comm.get_comm_manager().register_target(TARGET, self._opened)

    def close(self) -> None:
        """Stop talking and leave nothing behind."""
        import comm  # noqa: PLC0415 - comes with ipykernel, absent in plain IPython

        if self._comm is None:
            return
        comm.get_comm_manager().unregister_target(TARGET, self._opened)
        self._comm = None

    def send(self, kind: str, content: Any) -> None:
        """Tell the page something.

        Parameters
        ----------
        kind
            ``"report"``, ``"gauge"`` or ``"status"``.
        content
            A frozen dataclass or plain JSON values, sent under the name ``kind``.
        """
        if self._comm is not None:
            self._comm.send(self._message(kind, content))

    def _message(self, kind: str, content: Any) -> dict[str, Any]:
        return {
            "version": wire.VERSION,
            "seq": next(self._sequence),
            "kind": kind,
            kind: wire.to_dict(content),
        }

    def _opened(self, comm: Any, _message: dict[str, Any]) -> None:
        def asked(message: dict[str, Any]) -> None:
            question = message["content"]["data"]
            try:
                for answer in self._answer(question):
                    reply(question, answer)
            except Exception as error:  # noqa: BLE001 - the page is told, and waits no longer
                reply(question, {"kind": "error", "message": f"the kernel stumbled: {error!r}"})

        def reply(question: dict[str, Any], answer: dict[str, Any]) -> None:
            known = {"version": wire.VERSION, "id": question.get("id")}
            comm.send({**known, **wire.to_dict(answer)})

        comm.on_msg(asked)
