"""Words by which people look for a case or a pitfall: found by them, and shown on no page."""

from __future__ import annotations

from typing import Any

import pytest

from kb.editors.tables import csv_export, csv_import
from schemas.cases import CaseDocument, as_document
from schemas.stored import dump_stored
from tests.builders import a_case, a_pitfall, a_question, a_study
from tests.cases.test_one_case import differing
from tests.conftest import KnowledgeBase
from tests.editors.conftest import Person
from tests.editors.test_imports import send
from tests.pages.test_reading import read

TERMS = ["wooncarrousel", "zwarte doos"]
READERS = {"text/csv": "csv", "application/x-ndjson": "ndjson"}


def a_case_with_terms(**keys: Any) -> dict[str, Any]:
    """A case and a pitfall in it, each with words of its own."""
    pitfall = a_pitfall("tuin", searchTerms=["subsidieput"])
    return a_case("tuin", searchTerms=TERMS, pitfalls=[pitfall], **keys)


def ids(kb: KnowledgeBase, path: str) -> list[str]:
    """What a list has, in its order."""
    answer: Any = kb.client.get(path).json
    return [each["id"] for each in answer["items"]]


def test_readers_get_them_of_a_case_and_of_its_pitfall(any_kb: KnowledgeBase) -> None:
    any_kb.publish(a_case_with_terms(), a_case("straat", pitfalls=[a_pitfall("straat")]))

    case: Any = any_kb.client.get("/v1/cases/tuin").json
    other: Any = any_kb.client.get("/v1/cases/straat").json
    assert case["searchTerms"] == TERMS
    assert case["pitfalls"][0]["searchTerms"] == ["subsidieput"]
    assert other["searchTerms"] == other["pitfalls"][0]["searchTerms"] == []
    pitfall: Any = any_kb.client.get("/v1/pitfalls/tuin--korte-adem").json
    assert pitfall["searchTerms"] == ["subsidieput"]
    assert differing(any_kb) == []


def test_a_text_of_before_they_came_is_the_same_document_and_still_read() -> None:
    stored = as_document(CaseDocument().load(a_case("tuin", pitfalls=[a_pitfall("tuin")])))

    assert "searchTerms" not in stored
    assert "searchTerms" not in stored["pitfalls"][0]
    assert dump_stored(CaseDocument(), stored)["searchTerms"] == []


def test_they_are_tidied_as_other_text_is_and_each_stands_there_once(anna: Person) -> None:
    created = anna.create(a_case("tuin", searchTerms=[" zwarte  doos ", "wooncarrousel"]))
    refused = anna.ask(
        "POST", "/cases/_validate", a_case("straat", searchTerms=["doos", "hof", " doos"])
    )

    assert created.json["searchTerms"] == ["zwarte doos", "wooncarrousel"]
    assert [(each["pointer"], each["code"]) for each in refused.json["errors"]] == [
        ("/searchTerms/2", "duplicate")
    ]


def test_they_lead_to_a_case_and_to_a_pitfall_and_its_case(kb: KnowledgeBase) -> None:
    kb.publish(
        a_case("hof", approach="Een wooncarrousel."),
        a_case_with_terms(),
        a_case("wooncarrousel"),
    )

    hits: Any = kb.client.get("/v1/cases?q=wooncarrousel").json["items"]
    assert hits[0]["id"] == "wooncarrousel"
    [tuin] = [each for each in hits if each["id"] == "tuin"]
    assert tuin["match"]["fields"] == ["searchTerms"]
    assert tuin["match"]["snippets"] == []
    assert ids(kb, "/v1/pitfalls?q=subsidieput") == ["tuin--korte-adem"]
    assert ids(kb, "/v1/cases?q=subsidieput") == ["tuin"]


@pytest.mark.parametrize(
    "path",
    [
        "/casussen/tuin",
        "/valkuilen/tuin--korte-adem",
        "/vergelijken?case=tuin&case=straat",
    ],
)
def test_no_page_shows_them(kb: KnowledgeBase, path: str) -> None:
    kb.publish(a_case_with_terms(), a_case("straat"))

    page = read(kb.client, path)

    assert not any(term in page for term in (*TERMS, "subsidieput"))


def test_studies_and_questions_have_them_too(any_kb: KnowledgeBase) -> None:
    any_kb.take(
        studies=[a_study("onderzoek", searchTerms=["achterbuurt"]), a_study("ander")],
        questions=[a_question("vraag", searchTerms=["kwajongens"]), a_question("andere")],
    )

    assert ids(any_kb, "/v1/studies?q=achterbuurt") == ["onderzoek"]
    assert ids(any_kb, "/v1/questions?q=kwajongens") == ["vraag"]
    for path, terms in (("studies/onderzoek", ["achterbuurt"]), ("studies/ander", [])):
        assert any_kb.client.get(f"/v1/{path}").json["searchTerms"] == terms
    for path, terms in (("questions/vraag", ["kwajongens"]), ("questions/andere", [])):
        assert any_kb.client.get(f"/v1/{path}").json["searchTerms"] == terms


def test_versions_differ_in_them(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin"))
    kb.publish(a_case("tuin", searchTerms=["doos"]))

    changes: Any = kb.client.get("/v1/cases/tuin/versions/2/changes?from=1").json

    assert changes == [{"op": "add", "path": "/searchTerms/0", "value": "doos"}]


def test_a_table_of_cases_has_them(any_kb: KnowledgeBase) -> None:
    any_kb.publish(a_case_with_terms())

    sheet = "".join(csv_export.table(any_kb.database))
    [(_, row)] = csv_import.read_csv(sheet.encode()).rows

    assert row["searchTerms"] == TERMS
    assert row["pitfalls"][0]["searchTerms"] == ["subsidieput"]


@pytest.mark.parametrize("media", READERS)
def test_what_was_exported_and_comes_back_changes_nothing(
    media: str, kb: KnowledgeBase, anna: Person
) -> None:
    kb.publish(a_case_with_terms())
    body = kb.client.get(f"/v1/cases?format={READERS[media]}&fields=all").data

    answer = send(anna, body, "?dryRun=true", media=media)

    assert answer.json["totals"]["unchanged"] == 1, answer.text


def test_a_row_replaces_or_empties_them(kb: KnowledgeBase, anna: Person) -> None:
    kb.publish(a_case_with_terms(), a_case("straat", searchTerms=TERMS))
    sheet = (
        "id;Zoekwoorden;pitfall1.id;Zoekwoorden van de valkuil 1\r\n"
        "tuin;[leeg];tuin--korte-adem;geldput|lek\r\n"
        "straat;ringweg;;\r\n"
    )

    send(anna, sheet.encode(), media="text/csv")

    tuin: Any = anna.ask("GET", "/cases/tuin/draft").json
    straat: Any = anna.ask("GET", "/cases/straat/draft").json
    assert tuin["searchTerms"] == []
    assert tuin["pitfalls"][0]["searchTerms"] == ["geldput", "lek"]
    assert straat["searchTerms"] == ["ringweg"]
