"""Renaming a case: its former id, and those of what it owns, become aliases of the new ones.

All its saved texts are rewritten too, so that each id in them can be followed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kb.cases import aliases, changes, queries
from kb.cases.aliases import Thing
from kb.cases.changes import Change
from kb.cases.model import Case, Tombstone
from kb.editors import case_ids
from kb.editors.model import Revision, RevisionEvent, new_etag
from kb.editors.revisions import OPEN_STATES, lock_revisions, record_event
from kb.input_errors import Mistake
from kb.problems import Conflict, invalid_body
from kb.translation import N_
from schemas.ids import with_new_slug

ARROW = " → "  # between the former id and the new one, in the note of an event
MAX_OWNED_ID_LENGTH = 170  # characters of the id of a pitfall or finding


def rename(session: Session, slug: str, new: str, *, who: str, at: datetime) -> Change | None:
    """Give a case another id, and number the change; None when it is not public yet.

    Harvesters hear that the former id was withdrawn and the new one created. Raises UnknownId,
    Renamed and Withdrawn, Conflict when the new id is taken, InvalidInput when one becomes too
    long.
    """
    revisions = lock_revisions(session, slug)
    if not revisions:
        raise case_ids.unknown_id(session, slug)
    case = session.scalar(select(Case).where(Case.slug == slug))
    if case is None and session.get(Tombstone, slug) is not None:
        raise queries.absence(session, Case, slug)
    if case_ids.is_taken(session, new) and not _was_named(session, slug, new):
        raise Conflict(N_("The id “%(id)s” is taken."), id=new)
    _check_lengths(revisions, slug, new)
    _record_rename(session, revisions, f"{slug}{ARROW}{new}", who=who, at=at)
    _rewrite_texts(session, revisions, slug, new)
    _rewrite_references(session, slug, new)
    if case is None:  # nobody outside knows the former id, and nobody may learn of the draft
        return None
    aliases.add(session, list(_rename_rows(case, slug, new)))
    examples = session.scalars(select(Case.slug).where(Case.archetype_slug == new)).all()
    events: list[tuple[changes.Event, changes.ChangedKind, str]] = [
        ("withdrawn", "case", slug),
        *(("updated", "case", example) for example in examples),
        ("created", "case", new),
    ]
    return changes.record_all(session, events, at)[-1]


def _was_named(session: Session, slug: str, new: str) -> bool:
    """Whether the new id is a former one of this very case."""
    return aliases.target_of(session, "case", new) == Thing("case", slug)


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
    """Give the case and what it owns their new ids in every text that was ever saved."""
    numbers = [each.id for each in revisions]
    for revision in revisions:
        revision.slug, revision.document = new, with_new_slug(revision.document, slug, new)
    replaced = select(RevisionEvent).where(RevisionEvent.revision_id.in_(numbers))
    for event in session.scalars(replaced.where(RevisionEvent.replaced.is_not(None))):
        event.replaced = with_new_slug(event.replaced or {}, slug, new)
    session.flush()


def _rewrite_references(session: Session, slug: str, new: str) -> None:
    """Put the new id where texts of other cases, and tombstones, refer to this one."""
    named = Revision.document["archetype"].as_string() == slug
    for revision in session.scalars(select(Revision).where(named)):
        revision.document = {**revision.document, "archetype": new}
        if revision.state in OPEN_STATES:
            revision.etag = new_etag()
    replaced = RevisionEvent.replaced["archetype"].as_string() == slug
    for event in session.scalars(select(RevisionEvent).where(replaced)):
        event.replaced = {**(event.replaced or {}), "archetype": new}
    of_archetype = update(Case).where(Case.archetype_slug == slug)
    session.execute(of_archetype.values(archetype_slug=new))
    session.execute(update(Tombstone).where(Tombstone.replaced_by == slug).values(replaced_by=new))


def _rename_rows(case: Case, slug: str, new: str) -> Iterator[tuple[Thing, Thing]]:
    """Give the public rows their new ids; yields each former id with its new one."""
    owned: list[tuple[str, Any]] = [("pitfall", each) for each in case.pitfalls]
    owned += [("finding", each) for each in case.findings]
    for kind, row in (("case", case), *owned):
        before = row.slug
        row.slug = new + before.removeprefix(slug)
        yield Thing(kind, before), Thing(kind, row.slug)
