"""Erasing texts for good: versions, and drafts that were discarded 90 days ago.

The events stay, so the history still says who did what and when; so does the reason.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import String, and_, cast, delete, null, or_, select, update
from sqlalchemy.orm import Session

from kb.cases import changes
from kb.cases.aliases import Alias, Thing
from kb.database import format_utc
from kb.editors import thing_ids, workflow
from kb.editors.editable_kind import editable_kind
from kb.editors.history import ERASED, check_available
from kb.editors.idempotency import responses
from kb.editors.image_references import forget_unreferenced, images_of
from kb.editors.imports.queries import delete_expired
from kb.editors.model import IdempotentResponse, Import, Revision, RevisionEvent
from kb.editors.renaming import ARROW
from kb.editors.reviewing.model import DraftComment
from kb.editors.reviewing.previews import sweep_previews
from kb.editors.revisions import OPEN_STATES, RETENTION, lock_revisions, record_event
from kb.editors.verifications.model import Verification
from kb.kinds import EDITABLE_KINDS
from kb.problems import Conflict
from kb.translation import N_

OfDraft = Literal["erase", "keep"]
ROW_KEYS = ("row", "id", "outcome")


def erase(
    session: Session,
    thing: Thing,
    number: int,
    *,
    reason: str,
    of_draft: OfDraft | None,
    who: str,
    at: datetime,
) -> changes.Change | None:
    """Erase a version for good, and every text of its thing that is no version: all may repeat it.

    `of_draft` says what becomes of an open draft. Gives the change when it is public.
    Raises UnknownId, NotFound, Erased, and Conflict for the public text, or for an open draft
    without `of_draft`.
    """
    revisions = lock_revisions(session, thing)
    version = next((each for each in revisions if each.version == number), None)
    if version is None:
        raise thing_ids.unknown_version(session, thing, number)
    check_available(version)
    if version.state == "published":
        detail = N_(
            "Version %(number)s of “%(id)s” is public now. Withdraw it or publish another "
            "text first; then erase this one."
        )
        raise Conflict(detail, id=thing.slug, number=number)
    erased = [version, *(each for each in revisions if each.state == "discarded")]
    draft = next((each for each in revisions if each.state in OPEN_STATES), None)
    if draft is not None:
        erased += _draft_to_erase(session, draft, of_draft, who=who, at=at)
    images = _images_in(session, revisions)
    _erase_responses(session, {thing.slug, *_former_ids(session, thing, revisions)})
    _erase_documents(session, erased, reason=reason, at=at)
    _erase_replaced(session, revisions, reason=reason, at=at)
    _delete_comments(session, revisions)
    _erase_verification_notes(session, thing, number)
    _delete_aliases(session, thing, [each for each in revisions if each not in erased])
    record_event(session, version, "erased", who=who, at=at, note=reason)
    forget_unreferenced(session, images)
    if any(each.state == "published" for each in revisions):
        return changes.record(session, "updated", editable_kind(thing.kind).name, thing.slug, at)
    return None


def _draft_to_erase(
    session: Session, draft: Revision, of_draft: OfDraft | None, *, who: str, at: datetime
) -> list[Revision]:
    """The open draft, discarded, when it is to be erased. Raises Conflict when that is not said."""
    if of_draft is None:
        detail = N_(
            "“%(id)s” has an open draft, which may repeat the text. Send “draft”: “erase” "
            "to erase it too, or “keep” when you have seen that it does not."
        )
        raise Conflict(detail, id=draft.slug)
    if of_draft == "keep":
        return []
    workflow.discard(session, draft, who=who, at=at)
    return [draft]


def sweep(session: Session, at: datetime) -> None:
    """Erase the drafts that were discarded too long ago; delete previews and files that have ended.

    Call it in a transaction that writes.
    """
    sweep_previews(session, at)
    delete_expired(session, at)
    old = select(Revision).where(
        Revision.kind.in_([kind.name for kind in EDITABLE_KINDS]),
        Revision.state == "discarded",
        Revision.erased_at.is_(None),
        Revision.discarded_at <= at - RETENTION,
    )
    expired = list(session.scalars(old.with_for_update(skip_locked=True)))
    if expired:
        images = _images_in(session, expired)
        _erase_documents(session, expired, reason=None, at=at)
        _erase_replaced(session, expired, reason="", at=at)
        _delete_comments(session, expired)
        forget_unreferenced(session, images)


def _images_in(session: Session, revisions: Sequence[Revision]) -> set[str]:
    """The images of every text of these revisions."""
    ids = [each.id for each in revisions]
    replaced = select(RevisionEvent.replaced).where(
        RevisionEvent.revision_id.in_(ids), RevisionEvent.replaced.is_not(null())
    )
    texts = [*(each.document for each in revisions), *session.scalars(replaced)]
    return {image for text in texts for image in images_of(text)}


def _erase_documents(
    session: Session, revisions: Sequence[Revision], *, reason: str | None, at: datetime
) -> None:
    """Empty the documents of these revisions; notes of reviewers go too."""
    whole = [each for each in revisions if not each.erased_at]
    for each in whole:
        each.document, each.note = editable_kind(each.kind).empty_document(each.slug), None
        each.erased_at, each.erased_because = at, reason
    session.flush()
    notes = update(RevisionEvent).where(
        RevisionEvent.revision_id.in_([each.id for each in whole]),
        RevisionEvent.what.not_in(("withdrawn", "erased")),  # public reasons
    )
    session.execute(notes.values(note=None))


def _erase_replaced(
    session: Session, revisions: Sequence[Revision], *, reason: str, at: datetime
) -> None:
    """Empty the earlier texts that stand in the events of these revisions."""
    for thing in {each.thing for each in revisions}:
        ids = [each.id for each in revisions if each.thing == thing]
        empty = editable_kind(thing.kind).empty_document(thing.slug)
        erased = {**empty, ERASED: {"reason": reason, "erased_at": format_utc(at)}}
        updated = update(RevisionEvent).where(
            RevisionEvent.revision_id.in_(ids), RevisionEvent.replaced.is_not(null())
        )
        session.execute(updated.values(replaced=erased))


def _delete_comments(session: Session, revisions: Sequence[Revision]) -> None:
    """Delete what editors said of these texts: it may repeat them."""
    ids = [each.id for each in revisions]
    session.execute(delete(DraftComment).where(DraftComment.revision_id.in_(ids)))


def _erase_verification_notes(session: Session, thing: Thing, number: int) -> None:
    """Empty what editors noted when they checked this version: it may repeat the text."""
    notes = update(Verification).where(
        Verification.kind == thing.kind,
        Verification.slug == thing.slug,
        Verification.version == number,
    )
    session.execute(notes.values(note=None))


def _delete_aliases(session: Session, thing: Thing, left: Sequence[Revision]) -> None:
    """Delete former ids of pitfalls and findings that no text has any more: they are words of it.

    They may begin with a former id of their owner.
    """
    names = {
        _name_in(item["id"])
        for each in left
        for key in ("pitfalls", "findings")
        for item in each.document.get(key, ())
    }
    to_owner = and_(Alias.target_kind == thing.kind, Alias.target == thing.slug)
    leads_here = or_(to_owner, Alias.target.startswith(f"{thing.slug}--", autoescape=True))
    owned = Alias.kind.in_(("pitfall", "finding"))
    for alias in session.scalars(select(Alias).where(owned, leads_here)):
        if _name_in(alias.slug) not in names:
            session.delete(alias)


def _name_in(owned_id: str) -> str:
    """The id of a pitfall or finding without that of its owner."""
    return owned_id.partition("--")[2]


def _former_ids(session: Session, thing: Thing, revisions: Sequence[Revision]) -> set[str]:
    """The ids that a thing had before, also while it was not public."""
    former = select(Alias.slug).where(Alias.kind == thing.kind, Alias.target == thing.slug)
    renames = select(RevisionEvent.note).where(
        RevisionEvent.revision_id.in_([each.id for each in revisions]),
        RevisionEvent.what == "renamed",
        RevisionEvent.note.is_not(None),
    )
    notes = session.scalars(renames)
    return {*session.scalars(former), *(str(note).partition(ARROW)[0] for note in notes)}


def _erase_responses(session: Session, slugs: Collection[str]) -> None:
    """Take the texts of a thing out of stored responses, and of reports of imports."""
    for slug in slugs:
        responses.erase_responses(session, slug)
        name = f'"{slug}"'
        of_reports = IdempotentResponse.body.contains(name, autoescape=True)
        for response in session.scalars(select(IdempotentResponse).where(of_reports)):
            report = responses.json_object(response.body)
            if "rows" in report:
                response.body = json.dumps(_without_texts(report, slug), ensure_ascii=False)
        quoted = cast(Import.report, String).contains(name, autoescape=True)
        for each in session.scalars(select(Import).where(quoted)):
            each.report = _without_texts(each.report, slug)


def _without_texts(report: dict[str, Any], slug: str) -> dict[str, Any]:
    """The report of an import without what it quotes from the text of a case."""
    rows = [_bare(row) if row.get("id") == slug else row for row in report.get("rows", ())]
    return {**report, "rows": rows}


def _bare(row: dict[str, Any]) -> dict[str, Any]:
    """A row of an import without the mistakes and values that it quotes."""
    return {**{key: row[key] for key in ROW_KEYS}, "errors": []}
