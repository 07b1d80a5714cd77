"""One JupyterLab and one browser for all tests of the page; tabs left empty are handed on."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from shutil import which

import httpx
import pytest
from lab import Lab
from nbformat.sign import NotebookNotary
from playwright.sync_api import BrowserContext, Page, ViewportSize, sync_playwright

SIZE: ViewportSize = {"width": 1440, "height": 900}
NEWS = {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True}


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path, Path]]:
    """Start a JupyterLab that knows nothing of whoever runs it: its address, folder and home."""
    home = tmp_path_factory.mktemp("home")
    root = tmp_path_factory.mktemp("notebooks")
    settings = home / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    (settings / "notification.jupyterlab-settings").write_text(json.dumps(NEWS))
    own = {
        "HOME": home,
        "IPYTHONDIR": home / "ipython",
        "JUPYTER_CONFIG_DIR": home / "config",
        "JUPYTER_DATA_DIR": home / "data",
        "JUPYTER_RUNTIME_DIR": home / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": home / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": home / "workspaces",
    }
    port = free_port()
    options = [
        f"--ServerApp.root_dir={root}",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        "--ServerApp.ip=127.0.0.1",
        "--IdentityProvider.token=",
        "--ServerApp.open_browser=False",
        "--ServerApp.allow_root=True",
        "--ServerApp.disable_check_xsrf=True",
        "--LabApp.expose_app_in_browser=True",
    ]
    with (home / "server.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options],
            env={**os.environ, **{name: str(path) for name, path in own.items()}},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{address}/api", process, home / "server.log")
        yield address, root, home
    finally:
        stop(process)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the server answers."""
    for _ in range(300):
        assert process.poll() is None, log.read_text()
        try:
            httpx.get(url, timeout=1)
        except httpx.TransportError:
            time.sleep(0.2)
        else:
            return
    pytest.fail(f"JupyterLab did not answer: {log.read_text()}")


def stop(process: subprocess.Popen[bytes]) -> None:
    """End the server and the kernels it started."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture(scope="session")
def browser() -> Iterator[BrowserContext]:
    """Start a Chromium: the one in DASK_LENS_CHROMIUM, else one on PATH, else Playwright's."""
    named = os.environ.get("DASK_LENS_CHROMIUM") or which("chromium") or which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=named, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        # One context, so that only the first test fetches and compiles JupyterLab.
        yield browser.new_context(viewport=SIZE)
        browser.close()


@pytest.fixture(scope="session")
def tabs() -> list[Page]:
    """Hold the tab that the next test takes, where the last one left it empty."""
    return []


@pytest.fixture
def lab(
    server: tuple[str, Path, Path], browser: BrowserContext, tabs: list[Page]
) -> Iterator[Lab]:
    """Take a tab; empty it and end its kernels afterwards."""
    address, root, home = server
    page = tabs.pop() if tabs else browser.new_page()
    page.set_viewport_size(SIZE)
    lab = Lab(page, address, root, NotebookNotary(data_dir=str(home / "data")))
    yield lab
    if lab.clear():
        tabs.append(page)
    else:
        page.close()
    lab.end_kernels()
    assert lab.errors == [], "the page's scripts raised"
