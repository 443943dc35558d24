"""Texts that go for good: versions that should not be read again, and old discarded drafts.

The events stay: who did what, and when, can still be asked; and the reason, which readers see.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import String, cast, null, or_, select, update
from sqlalchemy.orm import Session

from kb.cases import changes
from kb.cases.aliases import Alias
from kb.database import format_utc
from kb.editors import drafting, idempotency, versions, workflow
from kb.editors.drafting import RETENTION
from kb.editors.history import ERASED, check_there
from kb.editors.model import IdempotentResponse, Import, Revision, RevisionEvent
from kb.editors.renaming import ARROW
from kb.problems import Conflict
from kb.translation import N_
from schemas.cases import CaseDocument, as_document

OfDraft = Literal["erase", "keep"]
TOLD_OF_A_ROW = ("row", "id", "outcome")


def erase(
    session: Session,
    slug: str,
    number: int,
    *,
    reason: str,
    of_draft: OfDraft | None,
    who: str,
    at: datetime,
) -> changes.Change | None:
    """Erase a version for good, and every text of its case that is no version: all may repeat it.

    `of_draft` says what becomes of an open draft. Gives the change when the case is public.
    Raises UnknownId, NotFound, Erased, and Conflict for the public text, or for an open draft of
    which nothing was said.
    """
    revisions = workflow.lock_revisions(session, slug)
    version = next((each for each in revisions if each.version == number), None)
    if version is None:
        raise (
            versions.no_version(slug, number)
            if drafting.is_known(session, slug)
            else drafting.unknown(session, slug)
        )
    check_there(version)
    if version.state == "published":
        detail = N_(
            "Version %(number)s of “%(id)s” is public now. Withdraw the case or publish another "
            "text first; then erase this one."
        )
        raise Conflict(detail, id=slug, number=number)
    leaving = [version, *(each for each in revisions if each.state == "discarded")]
    draft = next((each for each in revisions if each.state in workflow.OPEN), None)
    if draft is not None:
        leaving += _of_draft(session, draft, of_draft, who=who, at=at)
    _forget_responses(session, {slug, *_former_ids(session, slug, revisions)})
    _forget(session, leaving, reason=reason, at=at)
    _forget_replaced(session, revisions, reason=reason, at=at)
    _forget_ids(session, slug, [each for each in revisions if each not in leaving])
    workflow.record_event(session, version, "erased", who=who, at=at, note=reason)
    session.flush()
    if any(each.state == "published" for each in revisions):
        return changes.record(session, "updated", "case", slug, at)
    return None


def _of_draft(
    session: Session, draft: Revision, of_draft: OfDraft | None, *, who: str, at: datetime
) -> list[Revision]:
    """The open draft when it goes too. Raises Conflict when nothing was said of it."""
    if of_draft is None:
        detail = N_(
            "The case “%(id)s” has an open draft, which may repeat the text. Send “draft”: “erase” "
            "to erase it too, or “keep” when you have seen that it does not."
        )
        raise Conflict(detail, id=draft.slug)
    if of_draft == "keep":
        return []
    workflow.put_aside(session, draft, who=who, at=at)
    return [draft]


def sweep(session: Session, at: datetime) -> None:
    """Erase the drafts that were discarded too long ago; call it in a transaction that writes."""
    old = select(Revision).where(
        Revision.state == "discarded",
        Revision.erased_at.is_(None),
        Revision.discarded_at <= at - RETENTION,
    )
    leaving = list(session.scalars(old.with_for_update(skip_locked=True)))
    if leaving:
        _forget(session, leaving, reason=None, at=at)
        _forget_replaced(session, leaving, reason="", at=at)


def _forget(
    session: Session, revisions: Sequence[Revision], *, reason: str | None, at: datetime
) -> None:
    """Leave an empty text of these revisions; what reviewers wrote of it goes too."""
    leaving = [each for each in revisions if not each.erased_at]
    for each in leaving:
        each.document, each.note = _empty(each.slug), None
        each.erased_at, each.erased_because = at, reason
    session.flush()
    notes = update(RevisionEvent).where(
        RevisionEvent.revision_id.in_([each.id for each in leaving]),
        RevisionEvent.what.not_in(("withdrawn", "erased")),  # readers were told these
    )
    session.execute(notes.values(note=None))


def _forget_replaced(
    session: Session, revisions: Sequence[Revision], *, reason: str, at: datetime
) -> None:
    """Let no event of these revisions have an earlier text any more."""
    for slug in {each.slug for each in revisions}:
        ids = [each.id for each in revisions if each.slug == slug]
        erased = {**_empty(slug), ERASED: {"reason": reason, "erased_at": format_utc(at)}}
        updated = update(RevisionEvent).where(
            RevisionEvent.revision_id.in_(ids), RevisionEvent.replaced.is_not(null())
        )
        session.execute(updated.values(replaced=erased))


def _empty(slug: str) -> dict[str, Any]:
    """The document of a case that has nothing but its id."""
    return as_document(CaseDocument().load({"id": slug}))


def _forget_ids(session: Session, slug: str, staying: Sequence[Revision]) -> None:
    """Let ids of pitfalls and findings that no text names any more lead nowhere: they are words.

    An id that a case had before may stand before those words instead of the one of now.
    """
    named = {
        _words_of(item["id"])
        for each in staying
        for key in ("pitfalls", "findings")
        for item in each.document[key]
    }
    leads_here = or_(Alias.target == slug, Alias.target.startswith(f"{slug}--", autoescape=True))
    for alias in session.scalars(select(Alias).where(Alias.kind != "case", leads_here)):
        if _words_of(alias.slug) not in named:
            session.delete(alias)


def _words_of(owned: str) -> str:
    """The id of a pitfall or finding without that of its case."""
    return owned.partition("--")[2]


def _former_ids(session: Session, slug: str, revisions: Sequence[Revision]) -> set[str]:
    """The ids that a case had before, also while it was not public."""
    led_here = select(Alias.slug).where(Alias.kind == "case", Alias.target == slug)
    renames = select(RevisionEvent.note).where(
        RevisionEvent.revision_id.in_([each.id for each in revisions]),
        RevisionEvent.what == "renamed",
        RevisionEvent.note.is_not(None),
    )
    notes = session.scalars(renames)
    return {*session.scalars(led_here), *(str(note).partition(ARROW)[0] for note in notes)}


def _forget_responses(session: Session, slugs: Collection[str]) -> None:
    """Leave the texts of a case out of stored responses, and of reports of imports."""
    for slug in slugs:
        idempotency.erase_responses(session, slug)
        name = f'"{slug}"'
        of_reports = IdempotentResponse.body.contains(name, autoescape=True)
        for answer in session.scalars(select(IdempotentResponse).where(of_reports)):
            report = idempotency.json_object(answer.body)
            if "rows" in report:
                answer.body = json.dumps(_without_texts(report, slug), ensure_ascii=False)
        quoted = cast(Import.report, String).contains(name, autoescape=True)
        for kept in session.scalars(select(Import).where(quoted)):
            kept.report = _without_texts(kept.report, slug)


def _without_texts(report: dict[str, Any], slug: str) -> dict[str, Any]:
    """The report of an import without what it tells of the text of a case."""
    rows = [_bare(row) if row.get("id") == slug else row for row in report.get("rows", ())]
    return {**report, "rows": rows}


def _bare(row: dict[str, Any]) -> dict[str, Any]:
    """A row of an import without the mistakes and values that it quotes."""
    return {**{key: row[key] for key in TOLD_OF_A_ROW}, "errors": []}
