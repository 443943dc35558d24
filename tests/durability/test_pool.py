"""A process never has more connections to PostgreSQL than its settings allow."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from kb.database import Database
from kb.settings import Settings

THREADS, CONNECTIONS = 12, 3


@pytest.mark.postgresql
def test_a_pool_never_takes_more_than_it_may(postgres_url: str) -> None:
    database, watching = Database(postgres_url, CONNECTIONS), Database(postgres_url)

    def read(_: int) -> None:
        with database.reading() as session:
            session.execute(text("SELECT pg_sleep(0.1)"))

    opened = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    counts = []
    with ThreadPoolExecutor(THREADS) as pool:
        readings = [pool.submit(read, number) for number in range(2 * THREADS)]
        while not all(each.done() for each in readings):
            with watching.reading() as session:
                counts.append(session.scalar(text(opened)) - 1)  # of which one is this
            time.sleep(0.02)

    assert max(counts) == CONNECTIONS
    assert all(each.exception() is None for each in readings)
    database.dispose()
    watching.dispose()


def test_a_pool_has_room_for_each_thread_to_read_and_to_write() -> None:
    assert Settings.from_environment({"KB_THREADS": "8"}).pool_size == 20
    assert Settings.from_environment({"KB_DATABASE_POOL_SIZE": "9"}).pool_size == 9
