"""Changes → index: follow the database until the index is level with it; rebuild and check.

Every function may be repeated and interrupted: the index itself remembers the last change it
holds, in the same commit as its documents, and nothing else is kept.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from kb.cases import changes, queries
from kb.database import Database
from kb.search import documents
from kb.search.engine import (
    IndexBatch,
    IndexBusy,
    IndexOfAnother,
    IndexState,
    SearchDocument,
    SearchEngine,
    SearchUnavailable,
)
from kb.vocabulary.terms import schemes

Advance = Callable[[int, int], None]  # hears how many are done, of how many
KINDS = ("case", "study", "question")  # what has documents, and those of what it owns
AT_ONCE = 500  # changes per reading of the database
SAVED = 5000  # changes per saving of the index
FEW = 50  # changes that a request may take over itself
LAG = timedelta(seconds=30)  # that an index may be behind and still be level enough
log = logging.getLogger("kb.search")


class OtherHistory(Exception):
    """The last change in the index is not one of this database, or not in its present state."""


def newest_change(database: Database) -> changes.Position:
    """The last change in the database."""
    with database.reading() as session:
        return changes.last_position(session)


def belongs(engine: SearchEngine, session: Session, state: IndexState) -> bool:
    """Whether an index was made of this database, by the terms and analysis of its engine.

    Ahead of it, made before it was restored, or of a history that went another way since: then
    the database has no such change with that mark.
    """
    own = state.fingerprint == engine.analyzer.fingerprint()
    return own and changes.mark_of(session, state.change) == state.mark


def catch_up(database: Database, engine: SearchEngine) -> int:
    """Bring the index level with the database; tells the number of the last change it now holds.

    An index that does not belong to the database is made afresh. Raises IndexBusy, IndexOfAnother.
    """
    state = engine.state()  # first: what the database has by then is at least as new
    with database.reading() as session:
        if not belongs(engine, session, state):
            return _make_again(database, engine)
        newest = changes.last_number(session)
    held = state.change
    try:
        while held < newest:
            with engine.writing() as batch:
                begun = batch.change
                while batch.change < begun + SAVED and _take_over_some(database, batch):
                    pass
                held = batch.change
    except OtherHistory:  # it was restored, or the index set aside, since we looked
        return _make_again(database, engine)
    return held


def take_over(database: Database, engine: SearchEngine, number: int) -> bool:
    """Let the index hold change `number` if that is little work; tells whether it does.

    For who waits for an answer: a backlog, or an index that must be made again, is left to the
    follower. Raises IndexBusy.
    """
    state = engine.state()
    with database.reading() as session:
        if not belongs(engine, session, state):
            return False
        outstanding = changes.last_number(session) - state.change
    if not 0 < outstanding <= FEW:
        return outstanding <= 0 and state.change >= number
    try:
        with engine.writing() as batch:
            _take_over_some(database, batch, FEW)
            return batch.change >= number
    except OtherHistory:
        return False


def make_searchable(database: Database, engine: SearchEngine, number: int) -> bool:
    """Let search follow what was just published; whether it knows of change `number` now.

    Never raises: what was published stays published, and the follower tries again.
    """
    try:
        return take_over(database, engine, number)
    except (IndexBusy, SearchUnavailable):
        return False  # another is at it, or the index is being made anew
    except Exception:  # a full disk, say
        log.exception("change %d is not searchable yet; the follower will try again", number)
        return False


def _take_over_some(database: Database, batch: IndexBatch, limit: int = AT_ONCE) -> bool:
    """Take over the next changes, if there are any: what changed is read as it is now.

    Raises OtherHistory.
    """
    with database.reading() as session:
        if changes.mark_of(session, batch.change) != batch.mark:
            raise OtherHistory
        some = changes.changed_since(session, batch.change, limit)
        changed: dict[str, dict[str, None]] = {}
        for change in some:
            changed.setdefault(change.kind, {})[change.slug] = None
        for kind, slugs in changed.items():
            _take_over(session, batch, kind, list(slugs))
        if some:
            batch.change, batch.mark = some[-1].position
        return bool(some)


def _take_over(session: Session, batch: IndexBatch, kind: str, slugs: list[str]) -> None:
    if kind == "vocabulary":
        if "ingredients" in slugs:
            for ingredient in schemes()["ingredients"].terms.values():
                batch.put(documents.of_ingredient(ingredient))
        return
    for slug in slugs:
        batch.remove(f"{kind}:{slug}")
        batch.remove_owned(slug)
    for thing in queries.many(session, kind, slugs).values():
        for each in _documents(kind, thing):
            batch.put(each)


def _documents(kind: str, thing: object) -> Iterator[SearchDocument]:
    if kind == "case":
        yield from documents.of_case(thing)  # type: ignore[arg-type]  # a row of its kind
    elif kind == "study":
        yield from documents.of_study(thing)  # type: ignore[arg-type]
    else:
        yield documents.of_question(thing)  # type: ignore[arg-type]


def rebuild(
    database: Database,
    engine: SearchEngine,
    progress: Advance = lambda done, total: None,
) -> int:
    """Make the index anew beside the old one, which answers until then; tells the last change.

    `progress` hears how many cases, studies and questions are done, of how many. Raises IndexBusy,
    IndexOfAnother.
    """
    with engine.writing(afresh=True) as batch, database.reading() as session:
        return _put_everything(session, batch, progress)


class _Level(Exception):
    """Another writer made the index anew while this one waited."""


def _make_again(database: Database, engine: SearchEngine) -> int:
    """Make the index anew, unless another writer has done so meanwhile."""
    try:
        with engine.writing(afresh=True) as batch, database.reading() as session:
            if belongs(engine, session, batch.before):
                raise _Level  # which leaves everything as it is
            if batch.before.fingerprint:
                log.warning("the search index is of another history or release; it is made anew")
            return _put_everything(session, batch, lambda done, total: None)
    except _Level:
        return catch_up(database, engine)


def _put_everything(session: Session, batch: IndexBatch, progress: Advance) -> int:
    batch.change, batch.mark = changes.last_position(session)
    for ingredient in schemes()["ingredients"].terms.values():
        batch.put(documents.of_ingredient(ingredient))
    total = sum(queries.count(session, kind) for kind in KINDS)
    done = 0
    for kind in KINDS:
        for thing in queries.every(session, kind):
            for each in _documents(kind, thing):
                batch.put(each)
            done += 1
            progress(done, total)
    return batch.change


def every_document(session: Session) -> Iterator[SearchDocument]:
    """All that should be in an index, as the database has it now."""
    for ingredient in schemes()["ingredients"].terms.values():
        yield documents.of_ingredient(ingredient)
    for kind in KINDS:
        for thing in queries.every(session, kind):
            yield from _documents(kind, thing)


@dataclass(frozen=True)
class Drift:
    """How an index differs from the database."""

    missing: tuple[str, ...]  # keys of documents that should be there
    extra: tuple[str, ...]  # keys of documents that should not
    behind: int  # changes that were not taken over yet

    def __bool__(self) -> bool:
        return bool(self.missing or self.extra or self.behind)


def check(database: Database, engine: SearchEngine) -> Drift:
    """Compare the index with the database, document by document. Raises SearchUnavailable."""
    with database.reading() as session:
        wanted = {each.key for each in every_document(session)}
        behind = changes.last_number(session) - engine.change()
    held = engine.keys()
    return Drift(tuple(sorted(wanted - held)), tuple(sorted(held - wanted)), behind)


def readiness(session: Session, engine: SearchEngine, now: datetime) -> str:
    """`ok` when what search answers with is of this database and at most `LAG` behind it.

    Else `unavailable`: there is no index that can answer; `other-release`: it was made with other
    terms or another analysis; `other-history`: the database was restored, and the index is not
    made again yet; `behind`.
    """
    try:
        state = engine.snapshot_state()
    except SearchUnavailable:
        return "unavailable"
    if state.fingerprint != engine.analyzer.fingerprint():
        return "other-release"
    if not belongs(engine, session, state):
        return "other-history"
    since = changes.waiting_since(session, state.change)
    return "behind" if since and since < now - LAG else "ok"


class Follower(threading.Thread):
    """Looks each second whether the index is behind, and catches up when no one else does."""

    def __init__(self, database: Database, engine: SearchEngine, *, every: float = 1.0) -> None:
        """`every` is the time between two looks, in seconds."""
        super().__init__(name="kb-follower", daemon=True)
        self._database = database
        self._engine = engine
        self._every = every
        self._ended = threading.Event()
        self._marked = False  # whether the index had a mark once: then this release made it
        self._refused = ""  # why the index is left alone, when it is
        self.seen: changes.Position | None = None  # the last change at the last look

    def run(self) -> None:
        """Follow until `stop`; whatever befalls one look, the next one tries again."""
        while not self._ended.is_set():
            try:
                self.look()
            except IndexOfAnother as error:
                self._refuse(str(error))
            except IndexBusy:
                log.info("another process is bringing the index up to date")
            except (SQLAlchemyError, SearchUnavailable, OSError) as error:
                log.warning("the index could not follow the database yet: %s", error)
            except Exception:
                log.exception("the index could not follow the database yet")
            self._ended.wait(self._every)

    def look(self) -> None:
        """Catch up once, and be known as a user of the index. Raises whatever befalls it.

        Releases before marks make an index anew that has one, without looking for its users; so
        one that lost its mark is left to them, or both would do so for ever.
        """
        self.seen = newest_change(self._database)
        state = self._engine.state()
        if self._marked and state.fingerprint and not state.mark:
            raise IndexOfAnother("a process of an older release makes the index; stop that one")
        catch_up(self._database, self._engine)
        self._engine.claim()
        self._marked, self._refused = True, ""

    def _refuse(self, reason: str) -> None:
        """Say once why the index is left as it is."""
        if reason != self._refused:
            log.error("the index is left as it is: %s", reason)
        self._refused = reason

    def stop(self) -> None:
        """Ask it to end; it does after the look it is busy with."""
        self._ended.set()
