"""Whatever a text holds, it is shown as text and breaks no page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser

from schemas.text import normalise
from tests.browser.conftest import CHROMIUM, PHONE, opened, served
from tests.builders import a_case, a_finding, a_pitfall, a_question, a_source, a_study
from tests.conftest import make, need, slow

pytestmark = pytest.mark.chromium
SCRIPT = "<script>window.hacked=1</script>"
HANDLER = '"><img src=x onerror="window.hacked=1"><svg onload=window.hacked=1>'
BROKEN = "'\"--></title></style></textarea></p></main><b id=broken>{{ 7*7 }}{% raw %}&lt;"
TURNED = "\u202eomgekeerd\u2066 vast"
RIGHT = "שכונה معا"
SHORT = f"{SCRIPT}{HANDLER}{TURNED}"  # where 200 characters fit
ALL = f"{SCRIPT} {HANDLER} {BROKEN} {TURNED} {RIGHT}"


def text(longest: int) -> str:
    """All of it, and a word as long as the field takes."""
    return f"{ALL} {'w' * min(10_000, longest - len(ALL) - 1)}"


def hostile_case() -> dict[str, Any]:
    source = a_source(
        title=text(500), authors=[SHORT, RIGHT], publisher=SHORT, url="https://x/\"'><script>"
    )
    finding = a_finding("vijandig", claim=text(2000), conditions=text(2000))
    pitfall = a_pitfall(
        "vijandig", title=SHORT, description=text(5000), avoidance=f"{text(5000)[:-1]}"
    )
    long = {name: text(20_000) for name in ("context", "approach", "results", "collaboration")}
    place = {"country": "BE", "province": SHORT, "municipality": SHORT, "neighbourhood": RIGHT}
    return a_case(
        "vijandig",
        title=SHORT,
        summary=text(600),
        place=place,
        parties=[{"name": SHORT, "role": "gemeente"}],
        ingredients=[{"id": "buddy-systeem", "how": text(2000)}],
        sources=[source],
        findings=[finding],
        pitfalls=[pitfall],
        **long,
    )


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server in which every text is hostile."""
    need("chromium", bool(CHROMIUM), "apt-get install chromium")
    folder = tmp_path_factory.mktemp("hostile")
    made = make(tmp_path_factory.mktemp("made"))
    study = a_study(
        title=text(500),
        summary=text(20_000),
        authors=[SHORT],
        publisher=SHORT,
        url="https://x/\"'><script>",
        findings=[
            {key: value for key, value in finding.items() if key != "source"}
            for finding in [a_finding("onderzoek", claim=text(2000), conditions=text(2000))]
        ],
        pitfalls=[a_pitfall("onderzoek", title=SHORT, description=text(5000))],
    )
    question = a_question(
        title=text(300),
        answer=text(20_000),
        studies=["onderzoek"],
        effectDomains=["leefbaarheid"],
    )
    made.take(cases=[hostile_case(), a_case("gewoon")], studies=[study], questions=[question])
    made.withdraw("gewoon", reason=ALL, replaced_by="vijandig")
    made.close()
    with served(made, folder) as base:
        yield base


ADDRESSES = [
    "/",
    f"/zoeken?q={quote(ALL[:190])}&municipality={quote(SHORT)}&scale={quote(ALL)}",
    "/casussen/vijandig",
    "/valkuilen/vijandig--korte-adem",
    *slow("/zoeken", "/zoeken?q=vast", "/zoeken?type=finding&q=vast", "/zoeken?type=study&q=vast"),
    *slow("/valkuilen?q=vast", "/vragen", "/casussen/gewoon"),
    *slow(f"/casussen/{quote(ALL[:150], safe='')}", "/bestanddelen/buddy-systeem"),
    *slow("/vragen/wat-werkt", "/onderzoeken/onderzoek"),
]


@pytest.mark.parametrize("address", ADDRESSES, ids=range(len(ADDRESSES)))
def test_hostile_text_is_text(address: str, hostile: str, browser: Browser) -> None:
    with opened(browser, PHONE) as seen:
        answer = seen.page.goto(f"{hostile}{address}")
        seen.page.wait_for_load_state("networkidle")

        assert answer is not None
        assert answer.status < 500
        assert seen.page.evaluate("window.hacked") is None
        assert seen.page.locator("#broken, main img, main script, [onerror], [onload]").count() == 0
        for link in seen.page.locator("a").all():
            assert (link.get_attribute("href") or "").startswith(("/", "#", "http"))
        assert not seen.is_wider_than_its_screen()
        assert seen.strangers(hostile) == []
        assert [each for each in seen.complaints if "status of 4" not in each] == []
        for block in seen.page.locator('script[type="application/ld+json"]').all():
            assert json.loads(block.text_content() or "")["@context"]
        footer = seen.page.locator("main + footer")  # nothing closed a part of the page
        assert footer.count() == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    "address",
    [
        "zoeken?q=vast",
        *("casus/vijandig", "valkuil/vijandig--korte-adem", "vraag/wat-werkt"),
        "onderzoek/onderzoek",
    ],
)
def test_hostile_text_is_text_in_a_frame_too(address: str, hostile: str, browser: Browser) -> None:
    with opened(browser, PHONE) as seen:
        seen.page.goto(f"{hostile}/embed/{address}")

        assert "omgekeerd" in (seen.page.locator("body").text_content() or "")
        assert seen.page.evaluate("window.hacked") is None
        assert seen.page.locator("#broken, img, [onerror], [onload]").count() == 0
        assert not seen.is_wider_than_its_screen()
        assert seen.complaints == []


def test_hostile_text_is_text_in_the_component_too(hostile: str, browser: Browser) -> None:
    with opened(browser, PHONE) as seen:
        seen.page.goto(f"{hostile}/insluiten")
        seen.page.get_by_label("Zoekwoorden").fill("vast")
        component = seen.page.locator("kennisbank-zoek")
        component.locator("mark").first.wait_for()

        assert SCRIPT in (component.locator("li").first.text_content() or "")
        assert seen.page.evaluate("window.hacked") is None
        assert component.locator("#broken, img, [onerror], [onload]").count() == 0
        assert not seen.is_wider_than_its_screen()
        assert seen.complaints == []


def test_hostile_text_is_all_there(hostile: str, browser: Browser) -> None:
    with opened(browser, PHONE) as seen:
        seen.page.goto(f"{hostile}/casussen/vijandig")
        shown = seen.page.locator("main").text_content() or ""

        assert seen.page.locator("h1").text_content() == normalise(SHORT, one_line=True)
        assert shown.count(BROKEN) >= 8
        assert "w" * 10_000 in shown
        assert "{{ 7*7 }}" in shown


def test_suggestions_of_hostile_text_are_text(hostile: str, browser: Browser) -> None:
    with opened(browser, PHONE) as seen:
        seen.page.goto(hostile)
        seen.page.get_by_role("combobox").press_sequentially("omgekeerd")
        option = seen.page.get_by_role("option").first
        option.wait_for()

        assert SCRIPT in (option.text_content() or "")
        assert seen.page.evaluate("window.hacked") is None
        assert not seen.is_wider_than_its_screen()
        assert seen.complaints == []
