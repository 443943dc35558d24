"""The terms of vocabularies at the desk."""

from __future__ import annotations

import re

import pytest

from kb.vocabulary.terms import schemes
from tests.builders import a_case
from tests.conftest import KnowledgeBase
from tests.desk.conftest import Desk, SignedIn
from tests.vocabulary.changed_terms import answers_anew

STRATEGIES = "/redactie/begrippen/strategies"
SOCIAL = f"{STRATEGIES}/sociaal-beheer"
A_TERM = {
    "id": "zandkastelen",
    "label_nl": "Zandkastelen bouwen",
    "label_en": "Building sandcastles",
    "definition": "Buren bouwen samen iets van zand.",
    "synonyms_nl": "strandgang\nstrandgang\n\nkuilen graven",
    "synonyms_en": "",
}


def etag(page: str) -> str:
    match = re.search(r'name="etag" value="([^"]+)"', page)
    assert match
    return match[1].replace("&#34;", '"')


def test_a_vocabulary_lists_its_terms_and_how_often_each_is_used(anna: Desk) -> None:
    overview, listed = anna.get("/redactie/begrippen"), anna.get(STRATEGIES)

    assert STRATEGIES in overview.text
    assert SOCIAL in listed.text


@pytest.mark.parametrize(
    ("language", "uses"),
    [
        ("", "Openbare teksten die het hebben: 1 casus, 0 onderzoeken en 0 vragen."),
        ("?lang=en", "Public texts that have it: 1 case, 0 studies and 0 questions."),
    ],
)
def test_a_term_says_how_many_public_texts_have_it(
    kb: KnowledgeBase, anna: Desk, language: str, uses: str
) -> None:
    kb.publish(a_case("tuin", strategies=["sociaal-beheer"]))

    assert uses in anna.get(f"{STRATEGIES}/sociaal-beheer{language}").text


def test_a_new_term_is_proposed_and_approved_by_another(
    kb: KnowledgeBase, signed_in: SignedIn
) -> None:
    anna, piet = signed_in("editor", "Anna"), signed_in("publisher", "Piet")
    sent = anna.post(f"{STRATEGIES}/nieuw", A_TERM)
    page = piet.get(f"{STRATEGIES}/zandkastelen").text

    approved = piet.post(f"{STRATEGIES}/zandkastelen", {"do": "approve", "etag": etag(page)})
    answers_anew(kb)
    terms = {
        each["id"]: each for each in kb.client.get("/v1/vocabularies/strategies").json["terms"]
    }

    assert (sent.status_code, approved.status_code) == (303, 303)
    assert "done=submitted" in sent.headers["Location"]
    assert terms["zandkastelen"]["synonyms"]["nl"] == ["strandgang", "kuilen graven"]


def test_what_was_typed_is_there_again_beside_what_is_wrong(anna: Desk) -> None:
    refused = anna.post(f"{STRATEGIES}/nieuw", {**A_TERM, "definition": ""})

    assert refused.status_code == 400
    assert "Zandkastelen bouwen" in refused.text
    assert 'aria-describedby="wrong-definition"' in refused.text


@pytest.mark.parametrize("position", ["²", "vooraan", "9" * 5000, "-3"])
def test_a_place_that_is_no_number_is_a_mistake(anna: Desk, position: str) -> None:
    refused = anna.post(f"{STRATEGIES}/nieuw", {**A_TERM, "position": position})

    assert refused.status_code == 400
    assert 'aria-describedby="wrong-position"' in refused.text


@pytest.mark.parametrize("scheme", ["zandbakken", "verdicts"])
def test_a_vocabulary_that_takes_no_terms_is_not_there(anna: Desk, scheme: str) -> None:
    assert anna.post(f"/redactie/begrippen/{scheme}/nieuw", {}).status_code == 404
    assert anna.post(f"/redactie/begrippen/{scheme}/nieuw", A_TERM).status_code == 404


def test_a_term_is_proposed_to_be_deprecated(anna: Desk) -> None:
    page = anna.get(SOCIAL).text
    sent = anna.post(SOCIAL, {"do": "deprecate", "etag": etag(page), "replacedBy": ""})

    assert sent.status_code == 303
    assert 'value="discard"' in anna.get(SOCIAL).text


def test_an_old_copy_is_refused_with_what_was_typed(anna: Desk) -> None:
    page = anna.get(SOCIAL).text
    for definition in ("Eerst.", "Te laat."):
        form = {**A_TERM, "definition": definition, "etag": etag(page)}
        last = anna.post(SOCIAL, form)

    assert last.status_code == 412
    assert "Te laat." in last.text


def test_terms_that_programs_count_with_can_only_be_called_otherwise(anna: Desk) -> None:
    assert anna.get("/redactie/begrippen/verdicts/nieuw").status_code == 404
    page = anna.get("/redactie/begrippen/verdicts/te-weinig").text
    assert 'value="save"' in page
    assert 'value="deprecate"' not in page


