"""A review in a browser: by keyboard, on a phone, and for who hears the page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from kb.cases.aliases import Thing
from kb.database import now
from kb.editors import reviews
from kb.editors.revisions import revision_in
from tests.browser.conftest import CHROMIUM, PHONE, SIZES
from tests.browser.desk import DeskServer, complaints, editing, serving
from tests.browser.test_reading import complaints_of_axe
from tests.builders import a_case
from tests.conftest import KnowledgeBase, need

PAGE = "/redactie/casussen/tuin/beoordelen"


@pytest.fixture
def server(kb: KnowledgeBase) -> Iterator[DeskServer]:
    """A server with a public case whose next draft waits for review."""
    need("chromium", bool(CHROMIUM), "apt-get install chromium")
    kb.publish(a_case("tuin", title="Tuin", summary="Buren maken samen een tuin."))
    kb.draft(a_case("tuin", title="Tuin", summary="Buren maken met elkaar een tuin."))
    with kb.database.transaction() as session:
        draft = revision_in(session, Thing("case", "tuin"), "draft")
        assert draft
        reviews.submit(session, draft, who="redactie", note=None, at=now())
    with serving(kb) as server:
        yield server


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES)
def test_a_review_fits_every_screen_and_can_be_read_by_everybody(
    browser: Browser, server: DeskServer, size: dict[str, int]
) -> None:
    with editing(browser, server, "Piet", size) as seen:
        seen.page.goto(f"{server.address}{PAGE}")

        assert complaints_of_axe(seen) == []
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        assert seen.page.locator("ins").inner_text().startswith("[nieuw:")
        old, new = seen.page.locator(".review-field[open] .sides > div").all()
        boxes = old.bounding_box(), new.bounding_box()
        assert boxes[0]
        assert boxes[1]
        assert (boxes[0]["y"] < boxes[1]["y"]) == (size is PHONE)
        assert complaints(seen) == []


@pytest.mark.slow
def test_a_publisher_comments_and_publishes_by_keyboard(
    browser: Browser, server: DeskServer
) -> None:
    with editing(browser, server, "Piet") as seen:
        page = seen.page
        page.goto(f"{server.address}{PAGE}")

        page.locator(".review-field[open] > .comment-form > summary").press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.type("Mooier zo.")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_have_text("Je opmerking staat erbij.")
        expect(page.locator(".comment")).to_contain_text("Mooier zo.")

        page.locator("button[value=publish]").press("Enter")
        expect(page.get_by_role("status")).to_contain_text("Nu openbaar")
        page.get_by_role("link", name="De openbare pagina").press("Enter")
        expect(page.locator(".lede")).to_have_text("Buren maken met elkaar een tuin.")
        assert complaints(seen) == []
