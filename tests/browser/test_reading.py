"""What people read: every kind of page, on a desk, on a phone, in the dark, on paper."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from tests.browser.conftest import DESK, PHONE, Seen, opened
from tests.conftest import slow

pytestmark = pytest.mark.chromium
SMALL = {"width": 320, "height": 640}
FIVE = (
    *("place2bu-utrecht", "stek-oost-amsterdam", "katendrecht-rotterdam"),
    *("de-lessepsbuurt-utrecht", "gemengd-wonen-in-een-complex"),
)
PAGES = {
    "front": "/",
    "list": "/zoeken",
    "search": "/zoeken?q=statushouders+jongeren&targetGroup=jongeren",
    "findings": "/zoeken?type=finding&q=leefbaarheid",
    "nothing": "/zoeken?q=qwxzqwxz&scale=onzin",
    "pitfalls": "/valkuilen",
    "strategies": "/strategieen",
    "strategy": "/strategieen/sociaal-beheer",
    "effects": "/effecten",
    "effect": "/effecten/leefbaarheid",
    "evidence-map": "/kaart-van-het-bewijs",
    "ingredients": "/bestanddelen",
    "questions": "/vragen",
    "case": "/casussen/place2bu-utrecht",
    "pitfall": "/valkuilen/place2bu-utrecht--onrustige-start-op-grote-schaal",
    "ingredient": "/bestanddelen/buddy-systeem",
    "question": "/vragen/leidt-mengen-tot-contact",
    "study": "/onderzoeken/kleinhans-2004",
    "doubtful": "/casussen/stek-oost-amsterdam",
    "archetype": "/casussen/gemengd-wonen-in-een-complex",
    "all-findings": "/bevindingen?evidence=literatuurreview",
    "beyond": "/zoeken?province=Zeeland",
    "comparison": "/vergelijken?case=place2bu-utrecht&case=stek-oost-amsterdam",
    "comparison-of-five": "/vergelijken?lang=en&" + "&".join(f"case={case}" for case in FIVE),
    "dossier": "/dossier?item=case:place2bu-utrecht&item=question:leidt-mengen-tot-contact&q=buren",
    "dossier-begins": "/dossier",
    "comparison-begins": "/vergelijken?case=place2bu-utrecht&q=ouderen",
    "method": "/werkwijze",
    "privacy": "/privacy",
    "contact": "/contact?lang=en",
    "absent": "/casussen/place2bu-utrech",
    "problem": "/problems/not-found",
    "english": "/casussen/place2bu-utrecht?lang=en",
}
IN_EVERY_RUN = (  # one of each kind of page
    *("front", "search", "evidence-map", "case", "question", "comparison", "dossier", "absent"),
)
NAMES = [*IN_EVERY_RUN, *slow(*(name for name in PAGES if name not in IN_EVERY_RUN))]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WAYS = {
    "desk": (DESK, "light"),
    "phone": (PHONE, "light"),
    "dark": (DESK, "dark"),
    "dark-phone": (PHONE, "dark"),
}


def complaints_of_axe(seen: Seen) -> list[str]:
    """What axe-core finds wrong, with the best practices beside WCAG 2.2 AA."""
    options = {"runOnly": RULES, "resultTypes": ["violations"]}  # what is right is not described
    violations = Axe().run(seen.page, options=options).response["violations"]
    return [f"{each['id']}: {node['html'][:200]}" for each in violations for node in each["nodes"]]


@pytest.mark.parametrize(
    "way",
    [
        "desk",
        *slow("dark-phone"),  # with it both sizes and both schemes, each once
        *(pytest.param(way, marks=pytest.mark.long) for way in ("dark", "phone")),
    ],
)
@pytest.mark.parametrize("name", NAMES)
def test_a_page_is_accessible_fits_and_asks_nobody_else(
    name: str, way: str, address: str, browser: Browser
) -> None:
    size, scheme = WAYS[way]
    with opened(browser, size, color_scheme=scheme) as seen:
        answer = seen.page.goto(f"{address}{PAGES[name]}")

        assert answer is not None
        assert answer.status == (404 if name == "absent" else 200)
        assert complaints_of_axe(seen) == []
        assert not seen.is_wider_than_its_screen()
        assert seen.strangers(address) == []
        assert [each for each in seen.complaints if "404" not in each] == []
        assert seen.page.get_by_role("heading", level=1).count() == 1


@pytest.mark.parametrize("name", NAMES)
def test_a_page_fits_a_small_screen_and_large_letters(
    name: str, address: str, browser: Browser
) -> None:
    with opened(browser, SMALL) as seen:
        seen.page.goto(f"{address}{PAGES[name]}")
        fits = not seen.is_wider_than_its_screen()
        seen.page.evaluate("document.documentElement.style.fontSize = '200%'")

        assert fits
        assert not seen.is_wider_than_its_screen()


def test_suggestions_come_while_typing_and_the_keyboard_is_enough(
    address: str, browser: Browser
) -> None:
    with opened(browser, DESK) as seen:
        seen.page.goto(address)
        keys = seen.page.keyboard
        field = seen.page.get_by_role("combobox")
        keys.press("Tab")
        expect(seen.page.locator(".skip")).to_be_focused()
        while seen.page.evaluate("document.activeElement.name") != "q":
            keys.press("Tab")
        keys.type("place2")
        first = seen.page.get_by_role("option").first
        expect(first).to_contain_text("Place2BU")
        expect(field).to_have_attribute("aria-expanded", "true")
        assert complaints_of_axe(seen) == []
        keys.press("ArrowDown")
        expect(first).to_have_attribute("aria-selected", "true")
        expect(field).to_have_attribute("aria-activedescendant", "suggestion-0")
        keys.press("Escape")
        expect(field).to_have_attribute("aria-expanded", "false")
        assert field.input_value() == "place2"
        keys.press("ArrowDown")
        expect(first).to_be_visible()
        keys.press("ArrowDown")
        keys.press("Enter")
        seen.page.wait_for_url("**/casussen/place2bu-utrecht")

        assert "Place2BU" in seen.page.get_by_role("heading", level=1).inner_text()
        assert seen.complaints == []


def test_filters_renew_the_results_without_a_new_page_and_back_goes_back(
    address: str, browser: Browser
) -> None:
    with opened(browser, DESK) as seen:
        seen.page.goto(f"{address}/zoeken?q=statushouders")
        seen.page.evaluate("window.still = true")
        before = seen.page.locator("#found").inner_text()
        value = seen.page.locator("#targetGroup-studenten")
        count = value.locator(".count").inner_text()
        value.focus()
        seen.page.keyboard.press("Enter")
        expect(seen.page.locator("#found")).to_have_text(re.compile(rf"^{count} "))

        assert parse_qs(urlsplit(seen.page.url).query)["targetGroup"] == ["studenten"]
        expect(seen.page.locator("#targetGroup-studenten")).to_be_focused()
        expect(seen.page.locator("#targetGroup-studenten")).to_have_attribute(
            "aria-current", "true"
        )
        assert seen.page.evaluate("window.still")
        hidden = seen.page.locator("form.search input[type=hidden][name=targetGroup]")
        assert hidden.get_attribute("value") == "studenten"
        assert complaints_of_axe(seen) == []
        seen.page.go_back()
        expect(seen.page.locator("#found")).to_have_text(before)
        assert seen.page.evaluate("window.still")
        assert seen.complaints == []


def test_filters_stand_above_the_results_and_are_closed_on_a_phone(
    address: str, browser: Browser
) -> None:
    with opened(browser, PHONE, script=False) as phone, opened(browser, DESK) as desk:
        for seen in (phone, desk):
            seen.page.goto(f"{address}/zoeken?q=statushouders")
        value = "#targetGroup-studenten"
        first = phone.page.locator(".result").first.bounding_box()

        assert first is not None
        assert first["y"] < PHONE["height"]
        expect(phone.page.locator(value)).not_to_be_visible()
        phone.page.get_by_text("Verfijn de resultaten").click()
        expect(phone.page.locator(value)).to_be_visible()
        expect(desk.page.locator(value)).to_be_visible()
        expect(desk.page.get_by_text("Verfijn de resultaten")).not_to_be_visible()


def test_everything_works_without_a_script(address: str, browser: Browser) -> None:
    with opened(browser, PHONE, script=False) as seen:
        seen.page.goto(address)
        seen.page.get_by_role("searchbox").fill("statushouders")
        seen.page.get_by_role("button", name="Zoeken").click()
        seen.page.get_by_text("Verfijn de resultaten").click()
        value = seen.page.locator("#targetGroup-studenten")
        count = value.locator(".count").inner_text()
        value.click()
        assert seen.page.locator("#found").inner_text().startswith(f"{count} ")
        seen.page.get_by_role("link", name="Verwijder: Doelgroep: Studenten").click()
        assert "targetGroup" not in seen.page.url
        seen.page.locator(".result h3 a").first.click()

        assert urlsplit(seen.page.url).path.startswith("/casussen/")
        assert seen.page.get_by_role("heading", name="Bronnen").is_visible()


def test_on_paper_there_is_the_text_and_nothing_to_press(address: str, browser: Browser) -> None:
    with opened(browser, DESK) as seen:
        seen.page.goto(f"{address}/casussen/place2bu-utrecht")
        seen.page.emulate_media(media="print")

        assert seen.page.get_by_role("heading", level=1).is_visible()
        assert seen.page.locator(".finding").first.is_visible()
        shown = [nav for nav in seen.page.locator("nav").all() if nav.is_visible()]
        assert shown == []
        link = seen.page.locator(".sources a").first
        after = link.evaluate("each => getComputedStyle(each, '::after').content")
        assert "http" in after
        seen.page.goto(f"{address}/zoeken?q=buren")
        assert not seen.page.locator(".search, .filters, .tabs, .pager, .sorts").first.is_visible()
        assert seen.page.locator(".result").first.is_visible()


def test_on_paper_the_whole_map_of_the_evidence_is_there(address: str, browser: Browser) -> None:
    with opened(browser, DESK) as seen:
        seen.page.goto(f"{address}/kaart-van-het-bewijs")
        seen.page.set_viewport_size({"width": 700, "height": 990})
        seen.page.emulate_media(media="print")

        assert not seen.page.locator(".axes").is_visible()
        box = seen.page.locator(".map-scroll").evaluate(
            "each => each.scrollWidth - each.clientWidth"
        )
        assert box <= 0


def test_our_letters_come_and_nothing_moves(address: str, browser: Browser) -> None:
    with opened(browser, DESK) as seen:
        for path in ("/", "/zoeken?q=buren", "/casussen/place2bu-utrecht"):
            seen.page.goto(f"{address}{path}", wait_until="networkidle")
            moved = """() => new Promise(done => {
                let sum = 0;
                const add = list => list.getEntries().forEach(each => (sum += each.value));
                new PerformanceObserver(add).observe({type: "layout-shift", buffered: true});
                setTimeout(() => done(sum), 300);
            })"""

            fonts = "[...document.fonts].map(each => [each.family, each.status])"
            statuses = {name.strip('"'): how for name, how in seen.page.evaluate(fonts)}
            assert statuses["Kennisbank Sans"] == statuses["Kennisbank Serif"] == "loaded"
            assert seen.page.evaluate(moved) < 0.02


def test_a_finding_is_shown_where_its_link_leads(address: str, browser: Browser) -> None:
    with opened(browser, DESK) as seen:
        finding = seen.page.request.get(f"{address}/v1/findings?q=Place2BU").json()["items"][0]
        seen.page.goto(finding["_links"]["html"]["href"])

        target = seen.page.locator(":target")
        assert finding["claim"] in target.inner_text()
        expect(target).to_be_in_viewport()
