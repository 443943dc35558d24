"""The component as a part of other programs: requests, events, properties, history, stability."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, Response, Route, expect

from kb.sharing import embed_html, releases
from tests.browser.conftest import DESK, PHONE, Seen, opened
from tests.browser.test_embeds import component, obstacles, website
from tests.conftest import until

pytestmark = pytest.mark.chromium
POLICY = (
    "default-src 'none'; script-src {ours} 'unsafe-inline'; connect-src {ours}; "
    "style-src 'unsafe-inline'"
)
SHIFTS = """
  window.shift = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shift += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
"""
BELOW = "<h2>Meer van ons</h2>" + "<p>Een alinea van de website zelf.</p>" * 12
LISTEN = """
  window.heard = [];
  for (const name of ["search", "results", "select", "error"])
    document.addEventListener(`kennisbank:${name}`, (event) => {
      window.heard.push([name, event.detail, event.cancelable, event.composed]);
      if (window.prevented === name) event.preventDefault();
    });
"""


@contextmanager
def shown(
    browser: Browser,
    address: str,
    body: str,
    size: dict[str, int] = DESK,
    script: str = LISTEN,
) -> Iterator[Seen]:
    """A page of another website with that body, after that script has run in it."""
    with website(body, POLICY.format(ours=address)) as url, opened(browser, size) as seen:
        seen.page.add_init_script(script)
        seen.page.goto(url)
        yield seen


def questions(seen: Seen) -> list[str]:
    """What the API was asked."""
    return [url for url in seen.urls if "/v1/cases?" in url or "/v1/search?" in url]


def settled(page: Page) -> None:
    """Wait until an answer is shown."""
    expect(page.get_by_role("status").first).to_contain_text("gevonden")


def heard(page: Page, name: str) -> list[Any]:
    """The details of the events of that name."""
    events: list[Any] = page.evaluate("window.heard")
    assert all(each[2] == (each[0] != "error") and each[3] for each in events)
    return [each[1] for each in events if each[0] == name]


def painted(page: Page) -> None:
    """Wait until what changed is on the screen, and the browser has counted what moved."""
    page.evaluate(
        "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame("
        "() => setTimeout(done, 50))))"
    )


def asks_for(word: str) -> Callable[[Request | Response], bool]:
    """Whether a request, or the one that a response answers, is a search for a word."""
    return lambda message: f"q={word}" in message.url and "/v1/" in message.url


def test_one_element_asks_once(address: str, browser: Browser) -> None:
    body = component(address, 'q="jongeren" scale="wijk" facets="scale" page-size="2" url-state')
    with shown(browser, address, body) as seen:
        settled(seen.page)
        element = seen.page.locator("kennisbank-zoek")
        seen.page.clock.install(time=0)
        seen.page.clock.pause_at(1000)
        element.evaluate("element => document.querySelector('main').append(element)")  # moved
        element.evaluate("element => element.setAttribute('scale', 'wijk')")  # unchanged
        element.evaluate("element => { element.headingLevel = 2; element.label = 'Zoek maar' }")
        seen.page.clock.run_for(5000)  # for what should not come

        assert len(questions(seen)) == 1
        expect(
            seen.page.get_by_role("listitem").first.get_by_role("heading", level=2)
        ).to_be_visible()
        with seen.page.expect_response(asks_for("ouderen")):
            element.evaluate("e => { e.q = 'ouderen'; e.scale = ['wijk', 'stad'] }")
            seen.page.clock.run_for(1000)
        expect(seen.page.get_by_role("searchbox")).to_have_value("ouderen")
        seen.page.clock.run_for(5000)
        assert len(questions(seen)) == 2
        assert seen.page.evaluate("document.querySelector('kennisbank-zoek').pageSize") == 2


def test_typing_and_pressing_enter_asks_once(address: str, browser: Browser) -> None:
    with shown(browser, address, component(address)) as seen:
        settled(seen.page)
        box = seen.page.get_by_role("searchbox")
        seen.page.clock.install(time=0)
        seen.page.clock.pause_at(1000)  # however long typing takes
        box.press_sequentially("jongeren")
        box.press("Enter")
        expect(seen.page.locator("mark").first).to_be_visible()
        seen.page.clock.run_for(5000)

        assert len(questions(seen)) == 2


@pytest.mark.parametrize("how", ["module", "import", "late", "two scripts"])
def test_it_works_however_its_script_is_loaded(how: str, address: str, browser: Browser) -> None:
    source = f"{address}/embed/kennisbank.js"
    released = f"{address}/embed/1.1.0/kennisbank.js"
    scripts = {
        "module": f'<script type="module" src="{source}"></script>',
        "import": f'<script type="module">import "{released}";</script>',
        "late": "<script>setTimeout(() => { const late = document.createElement('script'); "
        f"late.src = '{source}'; document.head.append(late) }}, 300)</script>",
        "two scripts": "".join(f'<script src="{one}"></script>' for one in (source, released)),
    }
    body = '<kennisbank-zoek q="jongeren" page-size="2"></kennisbank-zoek>' + scripts[how]
    with shown(browser, address, body) as seen:
        expect(seen.page.locator("mark").first).to_be_visible()

        assert len(questions(seen)) == 1
        assert seen.complaints == []


def test_a_copy_of_the_script_says_that_it_needs_our_address(
    address: str, browser: Browser
) -> None:
    script = (releases.FOLDER / f"{releases.newest()}.js").read_text("utf-8")
    copy = f"<script>{script}</script>"
    with shown(browser, address, f"{copy}<kennisbank-zoek></kennisbank-zoek>") as seen:
        expect(seen.page.get_by_role("status")).to_contain_text('attribuut "server"')
        assert "server" in seen.complaints[0]
        [error] = heard(seen.page, "error")
        assert error["status"] == 0
        seen.page.locator("kennisbank-zoek").evaluate("(e, url) => { e.server = url }", address)
        settled(seen.page)


@pytest.mark.parametrize(
    "change",
    [
        *("label = 'Zoek hier'", "scale = 'wijk'", "headingLevel = 4", "lang = 'en'"),
        *("facets = 'scale'", "show = ['search', 'count']", "pageSize = 3", "types = 'all'"),
        *("look = 'dark'", "urlState = 'x-'", "sort = 'title'", "server = location.origin"),
    ],
)
def test_a_changed_attribute_leaves_what_was_typed(
    change: str, address: str, browser: Browser
) -> None:
    with shown(browser, address, component(address, 'q="jongeren"')) as seen:
        settled(seen.page)
        box = seen.page.get_by_role("searchbox")
        box.fill("jongeren en")
        seen.page.locator("kennisbank-zoek").evaluate(f"element => {{ element.{change} }}")
        box.press_sequentially(" ouderen")  # the cursor is still where it was

        expect(box).to_have_value("jongeren en ouderen")
        expect(box).to_be_focused()


def test_a_new_q_replaces_what_was_typed(address: str, browser: Browser) -> None:
    with shown(browser, address, component(address)) as seen:
        settled(seen.page)
        seen.page.get_by_role("searchbox").fill("jong")
        seen.page.locator("kennisbank-zoek").evaluate("element => { element.q = 'ouderen' }")

        expect(seen.page.get_by_role("searchbox")).to_have_value("ouderen")


def test_back_and_forward_follow_what_was_requested(address: str, browser: Browser) -> None:
    body = component(address, 'url-state facets="scale" q="statushouders"')
    with shown(browser, address, body) as seen:
        page, box = seen.page, seen.page.get_by_role("searchbox")
        settled(page)
        start, first = page.url, page.get_by_role("status").inner_text()
        assert "kb-" not in start  # the address has what the reader changed
        total = page.request.get(f"{address}/v1/cases?q=jongeren").json()["page"]["totalItems"]
        second = f"{total} praktijkvoorbeelden gevonden"
        box.fill("")
        box.press_sequentially("jongeren", delay=20)
        page.wait_for_url("**/?kb-q=jongeren")
        expect(page.get_by_role("status")).to_have_text(second)
        page.get_by_text("Schaal", exact=True).click()
        page.get_by_role("checkbox").first.check()
        page.wait_for_url("**/?kb-q=jongeren&kb-scale=*")
        expect(page.get_by_role("status")).not_to_have_text(second)
        box.fill("")
        box.press("Enter")
        page.wait_for_url("**/?kb-q=&kb-scale=*")

        page.go_back()
        expect(box).to_have_value("jongeren")
        expect(page.get_by_role("checkbox").first).to_be_checked()
        page.go_back()
        expect(page.get_by_role("checkbox").first).not_to_be_checked()
        expect(page.get_by_role("status")).to_have_text(second)
        page.go_back()
        expect(box).to_have_value("statushouders")
        expect(page.get_by_role("status")).to_have_text(first)
        assert page.url == start
        page.go_forward()
        expect(box).to_have_value("jongeren")
        expect(page.get_by_role("status")).to_have_text(second)
        page.reload()
        expect(box).to_have_value("jongeren")
        assert seen.complaints == []


def slow(route: Route) -> None:
    """Let an answer come half a second after a reader typed: until then things may move."""
    time.sleep(0.3)
    route.continue_()


@pytest.mark.parametrize("hold", ["line", "rule"])
@pytest.mark.parametrize(
    "attributes",
    [
        *("", 'facets="scale target-group"', 'q="statushouders" facets="type" types="all"'),
        *('q="xqzxqz"', 'q="sarphatistraat"', 'show="search facts"', 'lang="en" look="dark"'),
        *('types="study"', 'scale="dorp"', 'url-state heading-level="2" label="Zoek"'),
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
        seen.page.route("**/kennisbank.js", slow)
        seen.page.route("**/v1/*", slow)
        seen.page.add_init_script(SHIFTS)
        seen.page.goto(url)
        expect(seen.page.get_by_role("status")).not_to_contain_text("Bezig")
        painted(seen.page)
        assert seen.page.evaluate("window.shift") < 0.05
        if "show" not in attributes:
            for word in ("ouderen", "xqzxqzxq"):
                with seen.page.expect_response(asks_for(word)):
                    seen.page.get_by_role("searchbox").fill(word)
                expect(seen.page.locator("[aria-busy]")).to_have_count(0)
                painted(seen.page)
            assert seen.page.evaluate("window.shift") < 0.05


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


def test_a_search_can_be_prevented(address: str, browser: Browser) -> None:
    script = LISTEN + "window.prevented = 'search';"
    with shown(browser, address, component(address), script=script) as seen:
        until(lambda: bool(heard(seen.page, "search")))
        result = seen.page.locator("kennisbank-zoek").evaluate("element => element.search('wijk')")

        assert result is None
        assert questions(seen) == []
        assert [each["q"] for each in heard(seen.page, "search")] == ["", "wijk"]


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


@pytest.mark.parametrize(
    ("attributes", "kinds"),
    [
        ('types="all"', {"case", "pitfall", "finding", "study", "question", "ingredient"}),
        ('types="pitfall study"', {"pitfall", "study"}),
        ('types="question"', {"question"}),
        ('types="case"', {"case"}),
        ("", {"case"}),
    ],
)
def test_it_searches_every_kind(
    attributes: str, kinds: set[str], address: str, browser: Browser
) -> None:
    body = component(address, f'q="wijk" page-size="50" {attributes}')
    with shown(browser, address, body) as seen:
        settled(seen.page)
        [answer] = heard(seen.page, "results")
        assert {item["type"] for item in answer["items"]} <= kinds
        links = seen.page.get_by_role("listitem").get_by_role("link")
        expect(links).to_have_count(len(answer["items"]))
        for place in range(0, len(answer["items"]), 7):
            href = answer["items"][place]["_links"]["html"]["href"]
            expect(links.nth(place)).to_have_attribute("href", href)
        if kinds != {"case"}:
            assert "resulta" in seen.page.get_by_role("status").inner_text()
        assert obstacles(seen) == []


def test_readers_choose_a_kind(address: str, browser: Browser) -> None:
    with shown(browser, address, component(address, 'facets="type" q="wijk"')) as seen:
        settled(seen.page)
        seen.page.locator("summary").click()
        seen.page.get_by_label("Valkuil").check()
        expect(seen.page.get_by_role("listitem").first).to_contain_text("Valkuil ·")

        assert "type=pitfall" in questions(seen)[-1]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"status": 429, "body": "{}", "headers": {"Retry-After": "60"}}, "te druk"),
        ({"status": 503, "body": "{}"}, "over een minuut"),
        ({"status": 500, "body": "<html>"}, "niet bereikbaar"),
        ({"status": 200, "body": "<html>inloggen</html>"}, "niet bereikbaar"),
        ({"status": 200, "body": "[]"}, "niet bereikbaar"),
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


def test_two_on_a_page_keep_apart_also_from_right_to_left(address: str, browser: Browser) -> None:
    body = (
        component(address, 'q="jongeren" url-state="a-" page-size="2"')
        + f"<div dir=rtl lang=ar>{component(address, 'q=ouderen url-state=b- page-size=3')}</div>"
    )
    with shown(browser, address, body, PHONE) as seen:
        page = seen.page
        expect(page.get_by_role("listitem")).to_have_count(5)
        assert len(questions(seen)) == 2
        page.get_by_role("searchbox").nth(1).fill("buren")
        page.wait_for_url("**/?b-q=buren")
        page.get_by_role("searchbox").nth(0).fill("wijk")
        page.wait_for_url("**/?b-q=buren&a-q=wijk")
        page.go_back()
        expect(page.get_by_role("searchbox").nth(0)).to_have_value("jongeren")
        expect(page.get_by_role("searchbox").nth(1)).to_have_value("buren")
        assert not seen.is_wider_than_its_screen()
        assert seen.complaints == []
