"""The document of a case, read as input, as it was saved, or strictly, to be published."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, NamedTuple

from marshmallow import ValidationError
from sqlalchemy.orm import Session

from kb.cases import queries
from kb.editors.model import Revision
from kb.problems import invalid_body
from schemas.cases import CaseDocument, CaseInput, new_impossible_values, read_only_errors
from schemas.errors import flatten_errors
from schemas.json_fields import stored_texts
from schemas.loading import load_with_errors

Document = Mapping[str, Any]


class NamedReference(NamedTuple):
    """Another thing, as a reference is dumped."""

    slug: str
    title: str


def load_input(
    document: Document,
    *,
    body: Document | None = None,
    slug: str | None = None,
    current: Document | None = None,
    before: Document | None = None,
) -> dict[str, Any]:
    """Load a whole document; ids of what it owns may be missing.

    `body` is the part of it that the request had (all of it when None): read-only keys in there,
    and the id `slug`, must be as in `current`. What the saved document `before` has already may
    be impossible. Raises InvalidInput with all errors.
    """
    errors = list(read_only_errors(document if body is None else body, slug, current or {}))
    result = load_with_errors(CaseInput(), document, partial(new_impossible_values, before=before))
    errors += result.errors
    if errors:
        raise invalid_body(errors)
    return result.document


def load_stored(document: Document) -> dict[str, Any]:
    """Load the document of a revision, also when later rules forbid what it has."""
    with stored_texts():
        case: dict[str, Any] = CaseDocument().load(document)
    return case


def load_strictly(revision: Revision) -> dict[str, Any]:
    """Load the document of a revision by the terms of this release. Raises InvalidInput."""
    schema = CaseDocument()
    try:
        case: dict[str, Any] = schema.load(revision.document)
    except ValidationError as error:  # a later release has dropped a term, say
        raise invalid_body(flatten_errors(error.messages, schema)) from None
    return case


def with_titles(session: Session, document: Document) -> dict[str, Any]:
    """The document of a revision, loaded, with the titles of what it refers to; to be dumped."""
    case = load_stored(document)
    if slug := case["archetype"]:
        titles = queries.titles(session, [slug])
        case["archetype"] = NamedReference(slug, titles.get(slug, slug))
    return _name_sources(case, "slug")


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
