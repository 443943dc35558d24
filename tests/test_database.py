"""How long a database is waited for, and that what is read can be let go of again."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from bench import stock
from kb.database import Database
from kb.outage import BreakerOpen, CircuitBreaker
from kb.search.catch_up import rebuild
from kb.search.whoosh_engine import WhooshEngine
from kb.settings import Settings


def milliseconds(database: Database, name: str, *, optional: bool | None) -> int:
    """A timeout as the database has it in a transaction; in a reading one without `optional`."""
    sqlite = database.engine.dialect.name == "sqlite"
    statement = (
        f"PRAGMA {name}" if sqlite else f"SELECT setting FROM pg_settings WHERE name = '{name}'"
    )
    opened = database.reading() if optional is None else database.transaction(optional=optional)
    with opened as session:
        return int(session.execute(text(statement)).scalar_one())


def test_a_request_waits_less_than_two_seconds_for_the_database(any_database_url: str) -> None:
    database = Database(any_database_url, fail_fast=True)
    database.create()
    names = {"sqlite": ["busy_timeout"], "postgresql": ["lock_timeout", "statement_timeout"]}

    waits = [
        milliseconds(database, name, optional=optional)
        for name in names[database.engine.dialect.name]
        for optional in (None, False)
    ]

    assert all(0 < wait <= 1500 for wait in waits), waits
    assert database.timeout <= 1.5  # for a connection of the pool
    database.dispose()


def test_an_optional_write_waits_a_tenth_of_a_second_for_another(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'kb.sqlite3'}", fail_fast=True)
    database.create()

    assert milliseconds(database, "busy_timeout", optional=True) == 100
    database.dispose()


def test_a_breaker_refuses_for_a_second_and_then_lets_one_try() -> None:
    moments = [0.0]
    breaker = CircuitBreaker(clock=lambda: moments[-1])
    breaker.trip("away")
    for moment, is_refused in ((0.9, True), (1.1, False), (1.2, True), (3.0, True), (3.2, False)):
        moments.append(moment)
        if is_refused:
            with pytest.raises(BreakerOpen):
                breaker.check()
        else:
            breaker.check()


@pytest.mark.slow
def test_reading_long_pages_ends_no_process(tmp_path: Path) -> None:
    """Python 3.11 frees memory twice when what is let go of is collected as garbage meanwhile."""
    settings = Settings(data_dir=tmp_path)
    database, engine = Database(settings.database_url), WhooshEngine(settings.index_dir)
    stock.fill(database, 150)
    rebuild(database, engine)
    database.dispose()
    engine.close()

    reading = subprocess.run(
        [sys.executable, "-m", "tests.reads_much", str(tmp_path)],
        cwd=Path(__file__).parents[1],
        check=False,
    )

    assert reading.returncode == 0
