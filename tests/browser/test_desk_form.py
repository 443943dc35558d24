"""The form with script: items, findings, pasted texts, advice; on a phone and by keyboard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import PHONE, SIZES
from tests.browser.desk import DeskServer, complaints, editing
from tests.browser.desk_form import (
    FORM,
    expect_saved,
    paste_from_word,
    serving_a_draft,
    type_in,
    value,
)
from tests.browser.test_reading import complaints_of_axe
from tests.builders import a_case, a_finding, a_source
from tests.conftest import KnowledgeBase

UNDER_THE_BAR = """() => {
    const bar = document.querySelector(".save-bar");
    document.documentElement.style.scrollBehavior = "auto"; // be there at once
    const seen = (each) =>
        each.checkVisibility({ contentVisibilityAuto: true }) &&
        !bar.contains(each) &&
        each.tabIndex >= 0;
    const fields = [...document.querySelectorAll("main :is(input, a, button, textarea, summary)")];
    return fields.filter(seen).filter((each) => {
        each.focus();
        return each.getBoundingClientRect().bottom > bar.getBoundingClientRect().top + 1;
    }).map((each) => each.outerHTML.slice(0, 120));
}"""


@pytest.fixture
def server(kb: KnowledgeBase) -> Iterator[DeskServer]:
    """A server with one draft."""
    with serving_a_draft(kb) as server:
        yield server


@pytest.mark.slow
def test_a_finding_is_added_with_the_keyboard_alone(server: DeskServer, browser: Browser) -> None:
    with editing(browser, server) as seen:
        page = seen.page
        page.goto(server.address + FORM)
        page.locator("[data-add=findings]").focus()
        page.keyboard.press("Enter")
        page.keyboard.type("Buren helpen elkaar vaker.")
        page.keyboard.press("Tab")
        page.keyboard.type("Krant")  # the source, by its title
        page.keyboard.press("Tab")
        page.keyboard.type("Pos")
        page.keyboard.press("Tab")
        page.keyboard.type("cohesie")  # another name of the domain
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        expect_saved(page)

        block = page.locator("[data-list=findings] [data-block]").last
        assert "Sociale samenhang" in block.locator("[data-details]").inner_text()
        block.locator("[data-move='-1']").focus()
        page.keyboard.press("Enter")
        expect(page.locator("[data-said]")).to_contain_text("staat nu op plaats 20 van 21")
        expect_saved(page)
        page.reload()
        claims = page.locator("[data-list=findings] [data-block] summary [data-title]")
        assert claims.all_inner_texts()[19] == "Buren helpen elkaar vaker."
        claims.nth(19).click()
        chosen = page.locator("[name='findings.19.source'] option:checked")
        assert chosen.inner_text() == "Krant"
        assert complaints(seen) == []


@pytest.mark.slow
def test_a_removed_item_comes_back_whole(server: DeskServer, browser: Browser) -> None:
    with editing(browser, server) as seen:
        page = seen.page
        page.goto(server.address + FORM)
        first = page.locator("[data-list=findings] [data-block]").first
        first.locator("summary").first.click()
        first.locator("[data-remove]").click()
        expect_saved(page)
        page.get_by_role("button", name="Zet terug").last.click()
        expect_saved(page)

        page.reload()
        assert page.locator("[data-list=findings] [data-block]").count() == 20
        assert value(page, "findings.0.claim") == "Bevinding 0"


@pytest.mark.slow
def test_a_new_source_can_be_picked_at_once(server: DeskServer, browser: Browser) -> None:
    with editing(browser, server) as seen:
        page = seen.page
        page.goto(server.address + FORM)
        page.locator("[data-add=sources]").click()
        page.locator("[data-list=sources] [name$='.title']").last.fill("Proefschrift")
        page.locator("[data-list=findings] summary").first.click()
        page.locator("[name='findings.0.source']").select_option(label="Proefschrift")
        expect_saved(page)

        page.reload()
        chosen = page.locator("[name='findings.0.source'] option:checked")
        assert chosen.text_content() == "Proefschrift"


@pytest.mark.slow
def test_what_is_pasted_from_word_becomes_plain_text(server: DeskServer, browser: Browser) -> None:
    with editing(browser, server) as seen:
        page = seen.page
        page.goto(server.address + FORM)
        paste_from_word(page.locator("[name='collaboration']"))

        text = "Buren groeten elkaar,\nook in de winter.\n\n- een moestuin\n- een oven"
        assert value(page, "collaboration") == text
        expect(page.locator(".pasted")).to_contain_text("opmaak weg")
        expect_saved(page)
        assert complaints(seen) == []  # the policy has no styles in markup


@pytest.mark.slow
def test_what_is_wrong_is_led_to(server: DeskServer, browser: Browser) -> None:
    with editing(browser, server) as seen:
        page = seen.page
        page.goto(server.address + FORM)
        type_in(page, "title", "!")
        page.locator("[name='startYear']").fill("ooit")
        expect(page.locator("[data-save-state]")).to_have_attribute("data-save-state", "partly")
        expect(page.locator("[data-save-state]")).to_contain_text("behalve: Beginjaar")
        assert page.locator("[name='startYear']").get_attribute("aria-invalid") == "true"

        page.locator(".save-bar [value=save]").click()
        expect(page.locator("[name='startYear']")).to_be_focused()
        page.locator("[name='startYear']").fill("2016")
        expect_saved(page)
        assert page.locator("[name='startYear']").get_attribute("aria-invalid") is None


@pytest.mark.slow
def test_advice_adds_what_the_text_mentions(server: DeskServer, browser: Browser) -> None:
    with editing(browser, server) as seen:
        page = seen.page
        page.goto(server.address + FORM)
        page.locator("[name='approach']").fill("Er kwamen gedeelde ruimten in de hal.")
        button = page.locator("[data-notes='approach'] button")
        expect(button).to_have_text("“Gedeelde ruimten” toevoegen")
        button.click()
        page.locator("[data-list=ingredients] textarea").last.fill("Een hal met een keuken.")
        expect_saved(page)

        expect(page.locator("[data-notes='approach'] button")).to_have_count(0)
        page.reload()
        assert value(page, "ingredients.1.id") == "gedeelde-ruimten"


@pytest.mark.slow
def test_a_submitted_draft_is_changed_only_on_purpose(server: DeskServer, browser: Browser) -> None:
    with editing(browser, server) as seen:
        page = seen.page
        page.goto(server.address + FORM)
        page.locator("[value=submit]").click()
        page.wait_for_url("**/redactie/casussen/tuin?done=submitted")

        page.goto(server.address + FORM)
        assert page.locator(".form-main").evaluate("main => main.inert")
        page.locator("[data-edit-anyway]").click()
        type_in(page, "title", "!")
        expect_saved(page)


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES)
def test_the_form_is_accessible_and_fits(
    size: dict[str, int], server: DeskServer, browser: Browser
) -> None:
    with editing(browser, server, size=size) as seen:
        page = seen.page
        for path in (FORM, "/redactie/casussen/nieuw"):
            page.goto(server.address + path)
            assert complaints_of_axe(seen) == []
            assert not seen.is_wider_than_its_screen()
        page.goto(server.address + FORM)
        for summary in page.locator("[data-list] summary").all()[:3]:
            summary.click()
        page.locator("[name='startYear']").fill("ooit")
        expect(page.locator("[data-save-state]")).to_have_attribute("data-save-state", "refused")
        assert complaints_of_axe(seen) == []
        assert seen.strangers(server.address) == []


@pytest.mark.slow
def test_twenty_findings_are_twenty_lines(server: DeskServer, browser: Browser) -> None:
    with editing(browser, server) as seen:
        page = seen.page
        page.goto(server.address + FORM)

        height = page.locator("[data-list=findings]").bounding_box()

        assert height is not None
        assert height["height"] < 20 * 80
        assert page.locator("[data-list=findings] details[open]").count() == 0


@pytest.mark.slow
def test_a_removed_source_leaves_the_findings_of_others_alone(
    kb: KnowledgeBase, server: DeskServer, browser: Browser
) -> None:
    sources = [a_source(), a_source("bron-2", title="Krant")]
    first, second = a_finding("bank", "een"), a_finding("bank", "twee", source="bron-2")
    kb.draft(a_case("bank", sources=sources, findings=[first, second]))
    with editing(browser, server) as seen:
        page = seen.page
        page.goto(server.address + FORM.replace("tuin", "bank"))
        source = page.locator("[data-list=sources] [data-block]").first
        source.locator("summary").first.click()
        source.locator("[data-remove]").click()
        expect(page.locator("[data-said]")).to_contain_text("geen bron meer hebben: 1.")
        expect_saved(page)
        page.reload()
        chosen = "[name='findings.{}.source'] option:checked"
        assert page.locator(chosen.format(0)).get_attribute("value") == ""
        assert page.locator(chosen.format(1)).text_content() == "Krant"


@pytest.mark.slow
def test_a_source_that_is_put_back_has_its_findings_again(
    server: DeskServer, browser: Browser
) -> None:
    with editing(browser, server) as seen:
        page = seen.page
        page.goto(server.address + FORM)
        source = page.locator("[data-list=sources] [data-block]").first
        source.locator("summary").first.click()
        source.locator("[data-remove]").click()
        expect_saved(page)
        page.get_by_role("button", name="Zet terug").last.click()
        expect_saved(page)

        page.reload()
        chosen = page.locator("[name='findings.0.source'] option:checked")
        assert chosen.text_content() == "Verslag van de buurt"


def test_on_a_phone_nothing_hides_under_the_bar_and_words_stay_whole(
    server: DeskServer, browser: Browser
) -> None:
    with editing(browser, server, size=PHONE) as seen:
        seen.page.goto(f"{server.address}{FORM}")
        seen.page.wait_for_selector(".save-bar")
        hidden = seen.page.evaluate(UNDER_THE_BAR)
        seen.page.goto(f"{server.address}/redactie/begrippen/kinds")
        lines = seen.page.locator("thead th").evaluate_all(
            "all => all.map((each) => each.getClientRects()[0].height < 60 &&"
            " getComputedStyle(each).textAlign)"
        )

    assert hidden == []
    assert lines == ["start"] * 5
