"""Renaming: the former id of a thing, and those of what it owns, become aliases of the new ones.

All its saved texts are rewritten too, so that each id in them can be followed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kb.cases import aliases, changes, queries
from kb.cases.aliases import Thing
from kb.cases.changes import Change
from kb.cases.model import Tombstone
from kb.editors import thing_ids
from kb.editors.editable_kind import ChangeEvent, editable_kind
from kb.editors.model import Revision, RevisionEvent
from kb.editors.revisions import OPEN_STATES, lock_revisions, record_event
from kb.editors.verifications.model import Verification
from kb.input_errors import Mistake
from kb.problems import Conflict, invalid_body
from kb.translation import N_
from schemas.ids import with_new_slug

ARROW = " → "  # between the former id and the new one, in the note of an event
MAX_OWNED_ID_LENGTH = 170  # characters of the id of a pitfall or finding


def rename(session: Session, thing: Thing, new: str, *, who: str, at: datetime) -> Change | None:
    """Give a thing another id, and number the change; None when it is not public yet.

    Harvesters hear that the former id was withdrawn and the new one created. Raises UnknownId,
    Renamed and Withdrawn, Conflict when the new id is taken, InvalidInput when one becomes too
    long.
    """
    revisions = lock_revisions(session, thing)
    if not revisions:
        raise thing_ids.unknown_id(session, thing)
    if session.get(Tombstone, thing) is not None:
        raise queries.absence(session, *thing)
    renamed = Thing(thing.kind, new)
    if thing_ids.is_taken(session, renamed) and not _was_named(session, thing, new):
        raise Conflict(N_("The id “%(id)s” is taken."), id=new)
    _check_lengths(revisions, thing.slug, new)
    _record_rename(session, revisions, f"{thing.slug}{ARROW}{new}", who=who, at=at)
    _rewrite_texts(session, revisions, thing.slug, new)
    checks = update(Verification).where(
        Verification.kind == thing.kind, Verification.slug == thing.slug
    )
    session.execute(checks.values(slug=new))
    kind = editable_kind(thing.kind)
    ids, updated = kind.rename(session, thing.slug, new)
    replaced = update(Tombstone).where(
        Tombstone.kind == thing.kind, Tombstone.replaced_by == thing.slug
    )
    session.execute(replaced.values(replaced_by=new))
    if not ids:  # nobody outside knows the former id, and nobody may learn of the draft
        return None
    aliases.add(session, ids)
    events: list[ChangeEvent] = [("withdrawn", kind.name, thing.slug), *updated]
    return changes.record_all(session, [*events, ("created", kind.name, new)], at)[-1]


def _was_named(session: Session, thing: Thing, new: str) -> bool:
    """Whether the new id is a former one of this very thing."""
    return aliases.target_of(session, thing.kind, new) == thing


def _check_lengths(revisions: Sequence[Revision], slug: str, new: str) -> None:
    """Raise InvalidInput when the id of something that it owns would be too long."""
    ids = (
        each["id"]
        for revision in revisions
        for key in ("pitfalls", "findings")
        for each in revision.document.get(key, ())
    )
    longest = max((len(each) for each in ids), default=0) + len(new) - len(slug)
    if longest > MAX_OWNED_ID_LENGTH and len(new) > len(slug):
        maximum = max(1, len(new) - (longest - MAX_OWNED_ID_LENGTH))
        mistake = Mistake("too-long", {"maximum": maximum, "actual": len(new)})
        raise invalid_body([("/id", mistake)])


def _record_rename(
    session: Session, revisions: Sequence[Revision], note: str, *, who: str, at: datetime
) -> None:
    """Add who renamed it to the history of its draft, or else of its public text."""
    states = (*OPEN_STATES, "published")
    current = next((each for each in reversed(revisions) if each.state in states), revisions[-1])
    record_event(session, current, "renamed", who=who, at=at, note=note)


def _rewrite_texts(session: Session, revisions: Sequence[Revision], slug: str, new: str) -> None:
    """Give the thing and what it owns their new ids in every text that was ever saved."""
    numbers = [each.id for each in revisions]
    for revision in revisions:
        revision.slug, revision.document = new, with_new_slug(revision.document, slug, new)
    replaced = select(RevisionEvent).where(RevisionEvent.revision_id.in_(numbers))
    for event in session.scalars(replaced.where(RevisionEvent.replaced.is_not(None))):
        event.replaced = with_new_slug(event.replaced or {}, slug, new)
    session.flush()
