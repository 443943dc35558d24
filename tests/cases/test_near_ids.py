"""An address that is not there says what was probably meant, and costs about nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event, insert, select
from sqlalchemy.pool import Pool

from kb.cases.changes import record
from kb.database import Base, now
from kb.suggestions import closest_match
from tests.builders import a_case, a_pitfall
from tests.conftest import KnowledgeBase
from tests.work import calls_of

MANY = 10_000


def multiply(kb: KnowledgeBase) -> None:
    """Copy the one case and its pitfall until there are many."""
    with kb.database.transaction() as session:
        for name in ("case_study", "pitfall"):
            table = Base.metadata.tables[name]
            row = dict(session.execute(select(table)).mappings().one())
            copies = [
                row | {"id": number, "slug": f"{number:05}-{row['slug']}"}
                for number in range(row["id"] + 1, row["id"] + MANY)
            ]
            session.execute(insert(table), copies)
        record(session, "created", "case", "tuin", now())


@pytest.fixture
def counted_steps() -> Iterator[None]:
    """Let SQLite call a function after every ten of its steps, so that they count as work."""

    def count(connection: sqlite3.Connection, *_: Any) -> None:
        connection.set_progress_handler(lambda: 0, 10)

    event.listen(Pool, "checkout", count)
    yield
    event.remove(Pool, "checkout", count)


def work(kb: KnowledgeBase, path: str) -> int:
    """What a request is, once all has been read."""
    assert kb.client.get(path).status_code == 404
    return calls_of(lambda: kb.client.get(path))


def test_what_is_not_there_costs_no_more_among_many(kb: KnowledgeBase, counted_steps: None) -> None:
    kb.publish(a_case("tuin-in-de-wijk", pitfalls=[a_pitfall("tuin-in-de-wijk")]))
    paths = ("/v1/cases/tuin-in-de-wyk", f"/v1/cases/{'x' * 300}", "/v1/pitfalls/tuin-in--wijk")
    before = [work(kb, path) for path in paths]
    multiply(kb)

    for path, little in zip(paths, before, strict=True):
        assert work(kb, path) < little + 500, path


def test_the_nearest_ids_are_suggested(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin-in-de-wijk", pitfalls=[a_pitfall("tuin-in-de-wijk")]), a_case("plein"))
    pitfall = kb.client.get("/v1/cases/tuin-in-de-wijk").json["pitfalls"][0]["id"]

    def near(path: str) -> list[str]:
        value: list[str] = kb.client.get(path).json["suggestions"]
        return value

    assert near("/v1/cases/tuin-in-de-wyk") == ["tuin-in-de-wijk"]
    assert near(f"/v1/pitfalls/{pitfall[:-2]}") == [pitfall]
    assert near(f"/v1/pitfalls/{pitfall.replace('wijk', 'wyk')}") == [pitfall]
    assert near(f"/v1/cases/{'tuin-in-de-wijk' * 20}") == []
    kb.publish(a_case("tuin-in-de-wij"))
    assert near("/v1/cases/tuin-in-de-wi") == ["tuin-in-de-wij", "tuin-in-de-wijk"]


@pytest.mark.parametrize("word", ["x" * 100_000, "statushouder" * 20])
def test_a_whole_text_is_like_no_word(word: str) -> None:
    assert closest_match(word, ["statushouders", "x" * 150]) is None
