"""What is withdrawn answers gone, and its archetype lets its cases go."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from kb.cases.aliases import Thing
from kb.cases.model import Tombstone
from kb.editors import workflow
from kb.problems import Conflict
from tests.builders import a_case, a_pitfall
from tests.conftest import KnowledgeBase
from tests.editors.conftest import Person
from tests.editors.publications import FIRST, LATER, get, numbered, publish, states


def test_a_withdrawn_case_answers_gone_and_says_why(any_kb: KnowledgeBase) -> None:
    any_kb.publish(a_case("straat"), a_case("tuin", pitfalls=[a_pitfall("tuin")]))

    with numbered(any_kb) as made, any_kb.database.transaction() as session:
        workflow.withdraw(
            session,
            Thing("case", "tuin"),
            reason="Opgegaan in de straat.",
            at=LATER,
            by="redactie",
            replaced_by="straat",
        )
    any_kb.catch_up()

    body = get(any_kb, "/v1/cases/tuin")
    assert body["_status"] == 410
    assert body["reason"] == "Opgegaan in de straat."
    assert body["withdrawnAt"] == "2026-02-14T09:30:00Z"
    assert body["replacedBy"] == "straat"
    assert made == [("withdrawn", "case", "tuin")]
    assert states(any_kb) == [("withdrawn", 1)]
    assert get(any_kb, "/v1/pitfalls/tuin--korte-adem")["_status"] == 410
    assert [each["id"] for each in get(any_kb, "/v1/cases")["items"]] == ["straat"]


@pytest.mark.parametrize("slug", ["tuin", "bestaat-niet"])
def test_only_what_is_public_can_be_withdrawn(kb: KnowledgeBase, slug: str) -> None:
    kb.publish(a_case("tuin"))
    kb.withdraw("tuin")

    with pytest.raises(Conflict):
        kb.withdraw(slug)


def test_the_cases_of_a_withdrawn_archetype_stay_without_it(any_kb: KnowledgeBase) -> None:
    any_kb.publish(a_case("type", kind="archetype"))
    any_kb.publish(a_case("tuin", archetype="type"), a_case("straat", archetype="type"))

    with numbered(any_kb) as made:
        any_kb.withdraw("type")

    for slug in ("tuin", "straat"):
        body = get(any_kb, f"/v1/cases/{slug}")
        assert (body["_status"], body["archetype"]) == (200, None)
    assert sorted(made[:2]) == [("updated", "case", "straat"), ("updated", "case", "tuin")]
    assert made[2:] == [("withdrawn", "case", "type")]
    assert get(any_kb, "/v1/cases?archetype=type")["items"] == []


def test_an_archetype_that_becomes_a_local_project_lets_its_cases_go(
    kb: KnowledgeBase,
) -> None:
    kb.publish(a_case("type", kind="archetype"))
    kb.publish(a_case("tuin", archetype="type"))

    with numbered(kb) as made:
        kb.publish(a_case("type", kind="praktijk"))

    assert get(kb, "/v1/cases/tuin")["archetype"] is None
    assert made == [("updated", "case", "tuin"), ("updated", "case", "type")]


def test_publishing_a_next_draft_brings_a_withdrawn_case_back(any_kb: KnowledgeBase) -> None:
    publish(any_kb, a_case("tuin"), FIRST)
    any_kb.withdraw("tuin")

    with numbered(any_kb) as made:
        publish(any_kb, a_case("tuin", title="Terug"), LATER)
    any_kb.catch_up()

    body = get(any_kb, "/v1/cases/tuin")
    assert (body["title"], body["version"]) == ("Terug", 2)
    assert body["publishedAt"] == "2026-01-05T09:30:00Z"
    assert made == [("created", "case", "tuin")]
    assert states(any_kb) == [("withdrawn", 1), ("published", 2)]
    with any_kb.database.reading() as session:
        assert session.scalars(select(Tombstone)).all() == []


def test_the_reason_of_a_withdrawal_can_be_corrected(
    kb: KnowledgeBase, anna: Person, piet: Person
) -> None:
    kb.publish(a_case("straat"), a_case("tuin"))
    kb.withdraw("tuin", "Verouderdd.")
    path, body = "/cases/tuin/withdrawals", {"reason": "Verouderd.", "replacedBy": "straat"}

    refused = anna.ask("PUT", path, body)
    corrected = piet.ask("PUT", path, body)

    assert refused.status_code == 403
    assert corrected.status_code == 200
    gone = get(kb, "/v1/cases/tuin")
    assert (gone["reason"], gone["replacedBy"]) == ("Verouderd.", "straat")
    last = kb.client.get("/v1/changes").json["items"][-1]
    assert (last["event"], last["id"]) == ("withdrawn", "tuin")
    assert last["number"] == corrected.json["change"]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/cases/tuin/withdrawals", {"reason": "Toch niet."}, 409),  # it is public
        ("/cases/geen/withdrawals", {"reason": "Toch niet."}, 404),
        ("/cases/weg/withdrawals", {"reason": "Weg.", "replacedBy": "geen"}, 400),
        ("/cases/weg/withdrawals", {"reason": "Weg.", "replacedBy": "weg"}, 400),
        ("/cases/weg/withdrawals", {}, 400),
    ],
)
def test_only_a_withdrawal_can_be_corrected(
    kb: KnowledgeBase, piet: Person, path: str, body: dict[str, str], status: int
) -> None:
    kb.publish(a_case("tuin"), a_case("weg"))
    kb.withdraw("weg")

    assert piet.ask("PUT", path, body).status_code == status
    assert get(kb, "/v1/cases/weg")["reason"] == "Verouderd."
