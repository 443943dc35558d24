"""The review: a draft beside its public text, what is said of it, and what becomes of it."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.builders import a_case, a_finding, a_pitfall
from tests.conftest import KnowledgeBase
from tests.desk.conftest import Desk, SignedIn

PAGE = "/redactie/casussen/tuin/beoordelen"


def create(desk: Desk, document: dict[str, Any]) -> None:
    assert desk.call("POST", "/cases", json=document).status_code == 201


def change(desk: Desk, **keys: Any) -> None:
    """Begin the next draft of `tuin`, if need be, and change some keys of it."""
    desk.call("POST", "/cases/tuin/draft", json={})
    etag = desk.call("GET", "/cases/tuin/draft").headers["ETag"]
    headers = {"If-Match": etag, "Content-Type": "application/merge-patch+json"}
    answer = desk.call("PATCH", "/cases/tuin/draft", json=keys, headers=headers)
    assert answer.status_code == 200, answer.text


def do(desk: Desk, action: str, **form: str) -> Any:
    """Press a button of the page as it is now."""
    match = re.search(r'name="etag" value="([^"]*)"', desk.get(PAGE).text)
    etag = match[1].replace("&#34;", '"') if match else ""
    return desk.post(PAGE, {"do": action, "etag": etag, **form}, follow_redirects=True)


def field(page: str, label: str) -> str:
    """The part of the page about one field."""
    of_field = r'<details class="review-field".*?(?=<details class="review-field"|</section>)'
    parts = re.findall(of_field, page, re.DOTALL)
    [part] = [each for each in parts if f"<h3>{label}</h3>" in each]
    return str(part)


def test_words_that_changed_are_marked_on_both_sides(kb: KnowledgeBase, anna: Desk) -> None:
    kb.publish(a_case("tuin", summary="Buren maken samen een tuin."))
    change(anna, summary="Buren maken met elkaar een tuin.")

    page = anna.get(PAGE)

    assert page.status_code == 200
    summary = field(page.text, "Samenvatting")
    assert re.search(r"<del>.*verwijderd: </span>samen", summary)
    assert re.search(r"<ins>.*nieuw: </span>met elkaar", summary)
    assert 'class="review-field" open' in summary
    assert 'class="review-field" open' not in field(page.text, "Aanpak")


def test_items_are_matched_by_their_id(kb: KnowledgeBase, anna: Desk) -> None:
    first = a_pitfall("tuin") | {"id": "tuin--een", "title": "Eén"}
    second = a_pitfall("tuin") | {"id": "tuin--twee", "title": "Twee"}
    third = a_pitfall("tuin") | {"id": "tuin--drie", "title": "Drie"}
    kb.publish(a_case("tuin", pitfalls=[first, second]))
    change(anna, pitfalls=[second | {"title": "Twee bis"}, third])

    pitfalls = field(anna.get(PAGE).text, "Valkuilen")

    badges = dict(re.findall(r'<h4 dir="auto">([^<]*) <span class="badge change-(\w+)"', pitfalls))
    assert badges == {"Twee bis": "changed", "Drie": "added", "Eén": "removed"}


def test_an_item_that_moved_says_so(kb: KnowledgeBase, anna: Desk) -> None:
    items = [a_pitfall("tuin") | {"id": f"tuin--{n}", "title": n} for n in ("a", "b", "c")]
    kb.publish(a_case("tuin", pitfalls=items))
    change(anna, pitfalls=[items[1], items[2], items[0]])

    pitfalls = field(anna.get(PAGE).text, "Valkuilen")

    assert pitfalls.count("change-moved") == 1
    assert re.search(r"<h4[^>]*>a .*?change-moved", pitfalls)


def test_a_new_case_shows_its_draft_alone(anna: Desk) -> None:
    create(anna, a_case("tuin", findings=[a_finding("tuin")]))

    page = anna.get(PAGE).text

    assert "De nieuwe tekst" in page
    assert "<del>" not in page
    assert 'class="side-name">Openbaar' not in page


@pytest.mark.parametrize("document", [{"id": "tuin"}, {"id": "tuin", "title": "Alleen dit"}])
def test_a_draft_with_hardly_anything_can_be_reviewed_and_seen(
    anna: Desk, document: dict[str, Any]
) -> None:
    create(anna, document)

    assert anna.get(PAGE).status_code == 200
    preview = anna.get("/redactie/casussen/tuin/voorbeeld")
    assert preview.status_code == 200
    assert "[ontbreekt nog]" in preview.text
    assert "punten moeten nog in orde komen" in preview.text
    assert preview.headers["Cache-Control"] == "no-store"


def test_a_draft_goes_from_submitted_to_returned_to_public_and_searchable(
    anna: Desk, piet: Desk
) -> None:
    create(anna, a_case("tuin", title="Tuin"))
    assert 'value="retract"' in do(anna, "submit").text

    without_note = do(piet, "return")
    assert without_note.status_code == 400
    assert "Niet gedaan" in without_note.text
    assert "Teruggestuurd" in do(piet, "return", note="Welke bron?").text
    do(anna, "submit")
    done = do(piet, "publish", note="Eerste versie")

    assert "Nu openbaar, en te vinden via zoeken." in done.text
    assert 'href="/casussen/tuin"' in done.text
    assert piet.client.get("/v1/cases/tuin").json["version"] == 1


def test_nobody_is_offered_to_publish_what_they_wrote(anna: Desk, piet: Desk) -> None:
    create(piet, a_case("tuin"))
    do(piet, "submit")

    page = piet.get(PAGE).text

    assert "kunt die dus niet publiceren" in page
    assert 'value="publish"' not in page
    assert 'value="return"' in page
    assert 'value="publish"' not in anna.get(PAGE).text


def test_a_submission_is_taken_back(anna: Desk) -> None:
    create(anna, a_case("tuin"))
    do(anna, "submit")

    page = do(anna, "retract").text

    assert "Teruggenomen: het is weer een concept." in page
    assert 'value="submit"' in page


def test_comments_stand_at_their_field_and_keep_it_open(
    kb: KnowledgeBase, anna: Desk, piet: Desk
) -> None:
    kb.publish(a_case("tuin"))
    change(anna, title="Andere titel")

    do(piet, "comment", pointer="/summary", text="Welke <b>bron</b>?")

    summary = field(anna.get(PAGE).text, "Samenvatting")
    assert "Welke &lt;b&gt;bron&lt;/b&gt;?" in summary
    assert 'class="review-field" open' in summary
    [number] = re.findall(r'value="resolve\.(\d+)"', summary)
    do(anna, f"resolve.{number}")
    resolved = field(anna.get(PAGE).text, "Samenvatting")
    assert "afgehandeld door Anna" in resolved
    assert 'class="review-field" open' not in resolved
    assert f'value="delete.{number}"' not in resolved  # of Piet
    assert "Welke" not in field(do(piet, f"delete.{number}").text, "Samenvatting")


def test_comments_stand_where_the_author_writes(kb: KnowledgeBase, anna: Desk, piet: Desk) -> None:
    create(anna, a_case("tuin", pitfalls=[a_pitfall("tuin")]))
    form = "/redactie/casussen/tuin/bewerken"
    assert not any("opmerking" in anna.get(each).text for each in ("/redactie", form))

    do(piet, "comment", pointer="/summary", text="Welke <b>bron</b>?")
    do(piet, "comment", pointer="/pitfalls/0/avoidance", text="Hoe dan?")
    do(piet, "comment", pointer="", text="Mooi geheel.")

    for path in ("/redactie", "/redactie/casussen/tuin", form):
        assert "3 opmerkingen" in anna.get(path).text
    page = anna.get(form).text
    notes = re.findall(r'data-notes="([^"]+)">(?:(?!</div>).)*class="remark"', page, re.DOTALL)
    assert notes == ["summary", "pitfalls.0.avoidance"]
    assert "<strong>Piet</strong>: Welke &lt;b&gt;bron&lt;/b&gt;?" in page
    assert "<strong>Piet</strong>: Mooi geheel." in page
    for number in re.findall(r'value="resolve\.(\d+)"', anna.get(PAGE).text):
        do(anna, f"resolve.{number}")
    assert not any("opmerking" in anna.get(each).text for each in ("/redactie", form))


def test_what_was_typed_stays_when_it_is_refused(anna: Desk, piet: Desk) -> None:
    create(anna, a_case("tuin"))
    do(anna, "submit")
    stale = piet.post(PAGE, {"do": "return", "etag": '"oud-nl"', "note": "Mijn lange uitleg"})

    assert stale.status_code == 412
    assert "Mijn lange uitleg</textarea>" in stale.text

    long = do(piet, "comment", pointer="/summary", text="a" * 2001)
    assert long.status_code == 400
    assert f"{'a' * 2001}</textarea>" in long.text


def test_an_address_for_a_reader_is_shown_once_and_ended(kb: KnowledgeBase, anna: Desk) -> None:
    create(anna, a_case("tuin", title="Tuin"))

    made = do(anna, "preview", days="3").text

    [path] = re.findall(r'href="http://kennisbank.test(/voorbeeld/[^"]+)"', made)
    assert kb.client.get(path).status_code == 200
    page = anna.get(PAGE).text
    assert path not in page
    [number] = re.findall(r'value="revoke\.(\d+)"', page)
    do(anna, f"revoke.{number}")
    assert kb.client.get(path).status_code == 404
    assert do(anna, "preview", days="99").status_code == 400
    assert do(anna, "preview", days="x").status_code == 400


def test_without_a_draft_the_page_leads_on(kb: KnowledgeBase, anna: Desk) -> None:
    kb.publish(a_case("tuin", title="Tuin"))

    page = anna.get(PAGE)

    assert page.status_code == 200
    assert "Er is geen concept" in page.text
    assert anna.get("/redactie/casussen/niets/beoordelen").status_code == 404
    assert anna.get("/redactie/niets/tuin/beoordelen").status_code == 404
    assert anna.get("/redactie/casussen/tuin/voorbeeld").status_code == 404


def test_a_review_is_for_who_has_signed_in(kb: KnowledgeBase, signed_in: SignedIn) -> None:
    for path in (PAGE, "/redactie/casussen/tuin/voorbeeld"):
        assert kb.client.get(path).status_code == 303
    other = signed_in("publisher", "Piet")
    create(other, a_case("tuin"))
    other.csrf = "verzonnen"
    assert other.post(PAGE, {"do": "submit"}).status_code == 403


def test_a_return_without_a_note_says_so_beside_the_note(
    kb: KnowledgeBase, anna: Desk, piet: Desk
) -> None:
    create(anna, a_case())
    do(anna, "submit")

    page = do(piet, "return").text

    text = "Schrijf in de toelichting wat de schrijver moet doen."
    assert f'<p class="mistake" id="note-mistake">{text}</p>' in page
    assert "errors" not in page


def test_problems_say_in_which_item_they_are(kb: KnowledgeBase, anna: Desk) -> None:
    pitfall = {**a_pitfall("tuin"), "category": None}
    create(anna, a_case(pitfalls=[a_pitfall("tuin", "eerste"), pitfall]))

    for path in (PAGE, "/redactie/casussen/tuin/voorbeeld"):
        assert "<bdi>Valkuilen 2: Soort valkuil</bdi>: " in anna.get(path).text


def test_who_submits_with_problems_is_warned(kb: KnowledgeBase, anna: Desk) -> None:
    create(anna, {"id": "tuin", "kind": "praktijk", "title": "Tuin"})

    assert "kan dit zo niet publiceren" in anna.get(PAGE).text
