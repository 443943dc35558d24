"""From texts to public rows: many cases at once, each change with its number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from kb.cases import changes
from kb.cases.aliases import Thing
from kb.cases.changes import Change
from kb.cases.model import Case, Tombstone
from kb.editors import archetypes, owned_aliases, public_rows
from kb.editors.model import Revision, new_etag
from kb.editors.revisions import (
    NEVER_PUBLISHED,
    last_public_documents,
    publications_of,
    record_events,
)

Document = Mapping[str, Any]


def publish_all(
    session: Session,
    texts: Sequence[tuple[Revision, Document]],
    *,
    at: datetime,
    by: str | None = None,
    revised_at: datetime | None = None,
) -> list[Change]:
    """Make texts public: each a revision and its loaded document, and each of another case.

    The changes are of now (`at`); readers see `revised_at` as the moment of the text, or else
    `at`. The caller has checked the documents, and has locked the revisions of these cases.
    """
    published_at = revised_at or at
    slugs = [revision.slug for revision, _ in texts]
    cases = {case.slug: case for case in session.scalars(select(Case).where(Case.slug.in_(slugs)))}
    named = archetypes.public_archetypes(session, [text["archetype"] for _, text in texts])
    earlier, before = publications_of(session, slugs), last_public_documents(session, slugs)
    _supersede(session, slugs)
    events: list[tuple[changes.Event, changes.ChangedKind, str]] = []
    written = []
    for revision, document in texts:
        slug, publications = revision.slug, earlier.get(revision.slug, NEVER_PUBLISHED)
        _number(revision, (publications.last or 0) + 1, published_at)
        if slug in before:
            owned_aliases.alias_owned_ids(
                session, Thing("case", slug), before[slug], revision.document
            )
        case = cases.get(slug)
        updated = archetypes.changed_examples(session, case, document, at)
        waiting = _examples_that_waited(session, case, document)
        updated += [example.slug for example in waiting]
        events += [("updated", "case", example) for example in updated]
        events.append(("updated" if case else "created", "case", slug))
        case = case or Case(slug=slug, published_at=publications.first_at or published_at)
        _write(case, revision, document, named.get(document["archetype"]))
        for example in waiting:
            example.archetype = case
        session.add(case)
        written.append((case, document))
    session.flush()
    record_events(session, [revision for revision, _ in texts], "published", who=by, at=at)
    public_rows.write_owned(session, written, [case.id for case in cases.values()])
    session.execute(delete(Tombstone).where(Tombstone.slug.in_(slugs)))
    return changes.record_all(session, events, at)


def _supersede(session: Session, slugs: Sequence[str]) -> None:
    """Make room: a case has one published text at a time."""
    published = update(Revision).where(Revision.slug.in_(slugs), Revision.state == "published")
    session.execute(published.values(state="superseded"))


def _number(revision: Revision, version: int, published_at: datetime) -> None:
    """Make a revision the published text with this version."""
    revision.state, revision.version = "published", version
    revision.published_at, revision.etag = published_at, new_etag()


def _examples_that_waited(
    session: Session, case: Case | None, document: Document
) -> Sequence[Case]:
    """The public cases that name this one, now that it becomes an archetype (again)."""
    if document["kind"] != "archetype" or (case and case.kind == "archetype"):
        return ()
    return archetypes.examples_waiting_for(session, document["slug"])


def _write(case: Case, revision: Revision, document: Document, archetype: Case | None) -> None:
    """Put the text of a revision in the row of its case; what it owns has rows of its own."""
    assert revision.version is not None
    assert revision.published_at is not None
    case.version, case.updated_at = revision.version, revision.published_at
    case.archetype, case.archetype_slug = archetype, document["archetype"]
    public_rows.write_plain(case, document)
