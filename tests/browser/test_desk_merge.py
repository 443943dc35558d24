"""A term is merged into another in a browser: shown first, submitted, published by another."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from kb.vocabulary.terms import released
from tests.browser.conftest import CHROMIUM, DESK, Seen
from tests.browser.desk import DeskServer, complaints, editing, serving
from tests.browser.test_reading import complaints_of_axe
from tests.builders import a_case
from tests.conftest import KnowledgeBase, need

OLD = "buddy-systeem"
NEW = next(each for each in released().schemes["ingredients"].terms if each != OLD)
TERM = f"/redactie/begrippen/ingredients/{OLD}"


@pytest.fixture
def server(kb: KnowledgeBase) -> Iterator[DeskServer]:
    """A server with two cases that have the term."""
    need("chromium", bool(CHROMIUM), "apt-get install chromium")
    kb.publish(a_case("tuin"), a_case("plein"))
    with serving(kb) as server:
        yield server


def check(seen: Seen) -> None:
    """Everybody can read the page, on this screen."""
    assert complaints(seen) == []
    assert complaints_of_axe(seen) == []
    assert not seen.is_wider_than_its_screen()


@pytest.mark.slow
def test_a_term_is_merged_by_two_editors(browser: Browser, server: DeskServer) -> None:
    with editing(browser, server, "Anna", DESK) as seen:
        page = seen.page
        page.goto(f"{server.address}{TERM}")
        page.get_by_label("Het begrip dat blijft").select_option(NEW)
        page.get_by_role("button", name="Laat zien wat er verandert").click()
        expect(page.get_by_role("heading", name="Tuin")).to_be_visible()
        check(seen)
        page.get_by_role("button", name="Maak de reeks").click()
        expect(page.get_by_role("status")).to_be_visible()
        check(seen)
        address = page.url.partition("?")[0]
        page.get_by_role("button", name="Indienen").click()
        expect(page.get_by_text("Wacht op beoordeling")).to_be_visible()
        page.goto(f"{server.address}/redactie/reeks/nieuw")
        check(seen)
    with editing(browser, server, "Piet", DESK) as seen:
        page = seen.page
        page.goto(address)
        page.get_by_role("button", name="Publiceer alles").click()
        expect(page.get_by_role("status")).to_contain_text("openbaar")
