"""Submitting a draft, taking that back, returning it, and approving it, which publishes it.

A function writes in the session it is given, and leaves the commit to its caller.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.cases import queries
from kb.cases.aliases import Thing
from kb.cases.changes import Change
from kb.cases.model import Tombstone
from kb.editors import workflow
from kb.editors.access import Editor
from kb.editors.model import Revision, RevisionEvent
from kb.editors.revisions import events_of, record_event
from kb.editors.thing_ids import unknown_id, was_written
from kb.input_errors import Mistake
from kb.problems import Conflict, Forbidden, invalid_body
from kb.translation import N_


def submit(session: Session, draft: Revision, *, who: str, note: str | None, at: datetime) -> None:
    """Ask for approval. Raises Conflict when that was done already."""
    if draft.state == "submitted":
        raise Conflict(N_("This draft was submitted already."))
    draft.state = "submitted"
    record_event(session, draft, "submitted", who=who, at=at, note=note)


def return_to_author(
    session: Session, draft: Revision, *, who: str, note: str, at: datetime
) -> None:
    """Return a submitted draft to its author. Raises Conflict when it is not submitted."""
    if draft.state != "submitted":
        raise Conflict(N_("Only a submitted draft can be returned; this one is not."))
    draft.state = "returned"
    record_event(session, draft, "returned", who=who, at=at, note=note)


def retract(
    session: Session, draft: Revision, *, editor: Editor, note: str | None, at: datetime
) -> None:
    """Make a submitted draft one that is worked at again.

    Raises Conflict when it is not submitted, and Forbidden for an editor who neither submitted it
    nor is a publisher.
    """
    if draft.state != "submitted":
        raise Conflict(N_("Only a submitted draft can be taken back; this one is not."))
    submitted = [each.who for each in events_of(session, draft) if each.what == "submitted"]
    if editor.owner != submitted[-1] and editor.role != "publisher":
        detail = N_(
            "Only %(author)s, who submitted this draft, or a publisher may take it back; ask one "
            "of them."
        )
        raise Forbidden(detail, author=submitted[-1])
    draft.state = "draft"
    record_event(session, draft, "retracted", who=editor.owner, at=at, note=note)


def approve(
    session: Session,
    draft: Revision,
    *,
    who: str,
    note: str | None,
    at: datetime,
    four_eyes: bool,
    reinstate: bool = False,
) -> Change:
    """Publish a draft. With `four_eyes` only a submitted one, and by somebody who did not write it.

    What was withdrawn comes back only with `reinstate`. Raises Conflict, Forbidden, and
    InvalidInput when something is missing or inconsistent.
    """
    check_four_eyes(session, draft, who=who, four_eyes=four_eyes)
    if (tombstone := session.get(Tombstone, draft.thing)) and not reinstate:
        raise _withdrawn(tombstone)
    draft.note = note
    return workflow.publish(session, draft, at=at, by=who)


def check_four_eyes(session: Session, draft: Revision, *, who: str, four_eyes: bool) -> None:
    """Raise Conflict, Forbidden when this draft may not be approved, or not by this publisher."""
    if four_eyes and draft.state != "submitted":
        raise Conflict(N_("Only a submitted draft can be published; submit this one first."))
    if four_eyes and who in writers_of(session, draft):
        raise Forbidden(N_("You wrote in this draft; another publisher must publish it."))


def _withdrawn(tombstone: Tombstone) -> Conflict:
    problem = Conflict(
        N_(
            "“%(id)s” was withdrawn (%(reason)s), and publishing this draft brings it "
            "back. Send “reinstate”: true when that is what you want."
        ),
        id=tombstone.slug,
        reason=tombstone.reason,
    )
    problem.extra = queries.withdrawal_of(tombstone)
    return problem


def check_withdrawal(session: Session, thing: Thing, replaced_by: str | None) -> None:
    """Raise UnknownId for what never was, InvalidInput when `replaced_by` cannot be it."""
    if not was_written(session, thing):
        raise unknown_id(session, thing)
    mistake = None
    if replaced_by == thing.slug:
        mistake = Mistake("inconsistent", {"reason": "itself"})
    elif replaced_by and not queries.is_published(session, thing.kind, replaced_by):
        mistake = Mistake("unknown-reference", {"value": replaced_by, "expected": thing.kind})
    if mistake:
        raise invalid_body([("/replacedBy", mistake)])


def writers_of(session: Session, draft: Revision) -> set[str]:
    """Who wrote in a draft, and in the saved texts that it was restored from."""
    writers, revision_ids, visited = {draft.author}, {draft.id}, set[int]()
    while revision_ids:
        visited |= revision_ids
        saved = select(RevisionEvent).where(
            RevisionEvent.revision_id.in_(revision_ids), RevisionEvent.what == "saved"
        )
        events = list(session.scalars(saved))
        writers |= {event.who for event in events}
        origins = {event.restored_from for event in events} - {None}
        restored = select(RevisionEvent.revision_id).where(RevisionEvent.id.in_(origins))
        revision_ids = set(session.scalars(restored)) - visited
    return writers
