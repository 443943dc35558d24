"""The component in a page of another website, and what it asked and told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, Request, Response, expect

from tests.browser.conftest import DESK, Seen, opened
from tests.browser.test_embeds import website

POLICY = (
    "default-src 'none'; script-src {ours} 'unsafe-inline'; connect-src {ours}; "
    "style-src 'unsafe-inline'"
)
LISTEN = """
  window.heard = [];
  for (const name of ["search", "results", "select", "error"])
    document.addEventListener(`kennisbank:${name}`, (event) => {
      window.heard.push([name, event.detail, event.cancelable, event.composed]);
      if (window.prevented === name) event.preventDefault();
    });
"""


@contextmanager
def shown(
    browser: Browser,
    address: str,
    body: str,
    size: dict[str, int] = DESK,
    script: str = LISTEN,
) -> Iterator[Seen]:
    """A page of another website with that body, after that script has run in it."""
    with website(body, POLICY.format(ours=address)) as url, opened(browser, size) as seen:
        seen.page.add_init_script(script)
        seen.page.goto(url)
        yield seen


def questions(seen: Seen) -> list[str]:
    """What the API was asked."""
    return [url for url in seen.urls if "/v1/cases?" in url or "/v1/search?" in url]


def settled(page: Page) -> None:
    """Wait until an answer is shown."""
    expect(page.get_by_role("status").first).to_contain_text("gevonden")


def heard(page: Page, name: str) -> list[Any]:
    """The details of the events of that name."""
    events: list[Any] = page.evaluate("window.heard")
    assert all(each[2] == (each[0] != "error") and each[3] for each in events)
    return [each[1] for each in events if each[0] == name]


def painted(page: Page) -> None:
    """Wait until what changed is on the screen, and the browser has counted what moved."""
    page.evaluate(
        "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame("
        "() => setTimeout(done, 50))))"
    )


def asks_for(word: str) -> Callable[[Request | Response], bool]:
    """Whether a request, or the one that a response answers, is a search for a word."""
    return lambda message: f"q={word}" in message.url and "/v1/" in message.url
