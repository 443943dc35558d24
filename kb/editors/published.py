"""The public text of a case as readers get it, from the document of its revision."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session, aliased

from kb.cases import queries
from kb.cases.model import Case
from kb.cases.practice_note import PracticeNote
from kb.editors.case_texts import name_sources
from kb.editors.editable_kind import NamedReference
from kb.editors.model import Revision
from schemas import cases
from schemas.base import cached_schema
from schemas.stored import dump_stored

_archetype = aliased(Case)
_PUBLISHED = (
    select(
        Case.slug,
        Revision.document,
        Case.version,
        Case.published_at,
        Case.updated_at,
        Case.unverified,
        _archetype.slug,
        _archetype.title,
    )
    .join(
        Revision,
        (Revision.kind == "case")
        & (Revision.slug == Case.slug)
        & (Revision.version == Case.version),
    )
    .outerjoin(_archetype, _archetype.id == Case.archetype_id)
)
PUBLISHED = _PUBLISHED.where(Case.slug == bindparam("slug"))
PUBLISHED_SLUGS = _PUBLISHED.where(Case.slug.in_(bindparam("slugs", expanding=True)))


def published_case(session: Session, slug: str) -> dict[str, Any]:
    """A public case, as `schemas.cases.Case` describes it. Raises as `queries.one` does.

    The rows have the same text; the document has all of it in one place.
    """
    row = session.connection().execute(PUBLISHED, {"slug": slug}).one_or_none()
    if row is None:
        raise queries.absence(session, "case", slug)
    return _shown(row, queries.practice_notes(session, "case", [slug])[slug])


def published_cases(session: Session, slugs: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The cases with these ids that are public, as `published_case` gives each, by id."""
    rows = session.connection().execute(PUBLISHED_SLUGS, {"slugs": slugs})
    notes = queries.practice_notes(session, "case", slugs)
    return {row.slug: _shown(row, notes[row.slug]) for row in rows}


def _shown(row: Row[Any], notes: Iterable[PracticeNote]) -> dict[str, Any]:
    _, document, version, published_at, updated_at, unverified, archetype, title = tuple(row)
    shown = name_sources(document) | {
        "archetype": NamedReference(archetype, title) if archetype else None,
        "version": version,
        "publishedAt": published_at,
        "updatedAt": updated_at,
        "unverified": unverified,  # what its text says, less what was checked since
        "practiceNotes": [_with_keys(each) for each in notes],
    }
    return dump_stored(cached_schema(cases.Case), shown)


def _with_keys(note: PracticeNote) -> dict[str, Any]:
    """A note as `dump_stored` reads it: by the keys of JSON."""
    return {
        "id": note.slug,
        "kind": note.kind,
        "text": note.text,
        "answer": note.answer,
        "receivedAt": note.received_at,
        "publishedAt": note.published_at,
    }
