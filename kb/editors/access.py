"""Tokens of editors: random, stored as a hash; they authenticate a request and give a role."""

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
from kb.editors import audit
from kb.editors.model import Token
from kb.problems import Forbidden, Unauthorized
from kb.translation import N_

PREFIX = "kb_"  # so that people and scanners of secrets know one when they see it
TOKEN_BYTES = 32  # 256 bits
AUTHORIZATION = re.compile(r"Bearer +(\S+) *", re.IGNORECASE)
LAST_USE_PRECISION = timedelta(minutes=1)  # of a token
SEED_AUTHOR = "seed"  # of seeded texts, which seeding may replace
RESERVED_OWNERS = (SEED_AUTHOR,)
DAYS_PER_UNIT = {"d": 1, "w": 7, "y": 365}


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


def parse_period(text: str) -> timedelta | None:
    """The period `90d`, `12w` or `1y`; None for anything else, and for more than ten years."""
    match = re.fullmatch(r"([1-9][0-9]{0,3})([dwy])", text)
    days = int(match[1]) * DAYS_PER_UNIT[match[2]] if match else 0
    return timedelta(days=days) if 0 < days <= 3650 else None


def create_token(session: Session, *, owner: str, role: str, at: datetime, lasts: timedelta) -> str:
    """Create a token and return its text, which is stored nowhere."""
    text = PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    token = Token(
        hash=digest_of(text), owner=owner, role=role, created_at=at, expires_at=at + lasts
    )
    session.add(token)
    session.flush()
    audit.record(session, "token-created", who=audit.OPERATOR, at=at, thing=name_of(token))
    return text


def name_of(token: Token) -> str:
    """What the audit log calls a token."""
    return f"token {token.id} of {token.owner}"


def list_tokens(session: Session) -> Iterable[Token]:
    """All tokens, also those no longer in force, oldest first."""
    return session.scalars(select(Token).order_by(Token.id)).all()


def revoke_token(session: Session, number: int, at: datetime) -> Token | None:
    """End a token at once; None when there is none of this number."""
    token = session.get(Token, number)
    if token is not None and token.revoked_at is None:
        token.revoked_at = at
        audit.record(session, "token-revoked", who=audit.OPERATOR, at=at, thing=name_of(token))
    return token


def authenticate(database: Database, authorization: str | None, at: datetime) -> Editor:
    """The editor of an Authorization header. Raises Unauthorized."""
    if not authorization:
        raise Unauthorized
    match = AUTHORIZATION.fullmatch(authorization)
    if match is None:
        raise Unauthorized(N_("The Authorization header must be “Bearer” and a token."))
    with database.reading() as session:
        token = token_in_force(session, match[1], at)
    note_use(database, token, at)
    return editor_of(token)


def token_in_force(session: Session, text: str, at: datetime) -> Token:
    """The token with this text. Raises Unauthorized when it is unknown, revoked or expired."""
    token = _find_token(session, text)
    if token is None or token.revoked_at is not None:
        raise Unauthorized(N_("This token is not known, or was revoked."))
    if token.expires_at <= at:
        raise Unauthorized(N_("This token has expired; ask the operator for a new one."))
    return token


def editor_of(token: Token) -> Editor:
    """Whose token this is."""
    return Editor(token.owner, token.role, token.expires_at)


def _find_token(session: Session, text: str) -> Token | None:
    """The token with this text; the comparison takes the same time wherever they differ."""
    digest = digest_of(text)
    token = session.scalar(select(Token).where(Token.hash == digest))
    return token if token is not None and hmac.compare_digest(token.hash, digest) else None


def digest_of(text: str) -> str:
    """What we keep of a secret: SHA-256, in 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def note_use(database: Database, token: Token, at: datetime) -> None:
    """Note when a token was last used; it can wait when others are writing for long."""
    if token.last_used_at is not None and at - token.last_used_at < LAST_USE_PRECISION:
        return
    try:
        with database.transaction(optional=True) as session:
            session.execute(update(Token).where(Token.id == token.id).values(last_used_at=at))
    except OperationalError:
        return
