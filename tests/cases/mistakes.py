"""What a schema says of a document, in a form that tests can compare."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from marshmallow import Schema, ValidationError

from kb.input_errors import Mistake
from schemas import cases
from schemas.cases import CaseDocument
from schemas.errors import flatten_errors


def all_mistakes(document: Any, schema: Schema | None = None) -> list[tuple[str, Mistake]]:
    """Every mistake in a document (of a case, if nothing else is said), by pointer."""
    schema = schema or CaseDocument()
    try:
        schema.load(document)
    except ValidationError as error:
        return sorted(flatten_errors(error.messages, schema), key=itemgetter(0))
    return []


def mistakes_of(document: Any, schema: Schema | None = None) -> list[tuple[str, str, str | None]]:
    """The pointer, code and suggestion of every mistake."""
    return [
        (pointer, mistake.code, mistake.suggestion)
        for pointer, mistake in all_mistakes(document, schema)
    ]


def problems_of(document: dict[str, Any]) -> list[tuple[str, str]]:
    """The pointer and code of what a case lacks to be published."""
    loaded = CaseDocument().load(document)
    return sorted((pointer, mistake.code) for pointer, mistake in cases.publication_errors(loaded))
