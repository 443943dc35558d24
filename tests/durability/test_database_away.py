"""A database that is away, locked, frozen, full or read-only keeps nobody waiting."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from kb.app import create_app
from kb.database import COMMAND_TIMEOUT_SECONDS, REQUEST_TIMEOUT_SECONDS, Database
from kb.outage import BreakerOpen, CircuitBreaker, outage_reason
from kb.settings import Settings
from tests import postgres
from tests.builders import a_case
from tests.conftest import make, need, until
from tests.durability.served import KB, Served, serving
from tests.durability.test_disk_full import Disk
from tests.editors.conftest import somebody

MAX_WAIT_SECONDS = 300  # for what never ends; how long a request may wait, its settings say
READ, LIVE = "/v1/cases/tuin", "/health/live"


class Answer(NamedTuple):
    """What came back."""

    status: int
    body: Any
    retry_after: str | None


def ask(served: Served, path: str, body: Any = None, token: str = "") -> Answer:
    """Ask as a new visitor; with a body, create."""
    made = HTTPConnection("127.0.0.1", served.port, timeout=MAX_WAIT_SECONDS)
    with closing(made) as connection:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        if body is None:
            connection.request("GET", path)
        else:
            connection.request("POST", path, json.dumps(body), headers)
        response = connection.getresponse()
        content = response.read()
    body = json.loads(content) if "json" in response.headers.get("Content-Type", "") else None
    return Answer(response.status, body, response.headers["Retry-After"])


def assert_unavailable(answer: Answer, detail: str = "") -> None:
    assert answer.status == 503, answer
    assert answer.body["type"].endswith("/problems/database-unavailable")
    assert detail in answer.body["detail"]
    assert answer.retry_after


def assert_goes_on(served: Served) -> None:
    """What needs no database is there at once."""
    lists = ("/v1/cases?q=tuin", "/v1/cases?format=csv", "/zoeken?q=tuin", "/embed/zoeken?q=tuin")
    for path in (LIVE, "/v1/vocabularies", "/docs", "/v1/openapi.json", *lists):
        answer = ask(served, path)
        assert answer.status == 200, (path, answer)
    ready = ask(served, "/health/ready")
    assert (ready.status, ready.body["checks"]["database"]) == (503, "unavailable")


def comes_back(served: Served) -> None:
    until(lambda: {ask(served, READ).status for _ in range(6)} == {200})


def create(served: Served, slug: str, token: str) -> Answer:
    return ask(served, "/v1/cases", {"id": slug, "title": slug}, token)


@contextmanager
def a_server(folder: Path, database_url: str = "") -> Iterator[tuple[Served, str]]:
    """A server with a public case, and a token of an editor."""
    made = make(folder, database_url)
    made.publish(a_case("tuin"))
    token = somebody(made, "redactie", "editor").token
    made.close()
    url = database_url or f"sqlite:///{folder / 'kb.sqlite3'}"
    with serving(folder, url) as served:
        assert create(served, "eerste", token).status == 201
        assert ask(served, READ).status == 200
        yield served, token


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


def together(*works: Callable[[], Answer]) -> list[Answer]:
    """Twelve who ask at the same moment."""
    with ThreadPoolExecutor(12) as pool:
        running = [pool.submit(works[number % len(works)]) for number in range(12)]
        return [each.result() for each in running]


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
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(place)]
    try:
        mounted = subprocess.run(command, check=False, capture_output=True).returncode == 0
    except OSError:
        mounted = False
    if not mounted:
        pytest.skip("needs a small disk: run as root, where a file system may be mounted")
    yield Disk(place)
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_a_full_disk_lets_everybody_read(disk: Disk, tmp_path: Path) -> None:
    with a_server(tmp_path, f"sqlite:///{disk.place / 'kb.sqlite3'}") as (served, token):
        disk.leave(0)
        answers = [create(served, f"vol-{number}", token) for number in range(40)]

        assert {answer.status for answer in answers} <= {201, 503}
        assert_unavailable(answers[-1], "vol")
        assert ask(served, READ).status == 200
        disk.clear()
        until(lambda: create(served, "ruimte", token).status == 201)


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


@pytest.mark.parametrize("state", ["no file", "no tables", "newer"])
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


class Cluster(NamedTuple):
    """A PostgreSQL server that can be stopped and started."""

    url: str
    home: Path

    @property
    def processes(self) -> list[int]:
        """Its main process, and those that it started."""
        main = int((self.home / "cluster" / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
        return [main, *map(int, children)]

    def signal(self, sent: signal.Signals) -> None:
        for process in self.processes:
            with suppress(ProcessLookupError):
                os.kill(process, sent)


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A server of its own, since it will suffer."""
    need("postgresql", postgres.binaries() is not None, "apt-get install postgresql")
    home = Path(tempfile.mkdtemp(prefix="kb-postgres-"))  # where its own user may come too
    try:
        with postgres.cluster(home) as url:
            yield Cluster(url, home)
    finally:
        shutil.rmtree(home, ignore_errors=True)


@pytest.mark.postgresql
def test_a_frozen_server_blocks_nobody_for_long(cluster: Cluster, tmp_path: Path) -> None:
    with a_server(tmp_path, cluster.url) as (served, token):
        together(lambda: ask(served, READ))
        cluster.signal(signal.SIGSTOP)
        try:
            for _ in range(3):
                answers = together(lambda: ask(served, READ), lambda: create(served, "x", token))
                for answer in answers:
                    assert_unavailable(answer)
                time.sleep(0.5)
            assert_goes_on(served)
        finally:
            cluster.signal(signal.SIGCONT)
        comes_back(served)
        until(lambda: create(served, "terug", token).status == 201)


@pytest.mark.postgresql
def test_a_table_that_another_holds_locked(cluster: Cluster, tmp_path: Path) -> None:
    with a_server(tmp_path, cluster.url) as (served, token):
        address = make_url(cluster.url).set(drivername="postgresql").render_as_string()
        with psycopg.connect(address) as holder:
            holder.execute("LOCK TABLE case_study, revision IN ACCESS EXCLUSIVE MODE")

            answers = together(lambda: ask(served, READ), lambda: create(served, "x", token))
            for answer in answers:
                assert_unavailable(answer, "bezet")
        comes_back(served)
        until(lambda: create(served, "terug", token).status == 201)


@pytest.mark.postgresql
def test_a_server_that_was_stopped_is_reached_again(cluster: Cluster, tmp_path: Path) -> None:
    with a_server(tmp_path, cluster.url) as (served, token):
        main = cluster.processes[0]
        options = (cluster.home / "cluster" / "postmaster.opts").read_text()
        os.kill(main, signal.SIGINT)
        until(lambda: not (cluster.home / "cluster" / "postmaster.pid").exists())

        for answer in together(lambda: ask(served, READ), lambda: create(served, "x", token)):
            assert_unavailable(answer)
        assert_goes_on(served)

        start_again(cluster, options)
        comes_back(served)
        until(lambda: create(served, "terug", token).status == 201)


def start_again(cluster: Cluster, options: str) -> None:
    folder = postgres.binaries()
    assert folder is not None
    words = options.strip().replace('"', "").split(" ")[1:]
    settings = " ".join(words[words.index("-p") :])
    command: list[Any] = [folder / "pg_ctl", "-D", cluster.home / "cluster", "-w"]
    command += ["-l", cluster.home / "log", "-o", settings, "start"]
    owner = cluster.home.owner() if os.geteuid() == 0 else None
    run: dict[str, Any] = {"user": owner, "cwd": cluster.home, "stdout": subprocess.DEVNULL}
    subprocess.run(command, check=True, **run)
