"""Whether an index is that of the database, how far it is behind, and in what it differs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy.orm import Session

from kb.cases import changes
from kb.cases.vocabulary import vocabulary_in
from kb.database import Database
from kb.search.engine import IndexState, SearchEngine, SearchUnavailable
from kb.search.published import every_document
from kb.vocabulary.terms import in_force

MAX_LAG = timedelta(seconds=30)  # that an index may be behind and still be ready
Readiness = Literal[
    "ok", "degraded", "behind", "other-history", "other-release", "no-access", "unavailable"
]


def is_of_this_release(engine: SearchEngine, state: IndexState) -> bool:
    """Whether an index was made with the terms and analysis of its engine."""
    return state.fingerprint == engine.analyzer.fingerprint()


def is_of_this_history(session: Session, state: IndexState) -> bool:
    """Whether the last change in an index is one of the database.

    It is not when the index is ahead of it, was made before it was restored, or is of a history
    that went another way since: then the database has no such number with that nonce.
    """
    return changes.nonce_of(session, state.change) == state.nonce


def is_usable(engine: SearchEngine, session: Session, state: IndexState) -> bool:
    """Whether an index can follow the database; else it must be made anew."""
    return is_of_this_release(engine, state) and is_of_this_history(session, state)


@dataclass(frozen=True)
class Drift:
    """How an index differs from the database; true when it does."""

    missing: tuple[str, ...]  # keys of documents that should be there
    extra: tuple[str, ...]  # keys of documents that should not
    behind: int  # changes that are not applied yet

    def __bool__(self) -> bool:
        return bool(self.missing or self.extra or self.behind)


def check(database: Database, engine: SearchEngine) -> Drift:
    """Compare the index with the database, document by document. Raises SearchUnavailable."""
    with database.reading() as session:
        with in_force(vocabulary_in(session)):
            expected = {document.key for document in every_document(session)}
        behind = changes.last_number(session) - engine.change()
    actual = set(engine.keys())
    return Drift(tuple(sorted(expected - actual)), tuple(sorted(actual - expected)), behind)


def readiness(session: Session, engine: SearchEngine, now: datetime) -> Readiness:
    """`ok` when the snapshot that is searched is of this database and at most `MAX_LAG` behind it.

    Else `unavailable`: there is no index that can answer; `no-access`: a cluster refuses our user;
    `other-release`: it was made with other terms or another analysis; `other-history`: the database
    was restored, and the index is not made again yet; `behind`; `degraded`: it is level, but a part
    of it is being repaired.
    """
    try:
        state = engine.snapshot_state()
    except SearchUnavailable as error:
        return error.check
    if not is_of_this_release(engine, state):
        return "other-release"
    if not is_of_this_history(session, state):
        return "other-history"
    since = changes.waiting_since(session, state.change)
    if since and since < now - MAX_LAG:
        return "behind"
    return "degraded" if engine.is_degraded() else "ok"
