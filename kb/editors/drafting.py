"""A draft from its first words to the moment that another approves it.

A function writes in the session it is given, and leaves the commit to its caller.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from functools import partial
from itertools import chain, count
from typing import Any, NamedTuple

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from kb.cases import aliases, queries
from kb.cases.changes import Change
from kb.cases.model import Case, Study, Tombstone
from kb.database import format_utc, now
from kb.editors import workflow
from kb.editors.model import Revision, RevisionEvent
from kb.editors.texts import texts_of
from kb.input_errors import InputError, Mistake
from kb.problems import (
    Conflict,
    Forbidden,
    InvalidInput,
    Moved,
    NoDraft,
    NotFound,
    Renamed,
    StaleEdit,
    UnknownId,
)
from kb.translation import N_
from schemas.cases import CaseDocument, CaseInput, as_document, new_impossible_values
from schemas.drafts import read_only_errors
from schemas.ids import assign_ids, slug_from_title
from schemas.json_fields import stored_texts
from schemas.loading import load_with_errors

Json = Mapping[str, Any]
RETENTION = timedelta(days=90)  # of a discarded draft
LONGEST = 74  # characters of an id that gets a number
STATE_AFTER = {"saved": "draft"}  # the others are called after their state


class Named(NamedTuple):
    """Another thing, as a reference tells it."""

    slug: str
    title: str


def create(session: Session, told: Json, *, who: str, at: datetime) -> Revision:
    """Begin a case that is new, with the id it brings or one made from its title.

    Raises InvalidInput, and Conflict when its id is taken.
    """
    sent = aliases.with_current_archetype(session, load(told))
    if sent["slug"]:
        if taken(session, sent["slug"]):
            raise Conflict(N_("The id “%(id)s” is taken."), id=sent["slug"])
        return workflow.save_draft(session, assign_ids(sent), author=who, at=at)
    while True:
        slug = free_slug(session, slug_from_title(sent["title"]))
        try:
            return workflow.save_draft(
                session, assign_ids({**sent, "slug": slug}), author=who, at=at
            )
        except Conflict:  # another took it meanwhile
            continue


def seen(session: Session, slug: str, etags: Collection[str]) -> Revision:
    """The draft of a case, for who has seen its text of now; others wait until we are ready.

    Raises NoDraft, UnknownId, and StaleEdit when it was changed since.
    """
    draft = next(
        (each for each in workflow.lock_revisions(session, slug) if each.state in workflow.OPEN),
        None,
    )
    if draft is None:
        raise NoDraft(None, id=slug) if is_known(session, slug) else unknown(session, slug)
    if draft.etag not in etags:
        raise StaleEdit(_changed_since(session, draft, etags))
    return draft


def one(session: Session, slug: str) -> Revision:
    """The draft of a case, to read. Raises NoDraft, Moved and UnknownId."""
    draft = workflow.revision_in(session, slug, *workflow.OPEN)
    if draft is None:
        if moved := aliases.now_at(session, "case", slug):
            raise Moved("case", slug, *moved)
        raise NoDraft(None, id=slug) if is_known(session, slug) else unknown(session, slug)
    return draft


def edit(
    session: Session,
    draft: Revision,
    told: Json,
    *,
    sent: Json | None = None,
    who: str,
    at: datetime,
) -> None:
    """Give a draft another text: `told`, the whole of it; `sent` is what its editor wrote of it.

    A submitted draft is a draft again. Raises InvalidInput with all that is wrong.
    """
    facts = publications(session, draft.slug).told()
    whole = {"id": draft.slug, "unverified": draft.document["unverified"], **told}
    case = load(whole, told if sent is None else sent, draft.slug, facts, draft.document)
    case = aliases.with_current_archetype(session, case)
    document = as_document(assign_ids(case, draft.document, texts_of(session, draft.slug)))
    if document == draft.document:
        return
    workflow.rewrite(session, draft, document, who=who, at=at)


def submit(session: Session, draft: Revision, *, who: str, note: str | None, at: datetime) -> None:
    """Ask for approval. Raises Conflict when that was done already."""
    if draft.state == "submitted":
        raise Conflict(N_("This draft was submitted already."))
    draft.state = "submitted"
    workflow.record_event(session, draft, "submitted", who=who, at=at, note=note)


def give_back(session: Session, draft: Revision, *, who: str, note: str, at: datetime) -> None:
    """Return a submitted draft to its author. Raises Conflict when it is not submitted."""
    if draft.state != "submitted":
        raise Conflict(N_("Only a submitted draft can be returned; this one is not."))
    draft.state = "returned"
    workflow.record_event(session, draft, "returned", who=who, at=at, note=note)


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

    A withdrawn case comes back only with `reinstate`. Raises Conflict, Forbidden, and InvalidInput
    when something is missing or inconsistent.
    """
    if four_eyes and draft.state != "submitted":
        raise Conflict(N_("Only a submitted draft can be published; submit this one first."))
    if four_eyes and who in _writers(session, draft):
        raise Forbidden(N_("You wrote in this draft; another publisher must publish it."))
    if (tombstone := session.get(Tombstone, draft.slug)) and not reinstate:
        raise _is_withdrawn(tombstone)
    draft.note = note
    return workflow.publish(session, draft, at=at, by=who)


