"""Revision: one saved text of a case, from draft to published and superseded."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from kb.database import Base

STATES = ("draft", "submitted", "returned", "published", "superseded", "withdrawn")


class Revision(Base):
    """The whole text of a case as its author saved it; a published one is numbered and stays."""

    __tablename__ = "revision"
    __table_args__ = (
        CheckConstraint(f"state IN {STATES}", name="known_state"),
        CheckConstraint(
            "(version IS NULL) = (state IN ('draft', 'submitted', 'returned'))",
            name="numbered_when_published",
        ),
        Index("uq_revision_version", "slug", "version", unique=True),
        Index(
            "uq_revision_published",
            "slug",
            unique=True,
            sqlite_where=text("state = 'published'"),
            postgresql_where=text("state = 'published'"),
        ),
        Index(
            "uq_revision_open",
            "slug",
            unique=True,
            sqlite_where=text("state IN ('draft', 'submitted', 'returned')"),
            postgresql_where=text("state IN ('draft', 'submitted', 'returned')"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80))  # of the case; it may not be public yet
    state: Mapped[str] = mapped_column(String(20))
    version: Mapped[int | None]  # counts the publications of a case, from 1
    document: Mapped[dict[str, Any]] = mapped_column(JSON)  # as `schemas.cases.CaseDocument` tells
    author: Mapped[str] = mapped_column(String(200))
    note: Mapped[str | None] = mapped_column(Text)
    saved_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
