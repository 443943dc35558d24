"""The terms in the database, as the vocabulary that is in force."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.vocabulary import terms
from kb.vocabulary.model import Term as TermRow
from kb.vocabulary.terms import FIXED_SCHEMES, LANGUAGES, Scheme, Term


def read_schemes(session: Session) -> dict[str, Scheme]:
    """Every scheme with its terms, in their order.

    The schemes themselves are those of the release, and so is what programs count on: the order and
    groups of the terms of `FIXED_SCHEMES`, and a term that the database does not have yet, because
    nobody has run `kb seed` since.
    """
    rows: dict[str, list[Term]] = {}
    statement = select(TermRow).order_by(TermRow.scheme, TermRow.position, TermRow.slug)
    for row in session.scalars(statement):
        rows.setdefault(row.scheme, []).append(_term_of(row))
    return {
        name: replace(scheme, terms=_with_released(scheme, rows.get(name, [])))
        for name, scheme in terms.released().schemes.items()
    }


def _with_released(scheme: Scheme, own: list[Term]) -> dict[str, Term]:
    known = {term.id: term for term in own}
    if scheme.id in FIXED_SCHEMES:
        return {
            name: _called_as(known.get(name, term), term) for name, term in scheme.terms.items()
        }
    return known | {name: term for name, term in scheme.terms.items() if name not in known}


def _called_as(own: Term, released: Term) -> Term:
    """A term of the release, with what it is called now."""
    return replace(released, labels=own.labels, definition=own.definition, synonyms=own.synonyms)


def _term_of(row: TermRow) -> Term:
    return Term(
        scheme=row.scheme,
        id=row.slug,
        labels={"nl": row.label_nl, "en": row.label_en},
        definition=row.definition,
        synonyms={language: tuple(row.synonyms.get(language, ())) for language in LANGUAGES},
        broader=row.broader and row.broader.partition("/")[2],
        position=row.position,
        is_deprecated=row.deprecated_at is not None,
        replaced_by=row.replaced_by and row.replaced_by.partition("/")[2],
    )
