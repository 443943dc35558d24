"""A database that was restored, copied back or lost transactions leaves no ghosts behind."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import text, update

from kb.app import create_app
from kb.cases import changes
from kb.database import now
from kb.migrations import steps
from kb.search.analysis import analyzer
from kb.settings import Settings
from tests.builders import a_case
from tests.conftest import KnowledgeBase, until
from tests.search.test_catch_up import Step, drift, take

Restore = Callable[[], None]


@pytest.fixture
def restore(kb: KnowledgeBase, tmp_path: Path) -> Restore:
    """Copies the database file back as it was with one case, `tuin`."""
    kb.publish(a_case("tuin"))
    saved = tmp_path / "saved.sqlite3"
    copy(kb, tmp_path / "kb.sqlite3", saved)
    return lambda: copy(kb, saved, tmp_path / "kb.sqlite3")


def copy(kb: KnowledgeBase, source: Path, target: Path) -> None:
    kb.database.dispose()
    with kb.database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    kb.database.dispose()
    for ending in ("-wal", "-shm"):
        target.with_name(target.name + ending).unlink(missing_ok=True)
    shutil.copy(source, target)


def search(kb: KnowledgeBase) -> Any:
    """What readiness says of search."""
    answer = kb.client.get("/health/ready")
    check = answer.json["checks"]["search"]
    assert (answer.status_code == 200) == (check == "ok")
    return check


def test_an_index_at_the_same_number_of_another_history_is_made_afresh(
    kb: KnowledgeBase, restore: Restore
) -> None:
    kb.publish(a_case("spook"))
    ghost = kb.engine.change()
    restore()
    take(kb, Step.PUBLISH, "park")  # which gets the number that the ghost had
    with kb.database.reading() as session:
        assert changes.last_number(session) == ghost
    assert search(kb) == "other-history"

    kb.catch_up()

    assert search(kb) == "ok"
    assert not drift(kb)
    assert {"case:spook"}.isdisjoint(kb.engine.keys())


def test_an_index_that_is_behind_another_history_is_made_afresh(
    kb: KnowledgeBase, restore: Restore
) -> None:
    kb.publish(a_case("spook"))
    restore()
    for slug in ("park", "plein", "straat"):
        take(kb, Step.PUBLISH, slug)

    kb.catch_up()

    assert not drift(kb)


def test_an_index_ahead_is_not_ready_until_it_was_made_afresh(
    kb: KnowledgeBase, restore: Restore
) -> None:
    kb.publish(a_case("spook"))
    restore()

    assert search(kb) == "other-history"
    kb.catch_up()
    assert search(kb) == "ok"
    assert not drift(kb)


def test_lost_transactions_are_noticed_on_any_database(any_kb: KnowledgeBase) -> None:
    any_kb.publish(a_case("tuin"))
    with any_kb.database.transaction() as session:  # as after a failover: the same number anew
        session.execute(
            text("UPDATE change SET mark = 'anders' WHERE number = :last"),
            {"last": changes.last_number(session)},
        )
    assert search(any_kb) == "other-history"
    before = any_kb.engine.snapshot_id()

    any_kb.catch_up()

    assert any_kb.engine.snapshot_id() != before
    assert search(any_kb) == "ok"
    any_kb.catch_up()


def test_publishing_in_another_history_says_that_it_is_not_searchable(
    kb: KnowledgeBase, restore: Restore
) -> None:
    kb.publish(a_case("spook"))
    restore()
    take(kb, Step.PUBLISH, "park")
    with kb.database.reading() as session:
        number = changes.last_number(session)
    before = kb.engine.snapshot_id()

    assert kb.app.extensions["kb"].after_publication(number) is False
    assert kb.engine.snapshot_id() == before  # no request makes an index anew

    kb.catch_up()
    assert kb.app.extensions["kb"].after_publication(number) is True


def test_readiness_allows_some_seconds_behind_and_no_more(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin"))
    with kb.database.transaction() as session:
        changes.record(session, "updated", "case", "tuin", now())
    assert search(kb) == "ok"

    with kb.database.transaction() as session:
        session.execute(update(changes.Change).values(changed_at=now() - timedelta(minutes=1)))
    assert search(kb) == "behind"
    kb.catch_up()
    assert search(kb) == "ok"


def test_an_index_of_other_terms_is_not_ready(kb: KnowledgeBase) -> None:
    analysis = analyzer.ANALYSIS_VERSION
    try:
        analyzer.ANALYSIS_VERSION = analysis + 1
        assert search(kb) == "other-release"
    finally:
        analyzer.ANALYSIS_VERSION = analysis


@pytest.mark.parametrize("version", ["0004", "9999"])
def test_a_database_of_another_release_is_not_ready(any_kb: KnowledgeBase, version: str) -> None:
    with any_kb.database.transaction() as session:
        session.execute(text(f"UPDATE alembic_version SET version_num = '{version}'"))

    answer = any_kb.client.get("/health/ready")

    assert answer.status_code == 503
    assert answer.json["checks"]["database"] == "other-release"
    details = answer.json["details"]
    assert details["tables"] != details["releaseTables"] == steps.newest()


def test_no_response_of_a_former_history_is_served_from_the_cache(
    kb: KnowledgeBase, restore: Restore
) -> None:
    settings: Settings = kb.app.extensions["kb"].settings
    app = create_app(settings)
    background, reader = app.extensions["kb"].background, app.test_client()
    background.start()
    try:
        until(lambda: background.newest_change is not None)
        kb.publish(a_case("spook"))
        until(lambda: reader.get("/v1/cases").json["page"]["totalItems"] == 2)
        assert len(reader.get("/v1/cases").json["items"]) == 2
        app.extensions["kb"].database.dispose()
        restore()
        take(kb, Step.PUBLISH, "park")

        until(lambda: [each["id"] for each in cases(reader)] == ["park", "tuin"])
    finally:
        background.stop()
        app.extensions["kb"].search.close()
        app.extensions["kb"].database.dispose()


def cases(reader: Any) -> list[Any]:
    return sorted(reader.get("/v1/cases").json["items"], key=lambda each: str(each["id"]))


class TestCursors:
    def test_one_of_another_history_has_to_begin_anew(
        self, kb: KnowledgeBase, restore: Restore
    ) -> None:
        kb.publish(a_case("spook"))
        cursor = kb.client.get("/v1/changes?pageSize=1000").json["nextCursor"]
        restore()
        for slug in ("park", "plein"):
            take(kb, Step.PUBLISH, slug)

            answer = kb.client.get(f"/v1/changes?cursor={cursor}")

            assert answer.status_code == 400
            assert [each["code"] for each in answer.json["errors"]] == ["other-history"]
            assert "“cursor”" in answer.json["detail"]
        assert kb.client.get("/v1/changes").json["items"]

    def test_one_of_this_history_keeps_working(self, kb: KnowledgeBase, restore: Restore) -> None:
        cursor = kb.client.get("/v1/changes?pageSize=1000").json["nextCursor"]
        kb.publish(a_case("spook"))
        restore()
        take(kb, Step.PUBLISH, "park")

        items = kb.client.get(f"/v1/changes?cursor={cursor}").json["items"]

        assert [each["id"] for each in items] == ["park"]

    def test_a_number_as_1_0_0_gave_them_keeps_working(self, kb: KnowledgeBase) -> None:
        kb.publish(a_case("tuin"))
        number = kb.engine.change()
        kb.publish(a_case("plein"))

        changes_page = kb.client.get(f"/v1/changes?cursor={number}").json

        assert [each["id"] for each in changes_page["items"]] == ["plein"]
        assert kb.client.get(f"/v1/changes?cursor={changes_page['nextCursor']}").json["items"] == []

    def test_a_number_ahead_has_to_begin_anew(self, kb: KnowledgeBase) -> None:
        answer = kb.client.get("/v1/changes?cursor=99999")

        assert answer.status_code == 400
        assert "“cursor”" in answer.json["detail"]


class TestMigration:
    def test_the_same_history_gets_the_same_marks(self, kb: KnowledgeBase) -> None:
        kb.publish(a_case("tuin"), a_case("plein"))
        first, second = (marks_brought_up(kb) for _ in range(2))
        with kb.database.transaction() as session:
            session.execute(text("UPDATE change SET slug = 'anders' WHERE number = 2"))
        third = marks_brought_up(kb)

        assert first == second
        assert len(set(first)) == len(first)
        assert [a == b for a, b in zip(first, third, strict=True)] == [True] + [False] * (
            len(first) - 1
        )


def marks_brought_up(kb: KnowledgeBase) -> list[str]:
    """The marks that changes get when a database without them is brought up."""
    with steps.connected(kb.database) as connection:
        command.downgrade(steps.config(connection), "0006")
    steps.upgrade(kb.database)
    with kb.database.reading() as session:
        return list(session.scalars(text("SELECT mark FROM change ORDER BY number")))
