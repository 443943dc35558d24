"""Publishing a batch: every check of every draft first, then all of them public at once.

A function writes in the session it is given, and leaves the commit to its caller.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from kb.cases.model import Tombstone
from kb.editors import reviews, workflow
from kb.editors.batches import merging, plans
from kb.editors.batches.lifecycle import Author, BatchState, enter
from kb.editors.batches.model import BatchItem
from kb.editors.batches.operations import MERGE, Operation
from kb.editors.editable_kind import editable_kind
from kb.editors.model import Revision
from kb.editors.publishing import publish_all
from kb.editors.terms import workflow as terms
from kb.input_errors import InputError
from kb.kinds import EDITABLE_KINDS, KindName
from kb.problems import Conflict, Forbidden, InvalidInput, invalid_body
from kb.translation import N_

MAX_NAMED = 5  # things that a problem names
LoadedText = tuple[Revision, Mapping[str, Any]]


class Published(NamedTuple):
    """What publishing a batch did."""

    change: int  # the number of the last change
    texts: int


class Publisher(NamedTuple):
    """Who publishes, when, and what is said of each version."""

    who: str
    at: datetime
    note: str | None
    four_eyes: bool


def publish(session: Session, state: BatchState, by: Publisher) -> Published:
    """Publish all drafts of a batch, or none of them.

    Raises Conflict, Forbidden, and InvalidInput with what is wrong with any of them.
    """
    _check(session, state, by)
    texts = _load_all(session, state, by)
    changes, number = [0], 0
    for kind, of_kind in texts.items():
        if of_kind:
            published = publish_all(session, kind, of_kind, at=by.at, by=by.who)
            changes += [each.number for each in published]
            number += len(of_kind)
    for draft in state.drafts:
        if draft.kind == terms.KIND:
            changes.append(_approve_term(session, draft, by))
            number += 1
    enter(state.batch, "published", Author(by.who, by.at), by.note)
    return Published(max(changes), number)


def _check(session: Session, state: BatchState, by: Publisher) -> None:
    batch = state.batch
    if by.four_eyes and state.state != "submitted":
        raise Conflict(N_("Only a submitted batch can be published; submit this one first."))
    if "returned" in {state.state, *(each.state for each in state.drafts)}:
        raise Conflict(N_("This batch was returned; it can be published once it is submitted."))
    if by.four_eyes and batch.author == by.who:
        raise Forbidden(N_("You made this batch; another publisher must publish it."))
    if not state.pending:
        raise Conflict(N_("Nothing is left in this batch; discard it."))
    if batch.operation["name"] == MERGE:
        left = merging.left_over(session, batch.operation, state.pending)
        if left:
            named = ", ".join(left[:MAX_NAMED]) + (" …" if len(left) > MAX_NAMED else "")
            detail = N_("Without these the term would still be in use: %(ids)s. Extend the batch.")
            raise Conflict(detail, ids=named)


def _load_all(
    session: Session, state: BatchState, by: Publisher
) -> dict[KindName, list[LoadedText]]:
    """Every text that becomes public, by kind. Raises InvalidInput with all that is wrong."""
    texts: dict[KindName, list[LoadedText]] = {kind.name: [] for kind in EDITABLE_KINDS}
    errors: list[InputError] = []
    for kind in texts:
        own = [item for item in state.pending if item.kind == kind]
        plans.lock_texts(session, kind, sorted(item.slug for item in own))
        for item in own:
            draft = state.draft_of(item)
            if draft is None:
                texts[kind] += _alongside(session, state, item, by)
                continue
            try:
                texts[kind].append((draft, _load(session, draft, by)))
            except InvalidInput as error:
                errors += _placed(error, state.items.index(item))
    for draft in state.drafts:
        if draft.kind == terms.KIND:
            reviews.check_four_eyes(session, draft, who=by.who, four_eyes=by.four_eyes)
    if errors:
        detail = N_("Mend these drafts, or take them out of the batch; nothing was published.")
        raise InvalidInput(errors, detail)
    return texts


def _placed(error: InvalidInput, place: int) -> Iterator[InputError]:
    for each in error.errors:
        yield InputError(each.mistake, each.location, f"/items/{place}{each.where}")


def _load(session: Session, draft: Revision, by: Publisher) -> dict[str, Any]:
    """The text of a draft that may be published. Raises Conflict, Forbidden, InvalidInput."""
    reviews.check_four_eyes(session, draft, who=by.who, four_eyes=by.four_eyes)
    if session.get(Tombstone, draft.thing):
        detail = N_("“%(id)s” was withdrawn meanwhile; take it out of the batch.")
        raise Conflict(detail, id=draft.slug)
    kind = editable_kind(draft.kind)
    text = kind.load_strictly(draft)
    if errors := list(kind.publication_errors(session, text)):
        raise invalid_body(errors)
    draft.document, draft.note = kind.as_document(text), by.note
    return text


def _alongside(
    session: Session, state: BatchState, item: BatchItem, by: Publisher
) -> Iterator[LoadedText]:
    """Put the new term in a thing that has a draft of its own: in that, and in the public text.

    Neither waits for the other: the draft goes on, based on the new public text.
    """
    operation: Operation = state.batch.operation
    texts = plans.lock_texts(session, item.kind, [item.slug]).get(item.slug)
    public, draft = texts or plans.Texts(None, None)
    kind = editable_kind(item.kind)
    if public is not None:
        text = merging.rewritten(operation, public)
        after = kind.as_document(text)
        if after != public.document:
            revision = _unnumbered(session, public, after, state.batch.author, by)
            item.revision_id = revision.id
            if draft is not None and draft.based_on == public.version:
                draft.based_on = (public.version or 0) + 1
            yield revision, text
    if draft is not None:
        after = kind.as_document(merging.rewritten(operation, draft))
        if after != draft.document:
            workflow.rewrite(session, draft, after, who=state.batch.author, at=by.at)


def _unnumbered(
    session: Session, public: Revision, document: dict[str, Any], author: str, by: Publisher
) -> Revision:
    """A text that `publish_all` is to number; until then it is none of the open drafts."""
    revision = workflow.unsaved_draft(
        public.kind, document, author=author, at=by.at, note=by.note, based_on=public.version
    )
    revision.state, revision.version = "superseded", 0
    session.add(revision)
    session.flush()
    return revision


def _approve_term(session: Session, draft: Revision, by: Publisher) -> int:
    scheme, term_id = draft.slug.split("/", 1)
    state = terms.term_state(session, scheme, term_id, lock=True)
    change = terms.approve(
        session, state, who=by.who, note=by.note, at=by.at, four_eyes=by.four_eyes
    )
    return change.number
