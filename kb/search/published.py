"""Everything published, and the search documents of it, as the database has it now."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from sqlalchemy.orm import Session

from kb.cases import queries
from kb.cases.changes import Change
from kb.cases.model import Published
from kb.kinds import KINDS, Kind
from kb.search import documents
from kb.search.engine import SearchDocument
from kb.vocabulary.terms import BROADER_SCHEMES, schemes

DERIVED_SCHEMES = {"outcomes", "verdicts", "evidence-lanes", "urbanity-levels"}  # in no row


def every_document(session: Session) -> Iterator[SearchDocument]:
    """Every document that should be in an index."""
    yield from documents_of_terms(session, schemes())
    for kind, row in every_row(session):
        yield from documents.of_row(kind, row)


def documents_of_terms(session: Session, names: Collection[str]) -> Iterator[SearchDocument]:
    """The documents of the terms of these schemes."""
    notes = queries.practice_notes(session, "ingredient", [*schemes()["ingredients"].terms])
    yield from documents.of_terms(names, notes)


def absent_terms(names: Collection[str]) -> Iterator[str]:
    """The keys of the documents that there are not, of terms that are not to be chosen any more."""
    for kind in KINDS.values():
        if kind.scheme in names:
            deprecated = schemes()[kind.scheme].in_order
            yield from (f"{kind.name}:{each.id}" for each in deprecated if each.is_deprecated)


def users_of_terms(session: Session, changes: Iterable[Change]) -> dict[str, set[str]]:
    """The ids of what shows terms that these changes made another thing, by kind."""
    keys: set[str] = set()
    for change in changes:
        if change.kind != "vocabulary":
            continue
        if change.terms is None or change.slug in DERIVED_SCHEMES:
            return {kind.name: set(queries.ids(session, model)) for kind, model in _models()}
        keys |= {f"{change.slug}/{term}" for term in change.terms}
        if change.slug in BROADER_SCHEMES.values():
            keys |= _narrower(change.slug, change.terms)
    return queries.users_by_kind(session, keys)


def _narrower(scheme: str, changed: Collection[str]) -> set[str]:
    """The keys of the terms that any of these groups has."""
    narrower = [name for name, groups in BROADER_SCHEMES.items() if groups == scheme]
    return {
        each.key
        for name in narrower
        for each in schemes()[name].in_order
        if each.broader in changed
    }


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
