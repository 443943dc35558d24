"""Drafts: created, begun from a saved text, edited and discarded.

A function writes in the session it is given, and leaves the commit to its caller.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.cases.aliases import Thing, target_of
from kb.editors import erasure, history, thing_ids, workflow
from kb.editors.access import Editor
from kb.editors.editable_kind import editable_kind
from kb.editors.model import Revision, RevisionEvent
from kb.editors.revisions import (
    OPEN_STATES,
    documents_of,
    events_of,
    is_available,
    is_of,
    lock_revisions,
    publications,
    revision_in,
)
from kb.input_errors import Mistake
from kb.kinds import KINDS, KindName
from kb.problems import (
    Conflict,
    Forbidden,
    IfMatchRequired,
    InvalidInput,
    Moved,
    NoDraft,
    NotFound,
    StaleEdit,
    invalid_body,
)
from kb.translation import N_

Document = Mapping[str, Any]
STATE_AFTER = {"saved": "draft", "retracted": "draft"}  # others are called after their state


def create_draft(
    session: Session, kind_name: KindName, document: Document, *, who: str, at: datetime
) -> Revision:
    """Begin something new, with the id it brings or one made from its title.

    Raises InvalidInput, and Conflict when its id is taken.
    """
    kind = editable_kind(kind_name)
    text = kind.with_current_ids(session, kind.load_input(document))
    wanted = Thing(kind_name, kind.wanted_id(text))
    if text["slug"]:
        if thing_ids.is_taken(session, wanted):
            raise Conflict(N_("The id “%(id)s” is taken."), id=wanted.slug)
        named = kind.with_ids(text, None)
        return workflow.save_draft(session, named, kind=kind_name, author=who, at=at)
    while True:
        slug = thing_ids.free_slug(session, wanted)
        try:
            named = kind.with_ids({**text, "slug": slug}, None)
            return workflow.save_draft(session, named, kind=kind_name, author=who, at=at)
        except Conflict:  # another took it meanwhile
            continue


def get_draft(session: Session, thing: Thing) -> Revision:
    """The draft of a thing, to read. Raises NoDraft, Moved and UnknownId."""
    draft = revision_in(session, thing, *OPEN_STATES)
    if draft is None:
        if moved := target_of(session, *thing):
            raise Moved(*thing, *moved)
        raise _no_draft(session, thing)
    return draft


def lock_draft(session: Session, thing: Thing, etags: Collection[str]) -> Revision:
    """The draft of a thing with one of these ETags, to write; others wait until the commit.

    Raises NoDraft, UnknownId, and StaleEdit when it has another ETag.
    """
    revisions = lock_revisions(session, thing)
    draft = next((each for each in revisions if each.state in OPEN_STATES), None)
    if draft is None:
        raise _no_draft(session, thing)
    if draft.etag not in etags:
        raise StaleEdit(_changed_keys(session, draft, etags))
    return draft


def _no_draft(session: Session, thing: Thing) -> NotFound:
    exists = thing_ids.exists(session, thing)
    return NoDraft(None, id=thing.slug) if exists else thing_ids.unknown_id(session, thing)


def _changed_keys(session: Session, draft: Revision, etags: Collection[str]) -> list[str]:
    """The top-level keys that differ between the text with one of these ETags and that of now."""
    statement = (
        select(RevisionEvent, Revision)
        .join(Revision, Revision.id == RevisionEvent.revision_id)
        .where(is_of(draft.thing), RevisionEvent.etag.in_(etags))
        .order_by(RevisionEvent.id.desc())
    )
    row = session.execute(statement).first()
    if row is None:  # of another thing, or of a draft that was thrown away
        return list(draft.document)
    event, revision = row
    later = (each for each in events_of(session, revision) if each.id > event.id)
    before = next((each.replaced for each in later if each.replaced is not None), revision.document)
    changed = [key for key, value in draft.document.items() if before.get(key) != value]
    same_state = STATE_AFTER.get(event.what, event.what) == draft.state
    return changed if changed and same_state else [*changed, "_draft"]


def edit_draft(
    session: Session,
    draft: Revision,
    document: Document,
    *,
    body: Document | None = None,
    who: str,
    at: datetime,
    is_autosave: bool = False,
) -> None:
    """Give a draft another text: `document` is all of it, `body` the part that the request had.

    A submitted draft is a draft again. Raises InvalidInput with all errors.
    """
    kind = editable_kind(draft.kind)
    before, current = draft.document, publications(session, draft.thing).as_json()
    unchanged = {key: before[key] for key in ("unverified",) if key in before}
    whole = {"id": draft.slug, **unchanged, **document}
    body = document if body is None else body
    text = kind.load_input(whole, body=body, slug=draft.slug, current=current, before=before)
    text = kind.with_current_ids(session, text)
    after = kind.as_document(kind.with_ids(text, before, documents_of(session, draft.thing)))
    if after != before:
        workflow.rewrite(session, draft, after, who=who, at=at, is_autosave=is_autosave)


def discard_draft(session: Session, draft: Revision, *, editor: Editor, at: datetime) -> None:
    """Discard a draft; it can be brought back for 90 days.

    Raises Forbidden for an editor who neither began it nor is a publisher.
    """
    author = next((event.who for event in events_of(session, draft)), draft.author)
    if editor.owner != author and editor.role != "publisher":
        detail = N_(
            "Only %(author)s, who began this draft, or a publisher may discard it; ask one of them."
        )
        raise Forbidden(detail, author=author)
    workflow.discard(session, draft, who=editor.owner, at=at)
    session.flush()
    erasure.sweep(session, at)


class StartingText(NamedTuple):
    """What a draft begins with: a version, or any saved text; without both the last version."""

    version: int | None = None
    saved_text: int | None = None  # the number of its event in the history


def start_next_draft(
    session: Session,
    thing: Thing,
    start: StartingText,
    *,
    etags: Collection[str] | None,
    who: str,
    at: datetime,
) -> Revision:
    """Begin the next draft of a thing; or, with `etags`, give the open draft this text.

    Raises UnknownId, InvalidInput for a text that there is not, Erased for one that is no more;
    Conflict or IfMatchRequired when there is a draft already, and StaleEdit when that has none of
    these ETags.
    """
    revisions = lock_revisions(session, thing)
    if not any(is_available(each) for each in revisions):
        raise thing_ids.unknown_id(session, thing)
    draft = lock_draft(session, thing, etags) if etags is not None else None
    if draft is None and any(each.state in OPEN_STATES for each in revisions):
        raise IfMatchRequired if start.saved_text is not None else workflow.draft_exists(thing)
    based_on, document = _starting_document(session, thing, revisions, start)
    kind = editable_kind(thing.kind)
    text = kind.load_stored({**document, "id": thing.slug})
    options: dict[str, Any] = {"at": at, "restored_from": start.saved_text}
    if draft is None:
        draft = workflow.save_draft(
            session, text, kind=kind.name, author=who, based_on=based_on, **options
        )
    else:
        draft.based_on = based_on
        workflow.rewrite(session, draft, kind.as_document(text), who=who, **options)
    session.flush()
    erasure.sweep(session, at)
    return draft


def _starting_document(
    session: Session, thing: Thing, revisions: Sequence[Revision], start: StartingText
) -> tuple[int | None, dict[str, Any]]:
    """The version that a draft is based on, and the document to begin it with."""
    if start.saved_text is not None:
        try:
            saved = history.saved_text(session, thing, start.saved_text)
        except NotFound:
            raise _unknown_text("/fromRevision", start.saved_text, "revision") from None
        return saved.revision.version or saved.revision.based_on, saved.document
    versions = {each.version: each for each in revisions if each.version is not None}
    if not versions:
        detail = N_(
            "“%(id)s” was never public. Bring a discarded draft back with “fromRevision”, "
            "or begin anew with POST /v1/%(collection)s."
        )
        raise Conflict(detail, id=thing.slug, collection=KINDS[thing.kind].collection)
    whole = (number for number, each in versions.items() if not each.erased_at)
    number = start.version or max(whole, default=max(versions))
    if number not in versions:
        raise _unknown_text("/fromVersion", number, "version", str(max(versions)))
    if start.version:
        history.check_available(versions[number])
    return number, versions[number].document


def _unknown_text(
    pointer: str, number: int, expected: str, suggestion: str | None = None
) -> InvalidInput:
    values = {"value": str(number), "expected": expected}
    return invalid_body([(pointer, Mistake("unknown-reference", values, suggestion))])
