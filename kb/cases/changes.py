"""The numbered changes that every copy follows.

Numbers are taken from one counter row, which stays locked until the transaction that took them
ends. So the order of the numbers is the order of the commits, on PostgreSQL as on SQLite: who
has seen change 7 can never meet a change 6 later, and no number is skipped.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from sqlalchemy import CheckConstraint, String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from kb.database import Base

Event = Literal["created", "updated", "withdrawn"]
Kind = Literal["case", "study", "question", "vocabulary"]


class Change(Base):
    """Something published became another thing, or went."""

    __tablename__ = "change"
    __table_args__ = (
        CheckConstraint("event IN ('created', 'updated', 'withdrawn')", name="known_event"),
        CheckConstraint("kind IN ('case', 'study', 'question', 'vocabulary')", name="known_kind"),
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    event: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(20))
    slug: Mapped[str] = mapped_column(String(80))  # of the thing; of the scheme for a vocabulary
    changed_at: Mapped[datetime]


class ChangeCounter(Base):
    """One row that holds the last number given out."""

    __tablename__ = "change_counter"
    __table_args__ = (CheckConstraint("id = 1", name="is_alone"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


def record(session: Session, event: Event, kind: Kind, slug: str, at: datetime) -> Change:
    """Add the next change. Other writers wait here until this transaction ends: record late."""
    return record_all(session, [(event, kind, slug)], at)[0]


def record_all(
    session: Session, made: Sequence[tuple[Event, Kind, str]], at: datetime
) -> list[Change]:
    """Add the next changes, in this order. Other writers wait as for one."""
    taken = update(ChangeCounter).values(last=ChangeCounter.last + len(made))
    last = session.scalar(taken.returning(ChangeCounter.last)) or 0
    first = last - len(made) + 1
    added = [
        Change(number=number, event=event, kind=kind, slug=slug, changed_at=at)
        for number, (event, kind, slug) in enumerate(made, start=first)
    ]
    session.add_all(added)
    return added


def last_number(session: Session) -> int:
    """The number of the newest change; 0 when nothing was ever published."""
    return session.scalar(select(ChangeCounter.last)) or 0


def changed_since(session: Session, number: int, limit: int) -> list[Change]:
    """The changes after `number`, oldest first, at most `limit`."""
    later = select(Change).where(Change.number > number).order_by(Change.number).limit(limit)
    return list(session.scalars(later))
