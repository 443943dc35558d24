"""The component in a page of another website: what it asks, when, and where history leads."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from kb.sharing import releases
from tests.browser.components import asks_for, heard, questions, settled, shown
from tests.browser.conftest import PHONE
from tests.browser.test_embeds import component, obstacles
from tests.conftest import slow

pytestmark = pytest.mark.chromium


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


@pytest.mark.parametrize("how", ["module", *slow("import", "late", "two scripts")])
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
        *("label = 'Zoek hier'", "facets = 'scale'"),
        *slow("scale = 'wijk'", "headingLevel = 4", "lang = 'en'", "types = 'all'"),
        *slow("show = ['search', 'count']", "pageSize = 3", "server = location.origin"),
        *slow("look = 'dark'", "urlState = 'x-'", "sort = 'title'"),
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


@pytest.mark.slow
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


@pytest.mark.parametrize(
    ("attributes", "kinds"),
    [
        ('types="all"', {"case", "pitfall", "finding", "study", "question", "ingredient"}),
        pytest.param('types="pitfall study"', {"pitfall", "study"}, marks=pytest.mark.slow),
        pytest.param('types="question"', {"question"}, marks=pytest.mark.slow),
        pytest.param('types="case"', {"case"}, marks=pytest.mark.slow),
        pytest.param("", {"case"}, marks=pytest.mark.slow),
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


@pytest.mark.slow
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
