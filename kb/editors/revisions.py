"""The revisions of a thing and their events: read, locked and added to.

A function writes in the session it is given, and leaves the commit to its caller.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, insert, select
from sqlalchemy.orm import Session

from kb.cases.aliases import Thing
from kb.database import format_utc, now
from kb.editors.model import Revision, RevisionEvent, new_etag
from kb.translation import N_

RETENTION = timedelta(days=90)  # of a discarded draft
Document = dict[str, Any]
OPEN_STATES = ("draft", "submitted", "returned")
NOT_PUBLISHABLE = N_(  # the detail of a conflict
    "Only a text that is being written or waits for review can be published; this one is neither."
)


class Publications(NamedTuple):
    """How often a thing was published, and when."""

    last: int | None  # its newest version
    first_at: datetime | None
    last_at: datetime | None

    def as_json(self) -> dict[str, Any]:
        """The read-only keys of a thing in JSON: version, publishedAt and updatedAt."""
        first, last = (at and format_utc(at) for at in (self.first_at, self.last_at))
        return {"version": self.last, "publishedAt": first, "updatedAt": last}


NEVER_PUBLISHED = Publications(None, None, None)


def is_of(thing: Thing) -> ColumnElement[bool]:
    """The condition that a revision is of this thing."""
    return and_(Revision.kind == thing.kind, Revision.slug == thing.slug)


def publications(session: Session, thing: Thing) -> Publications:
    """The publications of a thing, also when it was withdrawn."""
    return publications_of(session, thing.kind, [thing.slug]).get(thing.slug, NEVER_PUBLISHED)


def publications_of(session: Session, kind: str, slugs: Collection[str]) -> dict[str, Publications]:
    """The publications of those of these things that have a revision, by id."""
    at = Revision.published_at
    statement = select(Revision.slug, func.max(Revision.version), func.min(at), func.max(at))
    statement = statement.where(Revision.kind == kind, Revision.slug.in_(slugs))
    rows = session.execute(statement.group_by(Revision.slug))
    return {slug: Publications(last, first_at, last_at) for slug, last, first_at, last_at in rows}


def events_of(session: Session, revision: Revision) -> list[RevisionEvent]:
    """The events of a revision, the first one first."""
    statement = select(RevisionEvent).where(RevisionEvent.revision_id == revision.id)
    return list(session.scalars(statement.order_by(RevisionEvent.id)))


def is_available(revision: Revision) -> bool:
    """Whether a revision has its text: all but discarded drafts of which nothing is left."""
    return revision.state != "discarded" or not (revision.erased_at or is_expired(revision))


def is_expired(revision: Revision) -> bool:
    """Whether a revision was discarded so long ago that its text is erased."""
    return revision.discarded_at is not None and revision.discarded_at <= now() - RETENTION


def last_public_documents(
    session: Session, kind: str, slugs: Collection[str]
) -> dict[str, Document]:
    """The document with which each of these things is public, or was last, by id."""
    texts = select(Revision.slug, Revision.document).where(
        Revision.kind == kind,
        Revision.slug.in_(slugs),
        Revision.state.in_(("published", "withdrawn")),
    )
    rows = session.execute(texts.order_by(Revision.version))
    return {slug: document for slug, document in rows}  # the last one wins


def documents_of(session: Session, thing: Thing) -> Iterator[Document]:
    """The documents of a thing, newest first: its revisions and what each replaced.

    Lazy: the database is read when the first one is taken.
    """
    revisions = select(Revision.id, Revision.document).where(is_of(thing))
    for number, document in session.execute(revisions.order_by(Revision.id.desc())).all():
        yield document
        replaced = select(RevisionEvent.replaced).where(
            RevisionEvent.revision_id == number, RevisionEvent.replaced.is_not(None)
        )
        yield from session.scalars(replaced.order_by(RevisionEvent.id.desc())).all()


def revision_in(session: Session, thing: Thing, *states: str) -> Revision | None:
    """The newest revision of a thing that is in one of these states."""
    statement = select(Revision).where(is_of(thing), Revision.state.in_(states))
    return session.scalar(statement.order_by(Revision.id.desc()).limit(1))


def record_event(
    session: Session,
    revision: Revision,
    what: str,
    *,
    who: str,
    at: datetime,
    note: str | None = None,
    replaced: dict[str, Any] | None = None,
    restored_from: int | None = None,
) -> None:
    """Add who did what to a revision; from here on it has another ETag."""
    revision.etag = new_etag()
    event = RevisionEvent(
        what=what, who=who, at=at, note=note, etag=revision.etag, replaced=replaced
    )
    event.revision_id, event.restored_from = revision.id, restored_from
    session.add(event)


def record_events(
    session: Session, revisions: Sequence[Revision], what: str, *, who: str | None, at: datetime
) -> None:
    """Add the same event to many revisions, with their ETags; `who` None: each its author."""
    events = [
        {
            "revision_id": each.id,
            "what": what,
            "who": who or each.author,
            "at": at,
            "etag": each.etag,
        }
        for each in revisions
    ]
    if events:
        session.execute(insert(RevisionEvent), events)


def lock_revisions(session: Session, thing: Thing) -> list[Revision]:
    """Every revision of a thing, read anew; others who write this thing wait until the commit.

    Who had to wait reads again: on PostgreSQL the query that waited does not see what the other
    has added meanwhile.
    """
    statement = select(Revision).where(is_of(thing)).order_by(Revision.id)
    session.execute(statement.with_only_columns(Revision.id).with_for_update()).all()
    return list(session.scalars(statement.execution_options(populate_existing=True)))
