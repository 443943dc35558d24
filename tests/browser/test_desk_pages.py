"""Every page of the desk, as the URL map has them: accessible, on each screen, light and dark."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import CHROMIUM, DESK, PHONE, Seen, opened
from tests.browser.desk import DeskServer, complaints, editing, picture, serving
from tests.browser.test_reading import complaints_of_axe
from tests.builders import LONG, a_case, a_finding, a_pitfall, a_question, a_source, a_study
from tests.conftest import KnowledgeBase, make, need, slow
from tests.desk.conftest import Desk, make_token
from tests.desk.test_batches import OTHER, WORDS
from tests.desk.test_link_checks import check_all
from tests.editors.odd_websites import a_website
from tests.images.pictures import a_picture

WAYS = {
    "desk": (DESK, "light"),
    "dark-phone": (PHONE, "dark"),
    "phone": (PHONE, "light"),
    "dark": (DESK, "dark"),
}
TUIN = "/redactie/casussen/tuin"
TERM = "/redactie/begrippen/ingredients/buddy-systeem"
THING = "/redactie/<any(casussen, onderzoeken, vragen):folder>/<slug:thing_id>"
FORM = "/redactie/<collection>/<slug:slug>"
PAGES: dict[str, list[str]] = {  # addresses by the rule of their route; {…} is an id of `State`
    "/redactie": ["/redactie", "/redactie?view=all&q=nergens", "/redactie?view=discarded"],
    "/redactie/<any(casussen, onderzoeken, vragen):collection>/nieuw": [
        "/redactie/casussen/nieuw",
        "/redactie/onderzoeken/nieuw",
        "/redactie/vragen/nieuw",
    ],
    THING: [TUIN, "/redactie/casussen/hof", "/redactie/casussen/erf", "/redactie/vragen/wat-werkt"],
    f"{THING}/hernoemen": [f"{TUIN}/hernoemen"],
    f"{THING}/herstellen/<count:number>": [f"{TUIN}/herstellen/{{revision}}"],
    f"{THING}/intrekken": [f"{TUIN}/intrekken?find=plein", "/redactie/casussen/hof/intrekken"],
    f"{THING}/nakijken": [f"{TUIN}/nakijken"],
    f"{THING}/teksten/<count:number>": [f"{TUIN}/teksten/{{revision}}"],
    f"{THING}/weggooien": [f"{TUIN}/weggooien"],
    f"{THING}/wissen/<count:version>": [f"{TUIN}/wissen/1"],
    f"{FORM}/beoordelen": [f"{TUIN}/beoordelen", "/redactie/casussen/plein/beoordelen"],
    f"{FORM}/bewerken": [
        f"{TUIN}/bewerken",
        "/redactie/casussen/veld/bewerken",
        "/redactie/onderzoeken/onderzoek/bewerken",
    ],
    f"{FORM}/voorbeeld": [f"{TUIN}/voorbeeld"],
    "/redactie/aanmelden": ["/redactie/aanmelden"],
    "/redactie/begrippen": ["/redactie/begrippen"],
    "/redactie/begrippen/<slug:scheme>": ["/redactie/begrippen/ingredients"],
    "/redactie/begrippen/<slug:scheme>/<slug:term_id>": [
        TERM,
        "/redactie/begrippen/verdicts/te-weinig",
    ],
    "/redactie/begrippen/<slug:scheme>/nieuw": ["/redactie/begrippen/ingredients/nieuw"],
    "/redactie/bronnen": ["/redactie/bronnen", "/redactie/bronnen?state=ok"],
    "/redactie/casussen/<slug:case_id>/beelden": [f"{TUIN}/beelden"],
    "/redactie/importeren": ["/redactie/importeren"],
    "/redactie/importeren/<slug:import_id>": ["/redactie/importeren/{report}"],
    "/redactie/importeren/bestand/<slug:file_id>": ["/redactie/importeren/bestand/{file}"],
    "/redactie/nakijken": ["/redactie/nakijken", "/redactie/nakijken?author=Niemand"],
    "/redactie/praktijk": ["/redactie/praktijk", "/redactie/praktijk?state=rejected"],
    "/redactie/praktijk/<slug:note_id>": ["/redactie/praktijk/{note}"],
    "/redactie/reeks": ["/redactie/reeks"],
    "/redactie/reeks/<count:number>": ["/redactie/reeks/{batch}"],
    "/redactie/reeks/nieuw": ["/redactie/reeks/nieuw"],
}
IN_EVERY_RUN = ("/redactie", TUIN, f"{TUIN}/bewerken")
OTHERS = [path for paths in PAGES.values() for path in paths if path not in IN_EVERY_RUN]
PATHS = [*IN_EVERY_RUN, *slow(*OTHERS)]
NO_PAGES = {  # what answers GET, and shows nothing of its own
    "/redactie/aanmelden/organisatie",  # leads to the provider
    "/redactie/aanmelden/terug",  # leads back from it
    "/redactie/importeren/tabel",  # leads to a file
    "/redactie/static/<path:filename>",
}


def preview_a_batch(page: Page) -> None:
    page.locator("[name=find]").fill("bewoners")
    page.locator("[name=replace]").fill("huurders")
    page.locator("[value=preview]").click()
    page.locator("#things").wait_for()


def send_what_is_wrong(page: Page) -> None:
    page.locator("main form button.button").last.click()
    page.locator("[role=alert], .error-summary").first.wait_for()


def preview_a_merge(page: Page) -> None:
    page.locator("[name=into]").select_option(index=3)
    page.get_by_role("button", name="Laat zien wat er verandert").click()
    page.locator("#things").wait_for()


STATES: dict[str, tuple[str, Callable[[Page], None]]] = {  # after something was done on a page
    "batch-preview": ("/redactie/reeks/nieuw", preview_a_batch),
    "merge-preview": (f"/redactie/begrippen/ingredients/{OTHER}", preview_a_merge),
    "nothing-ticked": (f"{TUIN}/nakijken", send_what_is_wrong),
    "no-file": (
        "/redactie/importeren",
        lambda page: page.locator("main form").first.evaluate(
            "form => { form.noValidate = true; form.requestSubmit(); }"
        ),
    ),
    "no-reason": (f"{TUIN}/intrekken", send_what_is_wrong),
    "no-title": ("/redactie/casussen/nieuw", send_what_is_wrong),
    "nowhere": ("/redactie/casussen/nergens", lambda page: None),
}


in_two_ways = pytest.mark.parametrize(
    "ways",
    [
        ("desk", "dark-phone"),  # both sizes and both schemes, each once
        pytest.param(("phone", "dark"), marks=pytest.mark.long),
    ],
    ids="-".join,
)


@pytest.fixture(scope="module")
def ids(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[KnowledgeBase, dict[str, str]]]:
    """A knowledge base in which every page of the desk has something to show, and ids in it."""
    need("chromium", bool(CHROMIUM), "apt-get install chromium")
    kb = make(tmp_path_factory.mktemp("desk-pages"))
    publish_things(kb)
    sanne, anna = (
        Desk(kb.client, make_token(kb, name, role, timedelta(days=1)))
        for name, role in (("Sanne", "publisher"), ("Anna", "editor"))
    )
    for desk in (sanne, anna):
        desk.sign_in()
    made = write_drafts(anna)
    made["note"] = send_a_note(kb)
    made["batch"] = (
        anna.post("/redactie/reeks/nieuw", {**WORDS, "do": "make", "id": ["plein"]})
        .headers["Location"]
        .partition("?")[0]
        .rpartition("/")[2]
    )
    made |= import_a_file(sanne)
    yield kb, made
    kb.close()


def publish_things(kb: KnowledgeBase) -> None:
    kb.take(studies=[a_study()], questions=[a_question()])
    with a_website() as website:
        kb.publish(
            a_case(
                "tuin",
                summary="Bewoners maken samen een tuin.",
                dwellings=40,
                unverified=["dwellings", "summary"],
                pitfalls=[a_pitfall("tuin")],
                findings=[a_finding("tuin")],
                sources=[a_source(url=website.url("/404"))],
            ),
            a_case("plein", summary="Hier spelen de bewoners."),
            a_case("hof"),
            a_case("erf"),
            a_case("veld"),
        )
        check_all(kb)
    kb.withdraw("hof", "Het is een ander hof.")


def write_drafts(anna: Desk) -> dict[str, str]:
    """A draft that waits for review, with an image and a comment; and one that was discarded."""
    history = anna.call("GET", "/cases/tuin/history").json["items"]
    for slug in ("tuin", "erf", "veld"):
        anna.call("POST", f"/cases/{slug}/draft", json={})
    change(anna, "tuin", "PATCH", "", {"summary": "Buren maken een tuin.", "scale": None})
    picture_file = (BytesIO(a_picture()), "foto.jpg")
    etag = anna.call("GET", "/cases/tuin/draft").headers["ETag"]
    anna.post(f"{TUIN}/beelden", {"file": picture_file, "etag": etag, "alt": "De tuin."})
    comment = {"pointer": "/summary", "text": "Welke buren?"}
    anna.call("POST", "/cases/tuin/draft/comments", json=comment)
    anna.call("POST", "/cases/tuin/draft/previews", json={})
    change(anna, "tuin", "POST", "/reviews", {"decision": "submit", "note": "Kijk je mee?"})
    change(anna, "erf", "DELETE", "", None)
    change_a_term(anna)
    return {"revision": str(history[0]["revision"])}


def change(desk: Desk, slug: str, method: str, below: str, body: Any) -> None:
    path = f"/cases/{slug}/draft"
    etag = desk.call("GET", path).headers["ETag"]
    is_patch = {"content_type": "application/merge-patch+json"} if method == "PATCH" else {}
    answer = desk.call(method, path + below, json=body, headers={"If-Match": etag}, **is_patch)
    assert answer.status_code < 300, answer.text


def change_a_term(desk: Desk) -> None:
    path = "/vocabularies/ingredients/terms/buddy-systeem"
    term = desk.call("GET", path)
    keys = ("labels", "definition", "synonyms", "broader", "position")
    text = {key: term.json[key] for key in keys}
    text["labels"] = {**text["labels"], "nl": "Maatjes"}
    etag = {"If-Match": term.headers["ETag"]}
    assert desk.call("PUT", path, json=text, headers=etag).status_code == 200


def send_a_note(kb: KnowledgeBase) -> str:
    about = {"type": "case", "id": "tuin"}
    body = {"kind": "experience", "about": about, "text": LONG, "consent": True}
    return str(kb.client.post("/v1/practice-notes", json=body).json["id"])


def import_a_file(sanne: Desk) -> dict[str, str]:
    content = b"Kenmerk;Titel;Korte tekst;Woningen\nplein;Plein;[leeg];\n;Dorp;Nieuw.;veel\n"
    sent = sanne.post("/redactie/importeren", {"file": (BytesIO(content), "tabel.csv")})
    shown = sanne.post(sent.headers["Location"], {"column-2": "summary"})
    return {
        "file": sent.headers["Location"].rpartition("/")[2],
        "report": shown.headers["Location"].rpartition("/")[2],
    }


@pytest.fixture(scope="module")
def server(ids: tuple[KnowledgeBase, dict[str, str]]) -> Iterator[DeskServer]:
    """A server with it."""
    with serving(ids[0]) as server:
        yield server


@pytest.fixture(scope="module")
def seen(browser: Browser, server: DeskServer) -> Iterator[Seen]:
    """The browser of a publisher who has signed in."""
    with editing(browser, server, "Sanne") as seen:
        yield seen


def check(seen: Seen, name: str, ways: tuple[str, ...]) -> None:
    """Everybody can read and use what is shown now, in these ways."""
    page = seen.page
    for way in ways:
        size, scheme = WAYS[way]
        page.set_viewport_size({"width": size["width"], "height": size["height"]})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        picture(page, f"page-{name}-{way}")
        assert complaints_of_axe(seen) == [], (name, way)
        assert not seen.is_wider_than_its_screen(), (name, way)
    assert page.get_by_role("heading", level=1).count() == 1


def test_every_page_of_the_desk_is_in_the_list(
    ids: tuple[KnowledgeBase, dict[str, str]],
) -> None:
    rules = {
        rule.rule
        for rule in ids[0].app.url_map.iter_rules()
        if rule.rule.startswith("/redactie") and "GET" in (rule.methods or ())
    }

    assert rules == PAGES.keys() | NO_PAGES


@in_two_ways
@pytest.mark.parametrize("path", PATHS)
def test_a_page_of_the_desk_can_be_read_by_everybody(
    seen: Seen,
    server: DeskServer,
    ids: tuple[KnowledgeBase, dict[str, str]],
    path: str,
    ways: tuple[str, ...],
) -> None:
    seen.complaints.clear()
    seen.page.set_viewport_size({"width": DESK["width"], "height": DESK["height"]})

    answer = seen.page.goto(server.address + path.format(**ids[1]))

    assert answer is not None
    assert answer.status == 200
    check(seen, path.strip("/").replace("/", "-").partition("?")[0], ways)
    assert complaints(seen) == []
    assert seen.strangers(server.address) == []


@pytest.mark.slow
@in_two_ways
@pytest.mark.parametrize("state", STATES)
def test_what_a_page_becomes_can_be_read_by_everybody(
    seen: Seen, server: DeskServer, state: str, ways: tuple[str, ...]
) -> None:
    path, act = STATES[state]
    seen.page.goto(server.address + path)
    seen.page.evaluate("for (const form of document.forms) form.noValidate = true")

    act(seen.page)

    check(seen, state, ways)


@pytest.mark.slow
@in_two_ways
def test_who_has_not_signed_in_can_read_where_that_is_done(
    browser: Browser, server: DeskServer, ways: tuple[str, ...]
) -> None:
    with opened(browser, DESK) as seen:
        seen.page.goto(f"{server.address}/redactie")
        check(seen, "sign-in", ways)
        seen.page.locator("main [name=token]").fill("kb_oud")
        seen.page.locator("main [name=token]").press("Enter")
        seen.page.locator("[role=alert], .mistake").first.wait_for()
        check(seen, "sign-in-refused", ways)
