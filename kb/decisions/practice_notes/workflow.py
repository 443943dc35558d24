"""new → approved, rejected or drafted: the one way in which a note from practice becomes public.

A function writes in the session it is given, and leaves the commit to its caller.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from kb.cases import aliases, changes
from kb.cases.aliases import Thing
from kb.cases.changes import Change
from kb.cases.model import Case, Pitfall
from kb.cases.practice_note import PracticeNote
from kb.decisions.practice_notes.model import SUBJECT_KINDS, NoteDecision, SubmittedNote
from kb.editors.drafts import StartingText, create_draft, start_next_draft
from kb.editors.model import Revision, new_etag
from kb.editors.revisions import OPEN_STATES, revision_in
from kb.input_errors import Mistake
from kb.problems import Conflict, StaleEdit, UnknownId, invalid_body
from kb.translation import N_
from kb.vocabulary.terms import schemes

RETENTION = timedelta(days=90)  # of an e-mail address, and of a note that was rejected
SENDING_LIMIT = "20 per hour"  # that one address may send in; offices share one
ID_BYTES = 8  # of randomness, written as twice as many hexadecimal digits
MODELS: Mapping[str, type[Case | Pitfall]] = {"case": Case, "pitfall": Pitfall}


def receive(session: Session, note: Mapping[str, Any], *, at: datetime) -> SubmittedNote:
    """Keep what somebody sent in, as `schemas.practice_notes.NoteInput` loads it.

    Raises InvalidInput when nothing public has the id that it is about.
    """
    about = note["about"]
    subject = about and current_subject(session, about["type"], about["slug"])
    if about and subject is None:
        values = {"value": about["slug"], "expected": about["type"]}
        raise invalid_body([("/about/id", Mistake("unknown-reference", values))])
    received = SubmittedNote(
        slug=secrets.token_hex(ID_BYTES),
        kind=note["kind"],
        about_kind=subject and subject.kind,
        about=subject and subject.slug,
        text=note["text"],
        organisation=note["organisation"],
        email=note["email"],
        received_at=at,
        state="new",
        etag=new_etag(),
    )
    session.add(received)
    return received


def current_subject(session: Session, kind: str, slug: str) -> Thing | None:
    """The public thing with this id, or that answers for it now; None when there is none."""
    if kind == "ingredient":
        return Thing(kind, slug) if slug in schemes()["ingredients"].terms else None
    model = MODELS[kind]
    if session.scalar(select(model.id).where(model.slug == slug)):
        return Thing(kind, slug)
    target = aliases.target_of(session, kind, slug)
    if target is None or target.kind not in SUBJECT_KINDS:
        return None
    model = MODELS[target.kind]
    is_public = session.scalar(select(model.id).where(model.slug == target.slug))
    return target if is_public else None


def subject_of(session: Session, note: SubmittedNote) -> Thing | None:
    """What a note is about by its present id, or by its last one when it is not public now."""
    if note.about_kind is None or note.about is None:
        return None
    named = Thing(note.about_kind, note.about)
    return current_subject(session, *named) or named


def get_note(session: Session, slug: str) -> SubmittedNote:
    """A note that was sent in. Raises UnknownId, without near ones."""
    note = session.get(SubmittedNote, slug)
    if note is None:
        raise UnknownId(slug, ())
    return note


def lock_note(session: Session, slug: str, etags: Collection[str]) -> SubmittedNote:
    """A note with one of these ETags, to decide; others wait. Raises UnknownId, StaleEdit."""
    note = session.get(SubmittedNote, slug, with_for_update=True)
    if note is None:
        raise UnknownId(slug, ())
    if note.etag not in etags:
        raise StaleEdit(["state", "history"])
    return note


def list_notes(
    session: Session, *, states: Collection[str], skip: int, limit: int
) -> tuple[Sequence[SubmittedNote], int]:
    """Notes in these states (any if none), those that came first first; and how many in all."""
    statement = select(SubmittedNote)
    if states:
        statement = statement.where(SubmittedNote.state.in_(states))
    total = session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    in_order = statement.order_by(SubmittedNote.received_at, SubmittedNote.slug)
    return session.scalars(in_order.offset(skip).limit(limit)).all(), total


def decide(
    session: Session,
    note: SubmittedNote,
    decision: str,
    text: str | None,
    *,
    who: str,
    at: datetime,
) -> Change | None:
    """Approve, answer or reject a note, or begin a draft with it; gives the change, if any.

    An answer takes the place of an earlier one; rejecting takes back what was approved. Raises
    Conflict when this does not fit, and what the workflow of editors raises at drafts.
    """
    change = None
    if decision == "draft":
        _begin_draft(session, note, text, who=who, at=at)
    elif decision == "reject":
        change = _reject(session, note, at=at)
    else:
        answer = text if decision == "answer" else None
        change = _publish(session, note, answer, at=at)
    note.decided_at, note.etag = at, new_etag()
    note.decisions.append(NoteDecision(decision=decision, who=who, at=at, text=text))
    return change


def _publish(
    session: Session, note: SubmittedNote, answer: str | None, *, at: datetime
) -> Change | None:
    """Show a note with the thing it is about, or give one that is shown (another) answer."""
    shown = session.get(PracticeNote, note.slug)
    if shown is not None and answer is None:
        raise Conflict(N_("This note was approved already."))
    if shown is None:
        shown = _public_note(session, note, at=at)
        session.add(shown)
    shown.answer = answer
    note.state = "approved"
    session.flush()
    return _record_change(session, shown, at)


def _public_note(session: Session, note: SubmittedNote, *, at: datetime) -> PracticeNote:
    """The public form of a note. Raises Conflict when there is no place to show it."""
    if note.about_kind is None or note.about is None:
        detail = N_("A nomination is not shown; begin a draft with it, or reject it.")
        raise Conflict(detail)
    if note.text is None:
        raise Conflict(N_("The text of this note was erased, 90 days after it was rejected."))
    subject = current_subject(session, note.about_kind, note.about)
    if subject is None:
        raise Conflict(N_("“%(id)s”, which this note is about, is not public."), id=note.about)
    return PracticeNote(
        slug=note.slug,
        kind=note.kind,
        about_kind=subject.kind,
        about=subject.slug,
        text=note.text,
        received_at=note.received_at,
        published_at=at,
    )


def _reject(session: Session, note: SubmittedNote, *, at: datetime) -> Change | None:
    """Show a note to nobody, or to nobody any more."""
    if note.state == "rejected":
        raise Conflict(N_("This note was rejected already."))
    note.state = "rejected"
    shown = session.get(PracticeNote, note.slug)
    if shown is None:
        return None
    session.delete(shown)
    session.flush()
    return _record_change(session, shown, at)


def _record_change(session: Session, shown: PracticeNote, at: datetime) -> Change | None:
    """Number the change of what a note is about; None when that is not public."""
    slug = shown.about
    if shown.about_kind == "ingredient":
        return changes.record_terms(session, "ingredients", [slug], at)
    if shown.about_kind == "pitfall":
        pitfall = session.scalar(select(Pitfall).where(Pitfall.slug == slug))
        if pitfall is None:
            return None
        if pitfall.case is not None:
            return changes.record(session, "updated", "case", pitfall.case.slug, at)
        assert pitfall.study is not None  # a constraint
        return changes.record(session, "updated", "study", pitfall.study.slug, at)
    if shown.about_kind == "case" and session.scalar(select(Case.id).where(Case.slug == slug)):
        return changes.record(session, "updated", "case", slug, at)
    return None


def _begin_draft(
    session: Session, note: SubmittedNote, title: str | None, *, who: str, at: datetime
) -> None:
    """Begin a new case, or the next draft of a case, with a note in its history."""
    if note.text is None:
        raise Conflict(N_("The text of this note was erased, 90 days after it was rejected."))
    if note.kind == "nomination":
        if title is None:
            raise invalid_body([("/text", Mistake("required"))])
        draft = create_draft(session, "case", {"title": title}, who=who, at=at)
    else:
        draft = _next_draft(session, note, who=who, at=at)
    session.flush()
    draft.events[0].note = note.text
    note.draft = draft.slug
    if note.state != "approved":
        note.state = "drafted"


def _next_draft(session: Session, note: SubmittedNote, *, who: str, at: datetime) -> Revision:
    """The next draft of the case that a note is about, itself or through one of its pitfalls."""
    assert note.about_kind is not None
    assert note.about is not None
    subject = current_subject(session, note.about_kind, note.about)
    slug = subject and _case_of(session, subject)
    if slug is None:
        raise Conflict(N_("This note is not about a public case; approve, answer or reject it."))
    case = Thing("case", slug)
    if revision_in(session, case, *OPEN_STATES) is not None:
        detail = N_(
            "The case “%(id)s” has an open draft: take over there what this note says "
            "(PUT /v1/cases/%(id)s/draft), then approve, answer or reject the note; or publish or "
            "discard that draft first."
        )
        raise Conflict(detail, id=slug)
    return start_next_draft(session, case, StartingText(), etags=None, who=who, at=at)


def _case_of(session: Session, subject: Thing) -> str | None:
    """The id of the case that a thing is, or that owns it."""
    if subject.kind == "case":
        return subject.slug
    pitfall = session.scalar(select(Pitfall).where(Pitfall.slug == subject.slug))
    return pitfall.case.slug if pitfall is not None and pitfall.case is not None else None


def forget(session: Session, at: datetime) -> int:
    """Delete what was kept for 90 days: e-mail addresses, and the words of what was rejected.

    Returns in how many notes there was something to delete.
    """
    before = at - RETENTION
    emails = update(SubmittedNote).where(
        SubmittedNote.email.is_not(None), SubmittedNote.received_at <= before
    )
    forgotten = {*session.scalars(emails.values(email=None).returning(SubmittedNote.slug))}
    rejected = update(SubmittedNote).where(
        SubmittedNote.state == "rejected",
        SubmittedNote.text.is_not(None),
        SubmittedNote.decided_at <= before,
    )
    nothing = {"text": None, "organisation": None, "email": None}
    erased = {*session.scalars(rejected.values(nothing).returning(SubmittedNote.slug))}
    remarks = update(NoteDecision).where(NoteDecision.note.in_(erased))
    session.execute(remarks.values(text=None))
    return len(forgotten | erased)
