"""Verification: that somebody checked a key of a text against a source."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from kb.database import Base


class Verification(Base):
    """It holds for every text in which the key has the value that was checked, and for no other."""

    __tablename__ = "verification"
    __table_args__ = (
        CheckConstraint("source_title IS NOT NULL OR reference IS NOT NULL", name="has_a_source"),
        Index(None, "kind", "slug"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    slug: Mapped[str] = mapped_column(String(80))
    key: Mapped[str] = mapped_column(String(100))  # as `unverified` names them
    digest: Mapped[str] = mapped_column(String(64))  # of its value: `digests.digest_of`
    version: Mapped[int]  # whose text was checked
    source: Mapped[str | None] = mapped_column(String(80))  # the id that the source had then
    source_title: Mapped[str | None] = mapped_column(String(500))
    reference: Mapped[str | None] = mapped_column(String(500))  # another source, or a place in it
    note: Mapped[str | None] = mapped_column(Text)  # for editors
    editor: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
