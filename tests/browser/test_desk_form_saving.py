"""The form with script is saved while somebody types, and nothing typed is ever lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.desk import DeskServer, complaints, editing, sign_in
from tests.browser.desk_form import (
    FORM,
    expect_saved,
    serving_a_draft,
    type_in,
    value,
)
from tests.browser.test_reading import complaints_of_axe
from tests.conftest import KnowledgeBase


@pytest.fixture
def server(kb: KnowledgeBase) -> Iterator[DeskServer]:
    """A server with one draft."""
    with serving_a_draft(kb) as server:
        yield server


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
def test_saving_in_one_tab_leaves_what_waits_of_another(
    server: DeskServer, browser: Browser
) -> None:
    with editing(browser, server) as seen:
        page, other = seen.page, seen.page.context.new_page()
        for each in (page, other):
            each.goto(server.address + FORM)
        page.bring_to_front()
        server.stop()
        type_in(page, "title", " van hier")
        expect(page.locator("[data-save-state]")).to_have_attribute("data-save-state", "offline")
        page.goto("about:blank")
        server.start()
        type_in(other, "summary", " Van daar.")
        expect_saved(other)

        page.goto(server.address + FORM)

        expect(page.locator("[data-stored]")).to_be_visible()
        page.locator("[data-restore]").click()
        expect(page.locator("[name='title']")).to_have_value("Tuin van hier")


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
