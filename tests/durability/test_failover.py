"""PostgreSQL fails over to its standby: those who use it follow, without a restart."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from kb.database import REQUEST_TIMEOUT_SECONDS, Database
from kb.outage import outage_reason
from tests.conftest import until
from tests.replication import Pair, primary_and_standby

pytestmark = pytest.mark.postgresql


@pytest.fixture
def pair() -> Iterator[Pair]:
    """A primary and its standby."""
    with primary_and_standby() as running:
        yield running


def write(database: Database, number: int) -> bool:
    """Whether this number was written."""
    try:
        with database.transaction() as session:
            session.execute(text("INSERT INTO written VALUES (:number)"), {"number": number})
    except SQLAlchemyError as error:
        if outage_reason(error) is None:
            raise
        return False
    return True


def test_who_writes_follows_to_the_standby_that_was_promoted(pair: Pair) -> None:
    pair.primary.query("CREATE TABLE written (number integer PRIMARY KEY)")
    database = Database(pair.url, fail_fast=True)
    assert write(database, 1)
    until(pair.level)

    pair.primary.kill()
    begun = time.monotonic()
    assert not write(database, 2)  # the standby takes no writes yet
    assert time.monotonic() - begun < 2 * REQUEST_TIMEOUT_SECONDS
    pair.standby.promote()

    until(lambda: write(database, 3))
    assert pair.standby.query("SELECT array_agg(number ORDER BY number) FROM written") == [1, 3]
    database.dispose()


@pytest.mark.slow
def test_who_writes_leaves_a_primary_that_was_made_read_only(pair: Pair) -> None:
    pair.primary.query("CREATE TABLE written (number integer PRIMARY KEY)")
    database = Database(pair.url)
    assert write(database, 1)
    until(pair.level)

    pair.standby.promote()
    pair.primary.set(default_transaction_read_only="on")

    until(lambda: write(database, 2))
    assert pair.standby.query("SELECT array_agg(number ORDER BY number) FROM written") == [1, 2]
    database.dispose()


def test_a_connection_that_goes_after_all_was_read_harms_no_reader(postgres_url: str) -> None:
    database, other = Database(postgres_url), Database(postgres_url)
    with database.reading() as session:
        process = session.scalar(text("SELECT pg_backend_pid()"))
        with other.transaction() as ending:
            ending.execute(text("SELECT pg_terminate_backend(:process)"), {"process": process})

    with database.reading() as session:
        assert session.scalar(text("SELECT 1")) == 1
    assert database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    database.dispose()
    other.dispose()
