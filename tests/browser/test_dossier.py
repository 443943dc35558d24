"""Things are saved, put in order, taken away and written about, in this browser alone."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DESK, PHONE, opened

pytestmark = pytest.mark.chromium
CASE = "case:place2bu-utrecht"
OTHER = "case:stek-oost-amsterdam"
NOTE = "Vraag Els <b>of</b> dit hier kan."


def items(page: Page) -> list[str]:
    """The things of the dossier that is open."""
    return parse_qs(urlsplit(page.url).query).get("item", [])


def test_what_is_saved_is_there_again(address: str, browser: Browser) -> None:
    with opened(browser, PHONE) as seen:
        page = seen.page
        page.goto(f"{address}/casussen/place2bu-utrecht?lang=nl")
        page.locator(".thing-head a.keep").click()
        page.goto(f"{address}/casussen/stek-oost-amsterdam?lang=nl")
        page.locator(".thing-head a.keep").press("Space")
        saved = page.locator(".thing-head a.keep")
        expect(saved).to_have_attribute("aria-pressed", "true")
        expect(saved).to_contain_text("Bewaard in dossier")
        expect(page.locator("[data-count]")).to_contain_text("2")
        page.goto(f"{address}/dossier?lang=nl")
        page.wait_for_url("**item=**")
        assert items(page) == [CASE, OTHER]
        page.get_by_role("textbox", name="Je eigen notitie").first.fill(NOTE)
        page.get_by_role("link", name="Omlaag").first.click()
        page.wait_for_url(f"**item={OTHER}&item={CASE}**")
        expect(page.get_by_role("textbox", name="Je eigen notitie").last).to_have_value(NOTE)
        page.get_by_role("link", name="Verwijder").first.click()
        page.wait_for_load_state()
        page.goto(f"{address}/dossier?lang=nl")
        page.wait_for_url("**item=**")
        assert items(page) == [CASE]
        page.emulate_media(media="print")
        expect(page.locator(".note-on-paper")).to_have_text(NOTE)
        expect(page.locator(".note-on-paper")).to_be_visible()
        assert not page.context.cookies()


@pytest.mark.slow
def test_the_dossier_of_another_is_not_mixed_with_ones_own(address: str, browser: Browser) -> None:
    with opened(browser, DESK) as seen:
        page = seen.page
        page.goto(f"{address}/casussen/place2bu-utrecht?lang=nl")
        page.locator(".thing-head a.keep").click()
        page.goto(f"{address}/dossier?item={OTHER}&lang=nl")
        page.get_by_role("link", name="Verwijder").first.click()
        page.wait_for_url(lambda url: OTHER not in url)
        page.goto(f"{address}/dossier?item={OTHER}&lang=nl")
        page.get_by_role("button", name="Voeg toe aan mijn dossier").click()
        page.wait_for_url(f"**item={CASE}&item={OTHER}**")
        page.on("dialog", lambda dialog: dialog.accept())
        page.get_by_role("button", name="Maak dit dossier leeg").click()
        expect(page.get_by_role("heading", name="Zo werkt het")).to_be_visible()
        expect(page.locator("[data-count]")).to_be_hidden()


@pytest.mark.slow
def test_without_a_script_the_address_holds_it(address: str, browser: Browser) -> None:
    with opened(browser, PHONE, script=False) as seen:
        page = seen.page
        page.goto(f"{address}/casussen/place2bu-utrecht?lang=nl")
        page.locator(".thing-head a.keep").click()
        assert items(page) == [CASE]
        page.get_by_role("searchbox").fill("stek oost")
        page.get_by_role("button", name="Zoeken").click()
        page.get_by_role("link", name="Toevoegen").first.click()
        assert items(page)[0] == CASE
        assert len(items(page)) == 2
        page.get_by_role("link", name="Verwijder").first.click()
        assert len(items(page)) == 1
