"""What must always be true, the database refuses by itself, whoever writes."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError

from kb.cases.changes import Change, ChangeCounter
from kb.cases.model import (
    Case,
    CaseIngredient,
    CaseStrategy,
    Finding,
    Party,
    Pitfall,
    Question,
    QuestionTerm,
    Source,
    Study,
)
from kb.database import now
from kb.editors.model import Revision
from tests.conftest import KnowledgeBase


def case_row(slug: str = "tuin", **given: Any) -> Case:
    plain: dict[str, Any] = dict.fromkeys(("summary", "context", "approach", "results"), "x")
    terms = {"kind": "praktijk", "status": "lopend", "scale": "buurt"}
    moments = {"published_at": now(), "updated_at": now()}
    rest: dict[str, Any] = {"title": slug, "version": 1, "unverified": []}
    return Case(slug=slug, **{**plain, **terms, **moments, **rest, **given})


def study_row(slug: str = "onderzoek", **given: Any) -> Study:
    return Study(
        slug=slug, title=slug, authors=[], source_type="rapport", summary="x", unverified=[],
        updated_at=now(), **given,
    )  # fmt: skip


def source_row(slug: str = "bron-1", **given: Any) -> Source:
    told: dict[str, Any] = {"title": "x", "authors": [], "source_type": "rapport", "position": 0}
    return Source(slug=slug, **told | given)


def pitfall_row(slug: str = "tuin--a", **given: Any) -> Pitfall:
    told: dict[str, Any] = {
        "title": "x",
        "category": "korte-adem",
        "phase": "beheer",
        "description": "x",
        "position": 0,
    }
    return Pitfall(slug=slug, **told | given)


def finding_row(slug: str = "tuin--a", **given: Any) -> Finding:
    told: dict[str, Any] = {
        "claim": "x",
        "domain": "leefbaarheid",
        "level": "wijk",
        "direction": "positief",
        "evidence": "praktijkervaring",
        "position": 0,
    }
    return Finding(slug=slug, **told | given)


def revision_row(state: str, version: int | None, slug: str = "tuin") -> Revision:
    return Revision(
        slug=slug, state=state, version=version, document={}, author="x", saved_at=now()
    )


def accepts(kb: KnowledgeBase, *rows: object) -> None:
    with kb.database.transaction() as session:
        session.add_all(rows)


def refuses(kb: KnowledgeBase, *rows: object, naming: str = ".") -> None:
    with pytest.raises(IntegrityError, match=naming), kb.database.transaction() as session:
        session.add_all(rows)


def test_a_whole_case_is_accepted(any_kb: KnowledgeBase) -> None:
    case = case_row(start_year=2016, end_year=2016, dwellings=1)
    source = source_row()
    case.sources = [source]
    case.pitfalls = [pitfall_row()]
    accepts(any_kb, case)
    accepts(any_kb, finding_row(case_id=case.id, source_id=source.id))


def test_a_case_does_not_end_before_it_starts(any_kb: KnowledgeBase) -> None:
    refuses(any_kb, case_row(start_year=2016, end_year=2015), naming="ends_after_start")
    accepts(any_kb, case_row("begin", start_year=2016), case_row("eind", end_year=2015))


@pytest.mark.parametrize("wrong", [{"dwellings": 0}, {"version": 0}, {"title": None}])
def test_a_case_counts_from_one_and_has_a_title(any_kb: KnowledgeBase, wrong: Any) -> None:
    refuses(any_kb, case_row(**wrong))


@pytest.mark.parametrize("column", ["kind", "status", "scale"])
def test_an_unknown_term_is_refused(any_kb: KnowledgeBase, column: str) -> None:
    refuses(any_kb, case_row(**{column: "bestaat-niet"}), naming="(?i)foreign key")


def test_terms_in_lists_and_items_are_known_too(any_kb: KnowledgeBase) -> None:
    case = case_row()
    study = study_row()
    accepts(any_kb, case, study)

    for row in (
        CaseStrategy(case_id=case.id, strategy="x", position=0),
        CaseIngredient(case_id=case.id, ingredient="x", how="x", position=0),
        Party(case_id=case.id, name="x", role="x", position=0),
        source_row(case_id=case.id, source_type="x"),
        pitfall_row(case_id=case.id, category="x"),
        pitfall_row(case_id=case.id, phase="x"),
        finding_row(study_id=study.id, domain="x"),
        finding_row(study_id=study.id, level="x"),
        finding_row(study_id=study.id, direction="x"),
        finding_row(study_id=study.id, evidence="x"),
        Question(slug="v", position=0, theme="x", title="x", answer="x", updated_at=now()),
        QuestionTerm(question_id=1, key="ingredients/x", position=0),
    ):
        refuses(any_kb, row, naming="(?i)foreign key")


def test_a_term_of_another_scheme_is_refused(any_kb: KnowledgeBase) -> None:
    accepts(any_kb, case_row())

    for table, column in (
        ("case_study", "kind"),
        ("case_study", "status"),
        ("case_study", "scale"),
    ):
        with (
            pytest.raises(IntegrityError, match=f"{column}_scheme"),
            any_kb.database.transaction() as session,
        ):
            session.execute(text(f"UPDATE {table} SET {column} = 'phases/beheer'"))
    with (
        pytest.raises(IntegrityError, match="ingredient_scheme"),
        any_kb.database.transaction() as session,
    ):
        session.execute(
            text(
                "INSERT INTO case_ingredient (case_id, ingredient, how, position) "
                "SELECT id, 'phases/beheer', 'x', 0 FROM case_study"
            )
        )


def test_a_finding_has_a_source_and_an_evidence_level(any_kb: KnowledgeBase) -> None:
    case, study = case_row(), study_row()
    accepts(any_kb, case, study)

    refuses(any_kb, finding_row(case_id=case.id), naming="has_a_source")
    refuses(any_kb, finding_row(study_id=study.id, evidence=None), naming="(?i)null")
    refuses(any_kb, finding_row(study_id=study.id, source_id=1), naming="has_a_source")
    accepts(any_kb, finding_row("onderzoek--a", study_id=study.id))


def test_a_finding_rests_on_a_source_of_its_own_case(any_kb: KnowledgeBase) -> None:
    case, other = case_row(), case_row("ander")
    source = source_row()
    other.sources = [source]
    accepts(any_kb, case, other)

    refuses(any_kb, finding_row(case_id=case.id, source_id=source.id), naming="(?i)foreign key")


@pytest.mark.parametrize("make", [pitfall_row, finding_row])
def test_what_is_owned_has_one_owner(any_kb: KnowledgeBase, make: Any) -> None:
    case, study = case_row(), study_row()
    source = source_row()
    case.sources = [source]
    accepts(any_kb, case, study)
    sourced = {"source_id": source.id} if make is finding_row else {}

    refuses(any_kb, make(), naming="has_one_owner")
    refuses(any_kb, make(case_id=case.id, study_id=study.id, **sourced), naming="has_one_owner")


def test_ids_are_given_once(any_kb: KnowledgeBase) -> None:
    case, study = case_row(), study_row()
    accepts(any_kb, case, study, pitfall_row(case=case, position=0))

    refuses(any_kb, case_row())
    refuses(any_kb, study_row())
    refuses(any_kb, pitfall_row(study_id=study.id))


def test_a_case_has_one_published_text(any_kb: KnowledgeBase) -> None:
    accepts(
        any_kb,
        revision_row("superseded", 1),
        revision_row("published", 2),
        revision_row("draft", None),
        revision_row("published", 1, slug="straat"),
    )

    refuses(any_kb, revision_row("published", 3))
    refuses(any_kb, revision_row("superseded", 2))


@pytest.mark.parametrize("state", ["draft", "submitted", "returned"])
def test_a_case_has_one_open_text(any_kb: KnowledgeBase, state: str) -> None:
    accepts(any_kb, revision_row("draft", None))

    refuses(any_kb, revision_row(state, None))


def test_a_revision_is_in_a_known_state_and_numbered_once_public(any_kb: KnowledgeBase) -> None:
    refuses(any_kb, revision_row("gereed", None), naming="known_state|numbered")
    refuses(any_kb, revision_row("gereed", 1), naming="known_state")
    refuses(any_kb, revision_row("draft", 1), naming="numbered_when_published")
    for state in ("published", "superseded", "withdrawn"):
        refuses(any_kb, revision_row(state, None), naming="numbered_when_published")


def test_a_change_is_of_a_known_kind_and_its_number_is_taken_once(any_kb: KnowledgeBase) -> None:
    def change(**given: Any) -> Change:
        told = {"number": 999, "event": "created", "kind": "case", "slug": "x"}
        return Change(changed_at=now(), **told | given)

    accepts(any_kb, change())

    refuses(any_kb, change())
    refuses(any_kb, change(number=1000, event="gone"), naming="known_event")
    refuses(any_kb, change(number=1000, kind="pitfall"), naming="known_kind")
    with pytest.raises(IntegrityError), any_kb.database.transaction() as session:
        session.execute(insert(ChangeCounter).values(id=2, last=0))


def test_a_term_in_use_cannot_go(any_kb: KnowledgeBase) -> None:
    accepts(any_kb, case_row())

    with pytest.raises(IntegrityError), any_kb.database.transaction() as session:
        session.execute(text("DELETE FROM term WHERE key = 'kinds/praktijk'"))


def test_what_a_case_owns_goes_with_it(any_kb: KnowledgeBase) -> None:
    case = case_row()
    source = source_row()
    case.sources, case.pitfalls = [source], [pitfall_row()]
    case.strategy_tags = [CaseStrategy(strategy="sociaal-beheer")]
    accepts(any_kb, case)
    accepts(any_kb, finding_row(case_id=case.id, source_id=source.id))

    with any_kb.database.transaction() as session:
        session.execute(text("DELETE FROM case_study"))

    with any_kb.database.reading() as session:
        for table in ("source", "pitfall", "finding", "case_strategy"):
            assert session.scalar(text(f"SELECT count(*) FROM {table}")) == 0


def test_a_moment_keeps_its_time_zone(any_kb: KnowledgeBase) -> None:
    at = now()
    accepts(any_kb, case_row(updated_at=at))

    with any_kb.database.reading() as session:
        kept = session.query(Case).one().updated_at

    assert kept == at
    assert kept.utcoffset() is not None
