"""A batch is made, submitted, returned, published or discarded: all of its drafts, or none.

A function writes in the session it is given, and leaves the commit to its caller.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.editors import reviews
from kb.editors import workflow as drafts
from kb.editors.access import Editor
from kb.editors.batches import merging, plans
from kb.editors.batches.model import Batch, BatchItem
from kb.editors.batches.operations import MERGE, Operation
from kb.editors.batches.plans import PlannedDraft
from kb.editors.editable_kind import editable_kind
from kb.editors.model import Revision, new_etag
from kb.editors.revisions import OPEN_STATES
from kb.input_errors import Mistake
from kb.kinds import KindName
from kb.problems import Conflict, Forbidden, StaleEdit, UnknownId, invalid_body
from kb.translation import N_

OPEN = ("draft", "submitted", "returned")  # states of a batch
ETAG_LENGTH = 20


class Author(NamedTuple):
    """Who does something, and when."""

    who: str
    at: datetime


class BatchState(NamedTuple):
    """A batch with its items and their drafts, as they are now."""

    batch: Batch
    items: list[BatchItem]
    revisions: dict[int, Revision]  # by id

    def draft_of(self, item: BatchItem) -> Revision | None:
        """The draft of an item, while nobody has decided on it by itself."""
        revision = self.revisions.get(item.revision_id or 0)
        return revision if revision is not None and revision.state in OPEN_STATES else None

    @property
    def drafts(self) -> list[Revision]:
        """The drafts of the batch that are open."""
        return [draft for draft in map(self.draft_of, self.items) if draft is not None]

    @property
    def pending(self) -> list[BatchItem]:
        """The items that publishing the batch changes."""
        return [item for item in self.items if item.revision_id is None or self.draft_of(item)]

    @property
    def state(self) -> str:
        """How far it is: a submitted one of which a draft was changed is a draft again."""
        if self.batch.state == "submitted" and any(d.state != "submitted" for d in self.drafts):
            return "draft"
        return self.batch.state

    @property
    def etag(self) -> str:
        """Stands for the batch and all its texts."""
        marks = [self.batch.etag, *(f"{each.id}:{each.etag}" for each in self.drafts)]
        return hashlib.sha256(" ".join(marks).encode()).hexdigest()[:ETAG_LENGTH]


def read(session: Session, batch_id: int) -> BatchState:
    """A batch. Raises UnknownId."""
    batch = session.get(Batch, batch_id)
    if batch is None:
        raise UnknownId(str(batch_id), ())
    return _state(session, batch)


def ids_in(session: Session, states: Collection[str]) -> list[int]:
    """The ids of the batches in these states, the newest first."""
    rows = session.execute(select(Batch.id, Batch.state).order_by(Batch.id.desc()))
    return [
        batch_id
        for batch_id, state in rows.all()
        if (read(session, batch_id).state if state == "submitted" else state) in states
    ]


def _state(session: Session, batch: Batch) -> BatchState:
    session.flush()
    statement = select(BatchItem).where(BatchItem.batch_id == batch.id).order_by(BatchItem.id)
    items = list(session.scalars(statement))
    ids = [item.revision_id for item in items if item.revision_id]
    revisions = session.scalars(select(Revision).where(Revision.id.in_(ids)))
    return BatchState(batch, items, {each.id: each for each in revisions})


def lock(session: Session, batch_id: int, etags: Collection[str]) -> BatchState:
    """A batch with one of these ETags, to write; others wait until the commit.

    Raises UnknownId, StaleEdit, and Conflict for one that is done with.
    """
    only = select(Batch).where(Batch.id == batch_id).with_for_update()
    batch = session.scalar(only.execution_options(populate_existing=True))
    if batch is None:
        raise UnknownId(str(batch_id), ())
    statement = select(Revision).where(
        Revision.id.in_(select(BatchItem.revision_id).where(BatchItem.batch_id == batch_id))
    )
    statement = statement.order_by(Revision.id)
    session.execute(statement.with_only_columns(Revision.id).with_for_update()).all()
    list(session.scalars(statement.execution_options(populate_existing=True)))
    state = _state(session, batch)
    if state.etag not in etags:
        raise StaleEdit(["items"])
    if batch.state not in OPEN:
        raise Conflict(N_("This batch was published or discarded already; make another one."))
    return state


def make(
    session: Session,
    operation: Operation,
    selection: dict[str, Any],
    slugs: Sequence[str],
    *,
    title: str | None,
    by: Author,
) -> BatchState:
    """Make drafts of what an operation makes of these things. Raises InvalidInput, Conflict."""
    kind: KindName = selection["type"]
    if "ids" in selection:
        plans.check_ids(session, kind, slugs)
    planned = plans.plan(session, operation, kind, slugs)
    if not planned.drafts:
        raise Conflict(
            N_("Nothing can be changed here: it has changed already, or somebody is writing in it.")
        )
    batch = _begin(session, operation, by, title=title, selection=selection)
    batch.skipped, batch.unchanged = planned.skipped, planned.unchanged
    for each in planned.drafts:
        _add(session, batch, _save(session, each, by))
    return _state(session, batch)


def preview(
    session: Session,
    operation: Operation,
    selection: dict[str, Any],
    slugs: Sequence[str],
    *,
    title: str | None,
    by: Author,
) -> BatchState:
    """What `make` would make, while nothing is written or locked. Raises InvalidInput.

    Its rows are in no session, and have ids of their own.
    """
    kind: KindName = selection["type"]
    if "ids" in selection:
        plans.check_ids(session, kind, slugs)
    planned = plans.plan(session, operation, kind, slugs, is_locked=False)
    batch = _new_batch(operation, by, title=title, selection=selection)
    batch.skipped, batch.unchanged = planned.skipped, planned.unchanged
    return _unsaved_state(batch, [_unsaved_draft(each, by) for each in planned.drafts])


def preview_merge(session: Session, operation: Operation, *, by: Author) -> BatchState:
    """What `merge` would make, while nothing is written or locked. Raises Conflict, InvalidInput.

    Its rows are in no session, and have ids of their own.
    """
    batch = _new_batch(operation, by, title=None, selection=None)
    unsaved = merging.unsaved_proposals(session, operation, who=by.who, at=by.at)
    planned = merging.plan(session, operation, is_locked=False)
    unsaved += [_unsaved_draft(each, by) for each in planned.drafts]
    state = _unsaved_state(batch, unsaved)
    state.items.extend(BatchItem(kind=each.kind, slug=each.slug) for each in planned.alongside)
    return state


def _unsaved_draft(planned: PlannedDraft, by: Author) -> Revision:
    public = planned.public
    document = editable_kind(public.kind).as_document(planned.text)
    return drafts.unsaved_draft(
        public.kind, document, author=by.who, at=by.at, based_on=public.version
    )


def _unsaved_state(batch: Batch, unsaved: Sequence[Revision]) -> BatchState:
    items, revisions = [], {}
    for number, draft in enumerate(unsaved, start=1):
        draft.id, revisions[number] = number, draft
        items.append(BatchItem(kind=draft.kind, slug=draft.slug, revision_id=number))
    return BatchState(batch, items, revisions)


def merge(session: Session, operation: Operation, *, by: Author) -> BatchState:
    """Make a batch that merges a term into another. Raises Conflict, InvalidInput."""
    batch = _begin(session, operation, by)
    for revision in merging.propose(session, operation, who=by.who, at=by.at):
        _add(session, batch, revision)
    _add_users(session, batch, {})
    return _state(session, batch)


def extend(session: Session, state: BatchState, *, by: Author) -> None:
    """Take into a merge what has come to name the old term since; the batch is a draft again.

    Raises Conflict for another batch.
    """
    _check_merge(state.batch)
    _add_users(session, state.batch, {item.thing: item for item in state.pending})
    enter(state.batch, "draft", by, None)


def _check_merge(batch: Batch) -> None:
    if batch.operation["name"] != MERGE:
        raise Conflict(N_("Only a merge of terms can be extended; make another batch."))


def _add_users(session: Session, batch: Batch, covered: Collection[Any]) -> None:
    """Give a merge its drafts, but for things that it has already."""
    planned = merging.plan(session, batch.operation)
    for each in planned.drafts:
        if each.public.thing not in covered:
            by = Author(batch.author, batch.created_at)
            _add(session, batch, _save(session, each, by))
    for thing in planned.alongside:
        if thing not in covered:
            _put(session, BatchItem(batch_id=batch.id, kind=thing.kind, slug=thing.slug))


def _begin(
    session: Session,
    operation: Operation,
    by: Author,
    *,
    title: str | None = None,
    selection: dict[str, Any] | None = None,
) -> Batch:
    batch = _new_batch(operation, by, title=title, selection=selection)
    session.add(batch)
    session.flush()
    return batch


def _new_batch(
    operation: Operation, by: Author, *, title: str | None, selection: dict[str, Any] | None
) -> Batch:
    batch = Batch(title=title, operation=dict(operation), selection=selection, skipped=[])
    batch.author, batch.created_at, batch.unchanged = by.who, by.at, 0
    enter(batch, "draft", by, None)
    return batch


def _save(session: Session, planned: PlannedDraft, by: Author) -> Revision:
    public = planned.public
    return drafts.save_draft(
        session,
        planned.text,
        kind=public.kind,  # type: ignore[arg-type]  # the name of an editable kind
        author=by.who,
        at=by.at,
        based_on=public.version,
    )


def _add(session: Session, batch: Batch, revision: Revision) -> None:
    session.flush()
    item = BatchItem(batch_id=batch.id, kind=revision.kind, slug=revision.slug)
    item.revision_id = revision.id
    _put(session, item)


def _put(session: Session, item: BatchItem) -> None:
    """Add an item, or put it in the place of an earlier one of the same thing."""
    same = (BatchItem.batch_id == item.batch_id, BatchItem.kind == item.kind)
    earlier = session.scalar(select(BatchItem).where(*same, BatchItem.slug == item.slug))
    if earlier is not None:
        earlier.revision_id = item.revision_id
    else:
        session.add(item)


def enter(batch: Batch, state: str, by: Author, note: str | None) -> None:
    """Put a batch in a state; from here on it has another ETag."""
    batch.state, batch.state_since, batch.state_by, batch.note = state, by.at, by.who, note
    batch.etag = new_etag()


def submit(session: Session, state: BatchState, *, by: Author, note: str | None) -> None:
    """Ask for approval of all drafts. Raises Conflict when that was done already."""
    if state.state == "submitted":
        raise Conflict(N_("This batch was submitted already."))
    if not state.pending:
        raise Conflict(N_("Nothing is left in this batch; discard it."))
    for draft in state.drafts:
        if draft.state != "submitted":
            reviews.submit(session, draft, who=by.who, note=note, at=by.at)
    enter(state.batch, "submitted", by, note)


def return_to_author(session: Session, state: BatchState, *, by: Author, note: str) -> None:
    """Return all drafts with a note. Raises Conflict when the batch is not submitted."""
    _check_submitted(state)
    for draft in state.drafts:
        reviews.return_to_author(session, draft, who=by.who, note=note, at=by.at)
    enter(state.batch, "returned", by, note)


def retract(
    session: Session, state: BatchState, *, editor: Editor, at: datetime, note: str | None
) -> None:
    """Make a submitted batch one that is worked at again. Raises Conflict, Forbidden."""
    _check_submitted(state)
    for draft in state.drafts:
        reviews.retract(session, draft, editor=editor, note=note, at=at)
    enter(state.batch, "draft", Author(editor.owner, at), note)


def _check_submitted(state: BatchState) -> None:
    if state.state != "submitted":
        raise Conflict(N_("Only a submitted batch can be decided on; this one is not."))


def discard(session: Session, state: BatchState, *, editor: Editor, at: datetime) -> None:
    """Discard all drafts of a batch. Raises Forbidden unless by its author or a publisher."""
    _check_own(state.batch, editor)
    for draft in state.drafts:
        drafts.discard(session, draft, who=editor.owner, at=at)
    enter(state.batch, "discarded", Author(editor.owner, at), None)


def take_out(
    session: Session, state: BatchState, kind: str, slug: str, *, editor: Editor, at: datetime
) -> None:
    """Take one thing out of a batch, and discard its draft.

    Raises UnknownId, Forbidden, and Conflict for a merge, which is whole or nothing.
    """
    _check_own(state.batch, editor)
    item = next((each for each in state.items if each.thing == (kind, slug)), None)
    if item is None:
        raise UnknownId(slug, [each.slug for each in state.items if each.kind == kind])
    if state.batch.operation["name"] == MERGE:
        raise Conflict(
            N_("A merge is for everything that has the term; nothing can be left out of it.")
        )
    if draft := state.draft_of(item):
        drafts.discard(session, draft, who=editor.owner, at=at)
    session.delete(item)
    state.batch.etag = new_etag()
    session.flush()


def _check_own(batch: Batch, editor: Editor) -> None:
    if editor.owner != batch.author and editor.role != "publisher":
        detail = N_("Only %(author)s, who made this batch, or a publisher may do this; ask them.")
        raise Forbidden(detail, author=batch.author)


def check_size(number: int, limit: int) -> None:
    """Raise InvalidInput when a selection has more things than a batch may have."""
    if number > limit:
        values = {"maximum": limit, "actual": number, "unit": "items"}
        raise invalid_body([("/selection", Mistake("too-long", values))])
