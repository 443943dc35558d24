"""What must always be true, the database refuses by itself, whoever writes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import create_engine, insert, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kb.cases.case_parts import CaseStrategy, Party, Source
from kb.cases.changes import Change, ChangeCounter
from kb.cases.model import Case, CaseIngredient, Finding, Pitfall, Question, QuestionTerm, Study
from kb.database import Database, now
from kb.editors.model import Revision
from tests.conftest import make

ENGINES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql))


def case_row(slug: str = "tuin", **columns: Any) -> Case:
    plain: dict[str, Any] = dict.fromkeys(("summary", "context", "approach", "results"), "x")
    terms = {"kind": "praktijk", "status": "lopend", "scale": "buurt"}
    moments = {"published_at": now(), "updated_at": now()}
    rest: dict[str, Any] = {"title": slug, "version": 1, "unverified": []}
    return Case(slug=slug, **{**plain, **terms, **moments, **rest, **columns})


def study_row(slug: str = "onderzoek", **columns: Any) -> Study:
    return Study(
        slug=slug, title=slug, authors=[], source_type="rapport", summary="x", unverified=[],
        updated_at=now(), **columns,
    )  # fmt: skip


def source_row(slug: str = "bron-1", **columns: Any) -> Source:
    values: dict[str, Any] = {"title": "x", "authors": [], "source_type": "rapport", "position": 0}
    return Source(slug=slug, **values | columns)


def pitfall_row(slug: str = "tuin--a", **columns: Any) -> Pitfall:
    values: dict[str, Any] = {
        "title": "x",
        "category": "korte-adem",
        "phase": "beheer",
        "description": "x",
        "position": 0,
    }
    return Pitfall(slug=slug, **values | columns)


def finding_row(slug: str = "tuin--a", **columns: Any) -> Finding:
    values: dict[str, Any] = {
        "claim": "x",
        "domain": "leefbaarheid",
        "level": "wijk",
        "direction": "positief",
        "evidence": "praktijkervaring",
        "position": 0,
    }
    return Finding(slug=slug, **values | columns)


def revision_row(state: str, version: int | None, slug: str = "tuin") -> Revision:
    return Revision(
        slug=slug, state=state, version=version, document={}, author="x", saved_at=now()
    )


@pytest.fixture(scope="module", params=ENGINES)
def database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Database]:
    """Both databases in turn, with the terms of this release; one for all these tests."""
    folder = tmp_path_factory.mktemp("constraints")
    if request.param == "sqlite":
        kb = make(folder)
    else:
        cluster: str = request.getfixturevalue("postgres_cluster")
        admin = create_engine(cluster, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.execute(text("CREATE DATABASE kb_constraints"))
        admin.dispose()
        kb = make(folder, make_url(cluster).set(database="kb_constraints").render_as_string())
    yield kb.database
    kb.close()


@pytest.fixture
def writing(database: Database) -> Iterator[Session]:
    """A transaction that is taken back at the end of the test."""
    with database.transaction() as session:
        yield session
        session.rollback()


def accepts(session: Session, *rows: object) -> None:
    with session.begin_nested():
        session.add_all(rows)


def refuses(session: Session, *rows: object, naming: str = ".") -> None:
    with pytest.raises(IntegrityError, match=naming), session.begin_nested():
        session.add_all(rows)


def test_a_whole_case_is_accepted(writing: Session) -> None:
    case = case_row(start_year=2016, end_year=2016, dwellings=1)
    source = source_row()
    case.sources = [source]
    case.pitfalls = [pitfall_row()]
    accepts(writing, case)
    accepts(writing, finding_row(case_id=case.id, source_id=source.id))


def test_a_case_does_not_end_before_it_starts(writing: Session) -> None:
    refuses(writing, case_row(start_year=2016, end_year=2015), naming="ends_after_start")
    accepts(writing, case_row("begin", start_year=2016), case_row("eind", end_year=2015))


@pytest.mark.parametrize("wrong", [{"dwellings": 0}, {"version": 0}, {"title": None}])
def test_a_case_counts_from_one_and_has_a_title(writing: Session, wrong: Any) -> None:
    refuses(writing, case_row(**wrong))


@pytest.mark.parametrize("column", ["kind", "status", "scale"])
def test_an_unknown_term_is_refused(writing: Session, column: str) -> None:
    refuses(writing, case_row(**{column: "bestaat-niet"}), naming="(?i)foreign key")


def test_terms_in_lists_and_items_are_known_too(writing: Session) -> None:
    case = case_row()
    study = study_row()
    accepts(writing, case, study)

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
        refuses(writing, row, naming="(?i)foreign key")


def test_a_term_of_another_scheme_is_refused(writing: Session) -> None:
    accepts(writing, case_row())

    for table, column in (
        ("case_study", "kind"),
        ("case_study", "status"),
        ("case_study", "scale"),
    ):
        with (
            pytest.raises(IntegrityError, match=f"{column}_scheme"),
            writing.begin_nested(),
        ):
            writing.execute(text(f"UPDATE {table} SET {column} = 'phases/beheer'"))
    with (
        pytest.raises(IntegrityError, match="ingredient_scheme"),
        writing.begin_nested(),
    ):
        writing.execute(
            text(
                "INSERT INTO case_ingredient (case_id, ingredient, how, position) "
                "SELECT id, 'phases/beheer', 'x', 0 FROM case_study"
            )
        )


def test_a_finding_has_a_source_and_an_evidence_level(writing: Session) -> None:
    case, study = case_row(), study_row()
    accepts(writing, case, study)

    refuses(writing, finding_row(case_id=case.id), naming="has_a_source")
    refuses(writing, finding_row(study_id=study.id, evidence=None), naming="(?i)null")
    refuses(writing, finding_row(study_id=study.id, source_id=1), naming="has_a_source")
    accepts(writing, finding_row("onderzoek--a", study_id=study.id))


def test_a_finding_rests_on_a_source_of_its_own_case(writing: Session) -> None:
    case, other = case_row(), case_row("ander")
    source = source_row()
    other.sources = [source]
    accepts(writing, case, other)

    refuses(writing, finding_row(case_id=case.id, source_id=source.id), naming="(?i)foreign key")


@pytest.mark.parametrize("make", [pitfall_row, finding_row])
def test_what_is_owned_has_one_owner(writing: Session, make: Any) -> None:
    case, study = case_row(), study_row()
    source = source_row()
    case.sources = [source]
    accepts(writing, case, study)
    sourced = {"source_id": source.id} if make is finding_row else {}

    refuses(writing, make(), naming="has_one_owner")
    refuses(writing, make(case_id=case.id, study_id=study.id, **sourced), naming="has_one_owner")


def test_ids_are_assigned_once(writing: Session) -> None:
    case, study = case_row(), study_row()
    accepts(writing, case, study, pitfall_row(case=case, position=0))

    refuses(writing, case_row())
    refuses(writing, study_row())
    refuses(writing, pitfall_row(study_id=study.id))


def test_a_case_has_one_published_text(writing: Session) -> None:
    accepts(
        writing,
        revision_row("superseded", 1),
        revision_row("published", 2),
        revision_row("draft", None),
        revision_row("published", 1, slug="straat"),
    )

    refuses(writing, revision_row("published", 3))
    refuses(writing, revision_row("superseded", 2))


@pytest.mark.parametrize("state", ["draft", "submitted", "returned"])
def test_a_case_has_one_open_text(writing: Session, state: str) -> None:
    accepts(writing, revision_row("draft", None))

    refuses(writing, revision_row(state, None))


def test_a_revision_is_in_a_known_state_and_numbered_once_public(writing: Session) -> None:
    refuses(writing, revision_row("gereed", None), naming="known_state|numbered")
    refuses(writing, revision_row("gereed", 1), naming="known_state")
    refuses(writing, revision_row("draft", 1), naming="numbered_when_published")
    for state in ("published", "superseded", "withdrawn"):
        refuses(writing, revision_row(state, None), naming="numbered_when_published")


def test_a_change_is_of_a_known_kind_and_its_number_is_taken_once(writing: Session) -> None:
    def change(**columns: Any) -> Change:
        values = {"number": 999, "event": "created", "kind": "case", "slug": "x"}
        return Change(changed_at=now(), **values | columns)

    accepts(writing, change())

    refuses(writing, change())
    refuses(writing, change(number=1000, event="gone"), naming="known_event")
    refuses(writing, change(number=1000, kind="pitfall"), naming="known_kind")
    with pytest.raises(IntegrityError), writing.begin_nested():
        writing.execute(insert(ChangeCounter).values(id=2, last=0))


def test_a_term_in_use_cannot_go(writing: Session) -> None:
    accepts(writing, case_row())

    with pytest.raises(IntegrityError), writing.begin_nested():
        writing.execute(text("DELETE FROM term WHERE key = 'kinds/praktijk'"))


def test_what_a_case_owns_goes_with_it(writing: Session) -> None:
    case = case_row()
    source = source_row()
    case.sources, case.pitfalls = [source], [pitfall_row()]
    case.strategy_tags = [CaseStrategy(strategy="sociaal-beheer")]
    accepts(writing, case)
    accepts(writing, finding_row(case_id=case.id, source_id=source.id))

    writing.execute(text("DELETE FROM case_study"))

    for table in ("source", "pitfall", "finding", "case_strategy"):
        assert writing.scalar(text(f"SELECT count(*) FROM {table}")) == 0


def test_a_moment_keeps_its_time_zone(writing: Session) -> None:
    at = now()
    accepts(writing, case_row(updated_at=at))

    writing.expire_all()
    stored = writing.scalars(select(Case)).one().updated_at

    assert stored == at
    assert stored.utcoffset() is not None
