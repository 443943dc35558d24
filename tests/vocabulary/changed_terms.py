"""Terms changed in the database, as a publication of a term leaves them."""

from __future__ import annotations

from typing import Any

from kb.cases import changes
from kb.database import now
from kb.vocabulary.model import Term
from tests.conftest import KnowledgeBase


def change_term(kb: KnowledgeBase, key: str, **values: Any) -> None:
    """Give the row of a term (`scheme/id`) other values, and number the change."""
    scheme, _, slug = key.partition("/")
    with kb.database.transaction() as session:
        row = session.get_one(Term, key)
        for name, value in values.items():
            setattr(row, name, value)
        session.flush()
        changes.record_terms(session, scheme, [slug], now())


def answers_anew(kb: KnowledgeBase) -> None:
    """Let the application look at the database now, not within a second."""
    kb.app.extensions["kb"].vocabulary.look()
