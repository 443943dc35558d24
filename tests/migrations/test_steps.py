"""The steps lead from nothing to the tables of this release, the same on both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import func, inspect, select, text

from kb.cases.model import Case, Finding, Pitfall
from kb.database import Base, Database
from kb.migrations import steps
from kb.vocabulary.terms import schemes
from tests.builders import a_case, a_finding, a_pitfall
from tests.conftest import KnowledgeBase


@pytest.fixture
def database(any_database_url: str) -> Iterator[Database]:
    """A database without tables: SQLite and PostgreSQL in turn."""
    opened = Database(any_database_url)
    opened.create()
    yield opened
    opened.dispose()


def run(database: Database, step: Callable[..., Any], target: str) -> None:
    with steps.connected(database) as connection:
        step(steps.config(connection), target)


def tables(database: Database) -> set[str]:
    return set(inspect(database.engine).get_table_names())


def differences(database: Database) -> list[Any]:
    with database.engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        context = MigrationContext.configure(connection, opts=options)
        differences: list[Any] = compare_metadata(context, Base.metadata)
    return differences


def test_an_empty_database_gets_every_table(database: Database) -> None:
    steps.upgrade(database)

    assert tables(database) == {*Base.metadata.tables, "alembic_version"}


def test_after_the_steps_alembic_finds_nothing_to_do(database: Database) -> None:
    steps.upgrade(database)

    assert differences(database) == []


def test_a_column_without_a_step_would_be_noticed(database: Database) -> None:
    steps.upgrade(database)
    with database.transaction() as session:
        session.execute(text("ALTER TABLE question DROP COLUMN answer"))

    assert [difference[0] for difference in differences(database)] == ["add_column"]


def test_constraints_and_indexes_are_those_of_the_models(database: Database) -> None:
    steps.upgrade(database)

    inspector = inspect(database.engine)
    for name, table in Base.metadata.tables.items():
        wanted_checks = {
            str(constraint.name)
            for constraint in table.constraints
            if type(constraint).__name__ == "CheckConstraint"
        }
        wanted_indexes = {str(index.name) for index in table.indexes}
        indexes = {str(index["name"]) for index in inspector.get_indexes(name)}
        assert {
            str(each["name"]) for each in inspector.get_check_constraints(name)
        } == wanted_checks
        assert wanted_indexes <= indexes


def test_upgrading_again_changes_nothing(database: Database) -> None:
    steps.upgrade(database)
    with database.transaction() as session:
        session.execute(text("UPDATE change_counter SET last = 7"))

    steps.upgrade(database)

    with database.reading() as session:
        assert session.scalar(text("SELECT last FROM change_counter")) == 7
        assert session.scalar(text("SELECT count(*) FROM alembic_version")) == 1
    assert differences(database) == []


def test_the_counter_of_changes_starts_at_zero(database: Database) -> None:
    steps.upgrade(database)

    with database.reading() as session:
        assert session.execute(text("SELECT id, last FROM change_counter")).all() == [(1, 0)]


def test_the_steps_can_be_taken_back_and_again(database: Database) -> None:
    steps.upgrade(database)

    run(database, command.downgrade, "base")
    assert tables(database) == {"alembic_version"}

    steps.upgrade(database)
    assert tables(database) == {*Base.metadata.tables, "alembic_version"}
    assert differences(database) == []


@pytest.mark.parametrize("round_", range(2))
def test_two_that_upgrade_at_once_both_succeed(any_database_url: str, round_: int) -> None:
    accidents: list[BaseException] = []
    together = threading.Barrier(3)

    def upgrade() -> None:
        database = Database(any_database_url)
        try:
            together.wait()
            steps.upgrade(database)
        except BaseException as error:
            accidents.append(error)
        finally:
            database.dispose()

    threads = [threading.Thread(target=upgrade) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert accidents == []
    database = Database(any_database_url)
    assert tables(database) == {*Base.metadata.tables, "alembic_version"}
    database.dispose()


def test_a_step_that_fails_leaves_no_half_made_tables(database: Database) -> None:
    with database.transaction() as session:
        session.execute(text("CREATE TABLE revision (id INTEGER)"))

    with pytest.raises(Exception, match="revision"):
        steps.upgrade(database)

    assert tables(database) == {"revision"}


def test_the_longest_key_of_a_term_fits_its_column() -> None:
    longest = max(len(f"{each.id}/{term}") for each in schemes().values() for term in each.terms)

    assert longest <= 120


def test_a_table_that_is_made_anew_keeps_what_refers_to_its_rows(database: Database) -> None:
    run(database, command.upgrade, "0004")
    with database.transaction() as session:
        session.execute(
            text(
                "INSERT INTO revision (id, slug, state, document, author, saved_at) "
                "VALUES (7, 'tuin', 'draft', '{}', 'Anna', '2026-01-01 12:00:00')"
            )
        )
        session.execute(
            text(
                "INSERT INTO revision_step (id, revision_id, what, who, at, mark) "
                "VALUES (9, 7, 'saved', 'Anna', '2026-01-01 12:00:00', 'm')"
            )
        )

    run(database, command.upgrade, "head")

    with database.transaction() as session:
        assert session.execute(text("SELECT id, revision_id FROM revision_step")).all() == [(9, 7)]
        session.execute(text("DELETE FROM revision WHERE id = 7"))  # foreign keys are on again
        assert session.execute(text("SELECT count(*) FROM revision_step")).scalar() == 0


def test_cases_of_before_events_came_have_none_and_lose_nothing(any_kb: KnowledgeBase) -> None:
    events = [{"year": 2014, "month": 3, "what": "De gemeente besluit te slopen."}]
    any_kb.publish(a_case("straat", events=events), a_case("tuin", findings=[a_finding("tuin")]))
    before: Any = any_kb.client.get("/v1/cases/tuin").json
    run(any_kb.database, command.downgrade, "0010")

    steps.upgrade(any_kb.database)

    with any_kb.database.transaction() as session:
        assert session.scalars(select(Case.events).order_by(Case.slug)).all() == [[], []]
        assert session.scalar(select(func.count()).select_from(Finding)) == 1
        session.execute(text("DELETE FROM case_study"))  # foreign keys are on again
        assert session.scalar(select(func.count()).select_from(Finding)) == 0
        session.rollback()
    assert any_kb.client.get("/v1/cases/tuin").json == before
    assert any_kb.client.get("/v1/cases/straat").json["events"] == events  # of its revision


def test_things_of_before_words_to_search_by_came_have_none(any_kb: KnowledgeBase) -> None:
    pitfalls = [a_pitfall("straat", searchTerms=["subsidieput"])]
    any_kb.publish(a_case("straat", searchTerms=["ringweg"], pitfalls=pitfalls))
    run(any_kb.database, command.downgrade, "0011")

    steps.upgrade(any_kb.database)

    with any_kb.database.transaction() as session:
        assert session.scalars(select(Case.search_terms)).all() == [[]]
        assert session.scalars(select(Pitfall.search_terms)).all() == [[]]
    case: Any = any_kb.client.get("/v1/cases/straat").json
    assert case["searchTerms"] == ["ringweg"]  # of its revision
    assert case["pitfalls"][0]["searchTerms"] == ["subsidieput"]


def test_a_case_that_lost_its_archetype_before_gets_it_back(any_kb: KnowledgeBase) -> None:
    any_kb.publish(a_case("vorm", kind="archetype"))
    any_kb.publish(a_case("tuin", archetype="vorm"))
    run(any_kb.database, command.downgrade, "0005")
    with any_kb.database.transaction() as session:
        session.execute(text("UPDATE case_study SET archetype_id = NULL"))

    steps.upgrade(any_kb.database)
    any_kb.catch_up()

    assert any_kb.client.get("/v1/cases/tuin").json["archetype"]["id"] == "vorm"
    assert any_kb.client.get("/v1/cases?archetype=vorm").json["page"]["totalItems"] == 1
