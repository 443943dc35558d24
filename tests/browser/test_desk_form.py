"""The form with script: saved while somebody types, and nothing typed is ever lost."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import CHROMIUM, PHONE, SIZES
from tests.browser.desk import DeskServer, complaints, editing, serving, sign_in
from tests.browser.test_reading import complaints_of_axe
from tests.builders import a_case, a_finding, a_source
from tests.conftest import KnowledgeBase, need

FORM = "/redactie/casussen/tuin/bewerken"
WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><body><!--StartFragment-->
<p class=MsoNormal><b>Buren</b> groeten\u00a0elkaar,<br>ook in de winter.</p>
<p class=MsoListParagraphCxSpFirst style='mso-list:l0 level1'><span style='mso-list:Ignore'>\u00b7
<span>&nbsp;&nbsp; </span></span>een moes\u00adtuin</p>
<p class=MsoListParagraphCxSpLast style='mso-list:l0 level1'><span style='mso-list:Ignore'>\u00b7
<span>&nbsp;&nbsp; </span></span>een oven</p><!--EndFragment--></body></html>"""

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
    need("chromium", bool(CHROMIUM), "apt-get install chromium")
    kb.draft(
        a_case(
            sources=[a_source(), a_source("bron-2", title="Krant")],
            findings=[a_finding("tuin", f"bevinding-{number}") for number in range(20)],
        )
    )
    with serving(kb) as server:
        yield server


def state(page: Page) -> str:
    return page.locator("[data-save-state]").inner_text()


def expect_saved(page: Page) -> None:
    """Wait until all that was typed is saved."""
    line = page.locator("[data-save-state]")
    expect(line).to_have_attribute("data-save-state", "saved")
    expect(line).to_have_text(re.compile(r"^Bewaard om \d\d:\d\d$"))


def type_in(page: Page, name: str, text: str) -> None:
    """Type at the end of a field, key by key."""
    field = page.locator(f"[name='{name}']")
    field.focus()
    field.press("End")
    field.press_sequentially(text)
    expect(page.locator("[data-save-state]")).not_to_have_attribute("data-save-state", "saved")


def value(page: Page, name: str) -> str:
    return page.locator(f"[name='{name}']").input_value()


def paste_from_word(field: Locator) -> None:
    """Paste a text as Word puts it on the clipboard."""
    field.focus()
    field.evaluate(
        """(field, html) => {
            const clipboardData = new DataTransfer();
            clipboardData.setData("text/html", html);
            clipboardData.setData("text/plain", "Buren groeten elkaar");
            field.dispatchEvent(new ClipboardEvent("paste", {
                clipboardData, bubbles: true, cancelable: true,
            }));
        }""",
        WORD,
    )


def test_what_is_typed_is_saved_by_itself(server: DeskServer, browser: Browser) -> None:
    with editing(browser, server) as seen:
        page = seen.page
        page.goto(server.address + FORM)
        expect_saved(page)

        type_in(page, "title", " van ons allen")
        expect_saved(page)

        assert page.locator("[data-page-title]").inner_text() == "Tuin van ons allen"
        page.reload()
        assert value(page, "title") == "Tuin van ons allen"
        expect(page.locator("[data-stored]")).to_be_hidden()
        assert complaints(seen) == []


@pytest.mark.slow
def test_nothing_is_lost_when_the_server_stops_while_somebody_types(
    server: DeskServer, browser: Browser
) -> None:
    with editing(browser, server) as seen:
        page = seen.page
        page.goto(server.address + FORM)
        type_in(page, "summary", " Voor de storing.")
        server.stop()
        type_in(page, "summary", " Tijdens de storing.")
        line = page.locator("[data-save-state]")
        expect(line).to_have_attribute("data-save-state", "offline")

        server.start()
        expect_saved(page)

        page.reload()
        assert value(page, "summary").endswith("Voor de storing. Tijdens de storing.")


@pytest.mark.slow
def test_what_was_not_saved_is_offered_after_the_page_was_closed(
    server: DeskServer, browser: Browser
) -> None:
    with editing(browser, server) as seen:
        page = seen.page
        page.goto(server.address + FORM)
        server.stop()
        type_in(page, "title", " zonder verbinding")
        page.locator("[data-add=parties]").click()
        page.locator("[name$='.name']").last.fill("Gemeente")
        expect(page.locator("[data-save-state]")).to_have_attribute("data-save-state", "offline")
        page.goto("about:blank")
        server.start()

        page.goto(server.address + FORM)
        expect(page.locator("[data-stored]")).to_be_visible()
        assert value(page, "title") == "Tuin"
        page.locator("[data-restore]").click()

        page.wait_for_load_state()
        expect(page.locator("[name='title']")).to_have_value("Tuin zonder verbinding")
        expect(page.locator("[name='parties.0.name']")).to_have_value("Gemeente")
        expect(page.locator("[data-save-state]")).to_have_attribute("data-save-state", "partly")
        page.locator("[id='f.parties.0.role']").fill("overheid")
        page.locator("[id='f.parties.0.role']").press("Enter")
        expect_saved(page)
        page.reload()
        expect(page.locator("[data-stored]")).to_be_hidden()
        assert value(page, "parties.0.name") == "Gemeente"


