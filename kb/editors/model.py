"""Revision: one saved text of a case, study or question; its events; and editors' tokens."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kb.cases.aliases import Thing
from kb.database import Base

STATES = (
    *("draft", "submitted", "returned", "discarded"),
    *("published", "superseded", "withdrawn"),
)
ROLES = ("editor", "publisher")
EVENTS = (
    *("saved", "submitted", "returned", "discarded"),
    *("published", "withdrawn", "erased", "renamed", "retracted"),
)


def new_etag() -> str:
    """What an ETag stands for: never the same twice, also when a draft is begun anew."""
    return secrets.token_hex(10)


class Revision(Base):
    """The whole text of a thing as its author saved it; a published one is numbered and stays."""

    __tablename__ = "revision"
    __table_args__ = (
        CheckConstraint(f"state IN {STATES}", name="known_state"),
        CheckConstraint(
            "(version IS NULL) = (state IN ('draft', 'submitted', 'returned', 'discarded'))",
            name="numbered_when_published",
        ),
        Index("uq_revision_version", "kind", "slug", "version", unique=True),
        Index(
            "uq_revision_published",
            "kind",
            "slug",
            unique=True,
            sqlite_where=text("state = 'published'"),
            postgresql_where=text("state = 'published'"),
        ),
        Index(
            "uq_revision_open",
            "kind",
            "slug",
            unique=True,
            sqlite_where=text("state IN ('draft', 'submitted', 'returned')"),
            postgresql_where=text("state IN ('draft', 'submitted', 'returned')"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), server_default=text("'case'"))
    slug: Mapped[str] = mapped_column(String(80))  # of the thing; it may not be public yet
    state: Mapped[str] = mapped_column(String(20))
    version: Mapped[int | None]  # counts the publications of a thing, from 1
    document: Mapped[dict[str, Any]] = mapped_column(JSON)  # as its kind tells
    author: Mapped[str] = mapped_column(String(200))
    note: Mapped[str | None] = mapped_column(Text)
    saved_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    based_on: Mapped[int | None]  # the version that the draft was begun from
    discarded_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]  # from then on `document` has an id and no text
    erased_because: Mapped[str | None] = mapped_column(Text)  # readers see it
    etag: Mapped[str] = mapped_column(
        "mark", String(20), default=new_etag, server_default=text("''")
    )

    events: Mapped[list[RevisionEvent]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, order_by="RevisionEvent.id"
    )

    @property
    def thing(self) -> Thing:
        """What it is a text of."""
        return Thing(self.kind, self.slug)


class RevisionEvent(Base):
    """Who did what to a revision, and when. Its id names the text as it was after this event."""

    __tablename__ = "revision_step"
    __table_args__ = (CheckConstraint(f"what IN {EVENTS}", name="known_step"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    revision_id: Mapped[int] = mapped_column(
        ForeignKey("revision.id", ondelete="CASCADE"), index=True
    )
    what: Mapped[str] = mapped_column(String(20))
    who: Mapped[str] = mapped_column(String(200))
    note: Mapped[str | None] = mapped_column(Text)  # of a review: for editors only
    at: Mapped[datetime]
    etag: Mapped[str] = mapped_column("mark", String(20))  # of the revision, after this event
    replaced: Mapped[dict[str, Any] | None] = mapped_column(
        JSON(none_as_null=True)  # the text before this event, when the event gave it another
    )
    restored_from: Mapped[int | None]  # the event whose text this one made current again


class Token(Base):
    """What an editor shows to be let in; only its hash is kept."""

    __tablename__ = "token"
    __table_args__ = (CheckConstraint(f"role IN {ROLES}", name="known_role"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    hash: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256, in hexadecimal digits
    owner: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]  # to the minute


class EditorAccount(Base):
    """Somebody at an identity provider: who they are there, and the author they are here."""

    __tablename__ = "editor_account"
    __table_args__ = (Index("uq_editor_account_subject", "issuer", "subject", unique=True),)

    id: Mapped[int] = mapped_column(primary_key=True)
    issuer: Mapped[str] = mapped_column(String(500))  # as KB_OIDC_ISSUER has it
    subject: Mapped[str] = mapped_column(String(255))  # `sub`: never another person's
    owner: Mapped[str] = mapped_column(String(200))  # fixed at the first sign-in
    created_at: Mapped[datetime]
    signed_in_at: Mapped[datetime]  # the last time


class PendingSignIn(Base):
    """A browser that was sent to the identity provider, and has not come back yet."""

    __tablename__ = "pending_sign_in"

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)  # of `state`, SHA-256
    browser: Mapped[str] = mapped_column(String(64))  # of what its cookie has, SHA-256
    nonce: Mapped[str] = mapped_column(String(64))
    verifier: Mapped[str] = mapped_column(String(64))  # PKCE, RFC 7636
    target: Mapped[str] = mapped_column(Text)  # the page of the desk that follows
    expires_at: Mapped[datetime] = mapped_column(index=True)


class EditorSession(Base):
    """An editor who signed in with a browser, by a token or by an account at an identity provider.

    What its cookie has is kept as a hash.
    """

    __tablename__ = "editor_session"
    __table_args__ = (
        CheckConstraint("(token_id IS NULL) <> (account_id IS NULL)", name="one_way_in"),
        CheckConstraint("(account_id IS NULL) = (role IS NULL)", name="role_of_account"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    hash: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256, in hexadecimal digits
    token_id: Mapped[int | None] = mapped_column(
        ForeignKey("token.id", ondelete="CASCADE"), index=True
    )
    account_id: Mapped[int | None] = mapped_column(
        ForeignKey("editor_account.id", ondelete="CASCADE"), index=True
    )
    role: Mapped[str | None] = mapped_column(String(20))  # of an account, when it signed in
    csrf: Mapped[str] = mapped_column(String(64))  # what requests that write have to repeat
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)


class IdempotentResponse(Base):
    """The response to a request with an Idempotency-Key, for who sends the same again."""

    __tablename__ = "kept_answer"  # its name of 1.0.0, which may run beside us during an upgrade

    owner: Mapped[str] = mapped_column(String(200), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64))  # SHA-256 of the request
    status: Mapped[int | None]  # none where 1.0.0 has not ended a request
    headers: Mapped[dict[str, str]] = mapped_column(JSON)
    body: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(index=True)


class Import(Base):
    """What an import did with each document."""

    __tablename__ = "import"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    owner: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
    report: Mapped[dict[str, Any]] = mapped_column(JSON)  # as `schemas.imports` tells
    file_id: Mapped[str | None] = mapped_column(String(32))  # of the file that it read
    expires_at: Mapped[datetime | None] = mapped_column(index=True)  # of a dry run; else it stays


class ImportFile(Base):
    """A file that an editor uploaded to import; it is kept for an hour."""

    __tablename__ = "import_file"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    owner: Mapped[str] = mapped_column(String(200), index=True)
    name: Mapped[str] = mapped_column(String(200))  # as its sender calls it; may be empty
    at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)  # what is in it, as `schemas.imports` tells
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class AuditEvent(Base):
    """An act that no history of a thing has: signing in, tokens, what the operator did."""

    __tablename__ = "audit_event"
    __table_args__ = (CheckConstraint("outcome IN ('ok', 'refused')", name="known_outcome"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    who: Mapped[str | None] = mapped_column(String(200))  # None when nobody knows
    what: Mapped[str] = mapped_column(String(40))
    thing: Mapped[str | None] = mapped_column(String(300))  # “token 3 of Anna”, “partner …”
    outcome: Mapped[str] = mapped_column(String(20))
