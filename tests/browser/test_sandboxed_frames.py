"""Our frames in the sandboxes of others, WordPress's for one: what a reader can still do there."""

from __future__ import annotations

import json
import re
from html import escape
from html.parser import HTMLParser
from urllib.parse import quote
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import DESK, PHONE, SIZES, opened
from tests.browser.test_embeds import obstacles, website
from tests.conftest import slow, until

pytestmark = pytest.mark.chromium
SECRET = "aB3dE5gH7j"
POLICY = (
    "default-src 'none'; frame-src {ours}; script-src 'unsafe-inline' {ours}; "
    "style-src 'unsafe-inline'"
)
ALLOWED = {  # the tags and attributes that WordPress leaves of an unknown website's answer
    "a": {"href"},
    "blockquote": set[str](),
    "iframe": {"src", "width", "height", "frameborder", "marginwidth", "scrolling", "title"},
}
RECEIVER = """<script>
  addEventListener("message", ({ data, source }) => {
    if (!data || !data.secret || /[^a-zA-Z0-9]/.test(data.secret)) return;
    for (const quote of document.querySelectorAll(`blockquote[data-secret="${data.secret}"]`))
      quote.style.display = "none";
    for (const frame of document.querySelectorAll(`iframe[data-secret="${data.secret}"]`)) {
      if (frame.contentWindow !== source) continue;
      frame.removeAttribute("style");
      const height = Math.min(1000, Math.max(200, parseInt(data.value)));
      if (data.message === "height") frame.height = height;
      if (data.message === "link" && new URL(data.value).host === new URL(frame.src).host
          && document.activeElement === frame) top.location.href = data.value;
    }
  });
</script>"""


class Filter(HTMLParser):
    """Leaves the tags and attributes that WordPress allows, as its filter does."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.html = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Leave an allowed tag with its allowed attributes."""
        if tag in ALLOWED:
            allowed = [pair for pair in attrs if pair[0] in ALLOWED[tag]]
            written = [f' {name}="{escape(value or "")}"' for name, value in allowed]
            self.html += f"<{tag}{''.join(written)}>"

    def handle_endtag(self, tag: str) -> None:
        """Leave the end of an allowed tag."""
        self.html += f"</{tag}>" if tag in ALLOWED else ""

    def handle_data(self, data: str) -> None:
        """Leave every text."""
        self.html += escape(data)


def as_wordpress_shows(html: str) -> str:
    """What WordPress makes of the HTML of a website that it does not know."""
    content = re.search(
        r"(<blockquote>.*?</blockquote>)?.*(<iframe.*?></iframe>)", Filter(html).html, re.DOTALL
    )
    assert content
    assert content[1], "without a quotation WordPress does not load its script"
    frame = re.sub(
        r' src="(.*?)"', rf' src="\1#?secret={SECRET}" data-secret="{SECRET}"', content[2]
    )
    frame = frame.replace(
        "<iframe",
        '<iframe class="wp-embedded-content" sandbox="allow-scripts" security="restricted" '
        'style="position: absolute; clip: rect(1px, 1px, 1px, 1px);"',
    )
    quotation = content[1].replace(
        "<blockquote>", f'<blockquote class="wp-embedded-content" data-secret="{SECRET}">'
    )
    return quotation + frame


def pasted(address: str, path: str) -> str:
    """The body of a WordPress page in whose editor this address of ours was pasted."""
    url = quote(f"{address}{path}", safe="")
    with urlopen(f"{address}/v1/oembed?url={url}&maxwidth=600&maxheight=900&dnt=1") as answer:
        html = json.load(answer)["html"]
    return RECEIVER + as_wordpress_shows(html)


