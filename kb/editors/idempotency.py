"""Asking the same again gives the first answer again, for 24 hours, also when two ask at once."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kb.database import Database, now
from kb.editors.model import KeptAnswer
from kb.problems import N_, Conflict, InvalidInput, Misplaced, Mistake

HEADER = "Idempotency-Key"
LASTS = timedelta(hours=24)
ABANDONED = timedelta(minutes=15)  # no request is at work for longer
WAITS = 40.0  # seconds that who comes second waits for the first
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
    row = _row(request, at)
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        kept = _kept(session, request)
        assert kept is not None  # it is written in the transaction that added the row
        return kept
    made = answer()
    row.status, row.headers, row.body = made.status, made.headers, made.body
    return made


def claim(database: Database, request: Request) -> Answer | None:
    """The answer that was given first, or None: then it is for the caller to make, and `keep`.

    Who comes second waits, but not for ever: raises Conflict. What somebody began and never
    ended, because the process was stopped, can be begun again. Raises InvalidInput as `once`.
    """
    deadline = time.monotonic() + WAITS
    while True:
        answer = database.write(lambda session: _claim(session, request, now()))
        if not isinstance(answer, str):
            return answer
        if time.monotonic() > deadline:
            raise Conflict(N_("The same request is still at work; ask again in a while."))
        time.sleep(0.2)


def _claim(session: Session, request: Request, at: datetime) -> Answer | Literal["busy"] | None:
    lost = (KeptAnswer.status.is_(None)) & (KeptAnswer.at <= at - ABANDONED)
    session.execute(delete(KeptAnswer).where((KeptAnswer.at <= at - LASTS) | lost))
    try:
        with session.begin_nested():
            session.add(_row(request, at))
    except IntegrityError:
        return _kept(session, request) or "busy"
    return None


def keep(database: Database, request: Request, answer: Answer) -> None:
    """Keep the answer to what was claimed."""
    values = {"status": answer.status, "headers": answer.headers, "body": answer.body}
    database.write(
        lambda session: session.execute(update(KeptAnswer).where(*_of(request)).values(**values))
    )


def release(database: Database, request: Request) -> None:
    """Let what was claimed be asked again: it failed."""
    database.write(lambda session: session.execute(delete(KeptAnswer).where(*_of(request))))


def _of(request: Request) -> tuple[ColumnElement[bool], ...]:
    return (KeptAnswer.owner == request.owner, KeptAnswer.key == request.key)


def _row(request: Request, at: datetime) -> KeptAnswer:
    return KeptAnswer(
        owner=request.owner,
        key=request.key,
        fingerprint=request.fingerprint,
        headers={},
        body="",
        at=at,
    )


def _kept(session: Session, request: Request) -> Answer | None:
    """What was answered first; None while that is still being made."""
    kept = session.scalars(select(KeptAnswer).where(*_of(request))).one()
    if kept.fingerprint != request.fingerprint:
        raise _wrong(Mistake("inconsistent", {"reason": "key-used"}))
    return None if kept.status is None else Answer(kept.status, kept.headers, kept.body)


def _wrong(mistake: Mistake) -> InvalidInput:
    return InvalidInput([Misplaced(mistake, "header", HEADER)])
