"""Sessions of editors in a browser: begun with a token or at an identity provider; they end."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select
from sqlalchemy.orm import Session

from kb.database import Database
from kb.editors import audit
from kb.editors.access import Editor, digest_of, editor_of, note_use, token_in_force
from kb.editors.model import EditorAccount, EditorSession, Token

LIFETIME = timedelta(hours=12)
SECRET_BYTES = 32  # 256 bits, of an id and of what requests that write have to repeat


class OpenSession(NamedTuple):
    """A session that is in force."""

    editor: Editor
    csrf: str
    expires_at: datetime
    is_account: bool  # begun at an identity provider


class ListedSession(NamedTuple):
    """A session as the operator sees it."""

    id: int
    editor: Editor
    origin: str  # “token 3” or “account 1”
    created_at: datetime
    ends_at: datetime


def begin(session: Session, token_text: str, at: datetime) -> tuple[str, datetime]:
    """Begin a session with a token: its id, which is stored nowhere, and when it ends.

    Raises Unauthorized.
    """
    token = token_in_force(session, token_text, at)
    row = EditorSession(token_id=token.id, expires_at=min(at + LIFETIME, token.expires_at))
    audit.record(session, "signed-in", who=token.owner, at=at, thing=f"token {token.id}")
    return _add(session, row, at)


def begin_for_account(
    session: Session, account: EditorAccount, role: str, at: datetime, ends_at: datetime
) -> tuple[str, datetime]:
    """Begin a session of somebody whom an identity provider vouches for; twelve hours at most."""
    row = EditorSession(account_id=account.id, role=role, expires_at=min(at + LIFETIME, ends_at))
    audit.record(session, "signed-in", who=account.owner, at=at, thing=f"account {account.id}")
    return _add(session, row, at)


def note_refusal(database: Database, way: str, at: datetime) -> None:
    """Have the audit log tell that somebody could not sign in, by a `token` or an `account`."""
    audit.note(database, "signed-in", who=None, at=at, thing=way, outcome="refused")


def _add(session: Session, row: EditorSession, at: datetime) -> tuple[str, datetime]:
    """Add a session with a new id; sessions that have ended are deleted."""
    session.execute(delete(EditorSession).where(EditorSession.expires_at <= at))
    session_id = secrets.token_urlsafe(SECRET_BYTES)
    row.hash = digest_of(session_id)
    row.csrf = secrets.token_urlsafe(SECRET_BYTES)
    row.created_at = at
    session.add(row)
    return session_id, row.expires_at


def find(database: Database, session_id: str, at: datetime, issuer: str) -> OpenSession | None:
    """The session with this id; None when there is none, or it or its token has ended.

    One of an account is in force while its `issuer` is the one of the settings.
    """
    statement = (
        _open_sessions(at)
        .where(EditorSession.hash == digest_of(session_id))
        .where(or_(EditorSession.account_id.is_(None), EditorAccount.issuer == issuer))
    )
    with database.reading() as session:
        row = session.execute(statement).first()
    if row is None:
        return None
    opened, token, account = row
    if token is not None:
        note_use(database, token, at)
    editor = _editor(opened, token, account)
    return OpenSession(editor, opened.csrf, opened.expires_at, account is not None)


def all_open(session: Session, at: datetime) -> Iterable[ListedSession]:
    """Every session that has not ended, oldest first."""
    for opened, token, account in session.execute(_open_sessions(at).order_by(EditorSession.id)):
        origin = f"account {account.id}" if account else f"token {token.id}"
        editor = _editor(opened, token, account)
        yield ListedSession(opened.id, editor, origin, opened.created_at, opened.expires_at)


def end(session: Session, session_id: str, at: datetime) -> None:
    """End a session, if there is one with this id."""
    for opened, who in _with_owners(session, EditorSession.hash == digest_of(session_id)):
        audit.record(session, "signed-out", who=who, at=at)
        session.delete(opened)


def revoke(session: Session, numbers: Iterable[int], at: datetime) -> None:
    """End the sessions with these numbers at once."""
    for opened, who in _with_owners(session, EditorSession.id.in_(list(numbers))):
        thing = f"session {opened.id} of {who}"
        audit.record(session, "session-revoked", who=audit.OPERATOR, at=at, thing=thing)
        session.delete(opened)


def _with_owners(session: Session, which: ColumnElement[bool]) -> list[tuple[EditorSession, str]]:
    """Sessions, also those that have ended, and whose they are."""
    owner = func.coalesce(Token.owner, EditorAccount.owner)
    rows = (
        select(EditorSession, owner)
        .outerjoin(Token, Token.id == EditorSession.token_id)
        .outerjoin(EditorAccount, EditorAccount.id == EditorSession.account_id)
        .where(which)
    )
    return [(opened, who) for opened, who in session.execute(rows)]


def _open_sessions(at: datetime) -> Select[EditorSession, Token, EditorAccount]:
    """Sessions that have not ended, each with its token or its account."""
    in_force = and_(Token.revoked_at.is_(None), Token.expires_at > at)
    return (
        select(EditorSession, Token, EditorAccount)
        .outerjoin(Token, Token.id == EditorSession.token_id)
        .outerjoin(EditorAccount, EditorAccount.id == EditorSession.account_id)
        .where(EditorSession.expires_at > at)
        .where(or_(EditorSession.account_id.is_not(None), in_force))
    )


def _editor(opened: EditorSession, token: Token | None, account: EditorAccount | None) -> Editor:
    """Whose session this is."""
    if token is not None:
        return editor_of(token)
    assert account is not None
    assert opened.role is not None
    return Editor(account.owner, opened.role, opened.expires_at)
