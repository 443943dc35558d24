"""Merging a term into another: everything that names the old one, and what becomes of both terms.

A function writes in the session it is given, and leaves the commit to its caller.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import String, cast, select
from sqlalchemy.orm import Session

from kb.cases import queries
from kb.cases.aliases import Thing
from kb.editors.batches import operations, plans
from kb.editors.batches.model import BatchItem
from kb.editors.batches.operations import Document, Operation
from kb.editors.batches.plans import PlannedDraft
from kb.editors.editable_kind import editable_kind
from kb.editors.model import Revision
from kb.editors.revisions import OPEN_STATES
from kb.editors.terms import texts
from kb.editors.terms import workflow as terms
from kb.editors.terms.workflow import TermState
from kb.input_errors import Mistake
from kb.kinds import EDITABLE_KINDS
from kb.problems import Conflict, InvalidInput, UnknownId, invalid_body
from kb.translation import N_
from kb.vocabulary.queries import read_schemes
from kb.vocabulary.terms import BROADER_SCHEMES, FIXED_SCHEMES, LANGUAGES, Scheme


class MergePlan(NamedTuple):
    """What a merge needs: drafts, and things whose open draft is changed when it is published."""

    drafts: list[PlannedDraft]
    alongside: list[Thing]


def check_terms(session: Session, scheme_id: str, term_id: str, into: str) -> None:
    """Raise UnknownId for an unknown term, InvalidInput when it cannot be merged into the other."""
    scheme = terms.scheme_of(session, scheme_id)
    old, new = scheme.terms.get(term_id), scheme.terms.get(into)
    if old is None:
        raise UnknownId(term_id, scheme.terms)
    mistake = None
    if scheme_id in FIXED_SCHEMES:
        mistake = Mistake("inconsistent", {"reason": "fixed-scheme"})
    elif new is None:
        values, allowed = {"value": into[:80], "expected": "term-reference"}, scheme_id
        mistake = Mistake("unknown-reference", values, None, f"/v1/vocabularies/{allowed}")
    elif new.id == old.id:
        mistake = Mistake("inconsistent", {"reason": "itself-term"})
    elif new.is_deprecated:
        mistake = Mistake("inconsistent", {"reason": "deprecated-term"})
    if mistake:
        raise invalid_body([("/into", mistake)])


def users_of(session: Session, operation: Operation) -> dict[str, list[str]]:
    """The ids of what names the old term, in public or in an open draft, by kind."""
    scheme, term = operation["scheme"], operation["term"]
    public = queries.users_by_kind(session, [texts.key_of(scheme, term)])
    users: dict[str, set[str]] = {
        kind.name: set(public.get(kind.name, ())) for kind in EDITABLE_KINDS
    }
    for draft in _drafts_that_quote(session, term):
        document = editable_kind(draft.kind).document
        if operations.names_term(document, draft.document, scheme, term):
            users[draft.kind].add(draft.slug)
    return {kind: sorted(slugs) for kind, slugs in users.items()}


def _drafts_that_quote(session: Session, word: str) -> Iterator[Revision]:
    """Open drafts of things in which an id stands somewhere: few do, and those are read."""
    statement = select(Revision).where(
        Revision.kind.in_([kind.name for kind in EDITABLE_KINDS]),
        Revision.state.in_(OPEN_STATES),
        cast(Revision.document, String).contains(f'"{word}"', autoescape=True),
    )
    yield from session.scalars(statement)


def plan(session: Session, operation: Operation, *, is_locked: bool = True) -> MergePlan:
    """What a merge makes of everything that names the old term; with `is_locked`, to write it.

    Raises InvalidInput where two texts of an ingredient do not fit into one.
    """
    planned, errors = MergePlan([], []), []
    for kind, slugs in users_of(session, operation).items():
        texts_of = plans.lock_texts(session, kind, slugs, is_locked=is_locked)
        for slug in slugs:
            public, draft = texts_of.get(slug, plans.Texts(None, None))
            try:
                for each in filter(None, (public, draft)):
                    text = rewritten(operation, each)
                    if draft is None:
                        planned.drafts.append(PlannedDraft(each, text))
            except InvalidInput as error:
                errors += [(f"/{kind}/{slug}{each.where}", each.mistake) for each in error.errors]
            if draft is not None:
                planned.alongside.append(Thing(kind, slug))
    if errors:
        problem = invalid_body(errors)
        problem.detail = N_("Mend these texts first: with the other term they would be wrong.")
        raise problem
    return planned


def rewritten_document(operation: Operation, revision: Revision) -> dict[str, Any]:
    """A text with the new term in the place of the old one."""
    kind = editable_kind(revision.kind)
    after: dict[str, Any] = operations.apply(operation, kind.name, kind.document, revision.document)
    return after


def rewritten(operation: Operation, revision: Revision) -> dict[str, Any]:
    """The same, loaded. Raises InvalidInput."""
    kind, after = editable_kind(revision.kind), rewritten_document(operation, revision)
    if errors := list(_too_long(after)):
        raise invalid_body(errors)
    return kind.load_stored(after)


def _too_long(after: Document) -> Iterator[tuple[str, Mistake]]:
    for place, item in enumerate(after.get("ingredients", ())):
        how = item.get("how") if isinstance(item, Mapping) else None
        if len(how or "") > operations.MAX_HOW:
            values = {"maximum": operations.MAX_HOW, "actual": len(how or "")}
            yield f"/ingredients/{place}/how", Mistake("too-long", values)


def propose(session: Session, operation: Operation, *, who: str, at: datetime) -> list[Revision]:
    """Save what becomes of the terms. Raises Conflict, InvalidInput."""
    return [
        terms.propose(session, state, text, who=who, at=at, note=None)
        for state, text in _changed_terms(session, operation, lock=True)
    ]


def unsaved_proposals(
    session: Session, operation: Operation, *, who: str, at: datetime
) -> list[Revision]:
    """What `propose` would save. Raises Conflict, InvalidInput."""
    proposals = []
    for state, text in _changed_terms(session, operation, lock=False):
        terms.check_text(session, state, text)
        proposals.append(terms.unsaved_proposal(state, text, who=who, at=at))
    return proposals


def _changed_terms(
    session: Session, operation: Operation, *, lock: bool
) -> list[tuple[TermState, texts.Text]]:
    """What becomes of the terms: of those in the old group, of the new term, of the old.

    In this order they can be published. Raises Conflict when one of them has a proposal already.
    """
    scheme, old, new = (operation[key] for key in ("scheme", "term", "successor"))
    wanted = dict(_term_texts(read_schemes(session), scheme, old, new))
    states = {
        key: terms.existing_state(session, *key.split("/", 1), lock=lock) for key in sorted(wanted)
    }
    for key, state in states.items():
        if state.draft is not None:
            raise Conflict(N_("“%(id)s” has a proposal; decide on that one first."), id=key)
    return [(states[key], text) for key, text in wanted.items() if text != states[key].public]


def _term_texts(
    schemes: Mapping[str, Scheme], scheme_id: str, old_id: str, new_id: str
) -> Iterator[tuple[str, texts.Text]]:
    """What the terms are to be, by key."""
    for other in schemes.values():
        if BROADER_SCHEMES.get(other.id) == scheme_id:
            for term in other.terms.values():
                if term.broader == old_id:
                    yield term.key, {**texts.text_of(term), "broader": new_id}
    old, new = (schemes[scheme_id].terms[each] for each in (old_id, new_id))
    words = {}
    for language in LANGUAGES:
        names = [new.labels[language], *new.synonyms[language]]
        known = {name.casefold() for name in names}
        more = dict.fromkeys([old.labels[language], *old.synonyms[language]])
        added = [name for name in more if name.casefold() not in known]
        words[language] = [*new.synonyms[language], *added]
    yield new.key, {**texts.text_of(new), "synonyms": words}
    yield old.key, {**texts.text_of(old), "deprecated": True, "replacedBy": new_id}


def left_over(session: Session, operation: Operation, items: list[BatchItem]) -> list[str]:
    """What would still name the old term when these items are public: ids, terms by their key."""
    covered = {item.thing for item in items}
    own = {item.thing: item.revision_id for item in items if item.revision_id}
    scheme, term = operation["scheme"], operation["term"]
    left = []
    for kind, slugs in users_of(session, operation).items():
        left += [slug for slug in slugs if Thing(kind, slug) not in covered]
    for revision in session.scalars(select(Revision).where(Revision.id.in_(own.values()))):
        if revision.kind != terms.KIND:
            document = editable_kind(revision.kind).document
            if operations.names_term(document, revision.document, scheme, term):
                left.append(revision.slug)
    for key, _ in _term_texts(read_schemes(session), scheme, term, operation["successor"]):
        if not key.startswith(f"{scheme}/") and Thing(terms.KIND, key) not in covered:
            left.append(key)
    return sorted(left)
