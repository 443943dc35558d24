"""draft → published → superseded or withdrawn, and what the public sees of it."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import select

from kb.cases.aliases import Thing
from kb.editors import revisions, workflow
from kb.editors.model import Revision
from kb.problems import Conflict, InvalidInput
from tests.builders import a_case, a_finding, a_pitfall, a_source, a_study
from tests.conftest import KnowledgeBase
from tests.editors.publications import FIRST, LATER, get, numbered, publish, save, states


def test_publishing_again_supersedes_and_counts_on(any_kb: KnowledgeBase) -> None:
    with numbered(any_kb) as made:
        for title in ("Een", "Twee", "Drie"):
            publish(any_kb, a_case("tuin", title=title), FIRST)

    body = get(any_kb, "/v1/cases/tuin")
    assert (body["version"], body["title"]) == (3, "Drie")
    assert states(any_kb) == [("superseded", 1), ("superseded", 2), ("published", 3)]
    assert made == [("created", "case", "tuin"), *[("updated", "case", "tuin")] * 2]


def test_the_first_publication_keeps_its_moment_and_the_last_moves(kb: KnowledgeBase) -> None:
    publish(kb, a_case("tuin"), FIRST)
    publish(kb, a_case("tuin", title="Anders"), LATER)

    body = get(kb, "/v1/cases/tuin")
    assert body["publishedAt"] == "2026-01-05T09:30:00Z"
    assert body["updatedAt"] == "2026-02-14T09:30:00Z"


def test_a_new_version_replaces_all_that_the_case_owned(any_kb: KnowledgeBase) -> None:
    whole = a_case(
        "tuin",
        pitfalls=[a_pitfall("tuin"), a_pitfall("tuin", "geen-geld")],
        findings=[a_finding("tuin"), a_finding("tuin", "meer-contact", source="bron-2")],
        sources=[a_source(), a_source("bron-2")],
        parties=[{"name": "Portaal", "role": "woningcorporatie"}],
    )
    publish(any_kb, whole, FIRST)
    publish(
        any_kb,
        whole
        | {
            "pitfalls": [a_pitfall("tuin", "geen-geld", title="Anders")],
            "findings": [a_finding("tuin", source="bron-2")],
            "parties": [],
        },
        LATER,
    )

    body = get(any_kb, "/v1/cases/tuin")
    assert [(each["id"], each["title"]) for each in body["pitfalls"]] == [
        ("tuin--geen-geld", "Anders")
    ]
    assert [each["source"]["id"] for each in body["findings"]] == ["bron-2"]
    assert body["parties"] == []
    for gone in ("/v1/pitfalls/tuin--korte-adem", "/v1/findings/tuin--meer-contact"):
        answer = any_kb.client.get(gone)
        assert (answer.status_code, answer.location) == (
            301,
            "http://kennisbank.test/v1/cases/tuin",
        )


def test_items_keep_the_order_of_their_editor(kb: KnowledgeBase) -> None:
    names = ["c", "a", "d", "b"]
    strategies = ["sociaal-beheer", "gemengd-wonencomplex", "sloop-nieuwbouw"]
    document = a_case(
        "tuin", strategies=strategies, pitfalls=[a_pitfall("tuin", name) for name in names]
    )
    publish(kb, document, FIRST)
    publish(kb, document | {"strategies": strategies[::-1]}, LATER)

    body = get(kb, "/v1/cases/tuin")
    assert [each["id"] for each in body["pitfalls"]] == [f"tuin--{name}" for name in names]
    assert [each["id"] for each in body["strategies"]] == strategies[::-1]


def test_a_published_text_cannot_be_published_again(kb: KnowledgeBase) -> None:
    with kb.database.transaction() as session:
        draft = save(session, a_case("tuin"))
        workflow.publish(session, draft, at=FIRST)

        with pytest.raises(Conflict):
            workflow.publish(session, draft, at=LATER)


def test_a_case_has_one_draft_at_a_time(kb: KnowledgeBase) -> None:
    kb.draft(a_case("tuin"))

    with pytest.raises(Conflict), kb.database.transaction() as session:
        save(session, a_case("tuin", title="Nog een"))

    assert states(kb) == [("draft", None)]


def at_once(*steps: Any) -> list[BaseException]:
    """Run these together; gives what they raised."""
    together = threading.Barrier(len(steps))
    raised: list[BaseException] = []

    def run(step: Any) -> None:
        together.wait()
        try:
            step()
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=run, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_of_two_who_publish_one_draft_at_once_one_hears_of_a_conflict(
    any_kb: KnowledgeBase,
) -> None:
    publish(any_kb, a_case("tuin"), FIRST)
    any_kb.draft(a_case("tuin", title="Anders"))

    def publish_draft() -> None:
        with any_kb.database.transaction() as session:
            draft = revisions.revision_in(session, Thing("case", "tuin"), "draft", "published")
            assert draft is not None
            workflow.publish(session, draft, at=LATER)

    with numbered(any_kb) as made:
        raised = at_once(publish_draft, publish_draft)

    assert [type(each) for each in raised] == [Conflict]
    assert made == [("updated", "case", "tuin")]
    assert states(any_kb) == [("superseded", 1), ("published", 2)]


def test_of_two_who_start_a_draft_at_once_one_hears_of_a_conflict(any_kb: KnowledgeBase) -> None:
    def start() -> None:
        with any_kb.database.transaction() as session:
            save(session, a_case("tuin"))

    raised = at_once(start, start)

    assert [type(each) for each in raised] == [Conflict]
    assert states(any_kb) == [("draft", None)]


def test_publishing_tells_all_that_is_wrong_and_changes_nothing(kb: KnowledgeBase) -> None:
    publish(kb, a_case("tuin"), FIRST)
    wrong = a_case(
        "tuin",
        title=None,
        archetype="bestaat-niet",
        startYear=2020,
        endYear=2010,
        strategies=[],
        ingredients=[{"id": "buddy-systeem"}],
        pitfalls=[a_pitfall("tuin"), a_pitfall("tuin", phase=None), a_pitfall("straat")],
        findings=[
            a_finding("tuin", source=None, evidence=None),
            a_finding("tuin", "b", source="x"),
        ],
        unverified=["startjaar"],
    )

    with (
        numbered(kb) as made,
        pytest.raises(InvalidInput) as refused,
        kb.database.transaction() as session,
    ):
        workflow.publish(session, save(session, wrong), at=LATER)

    matches = sorted((each.where, each.mistake.code) for each in refused.value.errors)
    assert matches == [
        ("/archetype", "unknown-reference"),
        ("/endYear", "inconsistent"),
        ("/findings/0/evidence", "required"),
        ("/findings/0/source", "required"),
        ("/findings/1/source", "unknown-reference"),
        ("/ingredients/0/how", "required"),
        ("/pitfalls/1/id", "duplicate"),
        ("/pitfalls/1/phase", "required"),
        ("/pitfalls/2/id", "inconsistent"),
        ("/strategies", "too-short"),
        ("/title", "required"),
        ("/unverified/0", "bad-format"),
    ]
    assert {each.location for each in refused.value.errors} == {"body"}
    assert made == []
    assert states(kb) == [("published", 1)]
    assert get(kb, "/v1/cases/tuin")["title"] == "Tuin"


def test_a_case_cannot_take_the_id_of_a_study(kb: KnowledgeBase) -> None:
    kb.take(studies=[a_study("onderzoek", pitfalls=[a_pitfall("onderzoek")])])

    with pytest.raises(InvalidInput) as refused:
        publish(kb, a_case("onderzoek", pitfalls=[a_pitfall("onderzoek")]), FIRST)

    assert [(each.where, each.mistake.code) for each in refused.value.errors] == [
        ("/id", "duplicate")
    ]


def test_a_draft_shows_nowhere(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin", title="Tuin", place={"municipality": "Utrecht"}))
    secret = a_case(
        "geheim",
        kind="archetype",
        title="Geheimzinnig",
        summary="Geheimzinnig",
        place={"municipality": "Geheimdorp"},
        ingredients=[{"id": "buddy-systeem", "how": "Geheimzinnig"}],
        pitfalls=[a_pitfall("geheim", title="Geheimzinnige valkuil")],
        findings=[a_finding("geheim", claim="Geheimzinnig effect")],
    )
    kb.draft(secret)
    kb.draft(a_case("tuin", title="Geheimzinnige tuin", pitfalls=[a_pitfall("tuin", "geheim")]))

    singles = (
        *("cases/geheim", "pitfalls/geheim--korte-adem", "findings/geheim--minder-overlast"),
        "pitfalls/tuin--geheim",
    )
    for path in singles:
        body = get(kb, f"/v1/{path}")
        assert body["_status"] == 404
        assert not [each for each in body["suggestions"] if "geheim" in each]
    for path in ("cases", "pitfalls", "findings", "studies", "questions", "ingredients", "search"):
        assert get(kb, f"/v1/{path}?q=geheimzinnig")["items"] == []
        assert "eheim" not in kb.client.get(f"/v1/{path}").get_data(as_text=True)
    assert get(kb, "/v1/suggestions?q=geheim")["items"] == []
    assert get(kb, "/v1/cases/tuin")["title"] == "Tuin"
    facets = get(kb, "/v1/cases?facets=municipality,kind,archetype")["facets"]
    assert [each["value"] for each in facets["municipality"]["values"]] == ["Utrecht"]
    assert facets["archetype"]["values"] == []
    assert get(kb, "/v1/ingredients/buddy-systeem")["caseCount"] == 1


@pytest.mark.parametrize("named", ["tuin", "straat"])
def test_only_another_archetype_can_be_an_archetype(kb: KnowledgeBase, named: str) -> None:
    kb.publish(a_case("tuin", kind="archetype"), a_case("straat"))

    with pytest.raises(InvalidInput) as refused:
        publish(kb, a_case("tuin", archetype=named), FIRST)

    assert [(each.where, each.mistake.code) for each in refused.value.errors] == [
        ("/archetype", "unknown-reference")
    ]


def test_what_was_published_stays_as_it_was(kb: KnowledgeBase) -> None:
    publish(kb, a_case("tuin", title="Een"), FIRST)
    publish(kb, a_case("tuin", title="Twee"), LATER)
    kb.withdraw("tuin")

    with kb.database.reading() as session:
        rows = list(session.scalars(select(Revision).order_by(Revision.id)))

    assert [each.document["title"] for each in rows] == ["Een", "Twee"]
    assert [each.published_at for each in rows] == [FIRST, LATER]


def test_what_fails_after_publishing_takes_everything_back(kb: KnowledgeBase) -> None:
    def fail() -> None:
        with kb.database.transaction() as session:
            workflow.publish(session, save(session, a_case("tuin")), at=FIRST)
            raise RuntimeError

    with numbered(kb) as made, pytest.raises(RuntimeError):
        fail()

    assert made == []
    assert states(kb) == []
    assert get(kb, "/v1/cases/tuin")["_status"] == 404
