"""From texts to public rows: many things of a kind at once, each change with its number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from kb.cases import changes
from kb.cases.aliases import Thing
from kb.cases.changes import Change
from kb.cases.model import Tombstone
from kb.editors import owned_aliases
from kb.editors.editable_kind import editable_kind
from kb.editors.model import Revision, new_etag
from kb.editors.revisions import (
    NEVER_PUBLISHED,
    last_public_documents,
    publications_of,
    record_events,
)
from kb.editors.verifications.queries import refresh_rows


def publish_all(
    session: Session,
    kind: str,
    texts: Sequence[tuple[Revision, Mapping[str, Any]]],
    *,
    at: datetime,
    by: str | None = None,
    revised_at: datetime | None = None,
) -> list[Change]:
    """Make texts of one kind public: each a revision and its loaded text, and each of another.

    The changes are of now (`at`); readers see `revised_at` as the moment of the text, or else
    `at`. The caller has checked the texts, and has locked the revisions of these things.
    """
    published_at = revised_at or at
    slugs = [revision.slug for revision, _ in texts]
    earlier = publications_of(session, kind, slugs)
    before = last_public_documents(session, kind, slugs)
    _supersede(session, kind, slugs)
    for revision, _ in texts:
        slug = revision.slug
        _number(revision, (earlier.get(slug, NEVER_PUBLISHED).last or 0) + 1, published_at)
        if slug in before:
            owner = Thing(kind, slug)
            owned_aliases.alias_owned_ids(session, owner, before[slug], revision.document)
    events = editable_kind(kind).write(session, texts, earlier, at)
    session.flush()
    refresh_rows(session, kind, [revision for revision, _ in texts])
    record_events(session, [revision for revision, _ in texts], "published", who=by, at=at)
    gone = delete(Tombstone).where(Tombstone.kind == kind, Tombstone.slug.in_(slugs))
    session.execute(gone)
    return changes.record_all(session, events, at)


def _supersede(session: Session, kind: str, slugs: Sequence[str]) -> None:
    """Make room: a thing has one published text at a time."""
    published = update(Revision).where(
        Revision.kind == kind, Revision.slug.in_(slugs), Revision.state == "published"
    )
    session.execute(published.values(state="superseded"))


def _number(revision: Revision, version: int, published_at: datetime) -> None:
    """Make a revision the published text with this version."""
    revision.state, revision.version = "published", version
    revision.published_at, revision.etag = published_at, new_etag()
