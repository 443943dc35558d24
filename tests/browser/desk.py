"""A server of the desk that can be stopped and started, and editors in their browsers."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Browser, Page

from kb.database import now
from kb.editors import access
from tests.browser.conftest import DESK, Seen, opened, wait_until_it_answers
from tests.conftest import KnowledgeBase

ROLES = {"Anna": "editor", "Bas": "editor", "Piet": "publisher", "Sanne": "publisher"}
PICTURES = os.environ.get("KB_TEST_SCREENSHOTS")  # the folder for pictures, for who wants them
EXPECTED = ("ERR_CONNECTION", "status of 4", "status of 503")  # what browsers say of failures


@dataclass
class DeskServer:
    """`kb serve` on a port of its own."""

    folder: Path
    port: int
    tokens: dict[str, str]  # of the editors, by name
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        environment = os.environ | {
            "KB_DATA_DIR": str(self.folder),
            "KB_PORT": str(self.port),
            "KB_PUBLIC_URL": self.address,
            "KB_WORKERS": "1",
        }
        program = str(Path(sys.executable).with_name("kb"))
        with (self.folder / "server.log").open("a") as out:
            self.process = subprocess.Popen(
                [program, "serve"], env=environment, stdout=out, stderr=out
            )
        wait_until_it_answers(f"{self.address}/health/live", self.process)

    def stop(self) -> None:
        """Stop it, as an operator does."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(timeout=60)
            self.process = None


@contextmanager
def serving(knowledge: KnowledgeBase) -> Iterator[DeskServer]:
    """A server with what is known; nobody else writes in it."""
    with knowledge.database.transaction() as session:
        tokens = {
            name: access.create_token(
                session, owner=name, role=role, at=now(), lasts=timedelta(days=1)
            )
            for name, role in ROLES.items()
        }
    folder = knowledge.app.extensions["kb"].settings.data_dir
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = DeskServer(folder, port, tokens)
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextmanager
def editing(
    browser: Browser, server: DeskServer, who: str = "Anna", size: dict[str, int] = DESK
) -> Iterator[Seen]:
    """The browser of an editor who has signed in."""
    with opened(browser, size) as seen:
        sign_in(seen.page, server, who)
        yield seen


def sign_in(page: Page, server: DeskServer, who: str = "Anna") -> None:
    """Sign in with the token of this editor."""
    page.goto(f"{server.address}/redactie/aanmelden")
    page.locator("main [name=token]").fill(server.tokens[who])
    page.locator("main [name=token]").press("Enter")
    page.wait_for_url("**/redactie")


def complaints(seen: Seen) -> list[str]:
    """What the browser complained of, but for requests that failed as they should."""
    return [each for each in seen.complaints if not any(part in each for part in EXPECTED)]


def picture(page: Page, name: str) -> None:
    """Keep a picture of the whole page, when somebody wants to see it."""
    if PICTURES:
        page.screenshot(path=f"{PICTURES}/{name}.png", full_page=True)
