"""Cases are ticked, compared and taken away, with a script and without."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DESK, PHONE, opened
from tests.conftest import slow

pytestmark = pytest.mark.chromium


def chosen(page: Page) -> list[str]:
    """The cases that the address of a page compares."""
    return parse_qs(urlsplit(page.url).query).get("case", [])


def tick(page: Page, place: int) -> str:
    """Tick a case of a list; its id."""
    box = page.get_by_role("checkbox").nth(place)
    box.check()
    return box.get_attribute("value") or ""


@pytest.mark.parametrize("script", [True, *slow(False)])
def test_ticked_cases_are_compared(script: bool, address: str, browser: Browser) -> None:
    with opened(browser, PHONE, script=script) as seen:
        page = seen.page
        page.goto(f"{address}/casussen?lang=nl")
        ids = [tick(page, 0), tick(page, 2)]
        page.get_by_role("button", name="Vergelijk de aangevinkte casussen").click()

        assert chosen(page) == ids
        expect(page.get_by_role("table")).to_be_visible()
        assert page.get_by_role("columnheader").count() == 2
        page.get_by_role("link", name="Verwijder").first.click()
        assert chosen(page) == ids[1:]
        page.get_by_role("searchbox").fill("statushouders")
        page.get_by_role("button", name="Zoeken").click()
        page.get_by_role("link", name="Toevoegen").first.click()
        assert len(chosen(page)) == 2
        assert parse_qs(urlsplit(page.url).query)["lang"] == ["nl"]


@pytest.mark.slow
def test_what_was_ticked_stays_on_the_next_page(address: str, browser: Browser) -> None:
    with opened(browser, DESK) as seen:
        page = seen.page
        page.goto(f"{address}/casussen?lang=nl")
        ids = [tick(page, 1)]
        page.get_by_role("link", name="Volgende").click()
        page.wait_for_url("**page=2**")
        ids.append(tick(page, 0))
        page.get_by_role("link", name="Vorige").click()
        page.wait_for_url("**page=1**")
        expect(page.get_by_role("checkbox").nth(1)).to_be_checked()
        page.get_by_role("button", name="Vergelijk de aangevinkte casussen").click()

        assert sorted(chosen(page)) == sorted(ids)
        assert seen.complaints == []


@pytest.mark.slow
def test_the_map_leads_to_a_province_without_a_new_page(address: str, browser: Browser) -> None:
    with opened(browser, DESK) as seen:
        page = seen.page
        page.goto(f"{address}/zoeken?lang=nl")
        page.evaluate("window.isSamePage = true")
        page.locator(".country-map a", has_text="Overijssel").locator("path").click()
        page.wait_for_url("**province=Overijssel**")

        expect(page.locator(".country-map a[aria-current]")).to_have_count(1)
        assert page.evaluate("window.isSamePage")
        assert seen.complaints == []