def _is_withdrawn(tombstone: Tombstone) -> Conflict:
    problem = Conflict(
        N_(
            "The case “%(id)s” was withdrawn (%(reason)s), and publishing this draft brings it "
            "back. Send “reinstate”: true when that is what you want."
        ),
        id=tombstone.slug,
        reason=tombstone.reason,
    )
    problem.extra = queries.told_of(tombstone)
    return problem


def check_withdrawal(session: Session, slug: str, replaced_by: str | None) -> None:
    """Raise UnknownId for a case that never was, InvalidInput when nothing takes its place."""
    if not is_written(session, slug):
        raise unknown(session, slug)
    mistake = None
    if replaced_by == slug:
        mistake = Mistake("inconsistent", {"reason": "itself"})
    elif replaced_by and not session.scalar(select(Case.id).where(Case.slug == replaced_by)):
        mistake = Mistake("unknown-reference", {"value": replaced_by, "expected": "case"})
    if mistake:
        raise InvalidInput([InputError(mistake, "body", "/replacedBy")])


def load(
    told: Json,
    sent: Json | None = None,
    slug: str | None = None,
    facts: Json | None = None,
    before: Json | None = None,
) -> dict[str, Any]:
    """The text of a whole case as it was sent, or as it became by `sent`, without ids as yet.

    `slug` and `facts` are what we tell of it, which nobody may change; `before` is its
    document of now. Raises InvalidInput with all that is wrong.
    """
    found = list(read_only_errors(told if sent is None else sent, slug, facts or {}))
    loaded = load_with_errors(CaseInput(), told, partial(new_impossible_values, before=before))
    found += loaded.errors
    if found:
        raise InvalidInput([InputError(mistake, "body", pointer) for pointer, mistake in found])
    return loaded.document


def kept_text(document: Json) -> dict[str, Any]:
    """The loaded text of a revision, also when later rules forbid what it has."""
    with stored_texts():
        case: dict[str, Any] = CaseDocument().load(document)
    return case


def told_text(session: Session, document: Json) -> dict[str, Any]:
    """The text of a revision with the titles of what it refers to, ready to be dumped."""
    case = kept_text(document)
    if case["archetype"]:
        titles = queries.titles(session, [case["archetype"]])
        case["archetype"] = Named(
            case["archetype"], titles.get(case["archetype"], case["archetype"])
        )
    sources = {source["slug"]: source["title"] for source in case["sources"]}
    for finding in case["findings"]:
        if source := finding["source"]:
            finding["source"] = Named(source, sources.get(source, source))
    return case


class Publications(NamedTuple):
    """How often a case was published, and when."""

    last: int | None  # its newest version
    first_at: datetime | None
    last_at: datetime | None

    def told(self) -> dict[str, Any]:
        """The same as answers tell it."""
        first, last = (at and format_utc(at) for at in (self.first_at, self.last_at))
        return {"version": self.last, "publishedAt": first, "updatedAt": last}


def publications(session: Session, slug: str) -> Publications:
    """The publications of a case, also when it was withdrawn."""
    return publications_of(session, [slug]).get(slug, Publications(None, None, None))


def publications_of(session: Session, slugs: Collection[str]) -> dict[str, Publications]:
    """The publications of each of these cases that was written at all."""
    at = Revision.published_at
    asked = select(Revision.slug, func.max(Revision.version), func.min(at), func.max(at))
    found = session.execute(asked.where(Revision.slug.in_(slugs)).group_by(Revision.slug))
    return {slug: Publications(last, first, newest) for slug, last, first, newest in found}


def open_mistakes(session: Session, draft: Revision) -> list[InputError]:
    """What must be mended before a draft can be published."""
    try:
        case = workflow.strictly_loaded(draft)
    except InvalidInput as error:
        return error.mistakes
    found = workflow.problems_of(session, case)
    return [InputError(mistake, "body", pointer) for pointer, mistake in found]


def events_of(session: Session, revision: Revision) -> list[RevisionEvent]:
    """Who did what to a revision, the first first."""
    asked = select(RevisionEvent).where(RevisionEvent.revision_id == revision.id)
    return list(session.scalars(asked.order_by(RevisionEvent.id)))


