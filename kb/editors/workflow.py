"""draft → published → superseded or withdrawn: the one way in which a case becomes public.

Files, imports and editors all come through here, so they cannot diverge. A function writes in
the session it is given and leaves the commit to its caller.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from marshmallow import ValidationError
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kb.cases import changes
from kb.cases.aliases import Thing
from kb.cases.changes import Change
from kb.cases.model import (
    Case,
    Study,
    Tombstone,
)
from kb.editors import former_ids, public_rows
from kb.editors.model import Revision, RevisionEvent, new_etag
from kb.input_errors import InputError, Mistake
from kb.problems import Conflict, InvalidInput
from kb.translation import N_
from schemas.cases import CaseDocument, as_document, open_problems
from schemas.errors import flatten_errors

OPEN = ("draft", "submitted", "returned")


def revision_in(session: Session, slug: str, *states: str) -> Revision | None:
    """The newest revision of a case that is in one of these states."""
    asked = select(Revision).where(Revision.slug == slug, Revision.state.in_(states))
    return session.scalar(asked.order_by(Revision.id.desc()).limit(1))


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


def put_aside(session: Session, draft: Revision, *, who: str, at: datetime) -> None:
    """Discard a draft; its text stays for a while."""
    draft.state, draft.discarded_at = "discarded", at
    record_event(session, draft, "discarded", who=who, at=at)


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


def lock_revisions(session: Session, slug: str) -> list[Revision]:
    """Every revision of a case, as it is now; others who write this case wait for us.

    Who had to wait reads again: on PostgreSQL the query that waited does not see what the other
    has added meanwhile.
    """
    known = select(Revision).where(Revision.slug == slug).order_by(Revision.id)
    session.execute(known.with_only_columns(Revision.id).with_for_update()).all()
    return list(session.scalars(known.execution_options(populate_existing=True)))


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
    """Keep a loaded case as a new draft. Raises Conflict when the case has one already."""
    slug = case["slug"]
    if revision_in(session, slug, *OPEN):
        raise has_draft(slug)
    draft = new_draft(as_document(case), author=author, at=at, note=note, based_on=based_on)
    first = RevisionEvent(what="saved", who=author, at=at, etag=draft.etag)
    first.restored_from = restored_from
    draft.events = [first]
    try:
        with session.begin_nested():
            session.add(draft)
    except IntegrityError:  # another was quicker
        raise has_draft(slug) from None
    return draft


def has_draft(slug: str) -> Conflict:
    """The problem of who begins a draft beside another."""
    return Conflict(N_("The case “%(id)s” already has a draft; change that one."), id=slug)


def new_draft(
    document: dict[str, Any],
    *,
    author: str,
    at: datetime,
    note: str | None = None,
    based_on: int | None = None,
) -> Revision:
    """A draft with this text, to be added to a session, and then its first event."""
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
    """Make a revision the public text of its case, and number the change; `by` its author if None.

    `revised_at` says of which moment a text is that comes from elsewhere; `at` when None.
    Raises Conflict when it is public already, InvalidInput when something is missing or
    inconsistent.
    """
    lock_revisions(session, revision.slug)  # another may be publishing it too
    if revision.state not in {"draft", "submitted"}:
        raise Conflict(
            N_("This revision cannot be published: it is %(state)s."), state=revision.state
        )
    document = strictly_loaded(revision)
    if missing := list(problems_of(session, document)):
        raise InvalidInput([InputError(mistake, "body", pointer) for pointer, mistake in missing])
    revision.document = as_document(document)  # an earlier release may have saved it otherwise
    return make_public(session, [(revision, document)], at=at, by=by, revised_at=revised_at)[-1]


def make_public(
    session: Session,
    texts: Sequence[tuple[Revision, Mapping[str, Any]]],
    *,
    at: datetime,
    by: str | None = None,
    revised_at: datetime | None = None,
) -> list[Change]:
    """Make texts public: each a revision and its loaded document, and each of another case.

    The changes are of now (`at`); what readers see is of `revised_at`, where that is another.
    Whoever calls has looked whether anything is missing, and keeps others from these cases.
    """
    slugs = [revision.slug for revision, _ in texts]
    dated = revised_at or at
    known = {case.slug: case for case in session.scalars(select(Case).where(Case.slug.in_(slugs)))}
    named = _archetypes(session, texts)
    earlier, before = _earlier(session, slugs), former_ids.last_texts(session, slugs)
    superseded = update(Revision).where(Revision.slug.in_(slugs), Revision.state == "published")
    session.execute(superseded.values(state="superseded"))  # one published text at a time
    made: list[tuple[changes.Event, changes.Kind, str]] = []
    written = []
    for revision, document in texts:
        last, first_at = earlier.get(revision.slug, (None, None))
        revision.state, revision.version, revision.published_at = (
            "published",
            (last or 0) + 1,
            dated,
        )
        revision.etag = new_etag()
        case = known.get(revision.slug)
        if old := before.get(revision.slug):
            owner = Thing("case", revision.slug)
            former_ids.redirect(session, owner, old, revision.document)
        made += _told_elsewhere(session, case, document, at)
        waiting = _waiting(session, case, document)
        made += [("updated", "case", example.slug) for example in waiting]
        made.append(("updated" if case else "created", "case", revision.slug))
        case = case or Case(slug=revision.slug, published_at=first_at or dated)
        case.archetype, case.version = named.get(document["archetype"]), revision.version
        case.archetype_slug = document["archetype"]
        for example in waiting:
            example.archetype = case
        case.updated_at = dated
        public_rows.write_plain(case, document)
        session.add(case)
        written.append((case, document))
    session.flush()
    record_events(session, [revision for revision, _ in texts], "published", who=by, at=at)
    public_rows.write_owned(session, written, [case.id for case in known.values()])
    session.execute(delete(Tombstone).where(Tombstone.slug.in_(slugs)))
    return changes.record_all(session, made, at)


def _archetypes(
    session: Session, texts: Sequence[tuple[Revision, Mapping[str, Any]]]
) -> dict[str, Case]:
    """The archetypes that these texts name."""
    wanted = {document["archetype"] for _, document in texts} - {None}
    if not wanted:
        return {}
    found = session.scalars(select(Case).where(Case.slug.in_(wanted), Case.kind == "archetype"))
    return {case.slug: case for case in found}


def _earlier(
    session: Session, slugs: Sequence[str]
) -> dict[str, tuple[int | None, datetime | None]]:
    """The last version of each case, and when it was first published."""
    asked = select(Revision.slug, func.max(Revision.version), func.min(Revision.published_at))
    found = session.execute(asked.where(Revision.slug.in_(slugs)).group_by(Revision.slug))
    return {slug: (last, first_at) for slug, last, first_at in found}


def _told_elsewhere(
    session: Session, case: Case | None, document: Mapping[str, Any], at: datetime
) -> list[tuple[changes.Event, changes.Kind, str]]:
    """The other cases that change when this one gets another text: those of an archetype."""
    if case is None or case.kind != "archetype":
        return []
    if document["kind"] != "archetype":
        _free_examples(session, case, at)
        return []
    if case.title == document["title"]:
        return []
    return [("updated", "case", example.slug) for example in _examples(session, case)]


def _waiting(session: Session, case: Case | None, document: Mapping[str, Any]) -> Sequence[Case]:
    """The public cases that name this one, now that it becomes an archetype (again)."""
    if document["kind"] != "archetype" or (case and case.kind == "archetype"):
        return ()
    named = select(Case).where(
        Case.archetype_slug == document["slug"],
        Case.archetype_id.is_(None),
        Case.slug != document["slug"],
    )
    return session.scalars(named.order_by(Case.slug)).all()


def strictly_loaded(revision: Revision) -> dict[str, Any]:
    """The document of a revision, by the terms of this release. Raises InvalidInput."""
    schema = CaseDocument()
    try:
        loaded: dict[str, Any] = schema.load(revision.document)
    except ValidationError as error:  # a later release has dropped a term, say
        found = flatten_errors(error.messages, schema)
        raise InvalidInput([InputError(mistake, "body", at) for at, mistake in found]) from None
    return loaded


def problems_of(session: Session, document: Mapping[str, Any]) -> Iterator[tuple[str, Mistake]]:
    """What must still be mended before a loaded case can be published, each with its pointer."""
    yield from open_problems(document)
    slug, wanted = document["slug"], document["archetype"]
    named = wanted and wanted != slug and archetype(session, wanted)
    if wanted and not named and not is_remembered(session, slug, wanted):
        values = {"value": wanted, "expected": "archetype"}
        yield "/archetype", Mistake("unknown-reference", values)
    if session.scalar(select(Study.id).where(Study.slug == slug)):
        yield "/id", Mistake("duplicate", {"value": slug})  # what they own would have the same ids


def withdraw(
    session: Session,
    slug: str,
    *,
    reason: str,
    at: datetime,
    by: str,
    replaced_by: str | None = None,
) -> Change:
    """Take a case away and leave a tombstone; the cases of an archetype stay, and remember it.

    Raises Conflict when the case is not public.
    """
    lock_revisions(session, slug)
    case = session.scalar(select(Case).where(Case.slug == slug))
    published = revision_in(session, slug, "published")
    if case is None or published is None:
        raise Conflict(N_("The case “%(id)s” is not public."), id=slug)
    published.state = "withdrawn"
    record_event(session, published, "withdrawn", who=by, at=at, note=reason)
    _free_examples(session, case, at)
    session.delete(case)
    session.add(Tombstone(slug=slug, reason=reason, withdrawn_at=at, replaced_by=replaced_by))
    session.flush()
    return changes.record(session, "withdrawn", "case", slug, at)


def _free_examples(session: Session, case: Case, at: datetime) -> None:
    """Let the cases of an archetype go on without it; they remember its id."""
    for example in _examples(session, case):
        example.archetype = None
        session.flush()
        changes.record(session, "updated", "case", example.slug, at)


def _examples(session: Session, case: Case) -> list[Case]:
    """The public cases of an archetype."""
    return list(session.scalars(select(Case).where(Case.archetype_id == case.id)))


def is_remembered(session: Session, slug: str, wanted: str) -> bool:
    """Whether the last published text of a case names an archetype that is away for now."""
    last = select(Revision).where(Revision.slug == slug, Revision.version.is_not(None))
    published = session.scalar(last.order_by(Revision.version.desc()).limit(1))
    return bool(
        published
        and published.document["archetype"] == wanted != slug
        and session.scalar(select(Tombstone.slug).where(Tombstone.slug == wanted))
    )


def archetype(session: Session, slug: str | None) -> Case | None:
    """The published archetype with this id, if there is one."""
    if slug is None:
        return None
    asked = select(Case).where(Case.slug == slug, Case.kind == "archetype")
    return session.scalar(asked)
