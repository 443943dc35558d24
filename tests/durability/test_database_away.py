"""A database that is away, locked, frozen, full or read-only keeps nobody waiting."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from kb.app import create_app
from kb.database import COMMAND_TIMEOUT_SECONDS, REQUEST_TIMEOUT_SECONDS, Database
from kb.outage import BreakerOpen, CircuitBreaker, outage_reason
from kb.settings import Settings
from tests.builders import a_case
from tests.conftest import make, slow, until
from tests.durability.away import (
    READ,
    a_server,
    ask,
    assert_goes_on,
    assert_unavailable,
    comes_back,
    create,
)
from tests.durability.disk import Disk, a_disk
from tests.durability.served import KB, serving
from tests.editors.conftest import somebody


@pytest.mark.parametrize("serving", [True, False])
def test_requests_wait_for_a_database_as_long_as_requests_may(
    serving: bool, tmp_path: Path
) -> None:
    app = create_app(Settings(data_dir=tmp_path), serving=serving)
    services = app.extensions["kb"]

    limit = REQUEST_TIMEOUT_SECONDS if serving else COMMAND_TIMEOUT_SECONDS
    assert services.database.timeout == limit
    assert REQUEST_TIMEOUT_SECONDS < COMMAND_TIMEOUT_SECONDS
    services.search.close()
    services.database.dispose()


@pytest.mark.slow
def test_a_file_that_was_moved_away_is_missed_and_never_made_anew(tmp_path: Path) -> None:
    with a_server(tmp_path) as (served, token):
        file, elsewhere = tmp_path / "kb.sqlite3", tmp_path / "elsewhere.sqlite3"
        file.rename(elsewhere)

        for number in range(4):
            assert_unavailable(ask(served, READ))
            assert_unavailable(create(served, f"weg-{number}", token))
        assert_goes_on(served)
        assert not file.exists()
        assert "db upgrade" in served.run("index", "check").stderr
        assert not file.exists()

        elsewhere.rename(file)
        comes_back(served)
        assert create(served, "terug", token).status == 201
    with closing(sqlite3.connect(file)) as connection:
        slugs = {slug for (slug,) in connection.execute("SELECT slug FROM revision")}
    assert slugs == {"tuin", "eerste", "terug"}


@pytest.mark.slow
def test_another_file_under_the_name_is_read_from_then_on(tmp_path: Path) -> None:
    other = make_a_file(tmp_path / "other", "plein")
    with a_server(tmp_path) as (served, _):
        for suffix in ("", "-wal", "-shm"):
            (tmp_path / f"kb.sqlite3{suffix}").rename(tmp_path / f"former{suffix}")
        shutil.copy(other, tmp_path / "kb.sqlite3")

        until(lambda: {ask(served, "/v1/cases/plein").status for _ in range(6)} == {200})
        assert ask(served, READ).status == 404


def make_a_file(folder: Path, slug: str) -> Path:
    folder.mkdir()
    made = make(folder)
    made.publish(a_case(slug))
    made.close()
    return folder / "kb.sqlite3"


def test_a_file_that_another_holds_locked(tmp_path: Path) -> None:
    make(tmp_path).close()
    database = Database(f"sqlite:///{tmp_path / 'kb.sqlite3'}", fail_fast=True)
    with closing(sqlite3.connect(tmp_path / "kb.sqlite3", isolation_level=None)) as holder:
        holder.execute("PRAGMA locking_mode = EXCLUSIVE")
        holder.execute("BEGIN EXCLUSIVE")

        assert isinstance(failure(database), DBAPIError)
        until(lambda: isinstance(failure(database), BreakerOpen))  # without asking the file
    until(lambda: failure(database) is None)
    database.dispose()


def failure(database: Database) -> SQLAlchemyError | None:
    """What reading fails with because of a lock; None when it does not."""
    failed = None
    try:
        with database.reading() as session:
            session.execute(text("SELECT count(*) FROM case_study"))
    except SQLAlchemyError as error:
        failed = error
    assert failed is None or outage_reason(failed) == "busy"
    return failed


@pytest.mark.slow
def test_a_writer_that_does_not_end_keeps_nobody_from_reading(tmp_path: Path) -> None:
    with a_server(tmp_path) as (served, token):
        with closing(sqlite3.connect(tmp_path / "kb.sqlite3", isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")

            assert_unavailable(create(served, "straat", token), "bezet")
            assert ask(served, READ).status == 200
            assert ask(served, "/health/ready").status == 200
            holder.execute("ROLLBACK")
        until(lambda: create(served, "straat", token).status == 201)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A small disk with more room than a server needs to be ready, where that can be had."""
    with a_disk(tmp_path / "disk", "64m") as made:
        yield made


