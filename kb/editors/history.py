"""The history of a thing: every event (who did what), and the text as it was after it.

A saved text has the number of the event that left it. The newest text of a revision is the
revision's own; each earlier one stands in the event that replaced it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Select, func, null, select
from sqlalchemy.orm import Session

from kb.cases.aliases import Thing
from kb.database import format_utc
from kb.editors import thing_ids
from kb.editors.model import Revision, RevisionEvent
from kb.editors.revisions import RETENTION, is_available, is_of
from kb.problems import Erased, NotFound
from kb.translation import N_

ERASED = "_erased"  # the key of an erased text; its value has `reason` and `erased_at`


class SavedText(NamedTuple):
    """An event of a thing and the text that it left."""

    event: RevisionEvent
    revision: Revision
    document: dict[str, Any]


def events(
    session: Session, thing: Thing, *, skip: int, limit: int
) -> tuple[list[tuple[RevisionEvent, Revision]], int]:
    """The events of a thing, the last first, each with its revision; and how many there are in all.

    Raises UnknownId.
    """
    statement = _events_of(thing)
    total = session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    if not total:
        raise thing_ids.unknown_id(session, thing)
    page = statement.order_by(RevisionEvent.id.desc()).offset(skip).limit(limit)
    return [(event, revision) for event, revision in session.execute(page)], total


def saved_text(session: Session, thing: Thing, number: int) -> SavedText:
    """The text as it was after an event. Raises UnknownId, NotFound, and Erased."""
    row = session.execute(_events_of(thing).where(RevisionEvent.id == number)).first()
    if row is None:
        if not thing_ids.exists(session, thing):
            raise thing_ids.unknown_id(session, thing)
        detail = N_("“%(id)s” has no saved text %(number)s; its history lists them.")
        raise NotFound(detail, id=thing.slug, number=number)
    event, revision = row
    check_available(revision)
    later = select(RevisionEvent.replaced).where(
        RevisionEvent.revision_id == revision.id,
        RevisionEvent.id > number,
        RevisionEvent.replaced.is_not(null()),
    )
    replaced = session.scalar(later.order_by(RevisionEvent.id).limit(1))
    document = revision.document if replaced is None else replaced
    if ERASED in document:
        raise Erased(None, **document[ERASED])
    return SavedText(event, revision, document)


def _events_of(thing: Thing) -> Select[RevisionEvent, Revision]:
    joined = select(RevisionEvent, Revision).join(
        Revision, Revision.id == RevisionEvent.revision_id
    )
    return joined.where(is_of(thing))


def check_available(revision: Revision) -> None:
    """Raise Erased when the text of a revision was erased, or discarded too long ago."""
    if revision.erased_at and revision.erased_because is not None:
        raise Erased(None, reason=revision.erased_because, erased_at=format_utc(revision.erased_at))
    if revision.discarded_at and not is_available(revision):
        raise Erased(
            N_("This draft was discarded more than %(days)s days ago; its text is gone."),
            reason=None,
            erased_at=format_utc(revision.discarded_at + RETENTION),
            days=RETENTION.days,
        )
