"""The public text of a case as readers get it, from the document of its revision."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, aliased

from kb.cases import queries
from kb.cases.model import Case
from kb.editors.case_documents import NamedReference, name_sources
from kb.editors.model import Revision
from schemas import cases
from schemas.base import cached_schema
from schemas.stored import dump_stored

_archetype = aliased(Case)
PUBLISHED = (
    select(
        Revision.document,
        Case.version,
        Case.published_at,
        Case.updated_at,
        _archetype.slug,
        _archetype.title,
    )
    .join(Revision, (Revision.slug == Case.slug) & (Revision.version == Case.version))
    .outerjoin(_archetype, _archetype.id == Case.archetype_id)
    .where(Case.slug == bindparam("slug"))
)


def published_case(session: Session, slug: str) -> dict[str, Any]:
    """A public case, as `schemas.cases.Case` describes it. Raises as `queries.one` does.

    The rows have the same text; the document has all of it in one place.
    """
    row = session.connection().execute(PUBLISHED, {"slug": slug}).one_or_none()
    if row is None:
        raise queries.absence(session, Case, slug)
    document, version, published_at, updated_at, archetype, title = row
    shown = name_sources(document) | {
        "archetype": NamedReference(archetype, title) if archetype else None,
        "version": version,
        "publishedAt": published_at,
        "updatedAt": updated_at,
    }
    return dump_stored(cached_schema(cases.Case), shown)
