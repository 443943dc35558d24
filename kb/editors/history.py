"""Every event of a case: who did what, and the text as it was after it.

A saved text has the number of the event that left it. The newest text of a revision is the
revision's own; each earlier one stands in the event that replaced it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import func, null, select
from sqlalchemy.orm import Session

from kb.database import format_utc
from kb.editors import drafting
from kb.editors.model import Revision, RevisionEvent
from kb.problems import Erased, NotFound
from kb.translation import N_

ERASED = "_erased"  # the key of a replaced text that is no more: its `reason` and `erased_at`


class SavedText(NamedTuple):
    """An event of a case and the text that it left."""

    event: RevisionEvent
    revision: Revision
    document: dict[str, Any]


def events(
    session: Session, slug: str, *, skip: int, limit: int
) -> tuple[list[tuple[RevisionEvent, Revision]], int]:
    """The events of a case, the last first, each with its revision; and how many there are in all.

    Raises UnknownId.
    """
    known = select(RevisionEvent, Revision).join(Revision, Revision.id == RevisionEvent.revision_id)
    known = known.where(Revision.slug == slug)
    total = session.scalar(select(func.count()).select_from(known.subquery())) or 0
    if not total:
        raise drafting.unknown(session, slug)
    page = known.order_by(RevisionEvent.id.desc()).offset(skip).limit(limit)
    return [(event, revision) for event, revision in session.execute(page)], total


def saved_text(session: Session, slug: str, number: int) -> SavedText:
    """The text as it was after an event. Raises UnknownId, NotFound, and Erased."""
    known = select(RevisionEvent, Revision).join(Revision, Revision.id == RevisionEvent.revision_id)
    row = session.execute(known.where(Revision.slug == slug, RevisionEvent.id == number)).first()
    if row is None:
        if not drafting.is_known(session, slug):
            raise drafting.unknown(session, slug)
        detail = N_("The case “%(id)s” has no saved text %(number)s; its history lists them.")
        raise NotFound(detail, id=slug, number=number)
    event, revision = row
    check_there(revision)
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


def check_there(revision: Revision) -> None:
    """Raise Erased when the text of a revision was erased, or discarded too long ago."""
    if revision.erased_at and revision.erased_because is not None:
        raise Erased(None, reason=revision.erased_because, erased_at=format_utc(revision.erased_at))
    if revision.discarded_at and not drafting.is_there(revision):
        raise Erased(
            N_("This draft was discarded more than %(days)s days ago; its text is gone."),
            reason=None,
            erased_at=format_utc(revision.discarded_at + drafting.RETENTION),
            days=drafting.RETENTION.days,
        )


def last_events(session: Session, revisions: list[Revision]) -> dict[int, RevisionEvent]:
    """The last event of each of these revisions, by the id of the revision."""
    last = select(func.max(RevisionEvent.id)).group_by(RevisionEvent.revision_id)
    last = last.where(RevisionEvent.revision_id.in_([each.id for each in revisions]))
    found = session.scalars(select(RevisionEvent).where(RevisionEvent.id.in_(last)))
    return {event.revision_id: event for event in found}
