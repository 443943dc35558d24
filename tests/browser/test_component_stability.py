"""The component while answers are late, wrong or missing: nothing moves, nothing old is shown."""

from __future__ import annotations

import time
from typing import Any

import pytest
from playwright.sync_api import Browser, Route, expect

from kb.sharing import embed_html
from tests.browser.components import POLICY, asks_for, heard, painted, settled, shown
from tests.browser.conftest import PHONE, opened
from tests.browser.test_embeds import component, website
from tests.conftest import slow

pytestmark = pytest.mark.chromium
GOOD_SHIFT = (
    0.1  # of the layout while a page loads, whatever the fonts; source: web.dev/articles/cls
)
SHIFTS = """
  window.shift = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
"""
BELOW = "<h2>Meer van ons</h2>" + "<p>Een alinea van de website zelf.</p>" * 12


def delayed(route: Route) -> None:
    """Let an answer come half a second after a reader typed: until then things may move."""
    time.sleep(0.3)
    route.continue_()


@pytest.mark.parametrize("hold", ["line", *slow("rule")])
@pytest.mark.parametrize(
    "attributes",
    [
        'q="statushouders" facets="type" types="all"',
        *slow("", 'facets="scale target-group"', 'q="xqzxqz"', 'q="sarphatistraat"'),
        *slow('show="search facts"', 'lang="en" look="dark"', 'types="study"', 'scale="dorp"'),
        *slow('url-state heading-level="2" label="Zoek"'),
    ],
)
def test_nothing_moves_on_a_phone(
    attributes: str, hold: str, address: str, browser: Browser
) -> None:
    """Neither when the script comes late, nor when the answer does, nor when readers type."""
    element = embed_html.element({}, f"{address}/zoeken", "Zoek")
    if hold == "line":
        element = element.replace("<kennisbank-zoek", f"<kennisbank-zoek {attributes}", 1)
    else:
        rule = "kennisbank-zoek:not(:defined) { display: block; min-height: 60rem }"
        element = f"<style>{rule}</style><kennisbank-zoek {attributes}></kennisbank-zoek>"
    script = f'<script src="{address}/embed/kennisbank.js" async></script>'
    with (
        website(f"<p>Inleiding.</p>{script}{element}{BELOW}", POLICY.format(ours=address)) as url,
        opened(browser, PHONE) as seen,
    ):
        seen.page.route("**/kennisbank.js", delayed)
        seen.page.route("**/v1/*", delayed)
        seen.page.add_init_script(SHIFTS)
        seen.page.goto(url)
        expect(seen.page.get_by_role("status")).not_to_contain_text("Bezig")
        painted(seen.page)
        assert seen.page.evaluate("window.shift") < GOOD_SHIFT
        if "show" not in attributes:
            for word in ("ouderen", "xqzxqzxq"):
                with seen.page.expect_response(asks_for(word)):
                    seen.page.get_by_role("searchbox").fill(word)
                expect(seen.page.locator("[aria-busy]")).to_have_count(0)
                painted(seen.page)
            assert seen.page.evaluate("window.shift") < GOOD_SHIFT


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"status": 429, "body": "{}", "headers": {"Retry-After": "60"}}, "te druk"),
        pytest.param({"status": 503, "body": "{}"}, "over een minuut", marks=pytest.mark.slow),
        pytest.param({"status": 500, "body": "<html>"}, "niet bereikbaar", marks=pytest.mark.slow),
        pytest.param(
            {"status": 200, "body": "<html>inloggen</html>"},
            "niet bereikbaar",
            marks=pytest.mark.slow,
        ),
        pytest.param({"status": 200, "body": "[]"}, "niet bereikbaar", marks=pytest.mark.slow),
        (None, "offline"),
    ],
)
def test_what_goes_wrong_is_shown(
    answer: dict[str, Any] | None, message: str, address: str, browser: Browser
) -> None:
    with shown(browser, address, component(address)) as seen:
        page = seen.page
        settled(page)
        headers = {"Access-Control-Allow-Origin": "*"}
        if answer:
            whole = answer | {"headers": headers | answer.get("headers", {})}
            page.route("**/v1/cases*", lambda route: route.fulfill(**whole))
        page.context.set_offline(answer is None)
        page.get_by_role("searchbox").fill("ouderen")
        expect(page.get_by_role("status")).to_contain_text(message)
        assert len(heard(page, "error")) == 1
        page.unroute_all()
        page.context.set_offline(False)
        page.get_by_role("button", name="Opnieuw proberen").click()
        settled(page)
        expect(page.get_by_role("searchbox")).to_have_value("ouderen")


def test_an_older_answer_never_replaces_a_newer_one(address: str, browser: Browser) -> None:
    late: list[Route] = []
    with shown(browser, address, component(address)) as seen:
        settled(seen.page)
        everything = seen.page.get_by_role("status").inner_text()
        seen.page.route("**q=jongeren*", lambda route: late.append(route))
        box = seen.page.get_by_role("searchbox")
        seen.page.clock.install(time=0)
        seen.page.clock.pause_at(1000)
        with seen.page.expect_request(asks_for("jongeren")) as older:
            box.fill("jongeren")
            seen.page.clock.run_for(1000)
        box.fill("")
        seen.page.clock.run_for(1000)
        late[0].continue_()
        older.value.response()  # there is none when nobody waits for it any more
        seen.page.clock.resume()
        painted(seen.page)

        expect(seen.page.get_by_role("status")).to_have_text(everything)
        assert seen.page.locator("mark").count() == 0