@pytest.mark.slow
def test_who_signs_in_again_in_another_tab_goes_on_typing(
    server: DeskServer, browser: Browser
) -> None:
    with editing(browser, server) as seen:
        page = seen.page
        page.goto(server.address + FORM)
        other = page.context.new_page()
        other.goto(f"{server.address}/redactie")
        other.locator(".desk-sign-out button").click()
        other.wait_for_url("**/aanmelden**")

        type_in(page, "title", " hier")
        line = page.locator("[data-save-state]")
        expect(line).to_have_attribute("data-save-state", "ended")
        expect(line.locator("a")).to_be_visible()
        sign_in(other, server)
        page.bring_to_front()
        page.evaluate("dispatchEvent(new Event('focus'))")

        expect_saved(page)
        page.reload()
        assert value(page, "title") == "Tuin hier"


@pytest.mark.slow
def test_two_editors_in_one_text_choose(server: DeskServer, browser: Browser) -> None:
    with editing(browser, server) as anna, editing(browser, server, "Bas") as bas:
        for seen in (anna, bas):
            seen.page.goto(server.address + FORM)
        type_in(bas.page, "summary", " Van Bas.")
        bas.page.locator("[name='dwellings']").fill("40")
        expect_saved(bas.page)

        type_in(anna.page, "summary", " Van Anna.")
        line = anna.page.locator("[data-save-state]")
        expect(line).to_have_attribute("data-save-state", "stale")
        line.locator("button").click()

        page = anna.page
        expect(page.locator("h1")).to_have_text("Jullie hebben dit allebei veranderd")
        assert complaints_of_axe(anna) == []
        expect(page.get_by_text("Van Bas.")).to_be_visible()
        page.get_by_label("Van mij").check()
        page.get_by_role("button", name="Bewaar dit").click()
        page.wait_for_url("**/bewerken?done=merged")
        assert value(page, "summary").endswith("gemeente. Van Anna.")
        assert value(page, "dwellings") == "40"
        expect(page.locator("[data-stored]")).to_be_hidden()


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


@pytest.mark.slow
def test_nothing_waits_after_a_conflict_with_another_tab(
    server: DeskServer, browser: Browser
) -> None:
    with editing(browser, server) as seen:
        page, other = seen.page, seen.page.context.new_page()
        for each in (page, other):
            each.goto(server.address + FORM)
        type_in(other, "summary", " Van daar.")
        type_in(other, "dwellings", "40")
        expect_saved(other)
        page.bring_to_front()
        type_in(page, "summary", " Van hier.")
        line = page.locator("[data-save-state]")
        expect(line).to_have_attribute("data-save-state", "stale")
        line.locator("button").click()

        expect(page.get_by_text("in een ander venster").first).to_be_visible()
        page.locator("[value=mine]").check()
        page.get_by_role("button", name="Bewaar dit").click()
        page.wait_for_url("**/bewerken?done=merged")
        expect_saved(page)
        expect(page.locator("[data-stored]")).to_be_hidden()


@pytest.mark.slow
def test_the_form_stays_when_it_cannot_be_sent(server: DeskServer, browser: Browser) -> None:
    with editing(browser, server) as seen:
        page = seen.page
        page.goto(server.address + FORM)
        type_in(page, "title", " hier")
        server.stop()
        for button in ("save", "submit"):
            page.locator(f".save-bar [value={button}]").click()
            line = page.locator("[data-save-state]")
            expect(line).to_have_attribute("data-save-state", "offline")
            assert value(page, "title") == "Tuin hier"

        server.start()
        expect_saved(page)
        page.locator(".save-bar [value=submit]").click()
        page.wait_for_url("**/redactie/casussen/tuin?done=submitted")


@pytest.mark.slow
def test_the_bar_says_that_text_waits_until_it_was_looked_at(
    server: DeskServer, browser: Browser
) -> None:
    with editing(browser, server) as seen:
        page = seen.page
        page.goto(server.address + FORM)
        page.locator("[name='startYear']").fill("circa 2019")
        expect(page.locator("[data-save-state]")).to_have_attribute("data-save-state", "refused")
        page.locator("[name='collaboration']").focus()
        page.reload()

        line = page.locator("[data-save-state]")
        expect(line).to_have_attribute("data-save-state", "waits")
        page.locator(".save-bar [value=save]").click()
        expect(page.locator("[data-stored]")).to_be_focused()
        line.locator("a").click()
        expect(page.locator("[data-stored]")).to_be_focused()
        page.locator("[data-restore]").click()
        expect(page.locator("[name='startYear']")).to_have_value("circa 2019")


@pytest.mark.slow
def test_the_bar_names_all_that_is_not_saved(server: DeskServer, browser: Browser) -> None:
    with editing(browser, server) as seen:
        page = seen.page
        page.goto(server.address + FORM)
        page.locator("[data-add=events]").click()
        page.locator("[name$='.year']").last.fill("2020")
        page.locator("[name$='.month']").last.fill("13")
        page.locator("[name='title']").fill("Tuin van ons")
        line = page.locator("[data-save-state]")
        expect(line).to_have_attribute("data-save-state", "partly")
        expect(line).to_contain_text("behalve: Tijdlijn. Verbeter eerst: Tijdlijn 1: Maand")


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
