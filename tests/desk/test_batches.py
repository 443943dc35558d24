"""Batches at the desk: one change in many things, without script."""

from __future__ import annotations

import re

import pytest

from kb.desk.batch_page import PAGE_SIZE
from kb.vocabulary.terms import released
from tests.builders import a_case
from tests.conftest import KnowledgeBase
from tests.desk.conftest import Desk
from tests.desk.test_terms import etag

NEW = "/redactie/reeks/nieuw"
OLD = "buddy-systeem"
OTHER = next(each for each in released().schemes["ingredients"].terms if each != OLD)
TERM = f"/redactie/begrippen/ingredients/{OLD}"
WORDS = {
    "name": "replace-text",
    "find": "bewoners",
    "replace": "huurders",
    "caseSensitive": "1",
    "type": "case",
}


@pytest.fixture(autouse=True)
def cases(kb: KnowledgeBase) -> None:
    kb.publish(
        a_case("tuin", summary="De bewoners tuinieren."),
        a_case("plein", summary="De bewoners spelen.", scale="wijk"),
    )


def made(desk: Desk, *ids: str) -> str:
    """The path of a new batch of these cases."""
    answer = desk.post(NEW, {**WORDS, "do": "make", "id": list(ids)})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"].partition("?")[0])


def do(desk: Desk, path: str, action: str, **form: str) -> int:
    page = desk.get(path).text
    return desk.post(path, {"etag": etag(page), "do": action, **form}).status_code


def test_every_change_is_shown_before_anything_is_made(anna: Desk) -> None:
    shown = anna.post(NEW, {**WORDS, "do": "preview"})

    assert shown.status_code == 200, shown.text
    assert set(re.findall(r'name="id" value="(\w+)"', shown.text)) == {"tuin", "plein"}
    assert "<ins>" in shown.text
    assert "<del>" in shown.text
    assert 'value="huurders"' in shown.text
    assert "tuin" not in anna.get("/redactie/reeks").text


def test_what_is_ticked_is_reviewed_and_published_as_one(
    kb: KnowledgeBase, anna: Desk, piet: Desk
) -> None:
    path = made(anna, "tuin", "plein")
    assert path in anna.get("/redactie?view=all").text  # marked in the lists of drafts

    assert do(anna, path, "submit", note="Zelfde woord.") == 303
    assert 'value="publish"' not in anna.get(path).text
    assert "Zelfde woord." in piet.get("/redactie/reeks").text
    assert do(piet, path, "publish") == 303

    assert kb.client.get("/v1/cases/plein").json["summary"] == "De huurders spelen."
    assert 'name="do"' not in piet.get(path).text


def test_one_thing_is_taken_out_and_the_batch_returned(
    kb: KnowledgeBase, anna: Desk, piet: Desk
) -> None:
    path = made(anna, "tuin", "plein")
    assert do(anna, path, "item.case/tuin") == 303
    assert "Tuin" not in anna.get(path).text
    assert do(anna, path, "submit") == 303

    refused = piet.post(path, {"etag": etag(piet.get(path).text), "do": "return"})
    assert refused.status_code == 400
    assert "Toelichting: Schrijf " in refused.text
    assert do(piet, path, "return", note="Niet doen.") == 303
    assert "Niet doen." in anna.get(path).text
    assert do(anna, path, "discard") == 303
    assert kb.client.get("/v1/cases/plein").json["version"] == 1


def test_an_old_copy_decides_nothing(anna: Desk, piet: Desk) -> None:
    path = made(anna, "tuin")
    old = etag(anna.get(path).text)
    assert do(anna, path, "submit") == 303

    late = piet.post(path, {"etag": old, "do": "publish", "note": "Goed zo."})

    assert late.status_code == 412
    assert "Goed zo." in late.text


def test_mistakes_stand_beside_their_fields_and_nothing_is_lost(anna: Desk) -> None:
    refused = anna.post(NEW, {**WORDS, "find": "", "title": "Mijn reeks", "do": "preview"})

    assert refused.status_code == 400
    assert 'aria-describedby="wrong-operation-find"' in refused.text
    assert "Mijn reeks" in refused.text
    assert 'value="huurders"' in refused.text
    assert "Vul in waarnaar je zoekt." in refused.text
    assert anna.post(NEW, {"do": "make", "name": "zand"}).status_code == 400
    assert "Vink er ten minste één aan." in anna.post(NEW, {**WORDS, "do": "make"}).text
    assert "Kies een begrip." in anna.post(NEW, {"name": "add-term", "type": "case"}).text
    of_two = {"name": "replace-term", "type": "case", "term": f"ingredients/{OLD}"}
    other_list = {**of_two, "with": "target-groups/jongeren"}
    assert "Kies een begrip uit dezelfde lijst." in anna.post(NEW, other_list).text
    assert "errors" not in refused.text


