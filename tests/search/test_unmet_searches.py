"""What was not found: counted once enough people looked for it, and about nobody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select

from kb.app import create_app
from kb.cli.main import main
from kb.database import Database, now
from kb.search.unmet import queries
from kb.search.unmet.counter import UnmetSearches, normalise
from kb.search.unmet.model import UnmetSearch, UnmetSearchAsker, UnmetSearchSalt
from kb.services import services_of
from tests.builders import a_case
from tests.conftest import DATABASE, KnowledgeBase, until

ADDRESSES = ("192.0.2.1", "192.0.2.2", "192.0.2.3")


def an_app(kb: KnowledgeBase, **settings: Any) -> Flask:
    own = services_of(kb.app).settings
    return create_app(type(own)(**{**vars(own), "search_report": True, **settings}))


@pytest.fixture
def app(kb: KnowledgeBase) -> Iterator[Flask]:
    kb.publish(a_case(id="tuin"))
    made = an_app(kb)
    yield made
    services_of(made).search.close()
    services_of(made).database.dispose()


def look_for(app: Flask, words: str, *addresses: str) -> None:
    for address in addresses:
        answer = app.test_client().get(
            f"/v1/cases?q={quote(words)}", environ_overrides={"REMOTE_ADDR": address}
        )
        assert answer.status_code == 200


def rows(database: Database, model: Any) -> list[Any]:
    with database.reading() as session:
        return list(session.scalars(select(model)))


def close(database: Database, days: int = 1) -> None:
    with database.transaction() as session:
        queries.close_days(session, now() + timedelta(days=days))


def wanted(database: Database) -> list[tuple[str, int]]:
    with database.reading() as session:
        return [each[:2] for each in queries.most_wanted(session, date(2000, 1, 1))]


def test_words_that_three_visitors_did_not_find_are_counted(kb: KnowledgeBase, app: Flask) -> None:
    look_for(app, "Zwembad  groen", *ADDRESSES)
    look_for(app, "zwembad groen", *ADDRESSES)  # each visitor counts once
    look_for(app, "kelder", *ADDRESSES[:2])
    look_for(app, "tuin", *ADDRESSES)  # which is there
    services_of(app).background.unmet_searches.flush()
    assert wanted(kb.database) == []  # nothing is told before the day is over
    assert len(rows(kb.database, UnmetSearchAsker)) == 5

    close(kb.database)

    assert wanted(kb.database) == [("zwembad groen", 3)]
    assert rows(kb.database, UnmetSearchAsker) == rows(kb.database, UnmetSearchSalt) == []


def test_no_address_is_stored_and_no_hash_outlives_its_key(kb: KnowledgeBase, app: Flask) -> None:
    look_for(app, "zwembad", *ADDRESSES)
    services_of(app).background.unmet_searches.flush()
    first = {each.asker for each in rows(kb.database, UnmetSearchAsker)}
    close(kb.database)
    look_for(app, "zwembad", *ADDRESSES)
    services_of(app).background.unmet_searches.flush()
    second = {each.asker for each in rows(kb.database, UnmetSearchAsker)}

    assert len(first) == len(second) == 3
    assert first.isdisjoint(second)
    place = services_of(kb.app).settings.data_dir / DATABASE
    for file in (place, place.with_name(f"{DATABASE}-wal")):
        if file.exists():
            assert not any(address.encode() in file.read_bytes() for address in ADDRESSES)


def test_every_visitor_counts_although_responses_are_cached(kb: KnowledgeBase, app: Flask) -> None:
    background = services_of(app).background
    background.start()
    until(lambda: background.newest_change is not None)
    look_for(app, "zwembad", *ADDRESSES)
    background.stop()  # and what was noted is written

    assert len(rows(kb.database, UnmetSearchAsker)) == 3


def test_several_processes_count_together(any_kb: KnowledgeBase) -> None:
    counters = [UnmetSearches(any_kb.database) for _ in ADDRESSES]
    for counter, address in zip(counters, ADDRESSES, strict=True):
        counter.note("zwembad", address)
        counter.note("zwembad", ADDRESSES[0])
        counter.flush()

    close(any_kb.database)
    close(any_kb.database)

    assert wanted(any_kb.database) == [("zwembad", 3)]


def test_a_database_that_is_away_holds_up_nobody(kb: KnowledgeBase, app: Flask) -> None:
    counter = services_of(app).background.unmet_searches
    kb.database.dispose()
    place = services_of(kb.app).settings.data_dir / DATABASE
    away = place.with_name("weg")
    look_for(app, "zwembad", ADDRESSES[0])
    place.rename(away)
    counter.flush()
    away.rename(place)

    counter.flush()

    assert [each.words for each in rows(kb.database, UnmetSearchAsker)] == ["zwembad"]


def test_counts_are_forgotten_after_a_year(kb: KnowledgeBase) -> None:
    with kb.database.transaction() as session:
        for days in (360, 370):
            day = now().date() - timedelta(days=days)
            session.add(UnmetSearch(day=day, words=f"{days} dagen", askers=3))

    close(kb.database, days=0)

    assert wanted(kb.database) == [("360 dagen", 3)]


@pytest.mark.parametrize(
    "typed",
    ["anna@example.org", "bsn 123456782", "https://example.org/x", "a" * 101, "   ", "06-12345678"],
)
def test_what_may_be_about_a_person_is_not_counted(typed: str) -> None:
    assert normalise(typed) is None


def test_nothing_is_counted_unless_that_was_chosen(kb: KnowledgeBase) -> None:
    off = an_app(kb, search_report=False)
    look_for(off, "zwembad", *ADDRESSES)
    services_of(off).background.unmet_searches.flush()

    assert rows(kb.database, UnmetSearchAsker) == []
    assert "zoekrapport" not in off.test_client().get("/privacy").text
    on = an_app(kb)
    assert "minstens drie bezoekers" in on.test_client().get("/privacy").text
    for app in (off, on):
        services_of(app).search.close()
        services_of(app).database.dispose()


def test_the_operator_reads_what_is_missing(kb: KnowledgeBase, tmp_path: Path) -> None:
    with kb.database.transaction() as session:
        for days, askers in ((1, 3), (2, 4)):
            day = now().date() - timedelta(days=days)
            session.add(UnmetSearch(day=day, words="zwembad", askers=askers))

    outcome = CliRunner().invoke(main, ["report", "searches"], env={"KB_DATA_DIR": str(tmp_path)})

    assert outcome.stdout == f"7\tzwembad\tlast {now().date() - timedelta(days=1)}\n"
    assert "KB_SEARCH_REPORT is off" in outcome.stderr
