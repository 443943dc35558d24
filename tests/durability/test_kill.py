"""Whenever a process is killed, the index ends equal to the database, without a hand."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from kb.search import consistency
from tests.conftest import KnowledgeBase
from tests.durability import restless
from tests.processes import beside


def kill_at_random(kb: KnowledgeBase, folder: Path, chance: random.Random) -> None:
    """Start a restless process and kill it after at most half a second of its work."""
    with beside(restless.change_for_ever, folder, chance.random()) as child:
        assert child.receive() == "restless"
        time.sleep(chance.random() / 2)
        child.kill()


def assert_whole(kb: KnowledgeBase) -> None:
    """Nothing is lost in the database, and the index becomes level with it."""
    with kb.database.reading() as session:
        assert session.execute(text("PRAGMA integrity_check")).scalar() == "ok"
        numbers = list(session.scalars(text("SELECT number FROM change ORDER BY number")))
        last = session.scalar(text("SELECT last FROM change_counter"))
    assert numbers == list(range(1, last + 1))
    kb.catch_up()
    assert not consistency.check(kb.database, kb.engine)


def kill_often(kb: KnowledgeBase, folder: Path, times: int) -> None:
    """Kill again and again, and look each time."""
    chance = random.Random(times)
    for _ in range(times):
        kill_at_random(kb, folder, chance)
        assert_whole(kb)


def test_three_kills_lose_nothing(kb: KnowledgeBase, tmp_path: Path) -> None:
    kill_often(kb, tmp_path, 3)


@pytest.mark.slow
def test_twenty_kills_lose_nothing(kb: KnowledgeBase, tmp_path: Path) -> None:
    kill_often(kb, tmp_path, 20)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_two_hundred_kills_lose_nothing(kb: KnowledgeBase, tmp_path: Path) -> None:
    kill_often(kb, tmp_path, 200)
