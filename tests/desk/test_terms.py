"""The terms of vocabularies at the desk."""

from __future__ import annotations

import re

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
