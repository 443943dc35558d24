"""One case with everything it owns: what readers get is what its rows say."""

from __future__ import annotations

from typing import Any

from flask_babel import force_locale
from hypothesis import given

from kb.cases import queries
from kb.cases.model import Case
from kb.database import now
from kb.editors import workflow
from kb.editors.published import published_case
from schemas import cases
from schemas.base import cached_schema
from schemas.cases import CaseDocument, as_document
from schemas.stored import dump_stored
from tests import strategies
from tests.builders import a_case, a_finding, a_pitfall
from tests.conftest import KnowledgeBase
from tests.strategies import examples


def differing(kb: KnowledgeBase) -> list[str]:
    """The public cases whose JSON is not that of their rows, in some language."""
    ids = []
    with kb.app.test_request_context(), kb.database.reading() as session:
        for row in queries.every(session, Case):
            for language in ("nl", "en"):
                with force_locale(language):
                    of_rows = cached_schema(cases.Case).dump(row)
                    read = published_case(session, row.slug)
                if list(read.items()) != list(of_rows.items()):
                    ids.append(row.slug)
    return ids


def test_a_published_case_can_be_read(any_kb: KnowledgeBase) -> None:
    any_kb.publish(a_case(id="tuin"))

    answer = any_kb.client.get("/v1/cases/tuin")

    assert answer.status_code == 200
    assert answer.json["version"] == 1


def test_every_first_case_is_read_as_its_rows_are(seeded: KnowledgeBase) -> None:
    assert differing(seeded) == []


@examples(15)
@given(document=strategies.cases(id="tuin"))
def test_any_case_is_read_as_its_rows_are(kb: KnowledgeBase, document: dict[str, Any]) -> None:
    with kb.database.transaction() as session:
        draft = workflow.save_draft(session, CaseDocument().load(document), author="a", at=now())
        workflow.publish(session, draft, at=now())

    assert differing(kb) == []


def test_a_case_is_read_as_its_rows_are_after_whatever_befell_it(any_kb: KnowledgeBase) -> None:
    owned: dict[str, Any] = {"pitfalls": [a_pitfall("een")], "findings": [a_finding("een")]}
    any_kb.publish(
        a_case("soort", kind="archetype"), a_case("een", archetype="soort", **owned), a_case("twee")
    )

    any_kb.publish(a_case("soort", kind="archetype", title="Andere naam"))
    assert differing(any_kb) == []
    named = any_kb.client.get("/v1/cases/een").json["archetype"]
    assert named == {"id": "soort", "title": "Andere naam"}

    any_kb.withdraw("soort")
    assert differing(any_kb) == []
    assert any_kb.client.get("/v1/cases/een").json["archetype"] is None

    any_kb.publish(a_case("een", title="Tweede tekst"))
    any_kb.draft(a_case("een", title="Concept"))
    assert differing(any_kb) == []
    assert any_kb.client.get("/v1/cases/een").json["title"] == "Tweede tekst"
    assert any_kb.client.get("/v1/cases/een").json["version"] == 2


def test_a_text_of_an_earlier_release_has_all_keys_of_this_one() -> None:
    document = a_case("tuin", pitfalls=[a_pitfall("tuin")])
    newer = ("dwellings", "place", "unverified", "findings")
    stored = as_document(CaseDocument().load(document))
    older = {key: value for key, value in stored.items() if key not in newer}
    older["pitfalls"] = [{**stored["pitfalls"][0]}]
    del older["pitfalls"][0]["avoidance"]

    read = dump_stored(CaseDocument(), older)

    assert read == CaseDocument().dump(CaseDocument().load(older))
    assert read["pitfalls"][0]["avoidance"] is None


def test_what_is_saved_only_with_a_value_is_shown_without_one_too() -> None:
    document = a_case("tuin", findings=[a_finding("tuin")])
    stored = as_document(CaseDocument().load(document))

    read = dump_stored(CaseDocument(), stored)

    assert "programme" not in stored
    assert {"programme", "ingredients"}.isdisjoint(stored["findings"][0])
    assert read["programme"] is None
    assert (read["findings"][0]["ingredients"], read["findings"][0]["programme"]) == ([], None)
