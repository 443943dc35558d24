"""An afternoon of two editors, who may both publish, but never their own text: from Word to gone.

Each page on the way can be read by everybody, on a desk and on a phone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import CHROMIUM, DESK, PHONE, Seen, opened
from tests.browser.desk import DeskServer, complaints, editing, picture, serving
from tests.browser.desk_form import expect_saved, paste_from_word
from tests.browser.test_reading import complaints_of_axe
from tests.builders import LONG, a_case
from tests.conftest import KnowledgeBase, need

TITLE = "Bakhof Utrecht: samen brood bakken"
CASE = "/redactie/casussen/bakhof-utrecht-samen-brood-bakken"
PUBLIC = CASE.removeprefix("/redactie")
SUMMARY = "Buren bakken samen brood."


@pytest.fixture
def server(kb: KnowledgeBase) -> Iterator[DeskServer]:
    """A server with one public case, which is called almost as the new one will be."""
    need("chromium", bool(CHROMIUM), "apt-get install chromium")
    kb.publish(a_case("bakhof", title="Bakhof Utrecht", summary="Een hof met een oven."))
    with serving(kb) as server:
        yield server


@pytest.mark.slow
def test_an_afternoon_of_two_editors(browser: Browser, server: DeskServer) -> None:
    with editing(browser, server, "Sanne") as sanne, editing(browser, server, "Piet") as piet:
        write_a_case_from_word(sanne)
        return_it_with_a_note(piet)
        mend_it(sanne)
        publish_it(sanne, piet)
        meet_it_in_search(browser, server)
        settle_a_conflict(sanne, piet, server)
        restore_an_earlier_text(sanne, server)
        withdraw_it(piet, server)
        read_what_takes_its_place(browser, server)
        for seen in (sanne, piet):
            assert complaints(seen) == []
            assert seen.strangers(server.address) == []


def scene(seen: Seen, name: str) -> None:
    """Everybody can read this page, whatever their screen."""
    for size in (PHONE, DESK):
        seen.page.set_viewport_size({"width": size["width"], "height": size["height"]})
        picture(seen.page, f"afternoon-{name}-{size['width']}")
        assert complaints_of_axe(seen) == [], name
        assert not seen.is_wider_than_its_screen(), name


def expect_message(page: Page, text: str) -> None:
    """The page says what was just done."""
    expect(page.locator(".desk > [role=status]")).to_contain_text(text)


def write_a_case_from_word(seen: Seen) -> None:
    """Begin a case that may be there already, paste its story, fill in the rest and submit it."""
    page = seen.page
    page.get_by_role("link", name="Nieuwe casus").first.click()
    page.get_by_label("Titel").fill(TITLE)
    page.get_by_role("button", name="Begin", exact=True).click()
    duplicate = page.get_by_role("region", name="Staat het er al?")
    expect(duplicate.get_by_role("link")).to_contain_text("Bakhof Utrecht")
    scene(seen, "1-duplicate")
    page.get_by_role("button", name="Nee, dit is iets anders: begin").click()

    page.wait_for_url("**/bewerken")
    field = page.locator("[name=approach]")
    paste_from_word(field)
    expect(page.locator(".pasted")).to_contain_text("opmaak weg")
    assert field.input_value().endswith("- een moestuin\n- een oven")
    fill_in_the_rest(page)
    expect_saved(page)
    expect(page.locator("[data-side]")).to_contain_text("Er ontbreekt niets")
    scene(seen, "2-form")
    page.get_by_role("button", name="Stuur naar beoordeling").click()
    page.wait_for_url("**?done=submitted")
    scene(seen, "3-submitted")


def fill_in_the_rest(page: Page) -> None:
    """What else a case needs to be published."""
    page.locator("[name=summary]").fill(SUMMARY)
    for key in ("context", "results"):
        page.locator(f"[name={key}]").fill(LONG)
    page.locator("[name=startYear]").fill("2019")
    for key, label in (("status", "Lopend"), ("scale", "Buurt")):
        page.locator(f"[name={key}]").select_option(label=label)
    for key, term in (("strategies", "sociaal-beheer"), ("targetGroups", "jongeren")):
        page.locator(f"[name={key}][value={term}]").check()
    page.locator("[data-add=ingredients]").click()
    page.keyboard.type("buddy")
    page.keyboard.press("Enter")
    page.locator("[data-list=ingredients] textarea").last.fill("Buren helpen elkaar.")
    page.locator("[data-add=sources]").click()
    page.keyboard.type("Verslag van het bakhof")
    page.locator("[name$='.sourceType']").last.select_option(label="Rapport")


def return_it_with_a_note(seen: Seen) -> None:
    """Read it beside what is public (nothing yet), say at a field what is wrong, and return it."""
    page = seen.page
    page.reload()
    scene(seen, "4-desk")
    waiting = page.get_by_role("region", name="Wacht op beoordeling")
    waiting.get_by_role("link", name="Beoordelen").click()
    field = page.locator(".review-field", has=page.get_by_role("heading", name="Samenvatting"))
    field.locator("summary", has_text="Opmerking").click()
    page.keyboard.press("Tab")
    page.keyboard.type("Hoe vaak?")
    field.get_by_role("button", name="Plaats opmerking").click()
    expect_message(page, "Je opmerking staat erbij.")
    scene(seen, "5-review")
    page.get_by_label("Toelichting").fill("Zeg erbij hoe vaak.")
    page.get_by_role("button", name="Terugsturen naar de schrijver").click()
    expect_message(page, "met je toelichting")


def mend_it(seen: Seen) -> None:
    """See why it came back, on the desk and in the form; mend it, and submit it anew."""
    page = seen.page
    page.get_by_role("link", name="Bureau").first.click()
    back = page.get_by_role("region", name="Teruggestuurd")
    expect(back).to_contain_text("Zeg erbij hoe vaak.")
    scene(seen, "6-returned")
    back.get_by_role("link", name="Verder").click()
    expect(page.get_by_role("complementary", name="Teruggestuurd")).to_contain_text("hoe vaak")
    page.locator("[name=summary]").fill("Buren bakken elke week samen brood.")
    expect_saved(page)
    page.get_by_role("button", name="Stuur naar beoordeling").click()
    page.wait_for_url("**?done=submitted")


def publish_it(sanne: Seen, piet: Seen) -> None:
    """Who wrote it cannot publish it, though she is a publisher; the other does."""
    sanne.page.get_by_role("link", name="Beoordelen").first.click()
    expect(sanne.page.locator(".decision")).to_contain_text("Je hebt zelf aan deze tekst")
    expect(sanne.page.get_by_role("button", name="Publiceren")).to_have_count(0)
    scene(sanne, "7-own-text")
    page = piet.page
    page.goto(sanne.page.url)
    page.get_by_role("button", name="Publiceren").click()
    expect_message(page, "Nu openbaar")
    scene(piet, "8-published")


def meet_it_in_search(browser: Browser, server: DeskServer) -> None:
    """A reader finds it by a word that came from Word."""
    with opened(browser, PHONE) as seen:
        seen.page.goto(f"{server.address}/zoeken?q=moestuin")
        seen.page.get_by_role("link", name=TITLE).click()
        expect(seen.page.locator(".lede")).to_have_text("Buren bakken elke week samen brood.")
        scene(seen, "9-public")


def settle_a_conflict(sanne: Seen, piet: Seen, server: DeskServer) -> None:
    """Both write in the summary; who is later sees both texts, takes both, and submits that."""
    page = sanne.page
    page.goto(server.address + CASE)
    page.get_by_role("button", name="Begin een concept").click()
    page.wait_for_url("**/bewerken")
    piet.page.goto(page.url)
    piet.page.locator("[name=summary]").fill("Buren bakken op zaterdag samen brood.")
    expect_saved(piet.page)
    page.locator("[name=summary]").fill("Buren bakken elke week samen brood, voor iedereen.")
    page.get_by_role("button", name="Bekijk ze allebei").click()
    expect(page.locator("h1")).to_have_text("Jullie hebben dit allebei veranderd")
    expect(page.locator("ins").first).to_contain_text(", voor iedereen")
    expect(page.locator("ins").last).to_contain_text("op zaterdag")
    scene(sanne, "10-conflict")
    page.get_by_label("Allebei").check()
    page.get_by_role("button", name="Bewaar dit").click()
    page.wait_for_url("**?done=merged")
    text = page.locator("[name=summary]").input_value()
    assert text.startswith("Buren bakken op zaterdag")
    assert text.endswith("voor iedereen.")
    page.goto(f"{server.address}{CASE}/beoordelen")
    changes = page.locator(".review-field[open] .sides").first
    expect(changes.locator("ins").first).to_contain_text("op zaterdag")
    scene(sanne, "11-side-by-side")


def restore_an_earlier_text(seen: Seen, server: DeskServer) -> None:
    """Bring the published text back, in the place of the open draft."""
    page = seen.page
    page.goto(server.address + CASE)
    scene(seen, "12-history")
    page.get_by_role("link", name=re.compile("Terughalen.*gepubliceerd")).click()
    scene(seen, "13-restore")
    page.get_by_role("button", name="Haal deze tekst terug").click()
    expect_message(page, "Die tekst is nu het concept.")
    page.goto(f"{server.address}{CASE}/bewerken")
    assert page.locator("[name=summary]").input_value() == "Buren bakken elke week samen brood."


def withdraw_it(seen: Seen, server: DeskServer) -> None:
    """Take it from readers, and say what they are to read in its place."""
    page = seen.page
    page.goto(server.address + CASE)
    page.get_by_role("link", name="Intrekken").click()
    page.get_by_label("Waarom, voor lezers").fill("Het is hetzelfde hof.")
    page.get_by_label("Zoek op titel of woorden").press_sequentially("Bakhof")
    page.get_by_label("Bakhof Utrecht").check()
    scene(seen, "14-withdraw")
    page.get_by_role("button", name="Intrekken").click()
    expect_message(page, "Het is ingetrokken")
    scene(seen, "15-withdrawn")


def read_what_takes_its_place(browser: Browser, server: DeskServer) -> None:
    """A reader of the former address reads why, and is led on."""
    with opened(browser, PHONE) as seen:
        answer = seen.page.goto(server.address + PUBLIC)
        assert answer is not None
        assert answer.status == 410
        expect(seen.page.get_by_text("Het is hetzelfde hof.")).to_be_visible()
        scene(seen, "16-gone")
        seen.page.get_by_role("main").get_by_role("link", name="bakhof").first.click()
        expect(seen.page.locator("h1")).to_have_text("Bakhof Utrecht")