@pytest.mark.slow
def test_a_full_disk_lets_everybody_read(disk: Disk, tmp_path: Path) -> None:
    with a_server(tmp_path, f"sqlite:///{disk.place / 'kb.sqlite3'}") as (served, token):
        disk.leave(0)
        answers = [create(served, f"vol-{number}", token) for number in range(40)]

        assert {answer.status for answer in answers} <= {201, 503}
        assert_unavailable(answers[-1], "vol")
        assert ask(served, READ).status == 200
        disk.clear()
        until(lambda: create(served, "ruimte", token).status == 201)


@pytest.mark.slow
def test_a_disk_that_became_read_only_can_be_read(disk: Disk, tmp_path: Path) -> None:
    url = f"sqlite:///{disk.place / 'kb.sqlite3'}"
    made = make(tmp_path, url)
    made.publish(a_case("tuin"))
    token = somebody(made, "redactie", "editor").token
    made.close()
    subprocess.run(["mount", "-o", "remount,ro", str(disk.place)], check=True)

    with serving(tmp_path, url) as served:
        assert ask(served, READ).status == 200
        assert_unavailable(create(served, "straat", token), "lezen")
        subprocess.run(["mount", "-o", "remount,rw", str(disk.place)], check=True)
        until(lambda: create(served, "straat", token).status == 201)


@pytest.mark.parametrize("state", ["no file", *slow("no tables", "newer")])
def test_a_server_does_not_start_on_tables_of_another_release(tmp_path: Path, state: str) -> None:
    file = tmp_path / "kb.sqlite3"
    if state != "no file":
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
            if state == "newer":
                connection.execute("INSERT INTO alembic_version VALUES ('9999')")
            connection.commit()

    tried = subprocess.run(
        [KB, "serve"],
        env=os.environ | {"KB_DATA_DIR": str(tmp_path), "KB_DATABASE_URL": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert tried.returncode == 1
    assert ("newer release" if state == "newer" else "kb db upgrade") in tried.stderr
    assert "Traceback" not in tried.stderr
    assert file.exists() == (state != "no file")


def test_tables_that_are_missing_are_reported_to_who_asks(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "kb.sqlite3").close()
    app = create_app(Settings(data_dir=tmp_path), serving=False)

    answer = app.test_client().get("/v1/cases/tuin?lang=en")

    assert answer.status_code == 503
    assert "kb db upgrade" in answer.json["detail"]
    app.extensions["kb"].search.close()
    app.extensions["kb"].database.dispose()


def test_terms_that_are_missing_are_reported_to_who_publishes(
    any_database_url: str, tmp_path: Path
) -> None:
    kb = make(tmp_path, any_database_url)
    piet = somebody(kb, "Piet", "publisher")
    anna = somebody(kb, "Anna", "editor")
    with kb.database.transaction() as session:
        session.execute(text("DELETE FROM term WHERE scheme = 'scales'"))

    assert anna.create(a_case("tuin")).status_code == 201
    assert anna.review("tuin", "submit").status_code == 200
    answer = piet.publish("tuin")

    assert answer.status_code == 503
    assert "kb seed" in answer.json["detail"]
    assert anna.ask("GET", "/cases/tuin/draft").json["_draft"]["state"] == "submitted"
    kb.close()


def test_names_with_signs_of_addresses_are_names(tmp_path: Path) -> None:
    folder = tmp_path / "wat? #1 50%25 &c"
    folder.mkdir()

    made = make(folder)
    made.publish(a_case("tuin"))
    made.close()

    assert (folder / "kb.sqlite3").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]


def test_after_one_has_waited_in_vain_others_do_not_wait() -> None:
    breaker = CircuitBreaker(open_seconds=3600, trial_seconds=3600)
    breaker.check()
    breaker.trip("busy")

    with pytest.raises(BreakerOpen):
        breaker.check()
    breaker.reset()
    breaker.check()


def test_after_a_pause_one_may_try() -> None:
    breaker = CircuitBreaker(open_seconds=0, trial_seconds=3600)
    breaker.trip("busy")

    breaker.check()
    with pytest.raises(BreakerOpen):
        breaker.check()
