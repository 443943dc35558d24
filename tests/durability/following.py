"""What every serving process does beside answering."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from kb.search.follower import Follower
from tests.conftest import KnowledgeBase


@contextmanager
def following(kb: KnowledgeBase) -> Iterator[None]:
    """Follow the database as every serving process does, at a brisker pace."""
    follower = Follower(kb.database, kb.engine, poll_seconds=0.05)
    follower.start()
    try:
        yield
    finally:
        follower.stop()
        follower.join()