def test_who_has_not_signed_in_sees_no_terms(kb: KnowledgeBase) -> None:
    assert kb.client.get(STRATEGIES).status_code == 303
    assert kb.client.get("/v1/vocabularies/strategies/terms").status_code == 401


def proposed(desk: Desk, **changed: str) -> str:
    """The page of a term for which this desk has proposed something."""
    form = {**A_TERM, "etag": etag(desk.get(SOCIAL).text), **changed}
    assert desk.post(SOCIAL, form).status_code == 303
    return desk.get(SOCIAL).text


def test_a_proposal_is_read_beside_what_is_public(anna: Desk, piet: Desk) -> None:
    label = schemes()["strategies"].terms["sociaal-beheer"].label("nl")
    proposed(anna)

    page = piet.get(SOCIAL).text
    proposal = page.partition('id="proposal"')[2].partition("</form>")[0]

    assert re.search(f"<h1>{label}</h1>", page)
    assert "Zandkastelen" in proposal
    assert "<del>" in proposal
    assert "kuilen graven" in proposal
    assert "synonyms" not in proposal


def test_a_conflict_shows_theirs_beside_mine(anna: Desk, piet: Desk) -> None:
    page = anna.get(SOCIAL).text
    proposed(piet, definition="Wat Piet schreef.")

    late = anna.post(SOCIAL, {**A_TERM, "definition": "Wat ik schreef.", "etag": etag(page)})
    both = late.text.partition('id="theirs"')[2].partition("desk-term")[0]

    assert late.status_code == 412
    assert "Piet" in both
    assert "Definitie" in both
    assert re.search("<del>.*Piet", both)


def test_mistakes_of_a_term_stand_at_their_fields(anna: Desk, piet: Desk) -> None:
    refused = anna.post(f"{STRATEGIES}/nieuw", {**A_TERM, "id": "Test/../x"})
    taken = anna.post(f"{STRATEGIES}/nieuw", {**A_TERM, "id": "sociaal-beheer"})
    proposed(anna)
    form = {"do": "return", "etag": etag(piet.get(SOCIAL).text)}
    returned = piet.post(SOCIAL, form)

    for answer, status in ((refused, 400), (taken, 409)):
        assert answer.status_code == status
        assert 'aria-describedby="wrong-id"' in answer.text
    assert "Alleen kleine letters" in refused.text
    assert 'aria-describedby="wrong-note"' in returned.text
    assert "Zandkastelen bouwen" in returned.text  # the form still has the proposal


def test_the_second_click_on_approve_says_that_it_is_decided(anna: Desk, piet: Desk) -> None:
    proposed(anna)
    form = {"do": "approve", "etag": etag(piet.get(SOCIAL).text)}

    first, second = piet.post(SOCIAL, form), piet.post(SOCIAL, form)

    assert "done=published" in first.headers["Location"]
    assert "done=decided" in second.headers["Location"]


def test_a_deprecated_term_says_so_and_comes_back(
    kb: KnowledgeBase, anna: Desk, piet: Desk
) -> None:
    away = {"do": "deprecate", "etag": etag(anna.get(SOCIAL).text)}
    successor = next(each for each in schemes()["strategies"].terms if each != "sociaal-beheer")
    assert anna.post(SOCIAL, {**away, "replacedBy": successor}).status_code == 303
    approved = piet.post(SOCIAL, {"do": "approve", "etag": etag(piet.get(SOCIAL).text)})
    answers_anew(kb)

    page = anna.get(SOCIAL).text
    assert approved.status_code == 303
    assert "Dit begrip is vervallen" in page
    assert f"{STRATEGIES}/{successor}" in page
    assert "Stel voor om het terug te halen" in page
    proposed(anna)
    assert piet.post(SOCIAL, {"do": "approve", "etag": etag(piet.get(SOCIAL).text)})
    answers_anew(kb)
    assert "Dit begrip is vervallen" not in anna.get(SOCIAL).text


def section(desk: Desk, name: str) -> str:
    """One of the lists of the desk."""
    return desk.get("/redactie").text.partition(f'id="list-{name}"')[2].partition("</section>")[0]


def test_proposals_stand_in_the_lists_of_the_desk(anna: Desk, piet: Desk) -> None:
    proposed(anna)
    assert SOCIAL in section(piet, "waiting")
    assert SOCIAL not in section(piet, "mine")

    form = {"do": "return", "note": "Te ruim.", "etag": etag(piet.get(SOCIAL).text)}
    assert piet.post(SOCIAL, form).status_code == 303

    assert SOCIAL not in section(piet, "waiting")
    returned = section(anna, "returned")
    assert SOCIAL in returned
    assert "Te ruim." in returned
