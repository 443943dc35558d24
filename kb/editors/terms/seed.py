"""The terms of a release become rows; what editors have made of a term is left alone."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.cases import changes
from kb.editors.access import SEED_AUTHOR
from kb.editors.model import Revision
from kb.editors.revisions import OPEN_STATES
from kb.editors.terms.workflow import KIND
from kb.vocabulary.model import Term
from kb.vocabulary.terms import BROADER_SCHEMES, Scheme
from kb.vocabulary.terms import Term as ReleasedTerm


class SeededTerms(NamedTuple):
    """What became of the terms of the files."""

    removed: list[Term]  # in no file any more: to be deleted once nothing has them
    left_alone: list[str]  # keys of terms that editors have changed, and the files have otherwise


def write_terms(session: Session, schemes: list[Scheme], at: datetime) -> SeededTerms:
    """Write the terms of the files, and number which schemes changed."""
    seeded = SeededTerms([], [])
    edited = _edited_keys(session)
    rows = {term.key: term for term in session.scalars(select(Term))}
    for scheme in schemes:
        own = {key: row for key, row in rows.items() if row.scheme == scheme.id}
        changed = _write_scheme(session, scheme, own, edited, at, seeded)
        session.flush()
        if changed:
            changes.record_terms(session, scheme.id, changed, at)
    return seeded


def _edited_keys(session: Session) -> set[str]:
    """The keys of the terms that editors have written, or are writing."""
    states = ("published", *OPEN_STATES)
    written = select(Revision.slug).where(Revision.kind == KIND, Revision.state.in_(states))
    return set(session.scalars(written.where(Revision.author != SEED_AUTHOR)))


def _write_scheme(
    session: Session,
    scheme: Scheme,
    rows: dict[str, Term],
    edited: Collection[str],
    at: datetime,
    seeded: SeededTerms,
) -> list[str]:
    """Write a scheme; gives the ids of the terms that changed.

    Where editors have written any of its terms the order is theirs, and new terms come last.
    """
    keeps_order = any(key in edited for key in rows)
    changed: list[str] = []
    for term in scheme.in_order:
        row = rows.get(term.key)
        values = _values(term)
        if row is not None and term.key in edited:
            if any(getattr(row, name) != values[name] for name in ("label_nl", "definition")):
                seeded.left_alone.append(term.key)
            continue
        if keeps_order:
            last = max((each.position for each in rows.values()), default=-1)
            values["position"] = row.position if row is not None else last + 1
        if row is None:
            row = rows[term.key] = Term(key=term.key, updated_at=at)
            session.add(row)
        if _write_row(row, values, is_deprecated=term.is_deprecated, at=at):
            changed.append(term.id)
    missing = [row for key, row in rows.items() if row.slug not in scheme.terms]
    missing = [row for row in missing if row.key not in edited]
    seeded.removed.extend(missing)
    return [*changed, *sorted(row.slug for row in missing)]


def _values(term: ReleasedTerm) -> dict[str, Any]:
    """The columns of a term of the files."""
    groups = BROADER_SCHEMES.get(term.scheme)
    return {
        "scheme": term.scheme,
        "slug": term.id,
        "label_nl": term.labels["nl"],
        "label_en": term.labels["en"],
        "definition": term.definition,
        "synonyms": {language: list(words) for language, words in term.synonyms.items()},
        "broader": term.broader and f"{groups}/{term.broader}",
        "position": term.position,
        "replaced_by": term.replaced_by and f"{term.scheme}/{term.replaced_by}",
    }


def _write_row(row: Term, values: dict[str, Any], *, is_deprecated: bool, at: datetime) -> bool:
    """Write a term in its row; whether it changed."""
    is_same = all(getattr(row, name) == value for name, value in values.items())
    if is_same and is_deprecated == (row.deprecated_at is not None):
        return False
    row.updated_at, row.deprecated_at = at, at if is_deprecated else None
    for name, value in values.items():
        setattr(row, name, value)
    return True
