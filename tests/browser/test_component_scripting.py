"""The component as a part of other programs: events, properties, promises."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.components import LISTEN, heard, painted, questions, settled, shown
from tests.browser.test_embeds import component
from tests.conftest import until

pytestmark = pytest.mark.chromium


def test_events_tell_what_happens(address: str, browser: Browser) -> None:
    body = component(address, 'facets="scale" page-size="2"')
    with shown(browser, address, body) as seen:
        page = seen.page
        settled(page)
        page.get_by_role("searchbox").fill("jongeren")
        page.get_by_role("searchbox").press("Enter")
        expect(page.locator("mark").first).to_be_visible()
        page.get_by_text("Schaal", exact=True).click()
        page.get_by_role("checkbox").first.check()
        expect(page.get_by_role("checkbox").first).to_be_checked()
        until(lambda: len(heard(page, "results")) == 3)
        page.evaluate("window.prevented = 'select'")
        page.get_by_role("listitem").first.get_by_role("link").click()

        first, second, third = heard(page, "search")
        assert (first["q"], first["filters"], first["page"]) == ("", {}, 1)
        assert (second["q"], second["filters"]) == ("jongeren", {})
        assert list(third["filters"]) == ["scale"]
        assert [each["address"] for each in (first, second, third)] == questions(seen)
        answers = heard(page, "results")
        assert [len(each["items"]) for each in answers] == [2, 2, 2]
        assert answers[1]["query"]["q"] == "jongeren"
        [selected] = heard(page, "select")
        assert selected["item"]["id"] == answers[2]["items"][0]["id"]
        assert selected["href"] == answers[2]["items"][0]["_links"]["html"]["href"]
        assert not page.url.startswith(address)  # it was prevented
        page.evaluate("window.prevented = ''")
        page.get_by_role("listitem").first.get_by_role("link").click()
        page.wait_for_url(f"{address}/casussen/*")


@pytest.mark.slow
def test_a_search_can_be_prevented(address: str, browser: Browser) -> None:
    script = LISTEN + "window.prevented = 'search';"
    with shown(browser, address, component(address), script=script) as seen:
        until(lambda: bool(heard(seen.page, "search")))
        result = seen.page.locator("kennisbank-zoek").evaluate("element => element.search('wijk')")

        assert result is None
        assert questions(seen) == []
        assert [each["q"] for each in heard(seen.page, "search")] == ["", "wijk"]


@pytest.mark.slow
def test_a_page_can_show_the_results_itself(address: str, browser: Browser) -> None:
    script = LISTEN + "window.prevented = 'results';"
    with shown(browser, address, component(address), script=script) as seen:
        until(lambda: bool(heard(seen.page, "results")))
        painted(seen.page)
        expect(seen.page.get_by_role("listitem")).to_have_count(0)
        expect(seen.page.get_by_role("status")).to_have_text("")
        expect(seen.page.get_by_role("button", name="Toon meer")).to_be_hidden()


def test_search_promises_an_answer(address: str, browser: Browser) -> None:
    with shown(browser, address, component(address, "url-state")) as seen:
        page, element = seen.page, seen.page.locator("kennisbank-zoek")
        settled(page)
        answer = element.evaluate("element => element.search('statushouders')")
        assert answer["query"]["q"] == "statushouders"
        expect(page.get_by_role("searchbox")).to_have_value("statushouders")
        assert "kb-q=statushouders" in page.url
        again = element.evaluate("element => element.search()")
        assert again["query"]["q"] == "statushouders"
        both = element.evaluate(
            "element => Promise.all([element.search('jongeren'), element.search('ouderen')])"
        )
        assert both[0] is None  # the second search took its place
        assert both[1]["query"]["q"] == "ouderen"
        expect(page.locator("mark").first).to_have_text("ouderen", ignore_case=True)
        problem = element.evaluate(
            "async element => { element.scale = 'dorp'; try { await element.search('x') } "
            "catch (error) { return [error.status, error.problem.errors] } }"
        )
        assert problem[0] == 400
        assert problem[1][0]["name"] == "scale"


@pytest.mark.slow
def test_properties_reflect_the_attributes(address: str, browser: Browser) -> None:
    late = (
        "<script>const early = document.querySelector('kennisbank-zoek');"
        "early.q = 'jongeren'; early.pageSize = 2; early.targetGroup = ['jongeren', 'ouderen'];"
        f"</script><script src='{address}/embed/kennisbank.js' async></script>"
    )
    body = f"<kennisbank-zoek scale='wijk' url-state></kennisbank-zoek>{late}"
    with shown(browser, address, body) as seen:
        settled(seen.page)  # what a framework set before the script was there counts
        [question] = questions(seen)
        query = parse_qs(urlsplit(question).query)
        assert query["q"] == ["jongeren"]
        assert query["pageSize"] == ["2"]
        assert query["targetGroup"] == ["jongeren", "ouderen"]
        element = seen.page.locator("kennisbank-zoek")
        values = element.evaluate(
            "e => [e.scale, e.urlState, e.pageSize, e.headingLevel, e.label, e.targetGroup]"
        )
        assert values == ["wijk", "", 2, 3, None, "jongeren|ouderen"]
        element.evaluate(
            "e => { e.show = ['search', 'count']; e.scale = null; e.urlState = false; "
            "e.types = 'all' }"
        )
        names = ["show", "scale", "url-state", "types", "page-size", "target-group"]
        attributes = [element.get_attribute(name) for name in names]
        assert attributes == ["search count", None, None, "all", "2", "jongeren|ouderen"]
