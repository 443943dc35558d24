"""The documentation and the pages of problems, in a real browser, from a real server."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import DESK, PHONE, SIZES, opened

pytestmark = pytest.mark.chromium


@pytest.mark.parametrize("size", SIZES)
def test_the_documentation_has_every_group_of_operations(
    size: dict[str, int], address: str, browser: Browser, tmp_path: Path
) -> None:
    with opened(browser, size) as seen:
        seen.page.goto(address)
        seen.page.get_by_role("link", name="API-documentatie").click()
        seen.page.wait_for_selector(".opblock-tag")
        document = seen.page.request.get(f"{address}/v1/openapi.json").json()

        assert urlsplit(seen.page.url).path == "/docs"
        tags = {
            operation["tags"][0]
            for item in document["paths"].values()
            for method, operation in item.items()
            if method in {"get", "post", "put", "patch", "delete"}
        }
        expect(seen.page.locator(".opblock-tag")).to_have_count(len(tags))
        assert seen.page.locator("html").get_attribute("lang") == "nl"
        seen.page.screenshot(path=tmp_path / "docs.png", full_page=True)
        assert not seen.is_wider_than_its_screen()
        assert seen.complaints == []
        assert seen.strangers(address) == []
        assert len(seen.urls) >= 5


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES)
def test_an_operation_can_be_read_and_tried(
    size: dict[str, int], address: str, browser: Browser, tmp_path: Path
) -> None:
    with opened(browser, size) as seen:
        seen.page.goto(f"{address}/docs")
        seen.page.locator("#operations-tag-cases").click()
        block = seen.page.locator("#operations-cases-getCasesCaseId")
        block.locator(".opblock-summary-control").click()
        block.get_by_text("Try it out").click()
        block.get_by_role("button", name="Execute").click()
        answer = block.locator(".live-responses-table .response").first
        answer.wait_for()

        assert answer.locator(".response-col_status").inner_text().startswith("200")
        assert "place2bu-utrecht" in answer.inner_text()
        seen.page.screenshot(path=tmp_path / "tried.png", full_page=True)
        assert not seen.is_wider_than_its_screen()
        assert seen.complaints == []
        assert seen.strangers(address) == []


@pytest.mark.slow
def test_a_list_is_tried_without_filters_that_nobody_chose(address: str, browser: Browser) -> None:
    with opened(browser, DESK) as seen:
        seen.page.goto(f"{address}/docs")
        seen.page.locator("#operations-tag-search").click()
        block = seen.page.locator("#operations-search-getCases")
        block.locator(".opblock-summary-control").click()
        block.get_by_text("Try it out").click()
        block.get_by_role("button", name="Execute").click()
        block.locator(".live-responses-table .response").first.wait_for()

        (url,) = [url for url in seen.urls if urlsplit(url).path == "/v1/cases"]
        assert urlsplit(url).query in {"", "ingredientMatch=any&page=1&pageSize=20"}


def test_without_script_the_page_says_where_the_document_is(
    address: str, browser: Browser, tmp_path: Path
) -> None:
    with opened(browser, PHONE, script=False) as seen:
        seen.page.goto(f"{address}/docs")

        link = seen.page.get_by_role("link", name="/v1/openapi.json")
        assert link.is_visible()
        seen.page.screenshot(path=tmp_path / "noscript.png")
        assert seen.page.get_by_role("heading").first.is_visible()
        link.click()
        assert seen.page.url == f"{address}/v1/openapi.json"
        assert '"openapi":"3.1' in seen.page.content()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("language", "title"), [("nl-NL", "Niet gevonden"), ("en-GB", "Not found")]
)
def test_a_page_that_is_not_there_says_so_in_the_language_of_the_reader(
    size: dict[str, int], language: str, title: str, address: str, browser: Browser, tmp_path: Path
) -> None:
    with opened(browser, size, language=language) as seen:
        answer = seen.page.goto(f"{address}/nergens")

        assert answer is not None
        assert answer.status == 404
        assert seen.page.get_by_role("heading").inner_text() == title
        assert not re.search(r"urn:uuid|/docs", seen.page.inner_text("main"))
        seen.page.screenshot(path=tmp_path / "nergens.png")
        assert not seen.is_wider_than_its_screen()
        assert seen.strangers(address) == []
        seen.page.get_by_role("main").get_by_role("link").first.click()
        assert urlsplit(seen.page.url).path == "/"


@pytest.mark.parametrize("size", SIZES)
def test_the_type_of_a_problem_is_an_address_to_read(
    size: dict[str, int], address: str, browser: Browser, tmp_path: Path
) -> None:
    with opened(browser, size) as seen:
        problem = seen.page.request.get(f"{address}/v1/cases?onbekend=1").json()
        answer = seen.page.goto(problem["type"])

        assert answer is not None
        assert answer.status == 200
        assert seen.page.get_by_role("heading").inner_text() == problem["title"]
        assert "400" in seen.page.inner_text("main")
        seen.page.screenshot(path=tmp_path / "type.png")
        assert not seen.is_wider_than_its_screen()
        assert seen.complaints == []
        assert seen.strangers(address) == []
