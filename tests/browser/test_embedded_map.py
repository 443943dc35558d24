"""The map of the evidence in another website: with a strict policy, on another origin."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.components import LISTEN, heard, shown
from tests.browser.conftest import DESK, PHONE, SIZES, opened
from tests.browser.test_embeds import (
    FRAMES,
    HOSTILE,
    STRICT,
    obstacles,
    website,
)
from tests.conftest import slow, until

pytestmark = pytest.mark.chromium
EMBED = "/embed/kaart-van-het-bewijs"
WHERE_TYPES_ARE_TRUSTED = f"{STRICT}; require-trusted-types-for 'script'; trusted-types 'none'"
HOSTILE_ANSWER = """<!doctype html><script>window.evil = 1</script>
<section lang="nl" onclick="window.evil = 1" style="color: red">
<script>window.evil = 1</script><style>* { display: none }</style><iframe src="/x"></iframe>
<h3><a href="javascript:window.evil = 1" onfocus="window.evil = 1">Kaart</a></h3>
<img src="/x" onerror="window.evil = 1"><svg onload="window.evil = 1"><use href="/x"></use>
<a href="javascript:window.evil = 1"><text y="20">Cel</text></a></svg></section>"""


def component(ours: str, attributes: str = "") -> str:
    return (
        f'<script src="{ours}/embed/kennisbank.js" async></script>'
        f"<kennisbank-kaart {attributes}>"
        f'<a href="{ours}/kaart-van-het-bewijs">Kaart van het bewijs</a></kennisbank-kaart>'
    )


@pytest.mark.parametrize("look", ["light", *slow("dark")])
@pytest.mark.parametrize("size", SIZES)
def test_the_component_works_by_keyboard_under_the_strictest_policy(
    size: dict[str, int], look: str, address: str, browser: Browser, tmp_path: Path
) -> None:
    policy = WHERE_TYPES_ARE_TRUSTED.format(ours=address)
    body = component(address, f'rows="strategy" target-group="ouderen|jongeren" look="{look}"')
    with website(body, policy) as url, opened(browser, size) as seen:
        page = seen.page
        page.goto(url)
        row = page.locator("summary").first
        expect(row).to_be_visible()
        expect(page.locator("figure")).to_be_visible(visible=size is DESK)
        expect(page.get_by_role("heading", level=3)).to_have_text("Kaart van het bewijs")
        expect(page.get_by_text("Doelgroep:")).to_contain_text("Jongeren")
        page.screenshot(path=tmp_path / "map.png", full_page=True)
        assert obstacles(seen) == []
        assert not seen.is_wider_than_its_screen()
        assert seen.complaints == []
        assert seen.strangers(url) == [each for each in seen.urls if each.startswith(address)]
        row.focus()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_url(f"{address}/bevindingen?*strategy=*")


@pytest.mark.slow
def test_the_component_keeps_its_style_on_a_hostile_page(
    address: str, browser: Browser, tmp_path: Path
) -> None:
    policy = STRICT.format(ours=address)
    with website(component(address), policy, HOSTILE) as url, opened(browser, DESK) as seen:
        seen.page.goto(url)
        expect(seen.page.locator("summary").first).to_be_visible()
        seen.page.screenshot(path=tmp_path / "hostile.png")
        assert seen.complaints == []
        bars = seen.page.locator("svg rect.positief")
        expect(bars.first).to_have_css("fill", "rgb(28, 107, 60)")


@pytest.mark.slow
def test_the_component_takes_over_the_style_of_the_page(address: str, browser: Browser) -> None:
    css = """body { font-family: monospace }
    kennisbank-kaart { --kb-accent: rgb(120, 0, 90); --kb-positive: rgb(0, 60, 120) }
    kennisbank-kaart::part(level) { text-transform: uppercase }"""
    with (
        website(component(address), STRICT.format(ours=address), css) as url,
        opened(browser, DESK) as seen,
    ):
        seen.page.goto(url)
        link = seen.page.get_by_role("heading").get_by_role("link")

        expect(link).to_have_css("font-family", "monospace")
        expect(link).to_have_css("color", "rgb(120, 0, 90)")
        expect(seen.page.locator("svg .positief").first).to_have_css("fill", "rgb(0, 60, 120)")
        expect(seen.page.locator("details").first).to_have_css("text-transform", "uppercase")


def test_the_component_shows_a_link_when_we_do_not_answer(
    address: str, browser: Browser, tmp_path: Path
) -> None:
    with (
        website(component(address, 'rows="strategy"'), STRICT.format(ours=address)) as url,
        opened(browser, PHONE) as seen,
    ):
        seen.page.route(f"**{EMBED}*", lambda route: route.abort())
        seen.page.goto(url)
        expect(seen.page.get_by_role("status")).to_contain_text("niet bereikbaar")
        link = seen.page.get_by_role("link", name="Kaart van het bewijs")
        expect(link).to_have_attribute(
            "href", f"{address}/kaart-van-het-bewijs?lang=nl&rows=strategy"
        )
        seen.page.screenshot(path=tmp_path / "down.png")
        assert obstacles(seen) == []
        seen.page.unroute(f"**{EMBED}*")
        seen.page.get_by_role("button", name="Opnieuw proberen").press("Enter")

        expect(seen.page.locator("summary").first).to_be_visible()
        expect(link).to_have_count(1)


@pytest.mark.slow
def test_without_our_script_the_page_has_its_link(address: str, browser: Browser) -> None:
    with (
        website(component(address), STRICT.format(ours=address)) as url,
        opened(browser, PHONE) as seen,
    ):
        seen.page.route("**/kennisbank.js", lambda route: route.abort())
        seen.page.goto(url)

        expect(seen.page.get_by_role("link", name="Kaart van het bewijs")).to_be_visible()


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"status": 429, "content_type": "text/html", "body": "<section>x</section>"}, "te druk"),
        ({"status": 503, "content_type": "text/html", "body": "<section>x</section>"}, "minuut"),
        ({"status": 200, "content_type": "text/html", "body": "<p>inloggen</p>"}, "bereikbaar"),
        ({"status": 200, "content_type": "application/json", "body": "{}"}, "bereikbaar"),
    ],
)
def test_what_goes_wrong_is_shown(
    answer: dict[str, str | int], message: str, address: str, browser: Browser
) -> None:
    headers = {"Access-Control-Allow-Origin": "*"}
    with (
        website(component(address), STRICT.format(ours=address)) as url,
        opened(browser, DESK) as seen,
    ):
        seen.page.add_init_script(LISTEN)
        seen.page.route(f"**{EMBED}*", lambda route: route.fulfill(headers=headers, **answer))
        seen.page.goto(url)

        expect(seen.page.get_by_role("status")).to_contain_text(message)
        [error] = heard(seen.page, "error")
        assert error["status"] == answer["status"]


@pytest.mark.slow
def test_a_wrong_attribute_is_reported_to_its_author(address: str, browser: Browser) -> None:
    with shown(browser, address, component(address, 'rows="dorp" lang="en"')) as seen:
        expect(seen.page.get_by_role("status")).to_have_text("This map cannot be shown:")
        expect(seen.page.get_by_role("listitem")).to_contain_text("rows: “dorp”")
        [error] = heard(seen.page, "error")

        assert error["status"] == 400
        assert "dorp" in error["message"]


def test_nothing_in_an_answer_runs(address: str, browser: Browser) -> None:
    """Also where a page has no policy, and pinned our script with a hash."""
    headers = {"Access-Control-Allow-Origin": "*"}
    with website(component(address), "") as url, opened(browser, DESK) as seen:
        seen.page.route(
            f"**{EMBED}*",
            lambda route: route.fulfill(
                content_type="text/html", headers=headers, body=HOSTILE_ANSWER
            ),
        )
        seen.page.goto(url)
        expect(seen.page.get_by_role("heading", level=3)).to_have_text("Kaart")
        for place in ("h3 a", "svg text"):
            seen.page.locator(place).click()

        assert seen.page.evaluate("window.evil") is None
        assert (
            seen.page.locator("kennisbank-kaart :is(script, style, iframe, img, use)").count() == 0
        )
        assert not [each for each in seen.urls if each.endswith("/x")]
        assert seen.page.url == url


@pytest.mark.slow
def test_an_attribute_may_change(address: str, browser: Browser) -> None:
    body = (
        "<kennisbank-kaart></kennisbank-kaart><script>"
        "const early = document.querySelector('kennisbank-kaart'); early.rows = 'strategy';"
        f"</script><script src='{address}/embed/kennisbank.js' async></script>"
    )
    with shown(browser, address, body) as seen:
        element = seen.page.locator("kennisbank-kaart")
        expect(seen.page.get_by_text("Rijen: Strategie")).to_be_visible()
        element.evaluate("e => { e.rows = 'targetGroup'; e.scale = ['wijk', 'stad'] }")
        expect(seen.page.get_by_text("Rijen: Doelgroep")).to_contain_text("Schaal:")
        element.evaluate("e => { e.headingLevel = 2; e.lang = 'en' }")
        expect(seen.page.get_by_role("heading", level=2, name="Map")).to_be_visible()
        element.evaluate("e => { e.picture = '0' }")
        expect(seen.page.locator("figure")).to_have_count(0)
        element.evaluate("e => document.querySelector('main').append(e)")  # moved
        asks = [each for each in seen.urls if EMBED in each]

        assert len(asks) == 4
        assert element.get_attribute("scale") == "wijk|stad"
        assert seen.complaints == []


@pytest.mark.parametrize("size", SIZES)
def test_the_frame_leads_to_findings_and_is_as_high_as_its_page(
    size: dict[str, int], address: str, browser: Browser, tmp_path: Path
) -> None:
    body = (
        f'<script src="{address}/embed/height.js" async></script><iframe width="{size["width"]}" '
        f'src="{address}{EMBED}?rows=strategy&columns=effectLevel" title="Kaart"></iframe>'
    )
    with (
        website(body, FRAMES.format(ours=address)) as url,
        opened(browser, size) as seen,
    ):
        page = seen.page
        page.goto(url)
        frame = page.frame_locator("iframe")
        expect(frame.locator("figure")).to_be_visible(visible=size is DESK)
        until(lambda: page.locator("iframe").evaluate("frame => frame.clientHeight") > 400)
        page.screenshot(path=tmp_path / "frame.png", full_page=True)
        assert seen.complaints == []
        if size is DESK:  # a link inside a picture
            link = frame.locator("svg a").first
        else:
            frame.locator("summary").first.press("Enter")
            link = frame.get_by_role("table").get_by_role("link").first
        with page.context.expect_page() as other:
            link.click()
        other.value.wait_for_url(f"{address}/bevindingen?*")
        assert other.value.evaluate("window.opener") is None


@pytest.mark.parametrize("place", ["svg a", "td a"])
def test_where_no_link_can_be_followed_its_address_can_be_copied(
    place: str, address: str, browser: Browser
) -> None:
    source = f"{address}{EMBED}?rows=strategy&columns=effectLevel"
    body = f'<iframe sandbox="allow-scripts" src="{source}" width="1200" height="900"></iframe>'
    with website(body, FRAMES.format(ours=address)) as url, opened(browser, DESK) as seen:
        seen.page.goto(url)
        frame = seen.page.frame_locator("iframe")
        frame.locator("summary").first.click()
        frame.locator(place).first.click()

        box = frame.get_by_label("Kopieer het adres")
        expect(box).to_be_visible()
        assert box.input_value().startswith(f"{address}/bevindingen?")


@pytest.mark.parametrize("look", ["light", *slow("dark")])
@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_in_the_frame_which_needs_no_script(
    size: dict[str, int], look: str, address: str, browser: Browser, tmp_path: Path
) -> None:
    path = f"{EMBED}?targetGroup=ouderen&look={look}"
    with opened(browser, size) as seen:
        seen.page.goto(f"{address}{path}")
        seen.page.locator("summary").first.click()
        seen.page.screenshot(path=tmp_path / "frame.png", full_page=True)
        assert obstacles(seen) == []
        assert not seen.is_wider_than_its_screen()
    with opened(browser, size, script=False) as seen:
        seen.page.goto(f"{address}{path}")
        seen.page.locator("summary").first.click()
        expect(seen.page.get_by_role("table")).to_be_visible()
        assert seen.complaints == []


@pytest.mark.parametrize(
    ("size", "scheme"),
    [
        pytest.param(DESK, "light", id="desk"),
        pytest.param(PHONE, "dark", id="phone", marks=pytest.mark.slow),
    ],
)
def test_the_page_that_writes_the_line_shows_the_map_at_once(
    size: dict[str, int], scheme: str, address: str, browser: Browser, tmp_path: Path
) -> None:
    with opened(browser, size, color_scheme=scheme) as seen:
        page = seen.page
        page.goto(f"{address}/kaart-van-het-bewijs?columns=effectLevel")
        page.get_by_role("main").get_by_role("link", name="Insluiten").click()
        page.wait_for_url("**/insluiten/**")  # the map's own page has a choice of rows too
        page.get_by_label("Rijen", exact=True).select_option("strategy")
        expect(page.locator("#line")).to_contain_text('rows="strategy" columns="effectLevel"')
        expect(page.locator("kennisbank-kaart").get_by_text("Rijen: Strategie")).to_be_visible()
        page.screenshot(path=tmp_path / "insluiten.png", full_page=True)
        assert obstacles(seen) == []
        assert not seen.is_wider_than_its_screen()
        page.get_by_label("Iframe:").check()
        expect(page.locator("#line")).to_contain_text("<iframe")
        expect(page.frame_locator("iframe").locator("summary").first).to_be_visible()
        assert seen.complaints == []
        assert seen.strangers(address) == []


def test_the_page_needs_no_script_and_its_line_works_with_its_hash(
    address: str, browser: Browser
) -> None:
    with opened(browser, PHONE, script=False) as seen:
        seen.page.goto(f"{address}/insluiten/kaart-van-het-bewijs")
        seen.page.get_by_label("Rijen", exact=True).select_option("targetGroup")
        seen.page.get_by_role("button", name="Tonen").click()
        seen.page.wait_for_url("**rows=targetGroup*")
        line = seen.page.locator("#line").inner_text()
        policy = seen.page.locator("#policy").inner_text()
    with (
        website(line, f"default-src 'none'; {policy}") as url,
        opened(browser, DESK) as seen,
    ):
        seen.page.goto(url)

        expect(seen.page.get_by_text("Rijen: Doelgroep")).to_be_visible()
        assert "integrity=" in line
        assert seen.complaints == []
