"""How a draft begins from a text that was saved before; how one is discarded, and comes back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from kb.editors import drafting, erasure, history, workflow
from kb.editors.access import Editor
from kb.editors.model import Revision
from kb.input_errors import InputError, Mistake
from kb.problems import Conflict, Forbidden, IfMatchRequired, InvalidInput, NotFound
from kb.translation import N_
from schemas.cases import as_document


class Beginning(NamedTuple):
    """From which text to begin: a version, or any saved text; without both the newest version."""

    version: int | None = None
    saved_text: int | None = None  # its number in the history


def begin(
    session: Session,
    slug: str,
    beginning: Beginning,
    *,
    etags: Collection[str] | None,
    who: str,
    at: datetime,
) -> Revision:
    """Begin the next draft of a case; or, for who has seen the open one, give that this text.

    Raises UnknownId, InvalidInput for a text that there is not, Erased for one that is no more;
    Conflict or IfMatchRequired when there is a draft already, and StaleEdit when that was changed
    since it was seen.
    """
    revisions = workflow.lock_revisions(session, slug)
    if not any(drafting.is_there(each) for each in revisions):
        raise drafting.unknown(session, slug)
    draft = drafting.seen(session, slug, etags) if etags is not None else None
    if draft is None and any(each.state in workflow.OPEN for each in revisions):
        if beginning.saved_text is not None:
            raise IfMatchRequired
        raise workflow.has_draft(slug)
    based_on, document = _text(session, slug, revisions, beginning)
    case = drafting.kept_text({**document, "id": slug})
    if draft is None:
        draft = workflow.save_draft(
            session,
            case,
            author=who,
            at=at,
            based_on=based_on,
            restored_from=beginning.saved_text,
        )
    else:
        draft.based_on = based_on
        text, origin = as_document(case), beginning.saved_text
        workflow.rewrite(session, draft, text, who=who, at=at, restored_from=origin)
    session.flush()
    erasure.sweep(session, at)
    return draft


def _text(
    session: Session, slug: str, revisions: Sequence[Revision], beginning: Beginning
) -> tuple[int | None, dict[str, Any]]:
    """The version that a draft is based on, and the text to begin it with."""
    if beginning.saved_text is not None:
        try:
            saved = history.saved_text(session, slug, beginning.saved_text)
        except NotFound:
            raise _unknown_text("/fromRevision", beginning.saved_text, "revision") from None
        return saved.revision.version or saved.revision.based_on, saved.document
    versions = {each.version: each for each in revisions if each.version is not None}
    if not versions:
        detail = N_(
            "The case “%(id)s” was never public. Bring a discarded draft back with “fromRevision”, "
            "or begin anew with POST /v1/cases."
        )
        raise Conflict(detail, id=slug)
    wanted = beginning.version or max(
        (number for number, each in versions.items() if not each.erased_at), default=max(versions)
    )
    if wanted not in versions:
        raise _unknown_text("/fromVersion", wanted, "version", str(max(versions)))
    if beginning.version:
        history.check_there(versions[wanted])
    return wanted, versions[wanted].document


def _unknown_text(
    pointer: str, number: int, expected: str, suggestion: str | None = None
) -> InvalidInput:
    values = {"value": str(number), "expected": expected}
    mistake = Mistake("unknown-reference", values, suggestion)
    return InvalidInput([InputError(mistake, "body", pointer)])


def discard(session: Session, draft: Revision, *, editor: Editor, at: datetime) -> None:
    """Put a draft aside; it can be brought back for 90 days.

    Raises Forbidden for who neither began it nor is a publisher.
    """
    began = drafting.began(session, draft)
    if editor.owner != began and editor.role != "publisher":
        detail = N_(
            "Only %(author)s, who began this draft, or a publisher may discard it; ask one of them."
        )
        raise Forbidden(detail, author=began)
    workflow.put_aside(session, draft, who=editor.owner, at=at)
    session.flush()
    erasure.sweep(session, at)
