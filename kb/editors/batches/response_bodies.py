"""Batches as the API answers them: each thing with the keys that change, before and after."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from flask import Response, jsonify
from sqlalchemy.orm import Session

from kb.editors import workflow
from kb.editors.access import Editor
from kb.editors.batches import merging, operations, plans
from kb.editors.batches.lifecycle import OPEN, BatchState
from kb.editors.batches.model import Batch, BatchItem
from kb.editors.batches.operations import MERGE
from kb.editors.editable_kind import editable_kind
from kb.editors.model import Revision
from kb.editors.revisions import OPEN_STATES
from kb.editors.terms import texts
from kb.editors.terms import workflow as terms
from kb.input_errors import MAX_ERRORS, InputError
from kb.vocabulary.queries import read_schemes
from kb.vocabulary.terms import language
from kb.web.errors import error_item
from schemas import batches

Document = Mapping[str, Any]


def batch_response(
    session: Session,
    state: BatchState,
    editor: Editor,
    *,
    four_eyes: bool,
    status: int = 200,
) -> Response:
    """A batch with its ETag; unchanged things of its selection have no item."""
    batch = state.batch
    items = item_bodies(session, state)
    document = summary_of(batch, state) | {
        "dry_run": False,
        "selection": batch.selection,
        "totals": {
            "changed": len(items),
            "unchanged": batch.unchanged,
            "skipped": len(batch.skipped),
        },
        "items": items,
        "skipped": batch.skipped,
        "actions": actions(session, state, editor, items, four_eyes=four_eyes),
    }
    response = jsonify(batches.Batch().dump(document))
    response.status_code = status
    response.set_etag(f"{state.etag}-{language()}")
    return response


def as_plan(response: Response) -> Response:
    """The answer to a dry run, from that to the real thing: nothing of it is there."""
    made = ("id", "state", "createdAt", "stateSince", "stateBy", "note")
    body = response.get_json() | {"dryRun": True, "actions": [], **dict.fromkeys(made)}
    return jsonify(body)


def summary_of(batch: Batch, state: BatchState) -> dict[str, Any]:
    """What lists tell of a batch."""
    keys = ("id", "title", "operation", "author", "created_at", "state_since", "state_by", "note")
    own = {key: getattr(batch, key) for key in keys}
    return own | {"state": state.state, "item_count": len(state.items)}


def actions(
    session: Session,
    state: BatchState,
    editor: Editor,
    items: Sequence[Document],
    *,
    four_eyes: bool,
) -> list[str]:
    """What an editor may do with a batch now; the workflow checks it again when it is done."""
    batch, is_publisher = state.batch, editor.role == "publisher"
    if batch.state not in OPEN:
        return []
    is_submitted, is_merge = state.state == "submitted", batch.operation["name"] == MERGE
    is_ready = not any(item["problems"] for item in items) and bool(state.pending)
    may_publish = is_publisher and is_ready and state.state != "returned"
    if four_eyes:
        may_publish = may_publish and is_submitted and editor.owner != batch.author
        may_publish = may_publish and editor.owner not in _writers(state)
    allowed = {
        "submit": not is_submitted and bool(state.pending),
        "retract": is_submitted and (is_publisher or editor.owner == batch.state_by),
        "return": is_submitted and is_publisher,
        "publish": may_publish,
        "discard": is_publisher or editor.owner == batch.author,
        "extend": is_merge and bool(merging.left_over(session, batch.operation, state.pending)),
    }
    return [name for name, is_allowed in allowed.items() if is_allowed]


def _writers(state: BatchState) -> set[str]:
    """Who saved a draft of a batch last; who wrote in it before, publishing itself looks up."""
    return {draft.author for draft in state.drafts}


def item_bodies(session: Session, state: BatchState) -> list[dict[str, Any]]:
    """The things of a batch, in their order."""
    slugs = {item.slug for item in state.items} | {each.slug for each in state.revisions.values()}
    public = plans.versions_of(session, slugs)
    return [_item_body(session, state, item, public) for item in state.items]


def _item_body(
    session: Session,
    state: BatchState,
    item: BatchItem,
    public: Mapping[tuple[str, str], Sequence[Revision]],
) -> dict[str, Any]:
    revision = state.revisions.get(item.revision_id or 0)
    kind, slug = (revision.kind, revision.slug) if revision else (item.kind, item.slug)
    versions = public.get((kind, slug), ())
    current = next((each for each in versions if each.state == "published"), None)
    before: Document = current.document if current else _released(session, kind, slug)
    after: Document = {}
    if revision is not None:
        after = revision.document
        if revision.state not in OPEN_STATES:
            based_on = (each for each in versions if each.version == revision.based_on)
            before = next((each.document for each in based_on), {})
    elif state.batch.state in OPEN and current is not None:
        after = merging.rewritten_document(state.batch.operation, current)
    keys = [key for key in after if before.get(key) != after[key]]
    return {
        "type": kind,
        "id": slug,
        "title": _title(kind, after or before),
        "state": _state_of(state, revision),
        "author": revision.author if revision else None,
        "before": _shown(session, kind, before, keys),
        "after": _shown(session, kind, after, keys),
        "joined": operations.joins_how(state.batch.operation, before),
        "problems": _problems(session, state.draft_of(item)),
    }


def _released(session: Session, kind: str, slug: str) -> Document:
    """The public text of a term that nobody has changed since its release; else nothing."""
    if kind != terms.KIND:
        return {}
    scheme, term_id = slug.split("/", 1)
    term = read_schemes(session)[scheme].terms.get(term_id)
    return texts.text_of(term) if term else {}


def _state_of(state: BatchState, revision: Revision | None) -> str:
    if revision is not None:
        return revision.state
    return "alongside" if state.batch.state in OPEN else "gone"


def _title(kind: str, document: Document) -> str | None:
    if kind == terms.KIND and document:
        label: str = document["labels"][language()]
        return label
    return document.get("title")


def _shown(
    session: Session, kind: str, document: Document, keys: Collection[str]
) -> dict[str, Any]:
    """These keys of a document as readers get them, with labels and titles."""
    if not document or kind == terms.KIND:
        return {key: document[key] for key in keys if key in document}
    part = editable_kind(kind)
    dumped: dict[str, Any] = part.version().dump(part.with_titles(session, document))
    return {key: dumped[key] for key in keys if key in dumped}


def _problems(session: Session, draft: Revision | None) -> list[dict[str, Any]]:
    """What must be mended in a draft before it can be published."""
    if draft is None:
        return []
    if draft.kind != terms.KIND:
        errors = workflow.open_errors(session, draft)
        return [error_item(each) for each in errors[:MAX_ERRORS]]
    scheme, term_id = draft.slug.split("/", 1)
    schemes = read_schemes(session)
    public = schemes[scheme].terms.get(term_id)
    known = texts.text_of(public) if public else None
    mistakes = texts.text_errors(schemes, scheme, term_id, draft.document, known)
    return [error_item(InputError(mistake, "body", pointer)) for pointer, mistake in mistakes]
