"""Changes → index: follow the database until the index is level with it; rebuild and check.

Every function may be repeated and interrupted: the index itself remembers the last change it
holds, in the same commit as its documents, and nothing else is kept.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from kb.cases import changes, queries
from kb.database import Database
from kb.search import document
from kb.search.dutch import index_fingerprint
from kb.search.engine import (
    IndexBatch,
    IndexBusy,
    SearchDocument,
    SearchEngine,
    SearchUnavailable,
)
from kb.vocabulary.terms import schemes

Advance = Callable[[int, int], None]  # hears how many are done, of how many
KINDS = ("case", "study", "question")  # what has documents, and those of what it owns
AT_ONCE = 500  # changes per reading of the database
SAVED = 5000  # changes per saving of the index
log = logging.getLogger("kb.search")


def newest_change(database: Database) -> int:
    """The number of the last change in the database."""
    with database.reading() as session:
        return changes.last_number(session)


def catch_up(database: Database, engine: SearchEngine) -> int:
    """Bring the index level with the database; tells the number of the last change it now holds.

    An index of other terms or another analysis, or one that is ahead of the database (which was
    restored), is made afresh. Raises IndexBusy.
    """
    newest = newest_change(database)
    if engine.fingerprint() != index_fingerprint() or engine.change() > newest:
        return rebuild(database, engine)
    held = engine.change()
    while held < newest:
        with engine.writing() as batch:
            begun = batch.change
            while batch.change < begun + SAVED and _take_over_some(database, batch):
                pass
            held = batch.change
    return held


def _take_over_some(database: Database, batch: IndexBatch) -> bool:
    """Take over the next changes, if there are any: what changed is read as it is now."""
    with database.reading() as session:
        some = changes.changed_since(session, batch.change, AT_ONCE)
        changed: dict[str, dict[str, None]] = {}
        for change in some:
            changed.setdefault(change.kind, {})[change.slug] = None
        for kind, slugs in changed.items():
            _take_over(session, batch, kind, list(slugs))
        if some:
            batch.change = some[-1].number
        return bool(some)


def _take_over(session: Session, batch: IndexBatch, kind: str, slugs: list[str]) -> None:
    if kind == "vocabulary":
        if "ingredients" in slugs:
            for ingredient in schemes()["ingredients"].terms.values():
                batch.put(document.of_ingredient(ingredient))
        return
    for slug in slugs:
        batch.remove(f"{kind}:{slug}")
        batch.remove_owned(slug)
    for thing in queries.many(session, kind, slugs).values():
        for each in _documents(kind, thing):
            batch.put(each)


def _documents(kind: str, thing: object) -> Iterator[SearchDocument]:
    if kind == "case":
        yield from document.of_case(thing)  # type: ignore[arg-type]  # a row of its kind
    elif kind == "study":
        yield from document.of_study(thing)  # type: ignore[arg-type]
    else:
        yield document.of_question(thing)  # type: ignore[arg-type]


def rebuild(
    database: Database,
    engine: SearchEngine,
    progress: Advance = lambda done, total: None,
) -> int:
    """Make the index anew beside the old one, which answers until then; tells the last change.

    `progress` hears how many cases, studies and questions are done, of how many.
    """
    with engine.writing(afresh=True) as batch, database.reading() as session:
        batch.change = changes.last_number(session)
        for ingredient in schemes()["ingredients"].terms.values():
            batch.put(document.of_ingredient(ingredient))
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
        yield document.of_ingredient(ingredient)
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


class Follower(threading.Thread):
    """Looks each second whether the index is behind, and catches up when no one else does."""

    def __init__(self, database: Database, engine: SearchEngine, *, every: float = 1.0) -> None:
        """`every` is the time between two looks, in seconds."""
        super().__init__(name="kb-follower", daemon=True)
        self._database = database
        self._engine = engine
        self._every = every
        self._ended = threading.Event()
        self.seen: int | None = None  # the last change in the database at the last look

    def run(self) -> None:
        """Follow until `stop`; whatever befalls one look, the next one tries again."""
        while not self._ended.is_set():
            try:
                self.seen = newest_change(self._database)
                catch_up(self._database, self._engine)
            except IndexBusy:
                log.info("another process is bringing the index up to date")
            except (SQLAlchemyError, SearchUnavailable, OSError) as error:
                log.warning("the index could not follow the database yet: %s", error)
            except Exception:
                log.exception("the index could not follow the database yet")
            self._ended.wait(self._every)

    def stop(self) -> None:
        """Ask it to end; it does after the look it is busy with."""
        self._ended.set()
