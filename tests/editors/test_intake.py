"""Documents in bulk: every row told, none harmed by another, a second run changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, text

from kb.cases import changes
from kb.editors.imports.rows import unreadable
from kb.editors.model import Revision
from kb.input_errors import DETAILS, REASONS
from tests.builders import a_case, a_finding, a_pitfall, a_study
from tests.cases.test_ids import bare
from tests.conftest import KnowledgeBase
from tests.editors.bulk import everything, outcomes, reasons, results, run, states, title


def test_an_import_makes_drafts_that_nobody_sees(any_kb: KnowledgeBase) -> None:
    report = run(any_kb, a_case("tuin"), {"title": "Nog een idee"})

    assert results(report) == [("tuin", "created", []), ("nog-een-idee", "created", [])]
    assert report.totals == {"created": 2, "updated": 0, "unchanged": 0, "rejected": 0}
    assert states(any_kb) == [("draft", None, "sanne", None)]
    assert title(any_kb) is None


def test_an_import_can_publish(any_kb: KnowledgeBase) -> None:
    whole = a_case("tuin", pitfalls=[a_pitfall("tuin")], findings=[a_finding("tuin")])

    report = run(any_kb, whole, a_case("straat"), publish=True)
    any_kb.catch_up()

    assert outcomes(report) == ["created", "created"]
    assert states(any_kb) == [("published", 1, "sanne", None)]
    answer: Any = any_kb.client.get("/v1/cases/tuin").get_json()
    assert answer["findings"][0]["source"]["id"] == "bron-1"
    body: Any = any_kb.client.get("/v1/cases").get_json()
    assert {each["id"] for each in body["items"]} == {"tuin", "straat"}


@pytest.mark.parametrize("publish", [False, True])
def test_the_same_rows_again_change_nothing(kb: KnowledgeBase, publish: bool) -> None:
    documents = [
        a_case("tuin", pitfalls=[bare(a_pitfall("tuin"))], findings=[bare(a_finding("tuin"))]),
        bare(
            a_case(), title="Zonder kenmerk", sources=[bare(each) for each in a_case()["sources"]]
        ),
        a_case("fout", scale="wijkk"),
    ]
    run(kb, *documents, publish=publish)
    before = everything(kb)

    report = run(kb, *documents, publish=publish)

    assert outcomes(report) == ["unchanged", "unchanged", "rejected"]
    assert everything(kb) == before


def test_a_changed_row_is_the_next_version(any_kb: KnowledgeBase) -> None:
    run(any_kb, a_case("tuin", pitfalls=[a_pitfall("tuin", "a", title="Geld")]), publish=True)
    changed = a_case("tuin", title="Anders", pitfalls=[bare(a_pitfall("tuin"), title="Geld")])

    report = run(any_kb, changed, publish=True)

    assert outcomes(report) == ["updated"]
    assert [each[:2] for each in states(any_kb)] == [("superseded", 1), ("published", 2)]
    answer: Any = any_kb.client.get("/v1/cases/tuin").get_json()
    assert (answer["title"], answer["version"]) == ("Anders", 2)
    assert [each["id"] for each in answer["pitfalls"]] == ["tuin--a"]


def test_a_draft_of_a_public_case_leaves_the_public_text(kb: KnowledgeBase) -> None:
    run(kb, a_case("tuin"), publish=True)

    assert outcomes(run(kb, a_case("tuin"))) == ["unchanged"]
    assert outcomes(run(kb, a_case("tuin", title="Anders"))) == ["updated"]
    assert states(kb)[1] == ("draft", None, "sanne", 1)
    assert title(kb) == "Tuin"


def test_ones_own_draft_is_updated_and_published(kb: KnowledgeBase) -> None:
    run(kb, a_case("tuin", title="Een"))
    run(kb, a_case("tuin", title="Twee"))
    assert len(states(kb)) == 1

    report = run(kb, a_case("tuin", title="Twee"), publish=True)

    assert outcomes(report) == ["updated"]
    assert states(kb) == [("published", 1, "sanne", None)]
    with kb.database.reading() as session:
        draft = session.scalars(select(Revision).where(Revision.slug == "tuin")).one()
        assert [event.what for event in draft.events] == ["saved", "saved", "published"]


@pytest.mark.parametrize("publish", [False, True])
def test_the_draft_of_another_is_left_alone_and_reported(kb: KnowledgeBase, publish: bool) -> None:
    run(kb, a_case("tuin"), author="joris")

    report = run(kb, a_case("tuin", title="Anders"), publish=publish)

    assert results(report) == [("tuin", "rejected", [("/id", "inconsistent")])]
    assert reasons(report) == ["other-draft"]
    assert states(kb) == [("draft", None, "joris", None)]


def test_a_draft_of_another_with_the_same_text_is_unchanged(kb: KnowledgeBase) -> None:
    run(kb, a_case("tuin"), author="joris")

    assert outcomes(run(kb, a_case("tuin"))) == ["unchanged"]


def test_a_withdrawn_case_comes_back_as_a_draft_only(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin"))
    kb.withdraw("tuin")

    assert reasons(run(kb, a_case("tuin"), publish=True)) == ["withdrawn"]
    assert outcomes(run(kb, a_case("tuin"))) == ["created"]


FINDING = ("direction", "domain", "evidence", "level", "source")


def test_every_mistake_of_every_row_is_reported_and_harms_no_other(kb: KnowledgeBase) -> None:
    kb.take(studies=[a_study("onderzoek")])
    report = run(
        kb,
        a_case("een"),
        unreadable("encoding"),
        [],
        a_case("drie", scale="wijkk", startYear="2016", pitfalls=[{}]),
        a_case("vier", summary=None, startYear=2020, endYear=2010, findings=[{"claim": "x"}]),
        a_case("een", title="Nog eens"),
        a_case("onderzoek"),
        a_case("vijf", version=3, archetype="bestaat-niet"),
        {},
        a_case("zes"),
        publish=True,
    )

    assert results(report) == [
        ("een", "created", []),
        (None, "rejected", [("", "invalid-json")]),
        (None, "rejected", [("", "wrong-type")]),
        (
            "drie",
            "rejected",
            [
                ("/pitfalls/0/title", "required"),
                ("/scale", "not-in-vocabulary"),
                ("/startYear", "wrong-type"),
            ],
        ),
        (
            "vier",
            "rejected",
            [
                ("/endYear", "inconsistent"),
                *[(f"/findings/0/{key}", "required") for key in FINDING],
                ("/summary", "required"),
            ],
        ),
        ("een", "rejected", [("/id", "duplicate")]),
        ("onderzoek", "rejected", [("/id", "duplicate")]),
        ("vijf", "rejected", [("/archetype", "unknown-reference"), ("/version", "read-only")]),
        (None, "rejected", [("/id", "required")]),
        ("zes", "created", []),
    ]
    assert (title(kb, "een"), title(kb, "zes")) == ("Een", "Zes")


def test_a_case_may_come_before_its_archetype(any_kb: KnowledgeBase) -> None:
    documents = [a_case("tuin", archetype="type"), a_case("type", kind="archetype")]

    report = run(any_kb, *documents, publish=True)

    assert results(report) == [("tuin", "created", []), ("type", "created", [])]
    assert outcomes(run(any_kb, *documents, publish=True)) == ["unchanged", "unchanged"]


def test_an_archetype_that_an_earlier_row_makes_a_project_is_none(kb: KnowledgeBase) -> None:
    run(kb, a_case("type", kind="archetype"), publish=True)

    report = run(kb, a_case("tuin", archetype="type"), a_case("type"), publish=True)

    assert results(report)[0] == ("tuin", "rejected", [("/archetype", "unknown-reference")])


def test_changes_are_numbered_row_by_row(any_kb: KnowledgeBase) -> None:
    with any_kb.database.reading() as session:
        before = changes.last_number(session)

    run(any_kb, *[a_case(f"tuin-{n}") for n in range(600)], publish=True)

    with any_kb.database.reading() as session:
        made = changes.changed_since(session, before, 1000)
    assert [each.slug for each in made] == [f"tuin-{n}" for n in range(600)]


def test_progress_is_reported(kb: KnowledgeBase) -> None:
    heard: list[int] = []

    run(kb, *[a_case(f"tuin-{n}") for n in range(300)], progress=heard.append)

    assert heard == [250, 300]


def test_a_dry_run_changes_nothing(any_kb: KnowledgeBase) -> None:
    run(any_kb, a_case("tuin"), publish=True)

    report = run(any_kb, a_case("tuin", title="A"), a_case("b"), publish=True, dry_run=True)

    assert (report.dry_run, outcomes(report)) == (True, ["updated", "created"])
    assert title(any_kb) == "Tuin"
    assert states(any_kb, "b") == []


def test_who_is_overtaken_hears_so_row_by_row(kb: KnowledgeBase) -> None:
    """Another writes one of these cases between our look and our writing, again and again."""
    refused = text("CREATE TRIGGER busy BEFORE INSERT ON revision WHEN NEW.slug = 'tuin' BEGIN "
                   "INSERT INTO revision SELECT * FROM revision; END")  # fmt: skip
    run(kb, a_case("ander"))
    with kb.database.transaction() as session:
        session.execute(refused)

    report = run(kb, a_case("straat"), a_case("tuin"), a_case("plein"))

    assert outcomes(report) == ["created", "rejected", "created"]
    assert reasons(report) == ["meanwhile"]


def test_every_reason_has_a_text() -> None:
    assert {"other-draft", "withdrawn", "meanwhile"} <= REASONS.keys()
    assert "%(reason)s" in DETAILS["inconsistent"]
