"""The form of one draft in a browser: served, typed in and pasted into."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import CHROMIUM
from tests.browser.desk import DeskServer, serving
from tests.builders import a_case, a_finding, a_source
from tests.conftest import KnowledgeBase, need

FORM = "/redactie/casussen/tuin/bewerken"
WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><body><!--StartFragment-->
<p class=MsoNormal><b>Buren</b> groeten\u00a0elkaar,<br>ook in de winter.</p>
<p class=MsoListParagraphCxSpFirst style='mso-list:l0 level1'><span style='mso-list:Ignore'>\u00b7
<span>&nbsp;&nbsp; </span></span>een moes\u00adtuin</p>
<p class=MsoListParagraphCxSpLast style='mso-list:l0 level1'><span style='mso-list:Ignore'>\u00b7
<span>&nbsp;&nbsp; </span></span>een oven</p><!--EndFragment--></body></html>"""


@contextmanager
def serving_a_draft(kb: KnowledgeBase) -> Iterator[DeskServer]:
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
