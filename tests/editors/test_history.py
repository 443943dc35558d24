"""Who did what to a case, with the texts; and the draft beside the public text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jsonpatch
import pytest
from sqlalchemy import update

from kb.database import now
from kb.editors import workflow
from kb.editors.model import RevisionEvent
from tests.builders import a_case
from tests.conftest import KnowledgeBase
from tests.contract.addresses import local
from tests.editors.conftest import MERGE_PATCH, Person, codes

Live = Callable[..., None]
NOT_TEXT = ("version", "publishedAt", "updatedAt", "_links", "_draft", "practiceNotes")


def text_of(document: Any) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key not in NOT_TEXT}


def test_every_step_is_reported_with_who_when_and_its_text(
    kb: KnowledgeBase, anna: Person, piet: Person, life: Live
) -> None:
    life(a_case("tuin", summary="Een."), note="De eerste keer.")
    anna.ask("POST", "/cases/tuin/draft", {})
    anna.patch("tuin", {"summary": "Twee."})
    piet.ask("DELETE", "/cases/tuin/draft", tag=piet.tag("tuin"))
    piet.ask("POST", "/cases/tuin/withdrawals", {"reason": "Privacy."})

    response = anna.ask("GET", "/cases/tuin/history")

    assert response.headers["Cache-Control"] == "no-store"
    items = response.json["items"][::-1]
    assert [(each["what"], each["who"], each["note"], each["version"]) for each in items] == [
        ("saved", "Anna", None, 1),
        ("submitted", "Anna", None, 1),
        ("published", "Piet", "De eerste keer.", 1),
        ("saved", "Anna", None, None),
        ("saved", "Anna", None, None),
        ("discarded", "Piet", None, None),
        ("withdrawn", "Piet", "Privacy.", 1),
    ]
    assert all(each["at"].endswith("Z") for each in items)
    texts = [
        anna.ask("GET", local(each["_links"]["self"]["href"]).removeprefix("/v1")) for each in items
    ]
    summaries = [each.json["summary"] for each in texts]
    assert summaries == ["Een.", "Een.", "Een.", "Een.", "Twee.", "Twee.", "Een."]


def autosave(person: Person, summary: str) -> None:
    """Save a draft as the desk does while somebody types."""
    path, tag = "/cases/tuin/draft?autosave=true", person.tag("tuin")
    answer = person.ask("PATCH", path, {"summary": summary}, tag=tag, Content_Type=MERGE_PATCH)
    assert answer.status_code == 200
    assert answer.headers["ETag"] != tag


def steps(person: Person) -> list[tuple[str, str]]:
    """Who saved what, the first step first."""
    items = person.ask("GET", "/cases/tuin/history").json["items"][::-1]
    links = [local(each["_links"]["self"]["href"]).removeprefix("/v1") for each in items]
    texts = [person.ask("GET", link).json["summary"] for link in links]
    return [(each["who"], text) for each, text in zip(items, texts, strict=True)]


def test_what_is_saved_while_typing_joins_the_step_of_the_same_editor(
    kb: KnowledgeBase, anna: Person, piet: Person
) -> None:
    anna.create(a_case("tuin", summary="Begin."))
    for person, summary in ((anna, "Een."), (anna, "Twee."), (piet, "Drie."), (piet, "Vier.")):
        autosave(person, summary)
    assert steps(anna) == [("Anna", "Twee."), ("Piet", "Vier.")]

    piet.patch("tuin", {"summary": "Vijf."})
    with kb.database.transaction() as session:  # it was long ago
        session.execute(update(RevisionEvent).values(at=now() - workflow.AUTOSAVE_SPAN))
    autosave(piet, "Zes.")

    assert [text for _, text in steps(anna)] == ["Twee.", "Vier.", "Vijf.", "Zes."]


def test_a_history_has_pages(anna: Person) -> None:
    anna.create(a_case("tuin"))
    for number in range(4):
        anna.patch("tuin", {"summary": f"Nummer {number}."})

    first = anna.ask("GET", "/cases/tuin/history?pageSize=2")

    assert first.json["page"] == {"number": 1, "size": 2, "totalItems": 5, "totalPages": 3}
    assert 'rel="next"' in first.headers["Link"]
    last = anna.ask("GET", "/cases/tuin/history?pageSize=2&page=3")
    assert [each["what"] for each in last.json["items"]] == ["saved"]
    assert codes(anna.ask("GET", "/cases/tuin/history?pagina=2")) == {"pagina": "unknown-parameter"}


@pytest.mark.parametrize("path", ["history", "draft/changes", "revisions/1"])
def test_what_is_for_editors_needs_a_token_and_a_case(
    kb: KnowledgeBase, anna: Person, path: str
) -> None:
    kb.publish(a_case("tuin"))

    assert kb.client.get(f"/v1/cases/tuin/{path}").status_code == 401
    missing = anna.ask("GET", f"/cases/tuinn/{path}")
    assert (missing.status_code, missing.json["suggestions"]) == (404, ["tuin"])


def test_a_draft_is_compared_with_the_public_text(kb: KnowledgeBase, anna: Person) -> None:
    kb.publish(a_case("tuin"))
    anna.ask("POST", "/cases/tuin/draft", {})
    assert anna.ask("GET", "/cases/tuin/draft/changes").json == []
    anna.patch("tuin", {"title": "Anders", "strategies": ["sociaal-beheer", "sloop-nieuwbouw"]})

    response = anna.ask("GET", "/cases/tuin/draft/changes")

    assert response.mimetype == "application/json-patch+json"
    assert {each["path"] for each in response.json} == {"/title", "/strategies/1"}
    operations: Any = response.json
    public: Any = kb.client.get("/v1/cases/tuin").json
    patched = jsonpatch.apply_patch(text_of(public), operations)
    assert patched == text_of(anna.ask("GET", "/cases/tuin/draft").json)


def test_what_was_never_public_is_all_new(anna: Person) -> None:
    anna.create(a_case("tuin"))

    operations: Any = anna.ask("GET", "/cases/tuin/draft/changes").json

    assert jsonpatch.apply_patch({}, operations) == text_of(
        anna.ask("GET", "/cases/tuin/draft").json
    )


def test_without_a_draft_there_is_nothing_to_compare(kb: KnowledgeBase, anna: Person) -> None:
    kb.publish(a_case("tuin"))

    assert anna.ask("GET", "/cases/tuin/draft/changes").status_code == 404
