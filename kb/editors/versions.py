"""The versions of a case: its published texts, which never change, while the case is public."""

from __future__ import annotations

from typing import Any

import jsonpatch
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kb.cases import queries
from kb.cases.model import Case
from kb.editors import history
from kb.editors.case_documents import with_titles
from kb.editors.case_ids import unknown_version
from kb.editors.drafts import get_draft
from kb.editors.model import Revision
from kb.editors.revisions import revision_in
from kb.input_errors import InputError, Mistake
from kb.problems import InvalidInput, NotFound
from schemas.versions import CaseVersion

NOT_TEXT = ("version", "publishedAt", "updatedAt", "_links")  # what differs between any two
Operation = dict[str, Any]


def every(session: Session, slug: str) -> list[Revision]:
    """All versions, the newest first. Raises UnknownId and Withdrawn."""
    queries.check_published(session, Case, slug)
    statement = select(Revision).where(Revision.slug == slug, Revision.version.is_not(None))
    return list(session.scalars(statement.order_by(Revision.version.desc())))


def one(session: Session, slug: str, number: int) -> dict[str, Any]:
    """A version as it was published, ready to be dumped.

    Raises NotFound, UnknownId, Withdrawn, and Erased.
    """
    queries.check_published(session, Case, slug)
    statement = select(Revision).where(Revision.slug == slug, Revision.version == number)
    revision = session.scalar(statement)
    if revision is None:
        raise unknown_version(session, slug, number)
    history.check_available(revision)
    first = select(func.min(Revision.published_at)).where(Revision.slug == slug)
    return with_titles(session, revision.document) | {
        "version": number,
        "published_at": session.scalar(first),
        "updated_at": revision.published_at,
    }


def changes(session: Session, slug: str, number: int, since: int) -> list[Operation]:
    """What made the text of version `since` that of version `number`, as a JSON Patch (RFC 6902).

    Raises as `one` does, and InvalidInput when there is no version `since`.
    """
    new = _text(one(session, slug, number))
    try:
        old = _text(one(session, slug, since))
    except NotFound:
        values = {"value": str(since), "expected": "version"}
        mistake = Mistake("unknown-reference", values)
        raise InvalidInput([InputError(mistake, "query", "from")]) from None
    return _operations(old, new)


def draft_changes(session: Session, slug: str) -> list[Operation]:
    """What the draft of a case makes of its public text; of nothing, when that is not public.

    Raises NoDraft and UnknownId.
    """
    draft = get_draft(session, slug)
    public = revision_in(session, slug, "published")
    old = _text(with_titles(session, public.document)) if public else {}
    return _operations(old, _text(with_titles(session, draft.document)))


def _operations(old: dict[str, Any], new: dict[str, Any]) -> list[Operation]:
    operations: list[Operation] = list(jsonpatch.make_patch(old, new))
    return operations


def _text(version: dict[str, Any]) -> dict[str, Any]:
    """The JSON of a version, without what differs between any two."""
    document: dict[str, Any] = CaseVersion().dump(version)
    return {key: value for key, value in document.items() if key not in NOT_TEXT}
