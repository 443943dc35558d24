"""Cases as editors write them: `CASE` is what drafts and publishing know of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kb.cases import aliases, queries
from kb.cases.aliases import Thing
from kb.cases.model import Case, Study
from kb.editors import archetypes, public_rows
from kb.editors.editable_kind import (
    ChangeEvent,
    Document,
    EditableKind,
    Errors,
    NamedReference,
    Text,
)
from kb.editors.image_references import unknown_images
from kb.editors.model import Revision
from kb.editors.references import rewrite_references
from kb.editors.revisions import NEVER_PUBLISHED, Publications
from kb.input_errors import Mistake
from schemas import cases, drafts, versions


class CaseKind(EditableKind):
    """Cases; one may be an example of another, its archetype."""

    name = "case"
    fallback_id = "casus"
    document = cases.CaseDocument
    input = cases.CaseInput
    draft = drafts.DraftCase
    saved_text = drafts.SavedText
    version = versions.CaseVersion

    def impossible_values(self, text: Text) -> Errors:
        yield from cases.impossible_values(text)

    def publication_errors(self, session: Session, text: Text) -> Errors:
        yield from cases.publication_errors(text)
        slug, archetype = text["slug"], text["archetype"]
        if archetype and not _may_name(session, slug, archetype):
            values = {"value": archetype, "expected": "archetype"}
            yield "/archetype", Mistake("unknown-reference", values)
        yield from unknown_images(session, text)
        if session.scalar(select(Study.id).where(Study.slug == slug)):
            yield "/id", Mistake("duplicate", {"value": slug})  # what they own would be one

    def with_current_ids(self, session: Session, text: Text) -> dict[str, Any]:
        return aliases.with_current_archetype(session, text)

    def with_titles(self, session: Session, document: Document) -> dict[str, Any]:
        case = self.load_stored(document)
        if slug := case["archetype"]:
            titles = queries.titles(session, [slug])
            case["archetype"] = NamedReference(slug, titles.get(slug, slug))
        return _name_sources(case, "slug")

    def write(
        self,
        session: Session,
        texts: Sequence[tuple[Revision, Text]],
        earlier: Mapping[str, Publications],
        at: datetime,
    ) -> list[ChangeEvent]:
        slugs = [revision.slug for revision, _ in texts]
        rows = session.scalars(select(Case).where(Case.slug.in_(slugs)))
        public = {case.slug: case for case in rows}
        named = archetypes.public_archetypes(session, [text["archetype"] for _, text in texts])
        events: list[ChangeEvent] = []
        written = []
        for revision, text in texts:
            slug, case = revision.slug, public.get(revision.slug)
            updated = archetypes.changed_examples(session, case, text, at)
            waiting = _examples_that_waited(session, case, text)
            updated += [example.slug for example in waiting]
            events += [("updated", "case", example) for example in updated]
            events.append(("updated" if case else "created", "case", slug))
            first_at = earlier.get(slug, NEVER_PUBLISHED).first_at or revision.published_at
            case = case or Case(slug=slug, published_at=first_at)
            _write_row(case, revision, text, named.get(text["archetype"]))
            for example in waiting:
                example.archetype = case
            session.add(case)
            written.append((case, text))
        session.flush()
        public_rows.write_owned(session, written, [case.id for case in public.values()])
        return events

    def withdraw(self, session: Session, slug: str, at: datetime) -> list[ChangeEvent]:
        case = session.scalars(select(Case).where(Case.slug == slug)).one()
        archetypes.release_examples(session, case, at)
        session.delete(case)
        return []

    def rename(
        self, session: Session, slug: str, new: str
    ) -> tuple[list[tuple[Thing, Thing]], list[ChangeEvent]]:
        rewrite_references(session, ("case",), "archetype", slug, new)
        of_archetype = update(Case).where(Case.archetype_slug == slug)
        session.execute(of_archetype.values(archetype_slug=new))
        case = session.scalar(select(Case).where(Case.slug == slug))
        renamed = public_rows.rename(case, Thing("case", slug), new) if case else []
        examples = select(Case.slug).where(Case.archetype_slug == new)
        return renamed, [("updated", "case", example) for example in session.scalars(examples)]


CASE = CaseKind()


def name_sources(document: Document) -> dict[str, Any]:
    """The document of a revision, with the titles of the sources that its findings refer to."""
    return _name_sources(document, "id")


def _name_sources(case: Document, id_key: str) -> dict[str, Any]:
    titles = {source[id_key]: source["title"] for source in case["sources"]}
    findings = [
        finding | {"source": source and NamedReference(source, titles.get(source, source))}
        for finding in case["findings"]
        for source in [finding["source"]]
    ]
    return {**case, "findings": findings}


def _may_name(session: Session, slug: str, archetype: str) -> bool:
    """Whether a case can be an example of this archetype: a public one, or its own, withdrawn."""
    is_public = archetype != slug and archetypes.public_archetypes(session, [archetype])
    return bool(is_public) or archetypes.names_withdrawn_archetype(session, slug, archetype)


def _examples_that_waited(session: Session, case: Case | None, text: Text) -> Sequence[Case]:
    """The public cases that name this one, now that it becomes an archetype (again)."""
    if text["kind"] != "archetype" or (case and case.kind == "archetype"):
        return ()
    return archetypes.examples_waiting_for(session, text["slug"])


def _write_row(case: Case, revision: Revision, text: Text, archetype: Case | None) -> None:
    """Put a text in the row of its case; what it owns has rows of its own."""
    assert revision.version is not None
    assert revision.published_at is not None
    case.version, case.updated_at = revision.version, revision.published_at
    case.archetype, case.archetype_slug = archetype, text["archetype"]
    public_rows.write_plain(case, text)
