"""Asking the same again gives the first answer again, for 24 hours, also when two ask at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kb.editors.model import KeptAnswer
from kb.problems import InvalidInput, Misplaced, Mistake

HEADER = "Idempotency-Key"
LASTS = timedelta(hours=24)
LONGEST = 200  # characters of a key
VISIBLE = re.compile(r"[\x21-\x7e]+")


@dataclass(frozen=True)
class Answer:
    """An answer that can be given again."""

    status: int
    headers: dict[str, str]
    body: str


@dataclass(frozen=True)
class Request:
    """A request that may come again: whose it is, its key, and a fingerprint of all it says."""

    owner: str
    key: str
    fingerprint: str


def checked_key(key: str) -> str:
    """The key, when it can be one. Raises InvalidInput."""
    if not key:
        raise _wrong(Mistake("empty"))
    if len(key) > LONGEST:
        raise _wrong(Mistake("too-long", {"maximum": LONGEST, "actual": len(key)}))
    if not VISIBLE.fullmatch(key):
        raise _wrong(Mistake("bad-format", {"value": "…", "expected": "visible"}))
    return key


def once(session: Session, request: Request, at: datetime, answer: Callable[[], Answer]) -> Answer:
    """The answer that was given first, or the one that is made now, in the same transaction.

    Who comes second waits for the transaction of the first. What fails is not kept. Raises
    InvalidInput when the key came with another request.
    """
    session.execute(delete(KeptAnswer).where(KeptAnswer.at <= at - LASTS))
    row = KeptAnswer(
        owner=request.owner,
        key=request.key,
        fingerprint=request.fingerprint,
        headers={},
        body="",
        at=at,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return _kept(session, request)
    made = answer()
    row.status, row.headers, row.body = made.status, made.headers, made.body
    return made


def _kept(session: Session, request: Request) -> Answer:
    whose = (KeptAnswer.owner == request.owner, KeptAnswer.key == request.key)
    kept = session.scalars(select(KeptAnswer).where(*whose)).one()
    if kept.fingerprint != request.fingerprint:
        raise _wrong(Mistake("inconsistent", {"reason": "key-used"}))
    assert kept.status is not None  # it is written in the transaction that added the row
    return Answer(kept.status, kept.headers, kept.body)


def _wrong(mistake: Mistake) -> InvalidInput:
    return InvalidInput([Misplaced(mistake, "header", HEADER)])