def some(
    session: Session,
    *,
    states: Collection[str],
    authors: Collection[str],
    skip: int,
    limit: int,
) -> tuple[list[Revision], int]:
    """Drafts, the last saved first, and how many there are in all."""
    asked = select(Revision).where(
        Revision.state.in_(states or workflow.OPEN), Revision.erased_at.is_(None)
    )
    asked = asked.where(
        or_(Revision.discarded_at.is_(None), Revision.discarded_at > now() - RETENTION)
    )
    if authors:
        asked = asked.where(Revision.author.in_(authors))
    total = session.scalar(select(func.count()).select_from(asked.subquery())) or 0
    page = asked.order_by(Revision.saved_at.desc(), Revision.slug).offset(skip).limit(limit)
    return list(session.scalars(page)), total


def taken(session: Session, slug: str) -> bool:
    """Whether a case or study has, or had, this id."""
    return slug in _slugs(session, slug)


def free_slug(session: Session, wanted: str, reserved: Collection[str] = ()) -> str:
    """An id that no case or study has or had: this one, or with a number behind it."""
    begin = wanted[:LONGEST].rstrip("-")
    known = _slugs(session, begin) | {*reserved}
    numbered = (f"{begin}-{number}" for number in count(2))
    return next(each for each in chain([wanted], numbered) if each not in known)


def is_known(session: Session, slug: str) -> bool:
    """Whether a case or study has this id, or a draft of it was discarded lately.

    An id that a renamed case had is no longer known.
    """
    if aliases.now_at(session, "case", slug):
        return False
    revisions = session.scalars(select(Revision).where(Revision.slug == slug))
    return any(is_there(each) for each in revisions) or taken(session, slug)


def is_there(revision: Revision) -> bool:
    """Whether a revision is more than a discarded draft of which nothing is left."""
    return revision.state != "discarded" or not (revision.erased_at or is_over(revision))


def is_over(revision: Revision) -> bool:
    """Whether a revision was discarded so long ago that its text goes."""
    return revision.discarded_at is not None and revision.discarded_at <= now() - RETENTION


def is_written(session: Session, slug: str) -> bool:
    """Whether a case or study has, or had, this id, and it was not renamed."""
    return taken(session, slug) and aliases.now_at(session, "case", slug) is None


def unknown(session: Session, slug: str) -> NotFound:
    """No case has this id; editors hear its new one, or of drafts that come near too."""
    if moved := aliases.now_at(session, "case", slug):
        return Renamed(slug, moved.slug)
    known = {*session.scalars(select(Case.slug)), *session.scalars(select(Revision.slug))}
    return UnknownId(slug, sorted(known))


def _slugs(session: Session, beginning: str) -> set[str]:
    columns = (Case.slug, Tombstone.slug, Study.slug, aliases.Alias.slug)
    named = [
        select(column).where(column.startswith(beginning, autoescape=True)) for column in columns
    ]
    written = select(Revision.slug).where(Revision.state != "discarded")  # these ids are free
    named.append(written.where(Revision.slug.startswith(beginning, autoescape=True)))
    return {slug for query in named for slug in session.scalars(query)}


def began(session: Session, draft: Revision) -> str:
    """Who began a draft."""
    return next((event.who for event in events_of(session, draft)), draft.author)


def _writers(session: Session, draft: Revision) -> set[str]:
    """Who wrote in a draft, and in the saved texts that it was made from."""
    writers, leading, met = {draft.author}, {draft.id}, set[int]()
    while leading:
        met |= leading
        saved = select(RevisionEvent).where(
            RevisionEvent.revision_id.in_(leading), RevisionEvent.what == "saved"
        )
        events = list(session.scalars(saved))
        writers |= {event.who for event in events}
        origins = {event.restored_from for event in events} - {None}
        texts = select(RevisionEvent.revision_id).where(RevisionEvent.id.in_(origins))
        leading = set(session.scalars(texts)) - met
    return writers


def _changed_since(session: Session, draft: Revision, etags: Collection[str]) -> list[str]:
    """The top-level keys that differ between what a reader saw and the draft of now."""
    asked = select(RevisionEvent, Revision).join(Revision, Revision.id == RevisionEvent.revision_id)
    asked = asked.where(Revision.slug == draft.slug, RevisionEvent.etag.in_(etags))
    found = session.execute(asked.order_by(RevisionEvent.id.desc())).first()
    if found is None:  # of another case, or of a draft that was thrown away
        return list(draft.document)
    event, revision = found
    later = (each for each in events_of(session, revision) if each.id > event.id)
    before = next((each.replaced for each in later if each.replaced is not None), revision.document)
    changed = [key for key, value in draft.document.items() if before.get(key) != value]
    same_state = STATE_AFTER.get(event.what, event.what) == draft.state
    return changed if changed and same_state else [*changed, "_draft"]
