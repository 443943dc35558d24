"""draft → published → superseded or withdrawn: the one way in which a text becomes public.

Files, imports and editors all come through here, so they cannot diverge. A function writes in
the session it is given and leaves the commit to its caller.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kb.cases import changes
from kb.cases.aliases import Thing
from kb.cases.changes import Change
from kb.cases.model import Tombstone
from kb.editors.editable_kind import editable_kind
from kb.editors.model import Revision, RevisionEvent, new_etag
from kb.editors.publishing import publish_all
from kb.editors.revisions import (
    NOT_PUBLISHABLE,
    OPEN_STATES,
    events_of,
    lock_revisions,
    record_event,
    revision_in,
)
from kb.input_errors import InputError
from kb.kinds import KindName
from kb.problems import Conflict, InvalidInput, invalid_body
from kb.translation import N_

AUTOSAVE_SPAN = timedelta(minutes=10)  # of one step in the history


def discard(session: Session, draft: Revision, *, who: str, at: datetime) -> None:
    """Discard a draft; its text stays for a while."""
    draft.state, draft.discarded_at = "discarded", at
    record_event(session, draft, "discarded", who=who, at=at)


def save_draft(
    session: Session,
    loaded: Mapping[str, Any],
    *,
    author: str,
    at: datetime,
    kind: KindName = "case",
    note: str | None = None,
    based_on: int | None = None,
    restored_from: int | None = None,
) -> Revision:
    """Save a loaded text as a new draft. Raises Conflict when its thing has one already."""
    thing = Thing(kind, loaded["slug"])
    if revision_in(session, thing, *OPEN_STATES):
        raise draft_exists(thing)
    document = editable_kind(kind).as_document(loaded)
    draft = unsaved_draft(kind, document, author=author, at=at, note=note, based_on=based_on)
    first = RevisionEvent(what="saved", who=author, at=at, etag=draft.etag)
    first.restored_from = restored_from
    draft.events = [first]
    try:
        with session.begin_nested():
            session.add(draft)
    except IntegrityError:  # another was quicker
        raise draft_exists(thing) from None
    return draft


def draft_exists(thing: Thing) -> Conflict:
    """The problem of a second draft beside an open one."""
    return Conflict(N_("“%(id)s” already has a draft; change that one."), id=thing.slug)


def unsaved_draft(
    kind: str,
    document: dict[str, Any],
    *,
    author: str,
    at: datetime,
    note: str | None = None,
    based_on: int | None = None,
) -> Revision:
    """A draft with this document; the caller adds it to a session, and then its first event."""
    return Revision(
        kind=kind,
        slug=document["id"],
        state="draft",
        document=document,
        author=author,
        note=note,
        saved_at=at,
        based_on=based_on,
        etag=new_etag(),
    )


def rewrite(
    session: Session,
    draft: Revision,
    document: dict[str, Any],
    *,
    who: str,
    at: datetime,
    restored_from: int | None = None,
    is_autosave: bool = False,
) -> None:
    """Give a draft another text; a submitted one is a draft again.

    An autosave joins the step before it, when that is of the same editor and from the last minutes:
    so the history of a draft has no step for every sentence.
    """
    joined = _joinable(session, draft, who=who, at=at) if is_autosave else None
    replaced, draft.document = draft.document, document
    draft.state, draft.author, draft.saved_at = "draft", who, at
    if joined is not None:
        draft.etag = joined.etag = new_etag()
        return
    record_event(
        session, draft, "saved", who=who, at=at, replaced=replaced, restored_from=restored_from
    )


def _joinable(session: Session, draft: Revision, *, who: str, at: datetime) -> RevisionEvent | None:
    """The last step of a draft, if what this editor saves now can be one step with it."""
    last = events_of(session, draft)[-1]
    is_alike = (last.what, last.who, last.restored_from) == ("saved", who, None)
    return last if is_alike and at - last.at < AUTOSAVE_SPAN else None


def publish(
    session: Session,
    revision: Revision,
    *,
    at: datetime,
    by: str | None = None,
    revised_at: datetime | None = None,
) -> Change:
    """Make a draft the public text of its thing, and number the change; `by` None: its author.

    `revised_at` is the moment of a text that comes from elsewhere; `at` when None. Raises Conflict
    for what is no draft, InvalidInput when something is missing or inconsistent.
    """
    lock_revisions(session, revision.thing)  # another may be publishing it too
    if revision.state not in {"draft", "submitted"}:
        raise Conflict(NOT_PUBLISHABLE)
    kind = editable_kind(revision.kind)
    text = kind.load_strictly(revision)
    if errors := list(kind.publication_errors(session, text)):
        raise invalid_body(errors)
    revision.document = kind.as_document(text)  # an earlier release may have saved it otherwise
    texts = [(revision, text)]
    return publish_all(session, kind.name, texts, at=at, by=by, revised_at=revised_at)[-1]


def open_errors(session: Session, draft: Revision) -> list[InputError]:
    """What must be corrected before a draft can be published."""
    kind = editable_kind(draft.kind)
    try:
        text = kind.load_strictly(draft)
    except InvalidInput as error:
        return error.errors
    return invalid_body(kind.publication_errors(session, text)).errors


def withdraw(
    session: Session,
    thing: Thing,
    *,
    reason: str,
    at: datetime,
    by: str,
    replaced_by: str | None = None,
) -> Change:
    """Withdraw a public thing and leave a tombstone; what refers to it stays public without it.

    Raises Conflict when it is not public.
    """
    lock_revisions(session, thing)
    published = revision_in(session, thing, "published")
    if published is None:
        raise Conflict(N_("“%(id)s” is not public."), id=thing.slug)
    published.state = "withdrawn"
    record_event(session, published, "withdrawn", who=by, at=at, note=reason)
    kind = editable_kind(thing.kind)
    events = kind.withdraw(session, thing.slug, at)
    tombstone = Tombstone(kind=thing.kind, slug=thing.slug, reason=reason)
    tombstone.withdrawn_at, tombstone.replaced_by = at, replaced_by
    session.add(tombstone)
    session.flush()
    events.append(("withdrawn", kind.name, thing.slug))
    return changes.record_all(session, events, at)[-1]


def correct_withdrawal(
    session: Session,
    thing: Thing,
    *,
    reason: str,
    at: datetime,
    by: str,
    replaced_by: str | None = None,
) -> Change:
    """Give another reason for a withdrawal, and another replacement or none.

    Raises Conflict when it is not withdrawn.
    """
    lock_revisions(session, thing)
    tombstone = session.get(Tombstone, thing)
    withdrawn = revision_in(session, thing, "withdrawn")
    if tombstone is None or withdrawn is None:
        raise Conflict(N_("“%(id)s” is not withdrawn."), id=thing.slug)
    tombstone.reason, tombstone.replaced_by = reason, replaced_by
    record_event(session, withdrawn, "withdrawn", who=by, at=at, note=reason)
    session.flush()
    return changes.record(session, "withdrawn", editable_kind(thing.kind).name, thing.slug, at)
