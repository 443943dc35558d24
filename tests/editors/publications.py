"""Saved and published at moments of our own, and the changes that it makes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kb.cases import changes
from kb.editors import workflow
from kb.editors.model import Revision
from schemas.cases import CaseDocument
from tests.conftest import KnowledgeBase

FIRST = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
LATER = FIRST + timedelta(days=40)


def save(session: Session, document: dict[str, Any], author: str = "redactie") -> Revision:
    case = CaseDocument().load(document)
    return workflow.save_draft(session, case, author=author, at=FIRST)


def publish(kb: KnowledgeBase, document: dict[str, Any], at: datetime) -> changes.Change:
    with kb.database.transaction() as session:
        return workflow.publish(session, save(session, document), at=at)


def states(kb: KnowledgeBase, slug: str = "tuin") -> list[tuple[str, int | None]]:
    query = select(Revision.state, Revision.version).where(Revision.slug == slug)
    with kb.database.reading() as session:
        return [(state, version) for state, version in session.execute(query.order_by("id"))]


@contextmanager
def numbered(kb: KnowledgeBase) -> Iterator[list[tuple[str, str, str]]]:
    """The changes that the block makes, as (event, kind, id), once it has ended."""
    with kb.database.reading() as session:
        before = changes.last_number(session)
    matches: list[tuple[str, str, str]] = []
    yield matches
    with kb.database.reading() as session:
        made = changes.changed_since(session, before, 1000)
    assert [each.number for each in made] == list(range(before + 1, before + 1 + len(made)))
    matches += [(each.event, each.kind, each.slug) for each in made]


def get(kb: KnowledgeBase, path: str) -> Any:
    answer = kb.client.get(path)
    return answer.get_json() | {"_status": answer.status_code}
