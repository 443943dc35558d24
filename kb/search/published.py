"""Everything published, and the search documents of it, as the database has it now."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlalchemy.orm import Session

from kb.cases import queries
from kb.cases.model import Published
from kb.kinds import KINDS, Kind
from kb.search import documents
from kb.search.engine import SearchDocument
from kb.vocabulary.terms import schemes


def every_document(session: Session) -> Iterator[SearchDocument]:
    """Every document that should be in an index."""
    yield from documents_of_terms(session, schemes())
    for kind, row in every_row(session):
        yield from documents.of_row(kind, row)


def documents_of_terms(session: Session, names: Collection[str]) -> Iterator[SearchDocument]:
    """The documents of the terms of these schemes."""
    notes = queries.practice_notes(session, "ingredient", [*schemes()["ingredients"].terms])
    yield from documents.of_terms(names, notes)


def every_row(session: Session) -> Iterator[tuple[Kind, Published]]:
    """Every row that is published by itself, and not with its owner."""
    for kind, model in _models():
        yield from ((kind, row) for row in queries.every(session, model))


def count_rows(session: Session) -> int:
    """How many there are."""
    return sum(queries.count(session, model) for _, model in _models())


def _models() -> Iterator[tuple[Kind, type[Published]]]:
    for kind in KINDS.values():
        if kind.model and kind.is_published_alone:
            yield kind, kind.model()
