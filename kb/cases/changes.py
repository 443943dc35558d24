"""The numbered changes that every copy follows.

Numbers are taken from one counter row, which stays locked until the transaction that took them
ends. So the order of the numbers is the order of the commits, on PostgreSQL as on SQLite: who
has seen change 7 can never meet a change 6 later, and no number is skipped.

A number alone does not say which history it is of: a database that was restored gives out the
same numbers again. So each change carries a nonce, a random value, and the history itself one (its
epoch) that stands for the moment before its first change. Whoever remembers a number with its
nonce can tell whether the database still has that very change, and with it all that came before.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Literal, NamedTuple

from sqlalchemy import JSON, CheckConstraint, Index, String, func, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from kb.database import Base
from kb.kinds import CHANGED_KINDS, KindName

Event = Literal["created", "updated", "withdrawn"]
ChangedKind = KindName | Literal["vocabulary"]  # of CHANGED_KINDS
NONCE_BYTES = 8  # of randomness, written as twice as many hexadecimal digits


class Position(NamedTuple):
    """A place in a history: the number of the last change before it, and that change's nonce."""

    number: int
    nonce: str


def new_nonce() -> str:
    """A random value that no other change has."""
    return secrets.token_hex(NONCE_BYTES)


class Change(Base):
    """Something published became another thing, or went."""

    __tablename__ = "change"
    __table_args__ = (
        CheckConstraint("event IN ('created', 'updated', 'withdrawn')", name="known_event"),
        CheckConstraint(f"kind IN {CHANGED_KINDS}", name="known_kind"),
        Index(
            "ix_change_vocabulary",
            "number",
            sqlite_where=text("kind = 'vocabulary'"),
            postgresql_where=text("kind = 'vocabulary'"),
        ),
    )

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    event: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(20))
    slug: Mapped[str] = mapped_column(String(80))  # of the thing; of the scheme for a vocabulary
    changed_at: Mapped[datetime]
    terms: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))  # those that changed
    nonce: Mapped[str] = mapped_column("mark", String(16), default=new_nonce)

    @property
    def position(self) -> Position:
        """Where a follower is that has taken over this change and all before it."""
        return Position(self.number, self.nonce)


class ChangeCounter(Base):
    """One row that holds the last number given out."""

    __tablename__ = "change_counter"
    __table_args__ = (CheckConstraint("id = 1", name="is_alone"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]
    epoch: Mapped[str] = mapped_column(String(16), default=new_nonce)  # the nonce of number 0


def record(session: Session, event: Event, kind: ChangedKind, slug: str, at: datetime) -> Change:
    """Add the next change. Other writers wait here until this transaction ends: record late."""
    return record_all(session, [(event, kind, slug)], at)[0]


def record_terms(session: Session, scheme: str, terms: Sequence[str], at: datetime) -> Change:
    """Add the next change: that these terms of a vocabulary came, became another or went."""
    change = record(session, "updated", "vocabulary", scheme, at)
    change.terms = list(terms)
    return change


def record_all(
    session: Session, events: Sequence[tuple[Event, ChangedKind, str]], at: datetime
) -> list[Change]:
    """Add the next changes, in this order. Other writers wait as for one."""
    counter = update(ChangeCounter).values(last=ChangeCounter.last + len(events))
    last = session.scalar(counter.returning(ChangeCounter.last)) or 0
    first = last - len(events) + 1
    added = [
        Change(number=number, event=event, kind=kind, slug=slug, changed_at=at)
        for number, (event, kind, slug) in enumerate(events, start=first)
    ]
    session.add_all(added)
    return added


def last_number(session: Session) -> int:
    """The number of the newest change; 0 when nothing was ever published."""
    return session.scalar(select(ChangeCounter.last)) or 0


def changed_at(session: Session, number: int) -> datetime | None:
    """When a change was made; None when there is no such change."""
    return session.scalar(select(Change.changed_at).where(Change.number == number))


_LAST_POSITION = select(  # made once: that costs twice as much as executing it
    ChangeCounter.last, func.coalesce(Change.nonce, ChangeCounter.epoch)
).outerjoin(Change, Change.number == ChangeCounter.last)


def last_position(session: Session) -> Position:
    """Where the history ends at this moment."""
    row = session.connection().execute(_LAST_POSITION).one_or_none()
    return Position(*row) if row else Position(0, "")


def nonce_of(session: Session, number: int) -> str | None:
    """The nonce of a change, of the epoch for 0; None when this history has no such change."""
    if number == 0:
        return session.scalar(select(ChangeCounter.epoch))
    return session.scalar(select(Change.nonce).where(Change.number == number))


_VOCABULARY_NONCE = (
    select(Change.nonce).where(Change.kind == "vocabulary").order_by(Change.number.desc()).limit(1)
)


def vocabulary_nonce(session: Session) -> str | None:
    """The nonce of the last change of any vocabulary; None when there was none yet."""
    return session.connection().scalar(_VOCABULARY_NONCE)


def waiting_since(session: Session, number: int) -> datetime | None:
    """When the first change after `number` was made; None when there is none."""
    return session.scalar(select(Change.changed_at).where(Change.number == number + 1))


def changed_since(session: Session, number: int, limit: int) -> list[Change]:
    """The changes after `number`, oldest first, at most `limit`."""
    later = select(Change).where(Change.number > number).order_by(Change.number).limit(limit)
    return list(session.scalars(later))


def last_changes_since(session: Session, number: int) -> dict[tuple[str, str], int]:
    """The number of the last change of each thing that changed after `number`, by kind and id."""
    rows = (
        select(Change.kind, Change.slug, func.max(Change.number))
        .where(Change.number > number)
        .group_by(Change.kind, Change.slug)
    )
    return {(kind, slug): last for kind, slug, last in session.execute(rows)}


def changes_of(session: Session, numbers: Sequence[int]) -> list[Change]:
    """The changes with these numbers, the newest first."""
    rows = select(Change).where(Change.number.in_(numbers)).order_by(Change.number.desc())
    return list(session.scalars(rows))


def changes_of_terms(session: Session, scheme: str, number: int) -> list[Change]:
    """The changes of a vocabulary after `number`, the newest first."""
    rows = select(Change).where(
        Change.number > number, Change.kind == "vocabulary", Change.slug == scheme
    )
    return list(session.scalars(rows.order_by(Change.number.desc())))
