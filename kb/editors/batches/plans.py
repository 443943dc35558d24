"""What an operation would make of each thing of a selection, before anything is written."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.editors.batches import operations
from kb.editors.batches.operations import Document, Operation
from kb.editors.editable_kind import editable_kind
from kb.editors.model import Revision
from kb.editors.revisions import OPEN_STATES
from kb.input_errors import InputError, Mistake
from kb.problems import InvalidInput, invalid_body
from kb.web.errors import mistake_text


class Texts(NamedTuple):
    """The texts of one thing that count now."""

    public: Revision | None
    draft: Revision | None


class PlannedDraft(NamedTuple):
    """A draft that is to be made: the public text it is based on, and what becomes of that."""

    public: Revision
    text: dict[str, Any]  # loaded


class Plan(NamedTuple):
    """What becomes of the things of a selection."""

    drafts: list[PlannedDraft]
    skipped: list[dict[str, Any]]  # as `schemas.batches.SkippedThing`
    unchanged: int


def lock_texts(
    session: Session, kind: str, slugs: Collection[str], *, is_locked: bool = True
) -> dict[str, Texts]:
    """The texts of things of a kind, to write; others who write these wait until the commit.

    Without `is_locked` they are only read.
    """
    states = ("published", *OPEN_STATES)
    statement = (
        select(Revision)
        .where(Revision.kind == kind, Revision.slug.in_(slugs), Revision.state.in_(states))
        .order_by(Revision.id)
    )
    if is_locked:
        session.execute(statement.with_only_columns(Revision.id).with_for_update()).all()
    texts: dict[str, Texts] = {}
    for revision in session.scalars(statement.execution_options(populate_existing=True)):
        own = texts.get(revision.slug, Texts(None, None))
        is_public = revision.state == "published"
        changed = {"public": revision} if is_public else {"draft": revision}
        texts[revision.slug] = own._replace(**changed)
    return texts


def versions_of(session: Session, slugs: Collection[str]) -> dict[tuple[str, str], list[Revision]]:
    """The texts of things with these ids that were published, or are, by kind and id."""
    statement = select(Revision).where(Revision.slug.in_(slugs), Revision.version.is_not(None))
    versions: dict[tuple[str, str], list[Revision]] = {}
    for revision in session.scalars(statement.order_by(Revision.version)):
        versions.setdefault((revision.kind, revision.slug), []).append(revision)
    return versions


def plan(
    session: Session,
    operation: Operation,
    kind: str,
    slugs: Sequence[str],
    *,
    is_locked: bool = True,
) -> Plan:
    """What an operation makes of these things; a thing with an open draft is left to its writer.

    With `is_locked` it is to be written in this session. Raises InvalidInput for an operation that
    things of this kind cannot have.
    """
    check_operation(operation, kind)
    texts = lock_texts(session, kind, slugs, is_locked=is_locked)
    planned = Plan([], [], 0)
    unchanged = 0
    for slug in slugs:
        public, draft = texts.get(slug, Texts(None, None))
        if public is None:
            continue
        after = operations.apply(operation, kind, editable_kind(kind).document, public.document)
        if after == public.document:
            unchanged += 1
        elif draft is not None:
            planned.skipped.append(_skipped(public, "has-draft", author=draft.author))
        else:
            _plan_draft(planned, public, after)
    return planned._replace(unchanged=unchanged)


def _plan_draft(planned: Plan, public: Revision, after: Document) -> None:
    try:
        planned.drafts.append(PlannedDraft(public, loaded(public, after)))
    except InvalidInput as error:
        planned.skipped.append(_skipped(public, "invalid", detail=_detail(error.errors[0])))


def loaded(before: Revision, after: Document) -> dict[str, Any]:
    """What an operation made of a text, loaded. Raises InvalidInput."""
    kind = editable_kind(before.kind)
    return kind.load_input(after, body={}, slug=before.slug, before=before.document)


def _skipped(
    public: Revision, reason: str, *, author: str | None = None, detail: str | None = None
) -> dict[str, Any]:
    return {
        "type": public.kind,
        "id": public.slug,
        "title": public.document.get("title"),
        "reason": reason,
        "author": author,
        "detail": detail,
    }


def _detail(error: InputError) -> str:
    return f"{error.where}: {mistake_text(error.mistake)}"


def check_operation(operation: Operation, kind: str) -> None:
    """Raise InvalidInput for fields or terms that things of this kind do not have."""
    document = editable_kind(kind).document
    errors = []
    paths = operations.text_paths(kind, document)
    for place, wanted in enumerate(operation.get("paths", ())):
        if not any(f"{path}.".startswith(f"{wanted}.") for path in paths):
            values = {"value": wanted[:80], "expected": "key"}
            errors.append((f"/operation/fields/{place}", Mistake("unknown-reference", values)))
    if scheme := operation.get("scheme"):
        is_added = operation["name"] == "add-term"
        known = operations.lists_of_terms(document) if is_added else operations.schemes_in(document)
        if scheme not in known:
            mistake = Mistake("inconsistent", {"reason": "no-such-terms"})
            errors.append(("/operation/scheme", mistake))
    if errors:
        raise invalid_body(errors)


def check_ids(session: Session, kind: str, slugs: Sequence[str]) -> None:
    """Raise InvalidInput for ids of which nothing of this kind is public."""
    statement = select(Revision.slug).where(
        Revision.kind == kind, Revision.slug.in_(slugs), Revision.state == "published"
    )
    public = set(session.scalars(statement))
    errors = [
        (f"/selection/ids/{place}", _unknown(kind, slug))
        for place, slug in enumerate(slugs)
        if slug not in public
    ]
    if errors:
        raise invalid_body(errors)


def _unknown(kind: str, slug: str) -> Mistake:
    return Mistake("unknown-reference", {"value": slug, "expected": kind})
