"""A real server, a real browser, and what is seen in it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    Playwright,
    Request,
    expect,
    sync_playwright,
)

from tests.conftest import KnowledgeBase, need, until

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
QUIET = [  # a browser that asks for nothing by itself
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-default-apps", "--no-first-run", "--disable-domain-reliability"),
    *("--no-sandbox", "--disable-dev-shm-usage"),  # Chromium does not run as root otherwise
]
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
SIZES = [pytest.param(DESK, id="desk"), pytest.param(PHONE, id="phone", marks=pytest.mark.slow)]
MAX_WAIT = 60_000  # milliseconds for something to be seen, also on a machine that is busy
expect.set_options(timeout=MAX_WAIT)


@pytest.fixture(scope="package")
def address(seeded: KnowledgeBase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of `kb serve` with a copy of the first cases."""
    need("chromium", bool(CHROMIUM), "apt-get install chromium")
    with served(seeded, tmp_path_factory.mktemp("served")) as base:
        yield base


@contextmanager
def served(knowledge: KnowledgeBase, folder: Path) -> Iterator[str]:
    """The address of `kb serve` with a copy of what is known."""
    data = folder / "data"
    shutil.copytree(knowledge.app.extensions["kb"].settings.data_dir, data)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    environment = os.environ | {
        "KB_DATA_DIR": str(data),
        "KB_PORT": str(port),
        "KB_PUBLIC_URL": base,
        "KB_WORKERS": "1",
    }
    kb = [str(Path(sys.executable).with_name("kb"))]
    with (folder / "server.log").open("w") as out:
        server = subprocess.Popen([*kb, "serve"], env=environment, stdout=out, stderr=out)
        try:
            wait_until_it_answers(f"{base}/health/live", server)
            yield base
        finally:
            server.terminate()
            server.wait(timeout=60)


def wait_until_it_answers(url: str, server: subprocess.Popen[bytes]) -> None:
    def answers() -> bool:
        assert server.poll() is None, "the server stopped"
        with suppress(OSError), urlopen(url, timeout=30):
            return True
        return False

    until(answers)


@pytest.fixture(scope="package")
def playwright() -> Iterator[Playwright]:
    """Playwright, where there is a browser for it."""
    need("chromium", bool(CHROMIUM), "apt-get install chromium")
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="package")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """The Chromium of this machine."""
    started = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
    yield started
    started.close()


@dataclass
class Seen:
    """A page, what it asked for and what it complained of."""

    page: Page
    urls: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def request(self, request: Request) -> None:
        """Keep what was asked for."""
        self.urls.append(request.url)

    def note_message(self, message: ConsoleMessage) -> None:
        """Keep what was complained of."""
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def strangers(self, address: str) -> list[str]:
        """Requests to anybody but our own server."""
        own = urlsplit(address).netloc
        parts = [urlsplit(url) for url in self.urls]
        outside = [part for part in parts if part.scheme not in {"data", "blob"}]
        return [part.geturl() for part in outside if part.netloc != own]

    def is_wider_than_its_screen(self) -> bool:
        """Whether a person would have to scroll sideways."""
        wide: bool = self.page.evaluate(
            "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        )
        return wide


@contextmanager
def opened(
    browser: Browser,
    size: dict[str, int],
    *,
    script: bool = True,
    language: str = "nl-NL",
    **options: Any,
) -> Iterator[Seen]:
    """A page of that size, watched."""
    context = browser.new_context(
        viewport={"width": size["width"], "height": size["height"]},
        java_script_enabled=script,
        locale=language,
        **options,
    )
    seen = Seen(context.new_page())
    seen.page.on("request", seen.request)
    seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    seen.page.on("console", seen.note_message)
    yield seen
    context.close()
