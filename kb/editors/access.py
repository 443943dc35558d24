"""Who is asking, and what they may do: random tokens, of which only the hash is kept."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from kb.database import Database
from kb.editors.model import Token
from kb.problems import Forbidden, Unauthorized
from kb.translation import N_

PREFIX = "kb_"  # so that people and scanners of secrets know one when they see it
RANDOM = 32  # bytes: 256 bits
SCHEME = re.compile(r"Bearer +(\S+) *", re.IGNORECASE)
USED_EVERY = timedelta(minutes=1)  # how exactly the last use is kept
RESERVED = ("seed",)  # the seed takes over what it wrote itself, so nobody may have its name
DAYS = {"d": 1, "w": 7, "y": 365}


@dataclass(frozen=True)
class Editor:
    """Somebody with a token that is in force."""

    owner: str
    role: str
    expires_at: datetime

    def must_be(self, role: str) -> None:
        """Raise Forbidden when this takes another role; a publisher may do all."""
        if role not in {self.role, "editor"}:
            raise Forbidden(None, role=role, own=self.role)


def period(text: str) -> timedelta | None:
    """How long `90d`, `12w` or `1y` is; None for anything else, and for more than ten years."""
    found = re.fullmatch(r"([1-9][0-9]{0,3})([dwy])", text)
    days = int(found[1]) * DAYS[found[2]] if found else 0
    return timedelta(days=days) if 0 < days <= 3650 else None


def create(session: Session, *, owner: str, role: str, at: datetime, lasts: timedelta) -> str:
    """Make a token and give its text, which is kept nowhere."""
    text = PREFIX + secrets.token_urlsafe(RANDOM)
    session.add(
        Token(hash=_hash(text), owner=owner, role=role, created_at=at, expires_at=at + lasts)
    )
    return text


def every(session: Session) -> Iterable[Token]:
    """All tokens, also those no longer in force, oldest first."""
    return session.scalars(select(Token).order_by(Token.id)).all()


def revoke(session: Session, number: int, at: datetime) -> Token | None:
    """End a token at once; None when there is none of this number."""
    token = session.get(Token, number)
    if token is not None and token.revoked_at is None:
        token.revoked_at = at
    return token


def editor(database: Database, authorization: str | None, at: datetime) -> Editor:
    """Who sent this Authorization header. Raises Unauthorized."""
    if not authorization:
        raise Unauthorized
    found = SCHEME.fullmatch(authorization)
    if found is None:
        raise Unauthorized(N_("The Authorization header must be “Bearer” and a token."))
    with database.reading() as session:
        token = _token(session, found[1])
    if token is None or token.revoked_at is not None:
        raise Unauthorized(N_("This token is not known, or was revoked."))
    if token.expires_at <= at:
        raise Unauthorized(N_("This token has expired; ask the operator for a new one."))
    if token.last_used_at is None or at - token.last_used_at >= USED_EVERY:
        _note_use(database, token, at)
    return Editor(token.owner, token.role, token.expires_at)


def _token(session: Session, text: str) -> Token | None:
    """The token with this text; the comparison takes the same time wherever they differ."""
    wanted = _hash(text)
    token = session.scalar(select(Token).where(Token.hash == wanted))
    return token if token is not None and hmac.compare_digest(token.hash, wanted) else None


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _note_use(database: Database, token: Token, at: datetime) -> None:
    """Keep when it was last used; when others are writing for long, that can wait."""
    try:
        with database.transaction(patient=False) as session:
            session.execute(update(Token).where(Token.id == token.id).values(last_used_at=at))
    except OperationalError:
        return
