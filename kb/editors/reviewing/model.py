"""DraftPreview and DraftComment: by which address a draft is read, and what is said of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from kb.database import Base


class DraftPreview(Base):
    """A secret address at which one draft can be read without an account, for a while."""

    __tablename__ = "draft_preview"

    id: Mapped[int] = mapped_column(primary_key=True)
    revision_id: Mapped[int] = mapped_column(
        ForeignKey("revision.id", ondelete="CASCADE"), index=True
    )
    hash: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256, in hexadecimal digits
    created_by: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class DraftComment(Base):
    """What an editor says of a place in a draft; for editors alone."""

    __tablename__ = "draft_comment"

    id: Mapped[int] = mapped_column(primary_key=True)
    revision_id: Mapped[int] = mapped_column(
        ForeignKey("revision.id", ondelete="CASCADE"), index=True
    )
    pointer: Mapped[str] = mapped_column(String(300))  # JSON Pointer into the draft of that moment
    item: Mapped[str | None] = mapped_column(String(170))  # the list item that it is in
    text: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None] = mapped_column(String(200))
