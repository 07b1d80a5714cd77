"""JupyterLab in a browser, as the tests speak of it."""

from __future__ import annotations

import json
import os
import re
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
import nbformat
from nbformat.sign import NotebookNotary
from playwright.sync_api import Error, Locator, Page, expect

#: Milliseconds that the slowest machine may take for what should happen soon.
PATIENCE = 60_000

SCREENSHOTS = Path(
    os.environ.get("DASK_LENS_SCREENSHOTS") or Path(__file__).with_name("screenshots")
)

#: A click on the notebook among the files.
OPEN = """path => window.jupyterapp.commands.execute('docmanager:open', {path}).then(() => null)"""

#: Close everything, give up what is not saved, and tell whether the tab is as it came.
CLEAR = """() => {
    const app = window.jupyterapp
    if (!app) return false
    for (const widget of [...app.shell.widgets('main')]) widget.dispose()
    app.shell.expandLeft()
    app.shell.collapseRight()
    return !document.querySelector('.jp-Dialog, .jp-Notification-List, .cm-tooltip')
}"""

expect.set_options(timeout=PATIENCE)


class Lab:
    """A tab with JupyterLab.

    Parameters
    ----------
    page
        The tab.
    address
        Where the server is.
    root
        The server's folder.
    notary
        Signs notebooks whose outputs are to be trusted.
    """

    def __init__(self, page: Page, address: str, root: Path, notary: NotebookNotary) -> None:
        self.page = page
        self.address = address
        self.root = root
        self.notary = notary
        self.errors: list[str] = []
        self.reloaded = False
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", self._note_error)

    def write(
        self, *cells: str | dict[str, Any], trusted: bool = True, name: str = "notebook"
    ) -> str:
        """Write a notebook of code cells to a new folder of the server; return its path."""
        path = f"{uuid.uuid4().hex[:8]}/{name}.ipynb"
        content = {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
            "cells": [code_cell(c, i) if isinstance(c, str) else c for i, c in enumerate(cells)],
        }
        (self.root / path).parent.mkdir()
        (self.root / path).write_text(json.dumps(content), encoding="utf-8")
        if trusted:
            self.notary.sign(nbformat.from_dict(content))
        return path

    def open(self, name: str, *, kernel: bool = True) -> None:
        """Open a notebook, in a fresh workspace if the tab has none, and wait for its kernel."""
        if self.page.evaluate("() => 'jupyterapp' in window"):
            self.page.evaluate(OPEN, name)
        else:
            workspace = uuid.uuid4().hex[:8]
            self.page.goto(f"{self.address}/lab/workspaces/{workspace}/tree/{name}")
        self.page.wait_for_selector(".jp-Notebook .jp-Cell")
        if kernel:
            self.wait_until_idle()

    def use_theme(self, name: str) -> None:
        """Change the theme: ``"Light"`` or ``"Dark"``."""
        self.command("apputils:change-theme", theme=f"JupyterLab {name}")
        self.page.wait_for_selector(
            f'body[data-jp-theme-name="JupyterLab {name}"]', state="attached"
        )

    def wait_until_idle(self) -> None:
        """Wait until the kernel has nothing to do."""
        kernel = "window.jupyterapp.shell.currentWidget?.sessionContext?.session?.kernel"
        self.page.wait_for_function(f"() => {kernel}?.status === 'idle'")

    def reload(self) -> None:
        """Reload the tab; what was not saved is given up."""
        self.reloaded = True  # what it had open comes back by itself, and may come late
        self.page.once("dialog", lambda dialog: dialog.accept())
        self.page.reload()
        self.page.wait_for_selector(".jp-Notebook .jp-CodeCell")

    def command(self, command: str, **arguments: Any) -> None:
        """Run one of JupyterLab's commands."""
        self.page.evaluate(
            "([command, args]) => window.jupyterapp.commands.execute(command, args)",
            [command, arguments],
        )

    def cell(self, index: int) -> Locator:
        """Return a cell by its place in the notebook."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(index)

    def source(self, index: int) -> str:
        """Return the text of a cell."""
        cells = "window.jupyterapp.shell.currentWidget.content.model.cells"
        text: str = self.page.evaluate(f"i => {cells}.get(i).sharedModel.getSource()", index)
        return text

    def set_source(self, index: int, text: str) -> None:
        """Replace the text of a cell as if somebody had typed."""
        editor = self.cell(index).locator(".cm-content")
        editor.click()
        self.page.keyboard.press("Control+a")
        self.page.keyboard.insert_text(text)

    def run(self, index: int, *, wait: bool = True) -> None:
        """Run a cell."""
        self.cell(index).locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")
        if wait:
            self.wait_until_run(index)

    def wait_until_run(self, index: int) -> None:
        """Wait until a cell has run."""
        prompt = self.cell(index).locator(".jp-InputPrompt")
        expect(prompt).to_have_text(re.compile(r"\[\d+\]:"))

    def output(self, index: int) -> Locator:
        """Return the outputs of a cell."""
        return self.cell(index).locator(".jp-OutputArea")

    def card(self, index: int) -> Locator:
        """Return the report below a cell."""
        return self.cell(index).locator(".dask-lens-Card")

    def panel(self) -> Locator:
        """Open our panel."""
        self.command("dask-lens:open-panel")
        panel = self.page.get_by_role("region", name="Dask Lens")
        expect(panel).to_be_visible()
        return panel

    def screenshot(self, name: str, part: Locator | None = None) -> None:
        """Keep a picture of the tab, or of a part of it."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        # Pictures of the same state are the same: no cursor, no tooltip of the pointer.
        (part or self.page).screenshot(path=SCREENSHOTS / f"{name}.png", caret="hide")

    def clear(self) -> bool:
        """Leave the tab to the next test; return whether it can be."""
        self.page.remove_listener("pageerror", self._note_error)
        return bool(self.page.evaluate(CLEAR)) and not (self.reloaded or self.errors)

    def _note_error(self, error: Error) -> None:
        # JupyterLab's own word for a notebook of an earlier test, closed while its kernel started.
        if error.message != "Disposed":
            self.errors.append(error.stack or str(error))

    def end_kernels(self) -> None:
        """End every kernel of the server."""
        for session in self._api("sessions") or []:
            self._api(f"sessions/{session['id']}", method="DELETE")

    def _api(self, path: str, method: str = "GET") -> Any:
        answer = httpx.request(method, f"{self.address}/api/{path}", timeout=30)
        answer.raise_for_status()
        return answer.json() if answer.content else None


def code_cell(
    source: str, index: int = 0, outputs: Sequence[dict[str, Any]] = (), count: int | None = None
) -> dict[str, Any]:
    """Return a code cell as it is saved."""
    return {
        "cell_type": "code",
        "id": f"cell-{index}",
        "metadata": {},
        "execution_count": count,
        "source": source,
        "outputs": list(outputs),
    }
