"""A replica answers anonymous readers while it has what is shown already; else the primary does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from flask import Flask
from sqlalchemy import event

from kb.app import create_app
from kb.services import services_of
from kb.settings import BadSetting, Settings
from tests.builders import a_case
from tests.conftest import KnowledgeBase, make_anew, until
from tests.editors.conftest import somebody
from tests.replication import Pair, primary_and_standby

pytestmark = pytest.mark.postgresql
ADDRESS = "/v1/cases/tuin"


class Replicated(NamedTuple):
    """A serving application that reads from a standby, and the database that it is a copy of."""

    pair: Pair
    kb: KnowledgeBase
    app: Flask
    numbers: Iterator[int]  # by which an address differs from those that are cached

    def read(self, **headers: str) -> Any:
        """The case, as no cache has it."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent["Accept-Language"] = f"nl;q=0.{next(self.numbers)}"
        return self.app.test_client().get(ADDRESS, headers=sent)

    def listed_title(self) -> str:
        """What the index has."""
        response = self.app.test_client().get("/v1/cases?q=tuin&page=1&lang=nl")
        title: str = response.json["items"][0]["title"]
        return title

    def is_known(self) -> bool:
        """Whether the process that serves knows the newest change."""
        services = services_of(self.app)
        newest = services.background.newest_change
        state = services.search.snapshot_state()
        return newest is not None and newest == (state.change, state.nonce)


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    """A primary and its standby."""
    with primary_and_standby() as running:
        yield running


@pytest.fixture
def replicated(pair: Pair, tmp_path: Path) -> Iterator[Replicated]:
    """An application with a public case, which its standby has too."""
    pair.primary.query("DROP SCHEMA public CASCADE")
    pair.primary.query("CREATE SCHEMA public")
    kb = make_anew(tmp_path, pair.primary.url)
    kb.publish(a_case("tuin", title="Tuin 0"))
    settings = Settings(
        data_dir=tmp_path, database_url=pair.primary.url, database_read_url=pair.standby.url
    )
    app = create_app(settings)
    services_of(app).background.start()
    made = Replicated(pair, kb, app, count(1))
    until(lambda: pair.level() and made.is_known())
    yield made
    services = services_of(app)
    services.background.stop()
    services.search.close()
    assert services.replica
    for each in (services.database, services.replica.database, services.background._database):
        each.dispose()
    kb.close()


def statements_on_the_primary(app: Flask) -> list[str]:
    """What requests have the primary do from now on."""
    statements: list[str] = []
    engine = services_of(app).database.engine
    event.listen(engine, "after_cursor_execute", lambda *each: statements.append(each[2]))
    return statements


def test_anonymous_readers_are_answered_by_the_replica(replicated: Replicated) -> None:
    statements = statements_on_the_primary(replicated.app)

    assert replicated.read().json["title"] == "Tuin 0"
    assert statements == []
    token = somebody(replicated.kb, "Anna", "editor").token
    assert replicated.read(Authorization=f"Bearer {token}").status_code == 200
    assert statements


def test_a_replica_that_is_behind_never_answers_with_what_is_past(replicated: Replicated) -> None:
    replicated.pair.standby.query("SELECT pg_wal_replay_pause()")
    try:
        for number in range(1, 4):
            replicated.kb.publish(a_case("tuin", title=f"Tuin {number}"))
            until(partial(shows_together, replicated, f"Tuin {number}"))
        replicated.kb.withdraw("tuin")
        until(lambda: replicated.read().status_code == 410)
    finally:
        replicated.pair.standby.query("SELECT pg_wal_replay_resume()")

    statements = statements_on_the_primary(replicated.app)
    until(lambda: replicated.pair.level() and replicated.is_known())
    assert replicated.read().status_code == 410
    assert statements == []


def shows_together(replicated: Replicated, title: str) -> bool:
    """Whether a list has this title; the case itself is never older than what a list had."""
    listed = replicated.listed_title()
    assert replicated.read().json["title"] >= listed
    return listed == title


@pytest.mark.slow
def test_while_the_replica_is_away_the_primary_answers(replicated: Replicated) -> None:
    replicated.pair.standby.stop("immediate")
    try:
        assert {replicated.read().status_code for _ in range(5)} == {200}
    finally:
        replicated.pair.standby.start()

    statements = statements_on_the_primary(replicated.app)
    until(lambda: is_answered_without(statements, replicated.read))


def is_answered_without(statements: list[str], read: Callable[[], Any]) -> bool:
    """Whether reading takes no statement of the primary."""
    statements.clear()
    assert read().status_code == 200
    return not statements


@pytest.mark.slow
def test_what_the_replica_could_not_read_to_its_end_the_primary_does(
    replicated: Replicated,
) -> None:
    replica = services_of(replicated.app).replica
    assert replica is not None
    ended: list[int] = []

    def end(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "change" in statement and not ended:  # the first one: is the replica level?
            process = connection.connection.dbapi_connection.info.backend_pid
            ended.append(process)
            replicated.pair.standby.query(f"SELECT pg_terminate_backend({process})")

    event.listen(replica.database.engine, "after_cursor_execute", end)

    answer = replicated.read()

    assert ended
    assert (answer.status_code, answer.json["title"]) == (200, "Tuin 0")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"KB_DATABASE_READ_URL": "sqlite:///copy"}, "must begin with postgresql"),
        ({"KB_DATABASE_READ_URL": "postgresql+psycopg://db2/kb"}, "go together"),
        ({"KB_DATABASE_POOL_SIZE": "8", "KB_THREADS": "8"}, "more than KB_THREADS"),
        ({"KB_DATABASE_POOL_SIZE": "0"}, "out of range"),
    ],
)
def test_what_cannot_be_is_refused(values: dict[str, str], words: str) -> None:
    with pytest.raises(BadSetting, match=words):
        Settings.from_environment(values)
