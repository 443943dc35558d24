"""Writing down what was not found, and closing a day."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from kb.search.unmet.model import UnmetSearch, UnmetSearchAsker, UnmetSearchSalt

MIN_ASKERS = 3  # on one day; what fewer looked for is forgotten with that day
RETENTION = timedelta(days=365)  # of counts


class Unmet(NamedTuple):
    """What was looked for, how often, and when last."""

    words: str
    askers: int
    last_day: date


def write(session: Session, day: date, notes: Collection[tuple[str, str]]) -> None:
    """Write who (an address) looked for what (words) on a day, as hashes that last a day."""
    row = session.get(UnmetSearchSalt, day)
    if row is None:  # when another process was there just before, `Database.write` begins anew
        row = UnmetSearchSalt(day=day, salt=secrets.token_hex(32))
        session.add(row)
        session.flush()
    key = bytes.fromhex(row.salt)
    for words, visitor in sorted(notes):  # always in this order: no deadlock
        asker = hashlib.blake2b(visitor.encode(), key=key, digest_size=16).hexdigest()
        session.merge(UnmetSearchAsker(day=day, words=words, asker=asker))


def close_days(session: Session, at: datetime) -> None:
    """Count what enough people looked for on days that are over, and forget who it was."""
    today = at.date()
    is_over = UnmetSearchAsker.day < today
    number = func.count()
    rows = (
        select(UnmetSearchAsker.day, UnmetSearchAsker.words, number)
        .where(is_over)
        .group_by(UnmetSearchAsker.day, UnmetSearchAsker.words)
        .having(number >= MIN_ASKERS)
        .order_by(UnmetSearchAsker.day, UnmetSearchAsker.words)
    )
    for day, words, askers in session.execute(rows).all():
        session.merge(UnmetSearch(day=day, words=words, askers=askers))
    session.execute(delete(UnmetSearchAsker).where(is_over))
    session.execute(delete(UnmetSearchSalt).where(UnmetSearchSalt.day < today))
    session.execute(delete(UnmetSearch).where(UnmetSearch.day < today - RETENTION))


def most_wanted(session: Session, since: date) -> Sequence[Unmet]:
    """What was not found since a day, the most wanted first."""
    askers = func.sum(UnmetSearch.askers)
    rows = (
        select(UnmetSearch.words, askers, func.max(UnmetSearch.day))
        .where(UnmetSearch.day >= since)
        .group_by(UnmetSearch.words)
        .order_by(askers.desc(), UnmetSearch.words)
    )
    return [Unmet(*row) for row in session.execute(rows)]
