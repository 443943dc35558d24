"""The pages that people see, in a real browser, from a real server."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, Request, sync_playwright

from tests.conftest import KnowledgeBase, need

pytestmark = pytest.mark.chromium
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
QUIET = [  # a browser that asks for nothing by itself
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-default-apps", "--no-first-run", "--disable-domain-reliability"),
    *("--no-sandbox", "--disable-dev-shm-usage"),  # Chromium does not run as root otherwise
]
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}


@pytest.fixture(scope="module")
def address(seeded: KnowledgeBase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of `kb serve` with a copy of the first cases."""
    need("chromium", bool(CHROMIUM), "apt-get install chromium")
    data = tmp_path_factory.mktemp("served") / "data"
    shutil.copytree(seeded.app.extensions["kb.settings"].data_dir, data)
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
    log = tmp_path_factory.mktemp("log") / "server.log"
    with log.open("w") as out:
        server = subprocess.Popen([*kb, "serve"], env=environment, stdout=out, stderr=out)
        try:
            _wait_until_it_answers(f"{base}/health/live", server)
            yield base
        finally:
            server.terminate()
            server.wait(timeout=20)


def _wait_until_it_answers(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(150):
        assert server.poll() is None, "the server stopped"
        try:
            with urlopen(url, timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("the server did not answer in half a minute")


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    """Playwright, where there is a browser for it."""
    need("chromium", bool(CHROMIUM), "apt-get install chromium")
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """The Chromium of this machine."""
    started = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
    yield started
    started.close()


@dataclass
class Seen:
    """A page, what it asked for and what it complained of."""

    page: Page
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def request(self, request: Request) -> None:
        """Keep what was asked for."""
        self.asked.append(request.url)

    def said(self, message: ConsoleMessage) -> None:
        """Keep what was complained of."""
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def strangers(self, address: str) -> list[str]:
        """Requests to anybody but our own server."""
        own = urlsplit(address).netloc
        parts = [urlsplit(url) for url in self.asked]
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
    browser: Browser, size: dict[str, int], *, script: bool = True, language: str = "nl-NL"
) -> Iterator[Seen]:
    """A page of that size, watched."""
    context = browser.new_context(
        viewport={"width": size["width"], "height": size["height"]},
        java_script_enabled=script,
        locale=language,
    )
    seen = Seen(context.new_page())
    seen.page.on("request", seen.request)
    seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    seen.page.on("console", seen.said)
    yield seen
    context.close()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_front_leads_to_documentation_of_every_operation(
    size: dict[str, int], address: str, browser: Browser, tmp_path: Path
) -> None:
    with opened(browser, size) as seen:
        seen.page.goto(address)
        seen.page.wait_for_selector(".opblock")
        document = seen.page.request.get(f"{address}/v1/openapi.json").json()

        assert urlsplit(seen.page.url).path == "/docs"
        methods = {"get", "post", "put", "patch", "delete"}
        operations = sum(len(methods & item.keys()) for item in document["paths"].values())
        assert seen.page.locator(".opblock").count() == operations
        assert seen.page.locator("html").get_attribute("lang") == "nl"
        seen.page.screenshot(path=tmp_path / "docs.png", full_page=True)
        assert not seen.is_wider_than_its_screen()
        assert seen.complaints == []
        assert seen.strangers(address) == []
        assert len(seen.asked) >= 5


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_an_operation_can_be_read_and_tried(
    size: dict[str, int], address: str, browser: Browser, tmp_path: Path
) -> None:
    with opened(browser, size) as seen:
        seen.page.goto(f"{address}/docs")
        block = seen.page.locator("#operations-cases-getCasesCaseId")
        block.locator(".opblock-summary-control").click()
        block.get_by_text("Try it out").click()
        block.get_by_role("button", name="Execute").click()
        answer = block.locator(".live-responses-table .response").first
        answer.wait_for()

        assert answer.locator(".response-col_status").inner_text().startswith("200")
        assert "place2bu-utrecht" in answer.inner_text()
        seen.page.screenshot(path=tmp_path / "tried.png", full_page=True)
        assert not seen.is_wider_than_its_screen()
        assert seen.complaints == []
        assert seen.strangers(address) == []


def test_a_list_is_tried_without_filters_that_nobody_chose(address: str, browser: Browser) -> None:
    with opened(browser, DESK) as seen:
        seen.page.goto(f"{address}/docs")
        block = seen.page.locator("#operations-search-getCases")
        block.locator(".opblock-summary-control").click()
        block.get_by_text("Try it out").click()
        block.get_by_role("button", name="Execute").click()
        block.locator(".live-responses-table .response").first.wait_for()

        (url,) = [url for url in seen.asked if urlsplit(url).path == "/v1/cases"]
        assert urlsplit(url).query in {"", "ingredientMatch=any&page=1&pageSize=20"}


def test_without_script_the_page_says_where_the_document_is(
    address: str, browser: Browser, tmp_path: Path
) -> None:
    with opened(browser, PHONE, script=False) as seen:
        seen.page.goto(f"{address}/docs")

        link = seen.page.get_by_role("link", name="/v1/openapi.json")
        assert link.is_visible()
        seen.page.screenshot(path=tmp_path / "noscript.png")
        assert seen.page.get_by_role("heading").first.is_visible()
        link.click()
        assert seen.page.url == f"{address}/v1/openapi.json"
        assert '"openapi":"3.1' in seen.page.content()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize(
    ("language", "title"), [("nl-NL", "Niet gevonden"), ("en-GB", "Not found")]
)
def test_a_page_that_is_not_there_says_so_in_the_language_of_the_reader(
    size: dict[str, int], language: str, title: str, address: str, browser: Browser, tmp_path: Path
) -> None:
    with opened(browser, size, language=language) as seen:
        answer = seen.page.goto(f"{address}/nergens")

        assert answer is not None
        assert answer.status == 404
        assert seen.page.get_by_role("heading").inner_text() == title
        assert re.search(r"urn:uuid:[0-9a-f-]{36}", seen.page.inner_text("main"))
        seen.page.screenshot(path=tmp_path / "nergens.png")
        assert not seen.is_wider_than_its_screen()
        assert seen.strangers(address) == []
        seen.page.get_by_role("main").get_by_role("link").click()
        assert urlsplit(seen.page.url).path == "/docs"


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_type_of_a_problem_is_an_address_to_read(
    size: dict[str, int], address: str, browser: Browser, tmp_path: Path
) -> None:
    with opened(browser, size) as seen:
        problem = seen.page.request.get(f"{address}/v1/cases?onbekend=1").json()
        answer = seen.page.goto(problem["type"])

        assert answer is not None
        assert answer.status == 200
        assert seen.page.get_by_role("heading").inner_text() == problem["title"]
        assert "400" in seen.page.inner_text("main")
        seen.page.screenshot(path=tmp_path / "type.png")
        assert not seen.is_wider_than_its_screen()
        assert seen.complaints == []
        assert seen.strangers(address) == []
