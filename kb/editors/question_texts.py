"""Questions as editors write them: `QUESTION` is what drafts and publishing know of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kb.cases.aliases import Thing
from kb.cases.model import Question, QuestionTerm
from kb.editors import public_rows, study_links
from kb.editors.editable_kind import ChangeEvent, Document, EditableKind, Errors, Text
from kb.editors.model import Revision
from kb.editors.revisions import Publications
from schemas import drafts, questions, versions

COLUMNS = ("theme", "title", "answer", "search_terms")
SCHEMES = {
    "strategies": "strategies",
    "ingredients": "ingredients",
    "pitfall_categories": "pitfall-categories",
    "effect_domains": "effect-domains",
}


class QuestionKind(EditableKind):
    """Questions of practitioners; a new one comes after the others."""

    name = "question"
    fallback_id = "vraag"
    document = questions.QuestionDocument
    input = questions.QuestionInput
    draft = drafts.DraftQuestion
    saved_text = drafts.SavedQuestion
    version = versions.QuestionVersion

    def publication_errors(self, session: Session, text: Text) -> Errors:
        yield from questions.publication_errors(text)
        thing = Thing("question", text["slug"])
        yield from study_links.unknown_studies(session, thing, text, "studies")

    def with_current_ids(self, session: Session, text: Text) -> dict[str, Any]:
        return study_links.with_current_studies(session, text, "studies")

    def with_titles(self, session: Session, document: Document) -> dict[str, Any]:
        question = self.load_stored(document)
        named = study_links.named_studies(session, question["studies"])
        return {**question, "studies": named}

    def write(
        self,
        session: Session,
        texts: Sequence[tuple[Revision, Text]],
        earlier: Mapping[str, Publications],
        at: datetime,
    ) -> list[ChangeEvent]:
        events: list[ChangeEvent] = []
        for revision, text in texts:
            row = session.scalar(select(Question).where(Question.slug == revision.slug))
            question = row or Question(slug=revision.slug, position=_next_position(session))
            _write_row(session, question, revision, text)
            events.append(("updated" if row else "created", "question", revision.slug))
        return events

    def withdraw(self, session: Session, slug: str, at: datetime) -> list[ChangeEvent]:
        session.delete(session.scalars(select(Question).where(Question.slug == slug)).one())
        return []

    def rename(
        self, session: Session, slug: str, new: str
    ) -> tuple[list[tuple[Thing, Thing]], list[ChangeEvent]]:
        question = session.scalar(select(Question).where(Question.slug == slug))
        thing = Thing("question", slug)
        return (public_rows.rename(question, thing, new) if question else []), []


QUESTION = QuestionKind()


def _next_position(session: Session) -> int:
    """The place after all questions."""
    last = session.scalar(select(func.max(Question.position)))
    return 0 if last is None else last + 1


def _write_row(session: Session, question: Question, revision: Revision, text: Text) -> None:
    """Put a text in the row of its question, with the terms and studies that it names."""
    assert revision.published_at is not None
    for name in COLUMNS:
        setattr(question, name, text[name])
    question.updated_at = revision.published_at
    question.tags.clear()
    session.add(question)
    session.flush()
    question.tags = [
        QuestionTerm(key=f"{scheme}/{each}")
        for name, scheme in SCHEMES.items()
        for each in text[name]
    ]
    study_links.link_studies(session, "question", question, text["studies"])
