"""What is public, as the documents that the index should hold."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy.orm import Session

from kb.cases import queries
from kb.cases.model import Case, Question, Study
from kb.search import documents
from kb.search.engine import SearchDocument
from kb.vocabulary.terms import schemes

INDEXED_KINDS = ("case", "study", "question")  # in the database; ingredients are terms


def of_item(item: Case | Study | Question) -> Iterator[SearchDocument]:
    """The document of a case, study or question, and those of its pitfalls and findings."""
    match item:
        case Case():
            yield from documents.of_case(item)
        case Study():
            yield from documents.of_study(item)
        case Question():
            yield documents.of_question(item)


def of_ingredients() -> Iterator[SearchDocument]:
    """The documents of all ingredients."""
    return map(documents.of_ingredient, schemes()["ingredients"].terms.values())


def every_item(session: Session) -> Iterator[Case | Study | Question]:
    """All public cases, studies and questions; they are read some hundreds at a time."""
    for kind in INDEXED_KINDS:
        yield from queries.every(session, kind)


def count_items(session: Session) -> int:
    """How many items `every_item` gives."""
    return sum(queries.count(session, kind) for kind in INDEXED_KINDS)


def every_document(session: Session) -> Iterator[SearchDocument]:
    """All documents that the index should hold."""
    yield from of_ingredients()
    for item in every_item(session):
        yield from of_item(item)
