"""draft → published → superseded or withdrawn: the one way in which a case becomes public.

Files, imports and editors all come through here, so they cannot diverge. A function writes in
the session it is given and leaves the commit to its caller.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kb.cases import changes
from kb.cases.changes import Change
from kb.cases.model import Case, Study, Tombstone
from kb.editors.archetypes import names_withdrawn_archetype, public_archetypes, release_examples
from kb.editors.case_documents import load_strictly
from kb.editors.model import Revision, RevisionEvent, new_etag
from kb.editors.publishing import publish_all
from kb.editors.revisions import (
    OPEN_STATES,
    lock_revisions,
    record_event,
    revision_in,
)
from kb.input_errors import InputError, Mistake
from kb.problems import Conflict, InvalidInput, invalid_body
from kb.translation import N_
from schemas.cases import as_document, publication_errors


def discard(session: Session, draft: Revision, *, who: str, at: datetime) -> None:
    """Discard a draft; its text stays for a while."""
    draft.state, draft.discarded_at = "discarded", at
    record_event(session, draft, "discarded", who=who, at=at)


def save_draft(
    session: Session,
    case: Mapping[str, Any],
    *,
    author: str,
    at: datetime,
    note: str | None = None,
    based_on: int | None = None,
    restored_from: int | None = None,
) -> Revision:
    """Save a loaded case as a new draft. Raises Conflict when the case has one already."""
    slug = case["slug"]
    if revision_in(session, slug, *OPEN_STATES):
        raise draft_exists(slug)
    draft = unsaved_draft(as_document(case), author=author, at=at, note=note, based_on=based_on)
    first = RevisionEvent(what="saved", who=author, at=at, etag=draft.etag)
    first.restored_from = restored_from
    draft.events = [first]
    try:
        with session.begin_nested():
            session.add(draft)
    except IntegrityError:  # another was quicker
        raise draft_exists(slug) from None
    return draft


def draft_exists(slug: str) -> Conflict:
    """The problem of a second draft beside an open one."""
    return Conflict(N_("The case “%(id)s” already has a draft; change that one."), id=slug)


def unsaved_draft(
    document: dict[str, Any],
    *,
    author: str,
    at: datetime,
    note: str | None = None,
    based_on: int | None = None,
) -> Revision:
    """A draft with this document; the caller adds it to a session, and then its first event."""
    return Revision(
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
) -> None:
    """Give a draft another text; a submitted one is a draft again."""
    replaced, draft.document = draft.document, document
    draft.state, draft.author, draft.saved_at = "draft", who, at
    record_event(
        session, draft, "saved", who=who, at=at, replaced=replaced, restored_from=restored_from
    )


def publish(
    session: Session,
    revision: Revision,
    *,
    at: datetime,
    by: str | None = None,
    revised_at: datetime | None = None,
) -> Change:
    """Make a draft the public text of its case, and number the change; `by` None: its author.

    `revised_at` is the moment of a text that comes from elsewhere; `at` when None. Raises Conflict
    for what is no draft, InvalidInput when something is missing or inconsistent.
    """
    lock_revisions(session, revision.slug)  # another may be publishing it too
    if revision.state not in {"draft", "submitted"}:
        raise Conflict(
            N_("This revision cannot be published: it is %(state)s."), state=revision.state
        )
    document = load_strictly(revision)
    if errors := list(all_publication_errors(session, document)):
        raise invalid_body(errors)
    revision.document = as_document(document)  # an earlier release may have saved it otherwise
    return publish_all(session, [(revision, document)], at=at, by=by, revised_at=revised_at)[-1]


def open_errors(session: Session, draft: Revision) -> list[InputError]:
    """What must be corrected before a draft can be published."""
    try:
        case = load_strictly(draft)
    except InvalidInput as error:
        return error.errors
    return invalid_body(all_publication_errors(session, case)).errors


def all_publication_errors(
    session: Session, case: Mapping[str, Any]
) -> Iterator[tuple[str, Mistake]]:
    """What keeps a loaded case from being published, also beside other cases: JSON Pointers too."""
    yield from publication_errors(case)
    slug, archetype = case["slug"], case["archetype"]
    if archetype and not _may_name(session, slug, archetype):
        values = {"value": archetype, "expected": "archetype"}
        yield "/archetype", Mistake("unknown-reference", values)
    if session.scalar(select(Study.id).where(Study.slug == slug)):
        yield "/id", Mistake("duplicate", {"value": slug})  # what they own would have the same ids


def _may_name(session: Session, slug: str, archetype: str) -> bool:
    """Whether a case can be an example of this archetype: a public one, or its own, withdrawn."""
    is_public = archetype != slug and public_archetypes(session, [archetype])
    return bool(is_public) or names_withdrawn_archetype(session, slug, archetype)


def withdraw(
    session: Session,
    slug: str,
    *,
    reason: str,
    at: datetime,
    by: str,
    replaced_by: str | None = None,
) -> Change:
    """Withdraw a public case and leave a tombstone; examples of an archetype stay public.

    Raises Conflict when the case is not public.
    """
    lock_revisions(session, slug)
    case = session.scalar(select(Case).where(Case.slug == slug))
    published = revision_in(session, slug, "published")
    if case is None or published is None:
        raise Conflict(N_("The case “%(id)s” is not public."), id=slug)
    published.state = "withdrawn"
    record_event(session, published, "withdrawn", who=by, at=at, note=reason)
    release_examples(session, case, at)
    session.delete(case)
    session.add(Tombstone(slug=slug, reason=reason, withdrawn_at=at, replaced_by=replaced_by))
    session.flush()
    return changes.record(session, "withdrawn", "case", slug, at)
