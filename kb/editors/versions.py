"""The versions of a thing: its published texts, which never change, while it is public."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

import jsonpatch
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kb.cases import queries
from kb.cases.aliases import Thing
from kb.editors import history
from kb.editors.drafts import get_draft
from kb.editors.editable_kind import editable_kind
from kb.editors.model import Revision
from kb.editors.revisions import is_of, revision_in
from kb.editors.thing_ids import unknown_version
from kb.input_errors import InputError, Mistake
from kb.problems import InvalidInput, NotFound

NOT_TEXT = ("version", "publishedAt", "updatedAt", "_links")  # what differs between any two
Operation = dict[str, Any]


def every(session: Session, thing: Thing) -> list[Revision]:
    """All versions, the newest first. Raises UnknownId and Withdrawn."""
    queries.check_published(session, *thing)
    statement = select(Revision).where(is_of(thing), Revision.version.is_not(None))
    return list(session.scalars(statement.order_by(Revision.version.desc())))


def one(session: Session, thing: Thing, number: int) -> dict[str, Any]:
    """A version as it was published, ready to be dumped.

    Raises NotFound, UnknownId, Withdrawn, and Erased.
    """
    queries.check_published(session, *thing)
    statement = select(Revision).where(is_of(thing), Revision.version == number)
    revision = session.scalar(statement)
    if revision is None:
        raise unknown_version(session, thing, number)
    history.check_available(revision)
    first = select(func.min(Revision.published_at)).where(is_of(thing))
    return editable_kind(thing.kind).with_titles(session, revision.document) | {
        "version": number,
        "published_at": session.scalar(first),
        "updated_at": revision.published_at,
    }


def documents_at(
    session: Session, kind: str, slugs: Collection[str], moment: datetime
) -> dict[str, dict[str, Any]]:
    """The text that each of these things had at a moment, by id; not of what was not public yet."""
    numbers = (
        select(Revision.slug, func.max(Revision.version).label("version"))
        .where(Revision.kind == kind, Revision.slug.in_(slugs), Revision.published_at <= moment)
        .group_by(Revision.slug)
        .subquery()
    )
    is_last = (Revision.slug == numbers.c.slug) & (Revision.version == numbers.c.version)
    texts = select(Revision.slug, Revision.document).join(numbers, is_last)
    return dict(session.execute(texts.where(Revision.kind == kind)).all())


def changes(session: Session, thing: Thing, number: int, since: int) -> list[Operation]:
    """What made the text of version `since` that of version `number`, as a JSON Patch (RFC 6902).

    Raises as `one` does, and InvalidInput when there is no version `since`.
    """
    new = _text(thing, one(session, thing, number))
    try:
        old = _text(thing, one(session, thing, since))
    except NotFound:
        values = {"value": str(since), "expected": "version"}
        mistake = Mistake("unknown-reference", values)
        raise InvalidInput([InputError(mistake, "query", "from")]) from None
    return _operations(old, new)


def draft_changes(session: Session, thing: Thing) -> list[Operation]:
    """What the draft of a thing makes of its public text; of nothing, when that is not public.

    Raises NoDraft and UnknownId.
    """
    draft = get_draft(session, thing)
    public = revision_in(session, thing, "published")
    shown = editable_kind(thing.kind).with_titles
    old = _text(thing, shown(session, public.document)) if public else {}
    return _operations(old, _text(thing, shown(session, draft.document)))


def _operations(old: dict[str, Any], new: dict[str, Any]) -> list[Operation]:
    operations: list[Operation] = list(jsonpatch.make_patch(old, new))
    return operations


def _text(thing: Thing, version: dict[str, Any]) -> dict[str, Any]:
    """The JSON of a version, without what differs between any two."""
    document: dict[str, Any] = editable_kind(thing.kind).version().dump(version)
    return {key: value for key, value in document.items() if key not in NOT_TEXT}