def is_as_high_as_its_page(page: Page) -> bool:
    """Whether the frame shows all of its page, as far as WordPress lets it grow."""
    inner = page.frames[1].evaluate("document.documentElement.scrollHeight")
    outer = page.locator("iframe").evaluate("frame => frame.clientHeight")
    shown: bool = outer == max(200, min(1000, inner))
    return shown


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "path",
    [
        "/casussen/place2bu-utrecht",
        *slow("/zoeken?q=statushouders", "/onderzoeken/bond-2011"),
    ],
)
def test_wordpress_shows_a_pasted_address(
    path: str, size: dict[str, int], address: str, browser: Browser
) -> None:
    with (
        website(pasted(address, path), POLICY.format(ours=address)) as url,
        opened(browser, size) as seen,
    ):
        page = seen.page
        page.goto(url)
        expect(page.locator("blockquote")).to_be_hidden()
        expect(page.locator("iframe")).not_to_have_attribute("style", re.compile("clip"))
        expect(page.locator("iframe")).not_to_have_attribute("height", "480")
        page.frames[1].wait_for_load_state()

        assert is_as_high_as_its_page(page)
        page.frame_locator("iframe").get_by_role("link").first.click()
        page.wait_for_url(f"{address}/*/*")
        assert seen.complaints == []


def test_without_an_answer_of_ours_wordpress_shows_the_link(address: str, browser: Browser) -> None:
    body = pasted(address, "/casussen/place2bu-utrecht")
    with website(body, "default-src 'none'") as url, opened(browser, DESK) as seen:
        seen.page.goto(url)

        link = seen.page.locator("blockquote").get_by_role("link")
        expect(link).to_have_attribute("href", f"{address}/casussen/place2bu-utrecht")
        expect(link).to_be_visible()


def test_in_wordpress_a_reader_can_search_and_page(address: str, browser: Browser) -> None:
    with (
        website(pasted(address, "/zoeken"), POLICY.format(ours=address)) as url,
        opened(browser, PHONE) as seen,
    ):
        page, frame = seen.page, seen.page.frame_locator("iframe")
        page.goto(url)
        expect(frame.get_by_role("listitem")).to_have_count(5)
        frame.get_by_role("link", name="Volgende").click()
        expect(frame.get_by_role("link", name="Vorige")).to_be_visible()
        box = frame.get_by_label("Zoek praktijkvoorbeelden")
        box.fill("statushouders buddy")
        box.press("Enter")
        expect(frame.locator("mark").first).to_be_visible()

        assert page.url == url
        assert f"secret={SECRET}" in page.frames[1].url
        assert is_as_high_as_its_page(page)
        licence = frame.get_by_role("link", name="CC BY 4.0")
        licence.click()  # WordPress follows no link to another website
        copied = frame.get_by_label("Kopieer het adres")
        expect(copied).to_have_value(re.compile("creativecommons.org"))
        expect(copied).to_be_focused()
        assert obstacles(seen) == []


@pytest.mark.parametrize("module", ["", *slow(" type=module")])
@pytest.mark.parametrize("sandbox", ["allow-scripts", "allow-scripts allow-same-origin"])
def test_a_sandboxed_frame_shows_the_address_of_a_link(
    sandbox: str, module: str, address: str, browser: Browser
) -> None:
    body = (
        f'<script src="{address}/embed/height.js"{module} async></script><iframe width="360" '
        f'title="x" src="{address}/embed/zoeken?pageSize=3" sandbox="{sandbox}"></iframe>'
    )
    with website(body, POLICY.format(ours=address)) as url, opened(browser, PHONE) as seen:
        page, frame = seen.page, seen.page.frame_locator("iframe")
        page.goto(url)
        until(lambda: page.locator("iframe").evaluate("frame => frame.clientHeight") > 400)
        link = frame.get_by_role("listitem").nth(1).get_by_role("link")
        link.focus()
        page.keyboard.press("Enter")

        copied = frame.get_by_role("listitem").nth(1).get_by_label("Kopieer het adres")
        expect(copied).to_have_value(link.get_attribute("href") or "")
        expect(copied).to_be_focused()
        assert copied.evaluate("input => input.selectionEnd - input.selectionStart") > 20
        assert page.url == url


def test_a_sandbox_with_windows_opens_a_link(address: str, browser: Browser) -> None:
    body = (
        f'<iframe title="x" src="{address}/embed/casus/place2bu-utrecht" '
        'sandbox="allow-scripts allow-popups allow-popups-to-escape-sandbox"></iframe>'
    )
    with website(body, POLICY.format(ours=address)) as url, opened(browser, DESK) as seen:
        seen.page.goto(url)
        with seen.page.context.expect_page() as other:
            seen.page.frame_locator("iframe").get_by_role("link").first.click()
        other.value.wait_for_url(f"{address}/casussen/*")
        assert other.value.evaluate("window.opener") is None
