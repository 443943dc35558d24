"""A spreadsheet of twelve cases goes in: its columns, a dry run, drafts, and read again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from openpyxl import Workbook
from playwright.sync_api import Browser, expect

from tests.browser.conftest import CHROMIUM, DESK, SIZES
from tests.browser.desk import DeskServer, complaints, editing, picture, serving
from tests.browser.test_reading import complaints_of_axe
from tests.builders import a_case
from tests.conftest import KnowledgeBase, need


@pytest.fixture
def server(kb: KnowledgeBase) -> Iterator[DeskServer]:
    """A server with three public cases."""
    need("chromium", bool(CHROMIUM), "apt-get install chromium")
    for slug in ("tuin", "plein", "hof"):
        kb.publish(a_case(slug, title=slug.title(), summary=f"Buren delen een {slug}."))
    with serving(kb) as server:
        yield server


@pytest.fixture
def spreadsheet(tmp_path: Path) -> Path:
    """Twelve rows: one changes, one loses a value, one is the same, eight are new, one is wrong."""
    book = Workbook()
    sheet = book.active
    sheet.append(["Kenmerk", "Titel", "Korte omschrijving", "Woningen", "Wie belt er"])
    sheet.append(["tuin", "Tuin", "Buren maken met elkaar een tuin.", None, "Jo"])
    sheet.append(["plein", "Plein", "[leeg]", None, None])
    sheet.append(["hof", "Hof", "Buren delen een hof.", None, None])
    for number in range(8):
        sheet.append([None, f"Nieuwe tuin {number}", "Buren delen.", 40 + number, None])
    sheet.append([None, "Verkeerd", "Iets.", "veel", None])
    path = tmp_path / "twaalf.xlsx"
    book.save(path)
    return path


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES)
def test_a_spreadsheet_goes_in_and_is_read_again(
    browser: Browser, server: DeskServer, spreadsheet: Path, size: dict[str, int]
) -> None:
    kind = "desk" if size is DESK else "phone"
    with editing(browser, server, "Anna", size) as seen:
        page = seen.page

        def check(name: str) -> None:
            picture(page, f"{kind}-{name}")
            assert complaints_of_axe(seen) == []
            assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]

        page.get_by_role("link", name="Importeren").click()
        check("1-start")
        page.get_by_label("Bestand").set_input_files(spreadsheet)
        page.get_by_role("button", name="Verder").click()

        page.get_by_label("Korte omschrijving").select_option("summary")
        page.get_by_label("Wie belt er").select_option("")
        check("2-columns")
        page.get_by_role("button", name="Bekijk wat er zou veranderen").click()

        expect(page.locator(".import-totals")).to_contain_text("8 Nieuw")
        expect(page.locator("tbody tr")).to_have_count(11)  # what is the same is left out
        expect(page.locator("tr", has_text="Plein").locator(".emptied")).to_have_text("wordt leeg")
        expect(page.locator("tr", has_text="Tuin").locator("ins").first).to_contain_text("elkaar")
        expect(page.locator("tr.rejected")).to_contain_text("Woningen")
        check("3-dry-run")
        page.locator(".import-totals").get_by_role("link", name="Geweigerd").click()
        expect(page.locator("tbody tr")).to_have_count(1)

        page.get_by_role("button", name="Neem over als concepten").click()
        expect(page.get_by_role("status")).to_contain_text("Overgenomen")
        check("4-result")
        address = page.url
        page.get_by_role("link", name="Nieuwe tuin 3").click()
        expect(page.locator("h1")).to_contain_text("Nieuwe tuin 3")
        page.goto(f"{server.address}/redactie/importeren")
        page.get_by_role("link", name="twaalf.xlsx").click()
        assert page.url == address.partition("?")[0]
        assert complaints(seen) == []
