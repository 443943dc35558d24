"""The list of drafts: which, in what order, and what became of each so far."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from kb.cases.aliases import Thing
from kb.cases.model import Tombstone
from kb.database import now
from kb.editors.batches.model import Batch, BatchItem
from kb.editors.model import Revision, RevisionEvent
from kb.editors.revisions import OPEN_STATES, RETENTION
from kb.kinds import EDITABLE_KINDS

STATE_EVENTS = {  # after which event a draft is in which state
    "saved": "draft",
    "retracted": "draft",
    "submitted": "submitted",
    "returned": "returned",
    "discarded": "discarded",
}


@dataclass(frozen=True, kw_only=True)
class DraftFilters:
    """Which drafts a list has; what is empty limits nothing, but `states`: then open ones."""

    types: Collection[str] = ()  # of things, as `kb.kinds` names them
    slug: str | None = None
    words: str = ""  # each is in the title or the id
    states: Collection[str] = ()
    authors: Collection[str] = ()  # who saved it last
    writers: Collection[str] = ()  # who ever saved a text of it
    kinds: Collection[str] = ()
    sort: str = field(default="-savedAt")


class Event(NamedTuple):
    """Who did what to a draft."""

    id: int
    what: str
    who: str
    at: datetime
    note: str | None


def list_drafts(
    session: Session, filters: DraftFilters, *, skip: int, limit: int
) -> tuple[list[Revision], int]:
    """Drafts of which the text is there, in order; and how many in all."""
    statement = _matching(filters)
    total = session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    moment = _state_since() if filters.sort.endswith("stateSince") else Revision.saved_at
    order = moment.desc() if filters.sort.startswith("-") else moment
    page = (
        statement.order_by(order, Revision.slug, Revision.kind, Revision.id)
        .offset(skip)
        .limit(limit)
    )
    return list(session.scalars(page)), total


def _matching(filters: DraftFilters) -> Select[Any]:
    title = Revision.document["title"].as_string()
    statement = select(Revision).where(
        Revision.state.in_(filters.states or OPEN_STATES),
        Revision.erased_at.is_(None),
        or_(Revision.discarded_at.is_(None), Revision.discarded_at > now() - RETENTION),
        *(
            or_(
                title.icontains(word, autoescape=True),
                Revision.slug.icontains(word, autoescape=True),
            )
            for word in filters.words.split()
        ),
    )
    types = filters.types or tuple(kind.name for kind in EDITABLE_KINDS)  # terms are apart
    statement = statement.where(Revision.kind.in_(types))
    if filters.slug:
        statement = statement.where(Revision.slug == filters.slug)
    if filters.authors:
        statement = statement.where(Revision.author.in_(filters.authors))
    if filters.kinds:
        statement = statement.where(Revision.document["kind"].as_string().in_(filters.kinds))
    if filters.writers:
        saved = select(RevisionEvent.revision_id).where(
            RevisionEvent.what == "saved", RevisionEvent.who.in_(filters.writers)
        )
        statement = statement.where(Revision.id.in_(saved))
    return statement


def waiting_for_review(session: Session) -> tuple[int, datetime | None]:
    """How many drafts wait for a review, and since when the one that waits longest."""
    submitted = Revision.state == "submitted"
    number = session.scalar(select(func.count()).select_from(Revision).where(submitted)) or 0
    since = select(_state_since().label("since")).where(submitted).order_by("since").limit(1)
    return number, session.scalar(since)


def _state_since() -> Any:
    """The moment of the last event that gave a draft its state."""
    moments = select(func.max(RevisionEvent.at)).where(
        RevisionEvent.revision_id == Revision.id, RevisionEvent.what.in_(STATE_EVENTS)
    )
    return moments.correlate(Revision).scalar_subquery()


def events_of_drafts(session: Session, drafts: Sequence[Revision]) -> dict[int, list[Event]]:
    """The events of each of these drafts, the first one first, without the texts they replaced."""
    columns = (RevisionEvent.id, RevisionEvent.what, RevisionEvent.who, RevisionEvent.at)
    rows = session.execute(
        select(RevisionEvent.revision_id, *columns, RevisionEvent.note)
        .where(RevisionEvent.revision_id.in_([each.id for each in drafts]))
        .order_by(RevisionEvent.id)
    )
    events: dict[int, list[Event]] = {each.id: [] for each in drafts}
    for revision_id, number, what, who, at, note in rows:
        events[revision_id].append(Event(number, what, who, at, note))
    return events


def last_state_event(draft: Revision, events: Sequence[Event]) -> Event | None:
    """The event that gave a draft the state that it has."""
    of_state = (each for each in reversed(events) if STATE_EVENTS.get(each.what) == draft.state)
    return next(of_state, None)


def batches_of(session: Session, drafts: Sequence[Revision]) -> Mapping[int, int]:
    """The open batch that each of these drafts is part of, where it is, by the draft's id."""
    rows = session.execute(
        select(BatchItem.revision_id, BatchItem.batch_id)
        .join(Batch, Batch.id == BatchItem.batch_id)
        .where(
            BatchItem.revision_id.in_([each.id for each in drafts]), Batch.state.in_(OPEN_STATES)
        )
    )
    return {revision_id or 0: batch_id for revision_id, batch_id in rows}


def changes_of(session: Session, drafts: Sequence[Revision]) -> Mapping[Thing, str]:
    """What publishing a draft of each of these things is: `new`, `change` or `reinstatement`."""
    slugs = {each.slug for each in drafts}
    published = select(Revision.kind, Revision.slug).where(
        Revision.slug.in_(slugs), Revision.state == "published"
    )
    tombstones = select(Tombstone.kind, Tombstone.slug).where(Tombstone.slug.in_(slugs))
    public = {Thing(*row) for row in session.execute(published)}
    withdrawn = {Thing(*row) for row in session.execute(tombstones)}
    things = {Thing(each.kind, each.slug) for each in drafts}
    return {
        thing: "change" if thing in public else "reinstatement" if thing in withdrawn else "new"
        for thing in things
    }
