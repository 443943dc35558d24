"""Studies as editors write them: `STUDY` is what drafts and publishing know of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.cases.aliases import Thing
from kb.cases.model import Case, Finding, Pitfall, Study
from kb.editors import public_rows, study_links
from kb.editors.editable_kind import (
    ChangeEvent,
    Document,
    EditableKind,
    Errors,
    NamedReference,
    Text,
)
from kb.editors.model import Revision
from kb.editors.references import rewrite_references
from kb.editors.revisions import Publications
from kb.input_errors import Mistake
from schemas import drafts, studies, versions

COLUMNS = (
    *("title", "authors", "year", "publisher", "url", "source_type", "summary"),
    *("programme", "search_terms", "unverified"),
)


class StudyKind(EditableKind):
    """Studies; a review may cover others, and questions rest on them."""

    name = "study"
    fallback_id = "onderzoek"
    document = studies.StudyDocument
    input = studies.StudyInput
    draft = drafts.DraftStudy
    saved_text = drafts.SavedStudy
    version = versions.StudyVersion

    def impossible_values(self, text: Text) -> Errors:
        yield from studies.impossible_values(text)

    def publication_errors(self, session: Session, text: Text) -> Errors:
        yield from studies.publication_errors(text)
        thing = Thing("study", text["slug"])
        yield from study_links.unknown_studies(session, thing, text, "covers")
        if session.scalar(select(Case.id).where(Case.slug == thing.slug)):
            yield "/id", Mistake("duplicate", {"value": thing.slug})  # what they own would be one

    def with_current_ids(self, session: Session, text: Text) -> dict[str, Any]:
        return study_links.with_current_studies(session, text, "covers")

    def with_titles(self, session: Session, document: Document) -> dict[str, Any]:
        study = self.load_stored(document)
        itself = NamedReference(study["slug"], study["title"] or study["slug"])
        study["findings"] = [each | {"source": itself} for each in study["findings"]]
        study["covers"] = study_links.named_studies(session, study["covers"])
        return study

    def write(
        self,
        session: Session,
        texts: Sequence[tuple[Revision, Text]],
        earlier: Mapping[str, Publications],
        at: datetime,
    ) -> list[ChangeEvent]:
        events: list[ChangeEvent] = []
        for revision, text in texts:
            row = session.scalar(select(Study).where(Study.slug == revision.slug))
            is_shown_anew = row is None or row.title != text["title"]
            _write_row(session, row or Study(slug=revision.slug), revision, text)
            events += study_links.relink(session, revision.slug) if is_shown_anew else []
            events.append(("updated" if row else "created", "study", revision.slug))
        return events

    def withdraw(self, session: Session, slug: str, at: datetime) -> list[ChangeEvent]:
        events = study_links.relink(session, slug, without=True)
        session.delete(session.scalars(select(Study).where(Study.slug == slug)).one())
        return events

    def rename(
        self, session: Session, slug: str, new: str
    ) -> tuple[list[tuple[Thing, Thing]], list[ChangeEvent]]:
        rewrite_references(session, ("question",), "studies", slug, new)
        rewrite_references(session, ("study",), "covers", slug, new)
        study = session.scalar(select(Study).where(Study.slug == slug))
        if study is None:
            return [], []
        renamed = public_rows.rename(study, Thing("study", slug), new)
        session.flush()
        return renamed, study_links.relink(session, new)


STUDY = StudyKind()


def _write_row(session: Session, study: Study, revision: Revision, text: Text) -> None:
    """Put a text in the row of its study, and in those of what it owns."""
    assert revision.published_at is not None
    for name in COLUMNS:
        setattr(study, name, text[name])
    study.updated_at = revision.published_at
    study.findings.clear()
    study.pitfalls.clear()
    session.add(study)
    session.flush()
    study.findings = [Finding(**each) for each in text["findings"]]
    study.pitfalls = [Pitfall(**each) for each in text["pitfalls"]]
    study_links.link_studies(session, "study", study, text["covers"])
