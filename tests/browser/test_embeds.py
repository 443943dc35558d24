"""Our embeds in another website: a hostile page with a strict policy, on another origin."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from oembedpy import consumer, discovery
from playwright.sync_api import Browser, expect

from tests.browser.conftest import DESK, PHONE, SIZES, Seen, opened, served
from tests.builders import a_case
from tests.conftest import KnowledgeBase, make, slow, until
from tests.sharing.test_oembed import frame_of

pytestmark = pytest.mark.chromium
HOSTILE = """
  body * { all: unset !important; font-size: 0 !important; color: transparent !important;
    opacity: 0 !important; visibility: hidden !important; text-indent: -9999px !important;
    pointer-events: none !important; user-select: none !important; direction: rtl !important;
    letter-spacing: 3em !important; position: absolute !important; left: -9999px !important;
    transform: scale(0) !important; filter: blur(9px) !important; display: none !important }
  body *::before { content: "x" !important } html { font-size: 1px !important }
"""
KIND_TO_FRAMES = (
    HOSTILE
    + """
  body iframe { display: block !important; opacity: 1 !important; visibility: visible !important;
    position: static !important; transform: none !important; filter: none !important;
    pointer-events: auto !important }
"""
)
STRICT = "default-src 'none'; script-src {ours}; connect-src {ours}"
FRAMES = "default-src 'none'; script-src {ours}; frame-src {ours}"
BIDI = "\u202edraaiom\u202c \u2067אבגד ابتث\u2069"
EVIL = f"<script>parent.evil=1</script><img src=x onerror=evil=1> {BIDI} {'w' * 10_000}"


@contextmanager
def website(body: str, policy: str, css: str = "") -> Iterator[str]:
    """Another origin: a page with that body, policy and style sheet."""
    style = policy.replace("default-src 'none'", "default-src 'none'; style-src 'self'")
    page = (
        "<!doctype html><html lang=nl><meta charset=utf-8><title>Gemeente</title>"
        "<meta name=viewport content='width=device-width'>"
        f"{'<link rel=stylesheet href=/style.css>' if css else ''}<body>"
        f"{body if css else f'<main><h1>Onze gemeente</h1><h2>Voorbeelden</h2>{body}</main>'}"
    )

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_style = self.path == "/style.css"
            body = (css if is_style else page).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/css" if is_style else "text/html")
            self.send_header("Content-Security-Policy", style if css else policy)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_message: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    often = {"poll_interval": 0.01}  # seconds between two looks whether it must end
    threading.Thread(target=server.serve_forever, kwargs=often, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory, playwright: object) -> Iterator[str]:
    """The address of a server with hostile content in every text."""
    kb: KnowledgeBase = make(tmp_path_factory.mktemp("hostile"))
    long = dict.fromkeys(("context", "approach", "results", "collaboration"), EVIL)
    kb.publish(
        a_case(
            "boos",
            title=f"Boos {EVIL[:190]}",
            summary=EVIL[:600],
            **long,
            place={"country": "BE", **dict.fromkeys(PLACE, EVIL[:200])},
            ingredients=[{"id": "buddy-systeem", "how": EVIL[:2000]}],
        )
    )
    with served(kb, tmp_path_factory.mktemp("served")) as base:
        yield base
    kb.close()


PLACE = ("province", "municipality", "neighbourhood")


def component(ours: str, attributes: str = "") -> str:
    return (
        f'<script src="{ours}/embed/kennisbank.js" async></script>'
        f"<kennisbank-zoek {attributes}></kennisbank-zoek>"
    )


def obstacles(seen: Seen) -> list[str]:
    """What axe finds in the way of readers."""
    results = Axe().run(seen.page, options={"resultTypes": ["violations"]})
    return [f"{each['id']}: {each['nodes'][0]['html']}" for each in results.response["violations"]]


@pytest.mark.parametrize("path", ["casussen/place2bu-utrecht", "zoeken?q=statushouders"])
def test_a_consumer_of_the_standard_finds_and_embeds_our_pages(path: str, address: str) -> None:
    where, parameters = discovery.find_from_content(f"{address}/{path}")
    parameters.max_width = 500

    content = consumer.fetch_content(where, parameters)

    assert (frame_of(content.html)["src"] or "").startswith(f"{address}/embed/")
    assert content.width == 500
    assert content.provider_name == "Kennisbank gemengde wijken"


@pytest.mark.parametrize("size", SIZES)
def test_the_component_works_by_keyboard_on_a_hostile_page(
    size: dict[str, int], address: str, browser: Browser, tmp_path: Path
) -> None:
    body = component(address, 'page-size="1" facets="scale" url-state')
    with (
        website(body, STRICT.format(ours=address), HOSTILE) as url,
        opened(browser, size) as seen,
    ):
        page = seen.page
        page.goto(url)
        status = page.get_by_role("status")
        expect(status).to_have_text("157 praktijkvoorbeelden gevonden")
        page.keyboard.press("Tab")
        page.keyboard.type("statushouders")
        page.wait_for_url("**kb-q=statushouders**")  # the last of the words that were searched for
        expect(page.locator("[aria-busy]")).to_have_count(0)
        expect(status).not_to_have_text("157 praktijkvoorbeelden gevonden")
        before = status.inner_text()
        expect(page.locator("mark").first).to_be_visible()
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")  # opens the filter
        page.keyboard.press("Tab")
        page.keyboard.press("Space")  # chooses its first value
        expect(page.get_by_role("checkbox").first).to_be_checked()
        expect(status).not_to_have_text(before)
        expect(page.get_by_role("checkbox").first).to_be_focused()
        assert "kb-q=statushouders" in page.url
        assert "kb-scale=" in page.url
        expect(page.get_by_role("listitem")).to_have_count(1)
        page.get_by_role("button", name="Toon meer").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("listitem")).to_have_count(2)
        expect(page.get_by_role("listitem").nth(1).get_by_role("link")).to_be_focused()
        page.screenshot(path=tmp_path / "component.png", full_page=True)
        assert not seen.is_wider_than_its_screen()
        page.reload()  # what was chosen is in the address
        expect(page.get_by_role("checkbox", checked=True)).to_have_count(1)
        page.get_by_role("listitem").first.get_by_role("link").focus()
        assert seen.complaints == []
        assert seen.strangers(url) == [each for each in seen.urls if each.startswith(address)]
        page.keyboard.press("Enter")
        page.wait_for_url(f"{address}/casussen/*")


@pytest.mark.parametrize("look", ["light", *slow("dark", "auto")])
def test_axe_finds_nothing_in_the_component(
    look: str, address: str, browser: Browser, tmp_path: Path
) -> None:
    body = component(address, f'q="jongeren" facets="scale" look="{look}"')
    with (
        website(body, STRICT.format(ours=address)) as url,
        opened(browser, DESK, color_scheme="dark") as seen,
    ):
        seen.page.goto(url)
        expect(seen.page.locator("mark").first).to_be_visible()
        seen.page.screenshot(path=tmp_path / f"{look}.png", full_page=True)

        assert obstacles(seen) == []


def test_the_component_takes_over_the_style_of_the_page(address: str, browser: Browser) -> None:
    css = """body { font-family: monospace }
    kennisbank-zoek { --kb-accent: rgb(120, 0, 90) }
    kennisbank-zoek::part(title) { text-transform: uppercase }"""
    with (
        website(component(address), STRICT.format(ours=address), css) as url,
        opened(browser, DESK) as seen,
    ):
        seen.page.goto(url)
        link = seen.page.get_by_role("listitem").first.get_by_role("link")

        expect(link).to_have_css("font-family", "monospace")
        expect(link).to_have_css("color", "rgb(120, 0, 90)")
        expect(link).to_have_css("text-transform", "uppercase")


def test_the_component_says_that_we_are_down_and_tries_again(
    address: str, browser: Browser, tmp_path: Path
) -> None:
    with (
        website(component(address), STRICT.format(ours=address)) as url,
        opened(browser, PHONE) as seen,
    ):
        seen.page.route("**/v1/cases*", lambda route: route.abort())
        seen.page.goto(url)
        status = seen.page.get_by_role("status")
        expect(status).to_contain_text("niet bereikbaar")
        seen.page.screenshot(path=tmp_path / "down.png", full_page=True)
        assert obstacles(seen) == []
        seen.page.unroute("**/v1/cases*")
        seen.page.get_by_role("button", name="Opnieuw proberen").press("Enter")

        expect(status).to_have_text("157 praktijkvoorbeelden gevonden")


def test_a_wrong_attribute_is_reported_to_its_author(address: str, browser: Browser) -> None:
    with (
        website(component(address, 'scale="dorp" lang="en"'), STRICT.format(ours=address)) as url,
        opened(browser, DESK) as seen,
    ):
        seen.page.goto(url)

        expect(seen.page.get_by_role("status")).to_contain_text("scale: “dorp”")


@pytest.mark.parametrize("size", SIZES)
def test_hostile_content_stays_text_in_every_embed(
    size: dict[str, int], hostile: str, browser: Browser, tmp_path: Path
) -> None:
    with (
        website(component(hostile, 'q="boos"'), STRICT.format(ours=hostile)) as url,
        opened(browser, size) as seen,
    ):
        seen.page.goto(url)
        expect(seen.page.get_by_role("listitem")).to_have_count(1)
        seen.page.screenshot(path=tmp_path / "hostile-component.png")
        harmless(seen)
        for path in ("/zoeken?q=boos", "/casus/boos", "/zoeken?q=boos&fragment=1"):
            seen.page.goto(f"{hostile}/embed{path}")
            seen.page.screenshot(path=tmp_path / f"hostile-{path[1:4]}.png")
            expect(seen.page.locator("body")).to_contain_text("<script>parent.evil=1</script>")
            if "fragment" not in path:  # which has no style of its own
                harmless(seen)


def harmless(seen: Seen) -> None:
    """Nothing ran, nothing was asked for, nothing sticks out."""
    assert seen.page.evaluate("window.evil") is None
    assert seen.complaints == []
    assert not seen.is_wider_than_its_screen()
    assert not [each for each in seen.urls if each.endswith("/x")]


@pytest.mark.parametrize("size", SIZES)
def test_the_iframe_works_by_keyboard_and_is_as_high_as_its_page(
    size: dict[str, int], address: str, browser: Browser, tmp_path: Path
) -> None:
    body = (
        f'<script src="{address}/embed/height.js" async></script>'
        f'<iframe src="{address}/embed/zoeken?pageSize=3" title="Voorbeelden"></iframe>'
    )
    with (
        website(body, FRAMES.format(ours=address), KIND_TO_FRAMES) as url,
        opened(browser, size) as seen,
    ):
        page = seen.page
        page.goto(url)
        frame = page.frame_locator("iframe")
        expect(frame.get_by_role("listitem")).to_have_count(3)
        until(lambda: page.locator("iframe").evaluate("frame => frame.clientHeight") > 400)
        inner = page.frames[1].evaluate("document.documentElement.scrollHeight")
        outer = page.locator("iframe").evaluate("frame => frame.clientHeight")
        assert abs(inner - outer) <= 1
        page.keyboard.press("Tab")
        page.keyboard.type("statushouders")
        page.keyboard.press("Enter")
        expect(frame.locator("mark").first).to_be_visible()
        page.screenshot(path=tmp_path / "iframe.png", full_page=True)
        assert seen.complaints == []
        frame.get_by_role("link").first.focus()
        with page.context.expect_page() as other:
            page.keyboard.press("Enter")
        other.value.wait_for_url(f"{address}/casussen/*")


@pytest.mark.parametrize(
    "path",
    [
        *("zoeken?q=jongeren&look=auto", "casus/place2bu-utrecht"),
        *slow("onderzoek/bond-2011", "vraag/leidt-mengen-tot-contact"),
        *slow("valkuil/kanaleneiland-centrum-utrecht--sloopplan-te-duur"),
    ],
)
def test_axe_finds_nothing_in_a_frame(path: str, address: str, browser: Browser) -> None:
    with opened(browser, PHONE, color_scheme="dark") as seen:
        answer = seen.page.goto(f"{address}/embed/{path}")
        assert answer is not None
        assert answer.status == 200
        assert obstacles(seen) == []
        assert not seen.is_wider_than_its_screen()


def test_a_frame_needs_no_script(address: str, browser: Browser) -> None:
    with opened(browser, PHONE, script=False) as seen:
        seen.page.goto(f"{address}/embed/zoeken")
        seen.page.get_by_label("Zoek praktijkvoorbeelden").fill("statushouders")
        seen.page.get_by_role("button", name="Zoeken").click()
        expect(seen.page.locator("mark").first).to_be_visible()
        assert seen.complaints == []


@pytest.mark.parametrize(
    ("size", "scheme"),
    [
        pytest.param(DESK, "light", id="desk"),
        pytest.param(PHONE, "dark", id="phone", marks=pytest.mark.slow),
    ],
)
def test_the_page_that_writes_the_line_shows_it_at_once(
    size: dict[str, int], scheme: str, address: str, browser: Browser, tmp_path: Path
) -> None:
    with opened(browser, size, color_scheme=scheme) as seen:
        page = seen.page
        page.goto(f"{address}/insluiten")
        page.get_by_label("Zoekwoorden").fill("statushouders")
        expect(page.locator("#line")).to_contain_text('q="statushouders"')
        expect(page.locator("kennisbank-zoek mark").first).to_be_visible()
        page.screenshot(path=tmp_path / "insluiten.png", full_page=True)
        assert obstacles(seen) == []
        assert not seen.is_wider_than_its_screen()
        page.get_by_label("Iframe:").check()
        expect(page.locator("#line")).to_contain_text("<iframe")
        expect(page.frame_locator("iframe").locator("mark").first).to_be_visible()
        assert seen.complaints == []
        assert seen.strangers(address) == []


def test_what_the_page_wrote_works_with_its_hash(address: str, browser: Browser) -> None:
    with opened(browser, DESK, script=False) as seen:
        seen.page.goto(f"{address}/insluiten?q=statushouders&pageSize=2")
        line = seen.page.locator("#line").inner_text()
        policy = seen.page.locator("#policy").inner_text()
    with (
        website(line, f"default-src 'none'; {policy}") as url,
        opened(browser, DESK) as seen,
    ):
        seen.page.goto(url)

        expect(seen.page.get_by_role("listitem")).to_have_count(2)
        assert "integrity=" in line
        assert seen.complaints == []
