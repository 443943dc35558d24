"""The versions of a case: its published texts, which never change, while the case is public."""

from __future__ import annotations

from typing import Any

import jsonpatch
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kb.cases import queries
from kb.cases.model import Case
from kb.editors import drafting, history, workflow
from kb.editors.model import Revision
from kb.input_errors import InputError, Mistake
from kb.problems import InvalidInput, NotFound
from kb.translation import N_
from schemas.versions import CaseVersion

NOT_TEXT = ("version", "publishedAt", "updatedAt", "_links")  # what differs between any two
Operation = dict[str, Any]


def every(session: Session, slug: str) -> list[Revision]:
    """All versions, the newest first. Raises UnknownId and Withdrawn."""
    queries.one(session, Case, slug)
    asked = select(Revision).where(Revision.slug == slug, Revision.version.is_not(None))
    return list(session.scalars(asked.order_by(Revision.version.desc())))


def one(session: Session, slug: str, number: int) -> dict[str, Any]:
    """A version as it was published, ready to be dumped.

    Raises NotFound, UnknownId, Withdrawn, and Erased.
    """
    queries.one(session, Case, slug)
    asked = select(Revision).where(Revision.slug == slug, Revision.version == number)
    revision = session.scalar(asked)
    if revision is None:
        raise no_version(slug, number)
    history.check_there(revision)
    first = select(func.min(Revision.published_at)).where(Revision.slug == slug)
    return drafting.told_text(session, revision.document) | {
        "version": number,
        "published_at": session.scalar(first),
        "updated_at": revision.published_at,
    }


def no_version(slug: str, number: int) -> NotFound:
    """The problem of who asks for a version that there never was."""
    return NotFound(N_("The case “%(id)s” has no version %(number)s."), id=slug, number=number)


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
    draft = drafting.one(session, slug)
    public = workflow.revision_in(session, slug, "published")
    old = _text(drafting.told_text(session, public.document)) if public else {}
    return _operations(old, _text(drafting.told_text(session, draft.document)))


def _operations(old: dict[str, Any], new: dict[str, Any]) -> list[Operation]:
    operations: list[Operation] = list(jsonpatch.make_patch(old, new))
    return operations


def _text(version: dict[str, Any]) -> dict[str, Any]:
    """The text of a version as it is told, without what differs between any two."""
    told: dict[str, Any] = CaseVersion().dump(version)
    return {key: value for key, value in told.items() if key not in NOT_TEXT}