def test_a_selection_has_several_filters_and_a_change_some_fields(anna: Desk) -> None:
    form = {**WORDS, "do": "preview", "find": "en", "replace": "em"}
    filters = ["scale:wijk", "scale:stad", "strategy:sociaal-beheer"]

    shown = anna.post(NEW, {**form, "filter": filters, "field.case": ["title", "summary"]})
    studies = anna.post(NEW, {**form, "type": "study", "filter": ["scale:wijk"]})

    assert shown.status_code == 200, shown.text
    assert re.findall(r'name="id" value="(\w+)"', shown.text) == ["plein"]
    changed = shown.text.partition('id="things"')[2]
    assert "Samenvatting" in changed
    assert "Aanpak" not in changed
    assert shown.text.count('name="filter" value="scale:stad" checked') == 1
    assert shown.text.count('name="field.case" value="summary" checked') == 1
    assert studies.status_code == 400
    assert "”: vink daar niets aan." in studies.text


@pytest.mark.parametrize("kind", ["case", "study", "question"])
def test_every_field_that_can_be_chosen_has_text(anna: Desk, kind: str) -> None:
    fields = re.findall(rf'name="field.{kind}" value="(\w+)"', anna.get(NEW).text)

    shown = anna.post(NEW, {**WORDS, "type": kind, "do": "preview", f"field.{kind}": fields})

    assert {"title", "searchTerms"} <= set(fields)
    assert shown.status_code == 200, shown.text


def test_what_keeps_a_batch_from_being_published_is_named_with_its_thing(
    anna: Desk, piet: Desk
) -> None:
    path = made(anna, "tuin", "plein")
    draft = anna.call("GET", "/cases/tuin/draft")
    anna.call(
        "PATCH",
        "/cases/tuin/draft",
        json={"summary": None},
        content_type="application/merge-patch+json",
        headers={"If-Match": draft.headers["ETag"]},
    )
    assert do(anna, path, "submit") == 303

    page = piet.get(path).text
    refused = piet.post(path, {"etag": etag(page), "do": "publish"})

    assert "<bdi>Samenvatting</bdi>: " in page
    assert refused.status_code == 400
    assert (
        'href="/redactie/casussen/tuin/bewerken" dir="auto">Tuin</a> – Samenvatting: '
        in refused.text
    )


def test_a_term_is_merged_from_its_page(kb: KnowledgeBase, anna: Desk, piet: Desk) -> None:
    assert f"{TERM}/samenvoegen" in anna.get(TERM).text
    shown = anna.post(f"{TERM}/samenvoegen", {"into": OTHER})
    assert "Tuin" in shown.text

    begun = anna.post(f"{TERM}/samenvoegen", {"into": OTHER, "do": "make"})
    path = begun.headers["Location"].partition("?")[0]
    assert do(anna, path, "submit") == 303
    assert do(piet, path, "publish") == 303

    ingredients = kb.client.get("/v1/cases/tuin").json["ingredients"]
    assert [each["id"] for each in ingredients] == [OTHER]
    assert anna.post(f"{TERM}/samenvoegen", {"into": OLD}).status_code == 400


def test_batches_are_for_who_has_signed_in_and_sends_our_forms(
    kb: KnowledgeBase, anna: Desk
) -> None:
    assert kb.client.get("/redactie/reeks").status_code == 303
    assert anna.client.post(NEW, data={**WORDS, "do": "make", "id": "tuin"}).status_code == 403
    assert anna.get("/redactie/reeks/99").status_code == 404


def test_a_return_without_a_note_says_so_at_the_note(anna: Desk, piet: Desk) -> None:
    path = made(anna, "tuin")
    assert do(anna, path, "submit") == 303

    refused = piet.post(path, {"etag": etag(piet.get(path).text), "do": "return"}).text

    assert 'id="note-mistake"' in refused
    assert "Toelichting: Schrijf " in refused


def test_who_made_a_batch_does_not_return_it_to_themselves(piet: Desk) -> None:
    path = made(piet, "tuin")
    assert do(piet, path, "submit") == 303

    page = piet.get(path).text

    assert 'value="return"' not in page
    assert 'value="retract"' in page
    assert "Jij maakte deze reeks" in page


def test_a_long_preview_has_pages_and_keeps_what_is_unticked(kb: KnowledgeBase, anna: Desk) -> None:
    kb.publish(*(a_case(f"hof-{n}", summary="De bewoners wonen.") for n in range(PAGE_SIZE)))

    first = anna.post(NEW, {**WORDS, "do": "preview"}).text
    ids = re.findall(r'name="id" value="([\w-]+)"', first)
    second = anna.post(NEW, {**WORDS, "page": "2", "id": ids[1:]}).text

    assert len(ids) == PAGE_SIZE + 2
    assert first.count("<ins>") == PAGE_SIZE
    assert second.count("<ins>") == 2
    ticked = re.findall(r'name="id" value="([\w-]+)" checked', second)
    assert sorted(ticked) == sorted(ids[1:])
    path = made(anna, *ids)
    assert anna.get(path).text.count("<ins>") == PAGE_SIZE
    assert anna.get(f"{path}?page=2").text.count("<ins>") == 2


def test_only_the_sentences_around_a_change_are_shown(kb: KnowledgeBase, anna: Desk) -> None:
    far = "Ver weg staat een lange zin waarin niets verandert, en die niemand hier hoeft te lezen. "
    kb.publish(a_case("lang", context=f"{far * 20}De bewoners wonen hier. Zij blijven. {far * 20}"))

    shown = anna.post(NEW, {**WORDS, "do": "preview"}).text

    assert "Ver weg" not in shown
    assert "[…] De " in shown
    assert " wonen hier. […]" in shown
