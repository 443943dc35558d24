"""A term becomes another: proposed as a draft, approved by another, numbered, never removed.

The revisions of a term are of kind `term`, and named after its key. A function writes in the
session it is given, and leaves the commit to its caller.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kb.cases import changes, queries
from kb.cases.aliases import Thing
from kb.cases.changes import Change
from kb.editors import reviews
from kb.editors.access import SEED_AUTHOR
from kb.editors.model import Revision, RevisionEvent, new_etag
from kb.editors.revisions import (
    NOT_PUBLISHABLE,
    OPEN_STATES,
    events_of,
    is_of,
    lock_revisions,
    record_event,
)
from kb.editors.terms import texts
from kb.editors.terms.texts import Text
from kb.problems import Conflict, NoDraft, StaleEdit, UnknownId, invalid_body
from kb.vocabulary.model import Term as TermRow
from kb.vocabulary.queries import read_schemes
from kb.vocabulary.terms import BROADER_SCHEMES, Scheme

KIND = "term"
USED_BY = ("case", "study", "question")


class TermState(NamedTuple):
    """Where a term stands: what is public, what is proposed, and what came before."""

    scheme: str
    id: str
    public: Text | None
    revisions: list[Revision]  # the first one first

    @property
    def draft(self) -> Revision | None:
        """What is proposed; None for nothing."""
        return next((each for each in self.revisions if each.state in OPEN_STATES), None)

    @property
    def published(self) -> Revision | None:
        """The revision of the public text; None where no editor has written any."""
        return next((each for each in self.revisions if each.state == "published"), None)

    @property
    def etag(self) -> str:
        """What If-Match must have to write this term."""
        newest = self.draft or self.published
        if newest is not None:
            return newest.etag
        return texts.etag_of(self.public or {})


def term_state(session: Session, scheme: str, term_id: str, *, lock: bool = False) -> TermState:
    """Where a term stands; a term that nobody has written is neither public nor proposed."""
    thing = Thing(KIND, texts.key_of(scheme, term_id))
    if lock:
        session.execute(select(TermRow.key).where(TermRow.key == thing.slug).with_for_update())
        revisions = lock_revisions(session, thing)
    else:
        statement = select(Revision).where(is_of(thing)).order_by(Revision.id)
        revisions = list(session.scalars(statement))
    term = scheme_of(session, scheme).terms.get(term_id)
    return TermState(scheme, term_id, texts.text_of(term) if term else None, revisions)


def scheme_of(session: Session, scheme: str) -> Scheme:
    """A scheme as the database has it. Raises UnknownId."""
    schemes = read_schemes(session)
    if scheme not in schemes:
        raise UnknownId(scheme, schemes)
    return schemes[scheme]


def existing_state(session: Session, scheme: str, term_id: str, *, lock: bool = False) -> TermState:
    """The same of a term that is there, or proposed. Raises UnknownId."""
    state = term_state(session, scheme, term_id, lock=lock)
    if state.public is None and state.draft is None:
        raise UnknownId(term_id, scheme_of(session, scheme).terms)
    return state


def uses_of(session: Session, scheme: str, term_id: str) -> dict[str, int]:
    """How many public cases, studies and questions have a term."""
    users = queries.users_by_kind(session, [texts.key_of(scheme, term_id)])
    return {kind: len(users.get(kind, ())) for kind in USED_BY}


def listed_terms(session: Session, scheme: str) -> list[dict[str, Any]]:
    """Every term of a scheme, also those that are only proposed. Raises UnknownId."""
    terms, used = scheme_of(session, scheme).terms, queries.users_of_scheme(session, scheme)
    prefix = texts.key_of(scheme, "")
    statement = select(Revision).where(
        Revision.kind == KIND,
        Revision.state.in_(OPEN_STATES),
        Revision.slug.startswith(prefix, autoescape=True),
    )
    drafts = {each.slug.removeprefix(prefix): each for each in session.scalars(statement)}
    public = {term_id: texts.text_of(term) for term_id, term in terms.items()}
    proposed = {term_id: each.document for term_id, each in drafts.items() if term_id not in terms}
    return [
        {
            "id": term_id,
            "labels": text["labels"],
            "deprecated": term_id in terms and text["deprecated"],
            "replaced_by": text["replacedBy"],
            "uses": {kind: len(used.get(term_id, {}).get(kind, ())) for kind in USED_BY},
            "state": drafts[term_id].state if term_id in drafts else None,
            "author": drafts[term_id].author if term_id in drafts else None,
        }
        for term_id, text in {**public, **proposed}.items()
    ]


def open_proposals(session: Session) -> list[dict[str, Any]]:
    """Every open proposal, as `schemas.term_texts.TermProposal`, the oldest first."""
    statement = select(Revision).where(Revision.kind == KIND, Revision.state.in_(OPEN_STATES))
    proposals = []
    for draft in session.scalars(statement.order_by(Revision.saved_at, Revision.id)):
        scheme, term_id = draft.slug.split("/", 1)
        events = [each for each in events_of(session, draft) if each.what == draft.state]
        proposals.append(
            {
                "scheme": scheme,
                "id": term_id,
                "labels": draft.document["labels"],
                "state": draft.state,
                "author": draft.author,
                "saved_at": draft.saved_at,
                "note": events[-1].note if events else None,
            }
        )
    return proposals


def propose(
    session: Session, state: TermState, text: Text, *, who: str, at: datetime, note: str | None
) -> Revision:
    """Save what a term is to be as its draft; a submitted one is a draft again.

    Raises InvalidInput with all that is wrong with it beside the other terms.
    """
    text = _with_position(text, state)
    check_text(session, state, text)
    draft = state.draft
    if draft is None:
        draft = _new_draft(session, state, text, who=who, at=at)
    else:
        replaced, draft.document = draft.document, text
        draft.state, draft.author, draft.saved_at = "draft", who, at
        record_event(session, draft, "saved", who=who, at=at, replaced=replaced)
    draft.note = note
    session.flush()
    return draft


def check_text(session: Session, state: TermState, text: Text) -> None:
    """Raise InvalidInput with all that is wrong with a text beside the other terms."""
    schemes = read_schemes(session)
    if errors := list(texts.text_errors(schemes, state.scheme, state.id, text, state.public)):
        raise invalid_body(errors)


def _with_position(text: Text, state: TermState) -> Text:
    """A text that leaves its place out stays where it is."""
    if text["position"] is None and state.public is not None:
        return {**text, "position": state.public["position"]}
    return text


def _new_draft(
    session: Session, state: TermState, text: Text, *, who: str, at: datetime
) -> Revision:
    """The first text of a proposal; what the release has becomes version 1 before it."""
    published = state.published
    if published is None and state.public is not None:
        published = _first_version(session, state, at)
    draft = unsaved_proposal(state, text, who=who, at=at)
    draft.based_on = published.version if published else None
    draft.events = [RevisionEvent(what="saved", who=who, at=at, etag=draft.etag)]
    session.add(draft)
    return draft


def unsaved_proposal(state: TermState, text: Text, *, who: str, at: datetime) -> Revision:
    """A draft of a term that is in no session yet."""
    return Revision(
        kind=KIND,
        slug=texts.key_of(state.scheme, state.id),
        state="draft",
        document=text,
        author=who,
        saved_at=at,
        etag=new_etag(),
    )


def _first_version(session: Session, state: TermState, at: datetime) -> Revision:
    key = texts.key_of(state.scheme, state.id)
    row = session.get(TermRow, key)
    revision = Revision(
        kind=KIND,
        slug=key,
        state="published",
        version=1,
        document=state.public,
        author=SEED_AUTHOR,
        saved_at=at,
        published_at=row.updated_at if row else at,
        etag=new_etag(),
    )
    session.add(revision)
    session.flush()
    return revision


def lock_proposal(session: Session, scheme: str, term_id: str, etags: Collection[str]) -> TermState:
    """A term with a proposal, to decide on it. Raises UnknownId, NoDraft, StaleEdit."""
    state = existing_state(session, scheme, term_id, lock=True)
    if state.draft is None:
        raise NoDraft(None, id=texts.key_of(scheme, term_id))
    check_etag(state, etags)
    return state


def check_etag(state: TermState, etags: Collection[str]) -> None:
    """Raise StaleEdit when the text of a term is not the one that was read."""
    if state.etag not in etags:
        text = state.draft.document if state.draft else state.public or {}
        raise StaleEdit(texts.changed_keys(text, state.public) or list(text))


def discard(session: Session, draft: Revision, *, who: str, at: datetime) -> None:
    """Take a proposal away; what is public stays."""
    draft.state, draft.discarded_at = "discarded", at
    record_event(session, draft, "discarded", who=who, at=at)


def approve(
    session: Session,
    state: TermState,
    *,
    who: str,
    note: str | None,
    at: datetime,
    four_eyes: bool,
) -> Change:
    """Make a proposal the public text of its term, and number the change.

    With `four_eyes` only a submitted one, and by somebody who did not write it. Raises Conflict,
    Forbidden, and InvalidInput when other terms have changed meanwhile so that it cannot be.
    """
    draft = state.draft
    assert draft is not None
    if draft.state not in {"draft", "submitted"}:
        raise Conflict(NOT_PUBLISHABLE)
    reviews.check_four_eyes(session, draft, who=who, four_eyes=four_eyes)
    text = draft.document
    check_text(session, state, text)
    schemes = read_schemes(session)
    previous = state.published
    if previous is not None:
        previous.state = "superseded"
        session.flush()
    draft.version = max((each.version or 0 for each in state.revisions), default=0) + 1
    draft.state, draft.published_at, draft.note = "published", at, note
    record_event(session, draft, "published", who=who, at=at, note=note)
    changed = _write(session, schemes[state.scheme], state.id, text, at)
    return changes.record_terms(session, state.scheme, changed, at)


def _write(
    session: Session, scheme: Scheme, term_id: str, text: Mapping[str, Any], at: datetime
) -> list[str]:
    """Write the row of a term, and the places of the others; gives the ids that changed."""
    key = texts.key_of(scheme.id, term_id)
    others = [each for each in scheme.terms if each != term_id]
    position = len(others) if text["position"] is None else min(text["position"], len(others))
    row = session.get(TermRow, key)
    if row is None:
        row = TermRow(key=key, scheme=scheme.id, slug=term_id)
        session.add(row)
    row.label_nl, row.label_en = text["labels"]["nl"], text["labels"]["en"]
    row.definition, row.synonyms = text["definition"], dict(text["synonyms"])
    row.broader = text["broader"] and texts.key_of(BROADER_SCHEMES[scheme.id], text["broader"])
    row.position, row.updated_at = position, at
    row.deprecated_at = (row.deprecated_at or at) if text["deprecated"] else None
    row.replaced_by = text["replacedBy"] and texts.key_of(scheme.id, text["replacedBy"])
    session.flush()
    order = [*others[:position], term_id, *others[position:]]
    return list(dict.fromkeys([term_id, *_make_room(session, scheme, order)]))


def _make_room(session: Session, scheme: Scheme, order: list[str]) -> list[str]:
    """Number the places of a scheme anew; gives the ids of those that moved."""
    moved = []
    for position, term_id in enumerate(order):
        known = scheme.terms.get(term_id)
        if known is not None and known.position != position:
            row = TermRow.key == texts.key_of(scheme.id, term_id)
            session.execute(update(TermRow).where(row).values(position=position))
            moved.append(term_id)
    return [each for each in moved if each in scheme.terms]
