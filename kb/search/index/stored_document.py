"""A document as Whoosh stores it: plain Python, from which the arrays of a segment are made."""

from __future__ import annotations

from typing import NamedTuple

from kb.search.engine import SearchDocument
from kb.search.index.fields import TEXT_FIELDS


class StoredDocument(NamedTuple):
    """A `SearchDocument` without types of ours."""

    type: str
    id: str
    title: str
    passages: list[tuple[int, str]]  # index of the text field, text
    concepts: list[str]
    values: dict[str, list[str]]  # by field that documents are filtered by
    findings: list[list[str]]  # rows of `NESTED_FIELDS`
    pitfalls: list[list[str]]
    year: int | None
    updated_at: float | None  # seconds since 1970
    position: int


def to_stored(document: SearchDocument) -> StoredDocument:
    """The document as Whoosh stores it."""
    return StoredDocument(
        document.type,
        document.id,
        document.title,
        [(TEXT_FIELDS.index(each.text_field), each.text) for each in document.passages],
        list(document.concepts),
        {field: list(values) for field, values in document.values.items()},
        [list(row) for row in document.findings],
        [list(row) for row in document.pitfalls],
        document.year,
        document.updated_at.timestamp() if document.updated_at else None,
        document.position,
    )
