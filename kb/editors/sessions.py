"""Sessions of editors in a browser: begun with a token, and never longer than that is in force."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from kb.database import Database
from kb.editors.access import Editor, digest_of, editor_of, note_use, token_in_force
from kb.editors.model import EditorSession, Token

LIFETIME = timedelta(hours=12)
SECRET_BYTES = 32  # 256 bits, of an id and of what requests that write have to repeat


class OpenSession(NamedTuple):
    """A session that is in force."""

    editor: Editor
    csrf: str
    expires_at: datetime


def begin(session: Session, token_text: str, at: datetime) -> tuple[str, datetime]:
    """Begin a session with a token: its id, which is stored nowhere, and when it ends.

    Sessions that have ended are deleted. Raises Unauthorized.
    """
    session.execute(delete(EditorSession).where(EditorSession.expires_at <= at))
    token = token_in_force(session, token_text, at)
    session_id = secrets.token_urlsafe(SECRET_BYTES)
    ends_at = min(at + LIFETIME, token.expires_at)
    session.add(
        EditorSession(
            hash=digest_of(session_id),
            token_id=token.id,
            csrf=secrets.token_urlsafe(SECRET_BYTES),
            created_at=at,
            expires_at=ends_at,
        )
    )
    return session_id, ends_at


def find(database: Database, session_id: str, at: datetime) -> OpenSession | None:
    """The session with this id; None when there is none, or it or its token has ended."""
    statement = (
        select(EditorSession, Token)
        .join(Token, Token.id == EditorSession.token_id)
        .where(EditorSession.hash == digest_of(session_id), EditorSession.expires_at > at)
        .where(Token.revoked_at.is_(None), Token.expires_at > at)
    )
    with database.reading() as session:
        row = session.execute(statement).first()
    if row is None:
        return None
    opened, token = row
    note_use(database, token, at)
    return OpenSession(editor_of(token), opened.csrf, opened.expires_at)


def end(session: Session, session_id: str) -> None:
    """End a session, if there is one with this id."""
    session.execute(delete(EditorSession).where(EditorSession.hash == digest_of(session_id)))
