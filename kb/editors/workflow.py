"""draft → published → superseded or withdrawn: the one way in which a case becomes public.

Files, imports and editors all come through here, so they cannot diverge. A function writes in
the session it is given and leaves the commit to its caller.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from marshmallow import ValidationError
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kb.cases import changes
from kb.cases.changes import Change
from kb.cases.model import (
    Case,
    CaseIngredient,
    CaseStrategy,
    CaseTargetGroup,
    Finding,
    Party,
    Pitfall,
    Source,
    Study,
    Tombstone,
)
from kb.editors.model import Revision, RevisionStep, new_mark
from kb.problems import N_, Conflict, InvalidInput, Misplaced, Mistake
from schemas.base import mistakes
from schemas.cases import CaseDocument, as_document, open_problems

OPEN = ("draft", "submitted", "returned")


def revision_in(session: Session, slug: str, *states: str) -> Revision | None:
    """The newest revision of a case that is in one of these states."""
    asked = select(Revision).where(Revision.slug == slug, Revision.state.in_(states))
    return session.scalar(asked.order_by(Revision.id.desc()).limit(1))


def take_step(
    session: Session,
    revision: Revision,
    what: str,
    *,
    who: str,
    at: datetime,
    note: str | None = None,
    replaced: dict[str, Any] | None = None,
) -> None:
    """Keep who did what to a revision; from here on it has another ETag."""
    revision.mark = new_mark()
    step = RevisionStep(what=what, who=who, at=at, note=note, mark=revision.mark, replaced=replaced)
    step.revision_id = revision.id
    session.add(step)


def hold(session: Session, slug: str) -> list[Revision]:
    """Every revision of a case, as it is now; others who write this case wait for us."""
    asked = select(Revision).where(Revision.slug == slug).order_by(Revision.id).with_for_update()
    return list(session.scalars(asked.execution_options(populate_existing=True)))


def save_draft(
    session: Session,
    case: Mapping[str, Any],
    *,
    author: str,
    at: datetime,
    note: str | None = None,
    based_on: int | None = None,
) -> Revision:
    """Keep a loaded case as a new draft. Raises Conflict when the case has one already."""
    slug = case["slug"]
    taken = Conflict(N_("The case “%(id)s” already has a draft; change that one."), id=slug)
    if revision_in(session, slug, *OPEN):
        raise taken
    draft = Revision(
        slug=slug,
        state="draft",
        document=as_document(case),
        author=author,
        note=note,
        saved_at=at,
        based_on=based_on,
        mark=new_mark(),
    )
    draft.steps = [RevisionStep(what="saved", who=author, at=at, mark=draft.mark)]
    try:
        with session.begin_nested():
            session.add(draft)
    except IntegrityError:  # another was quicker
        raise taken from None
    return draft


def publish(session: Session, revision: Revision, *, at: datetime, by: str | None = None) -> Change:
    """Make a revision the public text of its case, and number the change; `by` its author if None.

    Raises Conflict when it is public already, InvalidInput when something is missing or
    inconsistent.
    """
    hold(session, revision.slug)  # another may be publishing it too
    if revision.state not in {"draft", "submitted"}:
        raise Conflict(
            N_("This revision cannot be published: it is %(state)s."), state=revision.state
        )
    document = strictly_loaded(revision)
    named = archetype(session, document["archetype"])
    if missing := list(problems_of(session, document)):
        raise InvalidInput([Misplaced(mistake, "body", pointer) for pointer, mistake in missing])
    published = select(func.max(Revision.version), func.min(Revision.published_at))
    last, first_at = session.execute(published.where(Revision.slug == revision.slug)).one()
    if older := revision_in(session, revision.slug, "published"):
        older.state = "superseded"
        session.flush()  # one published text at a time, also for the database
    revision.state, revision.version, revision.published_at = "published", (last or 0) + 1, at
    take_step(session, revision, "published", who=by or revision.author, at=at)
    case = session.scalar(select(Case).where(Case.slug == revision.slug))
    event: changes.Event = "updated" if case else "created"
    case = case or Case(slug=revision.slug, published_at=first_at or at)
    case.archetype, case.version, case.updated_at = named, revision.version, at
    if case.kind == "archetype" and document["kind"] != "archetype":
        _free_examples(session, case, at)
    renamed = bool(case.title) and case.title != document["title"]
    _write(session, case, document)
    if tombstone := session.get(Tombstone, revision.slug):
        session.delete(tombstone)
    session.flush()
    if renamed:  # its cases tell its title too
        for example in _examples(session, case):
            changes.record(session, "updated", "case", example.slug, at)
    return changes.record(session, event, "case", revision.slug, at)


def strictly_loaded(revision: Revision) -> dict[str, Any]:
    """The document of a revision, by the terms of this release. Raises InvalidInput."""
    schema = CaseDocument()
    try:
        loaded: dict[str, Any] = schema.load(revision.document)
    except ValidationError as error:  # a later release has dropped a term, say
        found = mistakes(error.messages, schema)
        raise InvalidInput([Misplaced(mistake, "body", at) for at, mistake in found]) from None
    return loaded


def problems_of(session: Session, document: Mapping[str, Any]) -> Iterator[tuple[str, Mistake]]:
    """What must still be mended before a loaded case can be published, each with its pointer."""
    yield from open_problems(document)
    slug, wanted = document["slug"], document["archetype"]
    if wanted and (wanted == slug or archetype(session, wanted) is None):
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
    """Take a case away and leave a tombstone; the cases of an archetype stay, without it.

    Raises Conflict when the case is not public.
    """
    hold(session, slug)
    case = session.scalar(select(Case).where(Case.slug == slug))
    published = revision_in(session, slug, "published")
    if case is None or published is None:
        raise Conflict(N_("The case “%(id)s” is not public."), id=slug)
    published.state = "withdrawn"
    take_step(session, published, "withdrawn", who=by, at=at, note=reason)
    _free_examples(session, case, at)
    session.delete(case)
    session.add(Tombstone(slug=slug, reason=reason, withdrawn_at=at, replaced_by=replaced_by))
    session.flush()
    return changes.record(session, "withdrawn", "case", slug, at)


def _free_examples(session: Session, case: Case, at: datetime) -> None:
    """Let the cases of an archetype go on without it."""
    for example in _examples(session, case):
        example.archetype = None
        session.flush()
        changes.record(session, "updated", "case", example.slug, at)


def _examples(session: Session, case: Case) -> list[Case]:
    """The public cases of an archetype."""
    return list(session.scalars(select(Case).where(Case.archetype_id == case.id)))


def archetype(session: Session, slug: str | None) -> Case | None:
    """The published archetype with this id, if there is one."""
    if slug is None:
        return None
    asked = select(Case).where(Case.slug == slug, Case.kind == "archetype")
    return session.scalar(asked)


def _write(session: Session, case: Case, document: Mapping[str, Any]) -> None:
    """Put the text of a document in the rows of its case, in place of what was there."""
    owned = (
        *("findings", "pitfalls", "sources", "ingredients", "parties"),
        *("strategy_tags", "target_group_tags"),
    )
    plain = (
        *("kind", "title", "summary", "context", "approach", "results", "collaboration"),
        *("start_year", "end_year", "status", "scale", "dwellings", "unverified"),
    )
    for name in plain:
        setattr(case, name, document[name])
    for name, value in document["place"].items():
        setattr(case, name, value)
    for name in owned:
        getattr(case, name).clear()
    session.add(case)
    session.flush()  # the old rows go first: new ones may have the same ids
    case.strategy_tags = [CaseStrategy(strategy=each) for each in document["strategies"]]
    case.target_group_tags = [
        CaseTargetGroup(target_group=each) for each in document["target_groups"]
    ]
    case.parties = [Party(**each) for each in document["parties"]]
    case.ingredients = [CaseIngredient(**each) for each in document["ingredients"]]
    case.pitfalls = [Pitfall(**each) for each in document["pitfalls"]]
    case.sources = [Source(**each) for each in document["sources"]]
    sources = {source.slug: source for source in case.sources}
    session.flush()  # findings refer to the sources by both their number and their case
    for each in document["findings"]:
        own = {key: value for key, value in each.items() if key != "source"}
        case.findings.append(Finding(**own, case_source=sources[each["source"]]))
