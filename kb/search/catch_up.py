"""Changes → index: apply the numbered changes until the index is level with the database.

Every function may be repeated and interrupted: the index itself remembers the last change that
was applied, in the same commit as its documents, and nothing else has to be remembered.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Sequence

from sqlalchemy.orm import Session

from kb.cases import changes, queries
from kb.cases.vocabulary import vocabulary_in
from kb.database import Database
from kb.kinds import KINDS
from kb.search import documents, published
from kb.search.consistency import is_usable
from kb.search.engine import IndexBatch, IndexBusy, SearchEngine, SearchUnavailable
from kb.vocabulary.terms import BROADER_SCHEMES, in_force, schemes

Progress = Callable[[int, int], None]  # (items that are done, of how many)
CHANGES_PER_READ = 500  # in one transaction of the database
MAX_CHANGES_IN_REQUEST = 50  # that a request applies itself
log = logging.getLogger("kb.search")


class OtherHistory(Exception):
    """The last change in the index is not one of this database, or not in its present state."""


class _AlreadyRebuilt(Exception):
    """Another writer made the index anew while this one waited."""


def catch_up(database: Database, engine: SearchEngine) -> int:
    """Bring the index level with the database; returns the number of the last change in it.

    An index that is of another database or release is made anew. Raises IndexBusy, IndexInUse.
    """
    state = engine.state()  # first: what the database has by then is at least as new
    with database.reading() as session:
        if not is_usable(engine, session, state):
            return _rebuild_unless_usable(database, engine)
        newest = changes.last_number(session)
    applied = state.change
    try:
        while applied < newest:
            with engine.writing() as batch:
                end = batch.change + engine.changes_per_batch
                while batch.change < end and _apply_next(database, batch, CHANGES_PER_READ):
                    pass
                applied = batch.change
    except OtherHistory:  # it was restored, or the index set aside, since we looked
        return _rebuild_unless_usable(database, engine)
    return applied


def apply_if_few(database: Database, engine: SearchEngine, number: int) -> bool:
    """Apply the outstanding changes if they are few; whether the index then has change `number`.

    A backlog, or an index that must be made anew, is left to the follower. Raises IndexBusy.
    """
    state = engine.state()
    with database.reading() as session:
        if not is_usable(engine, session, state):
            return False
        outstanding = changes.last_number(session) - state.change
        if outstanding <= 0:
            return state.change >= number
        if outstanding > MAX_CHANGES_IN_REQUEST:
            return False
        if _is_much(session, changes.changed_since(session, state.change, outstanding)):
            return False
    try:
        with engine.writing() as batch:
            _apply_next(database, batch, MAX_CHANGES_IN_REQUEST)
            return batch.change >= number
    except OtherHistory:
        return False


def _is_much(session: Session, outstanding: Sequence[changes.Change]) -> bool:
    """Whether so many things have a changed term that a request should not wait for them."""
    affected = _affected(session, outstanding)
    return sum(map(len, affected.values())) > MAX_CHANGES_IN_REQUEST


def make_searchable(database: Database, engine: SearchEngine, number: int) -> bool:
    """Let search follow what was just published; whether it has change `number` now.

    Never raises: what was published stays published, and the follower tries again.
    """
    try:
        return apply_if_few(database, engine, number)
    except (IndexBusy, SearchUnavailable):
        return False  # another is at it, or the index is being made anew
    except Exception:  # a full disk, say
        log.exception("change %d is not searchable yet; the follower will try again", number)
        return False


def _apply_next(database: Database, batch: IndexBatch, limit: int) -> bool:
    """Apply the next changes, at most `limit`; whether there were any. Raises OtherHistory.

    What changed is read as it is now, not as it was then.
    """
    with database.reading() as session:
        if changes.nonce_of(session, batch.change) != batch.nonce:
            raise OtherHistory
        outstanding = changes.changed_since(session, batch.change, limit)
        with in_force(vocabulary_in(session)):
            for kind, slugs in _affected(session, outstanding).items():
                _apply(session, batch, kind, list(slugs))
        if outstanding:
            batch.change, batch.nonce = outstanding[-1].position
        return bool(outstanding)


def _affected(
    session: Session, outstanding: Sequence[changes.Change]
) -> dict[str, dict[str, None]]:
    """The ids of what changes made another thing, by kind: also of what has a changed term."""
    slugs: dict[str, dict[str, None]] = {}
    for change in outstanding:
        slugs.setdefault(change.kind, {})[change.slug] = None
    if "vocabulary" in slugs:
        for kind, using in published.users_of_terms(session, outstanding).items():
            slugs.setdefault(kind, {}).update(dict.fromkeys(using))
    return slugs


def _apply(session: Session, batch: IndexBatch, changed: str, slugs: Sequence[str]) -> None:
    """Put what is public of some items, or of the terms of schemes, into the index, and no more."""
    if changed == "vocabulary":
        _put_terms(session, batch, slugs)
        return
    for slug in slugs:
        batch.remove(f"{changed}:{slug}")
        batch.remove_owned(slug)
    kind = KINDS[changed]
    for start in range(0, len(slugs), CHANGES_PER_READ):
        some = slugs[start : start + CHANGES_PER_READ]
        for row in queries.many_of_kind(session, kind, some).values():
            for document in documents.of_row(kind, row):
                batch.put(document)


def _put_terms(session: Session, batch: IndexBatch, names: Collection[str]) -> None:
    shown = {*names, *(own for own, groups in BROADER_SCHEMES.items() if groups in names)}
    for key in published.absent_terms(shown):
        batch.remove(key)
    for document in published.documents_of_terms(session, shown):
        batch.put(document)


def rebuild(
    database: Database, engine: SearchEngine, progress: Progress = lambda done, total: None
) -> int:
    """Make the index anew beside the old one, which answers until then.

    Returns the number of the last change in it. Raises IndexBusy, IndexInUse.
    """
    with (
        engine.writing(afresh=True) as batch,
        database.reading() as session,
        in_force(vocabulary_in(session)),
    ):
        return _put_everything(session, batch, progress)


def _rebuild_unless_usable(database: Database, engine: SearchEngine) -> int:
    """Make the index anew, unless another writer has done so meanwhile."""
    try:
        with engine.writing(afresh=True) as batch, database.reading() as session:
            if is_usable(engine, session, batch.before):
                raise _AlreadyRebuilt  # which leaves everything as it is
            if batch.before.fingerprint:
                log.warning("the search index is of another history or release; it is made anew")
            with in_force(vocabulary_in(session)):
                return _put_everything(session, batch, lambda done, total: None)
    except _AlreadyRebuilt:
        return catch_up(database, engine)


def _put_everything(session: Session, batch: IndexBatch, progress: Progress) -> int:
    batch.change, batch.nonce = changes.last_position(session)
    _put_terms(session, batch, schemes())
    total = published.count_rows(session)
    for done, (kind, row) in enumerate(published.every_row(session), 1):
        for document in documents.of_row(kind, row):
            batch.put(document)
        progress(done, total)
    return batch.change
