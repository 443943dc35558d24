"""LinkCheck: what an address that a published text refers to answered last."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import CheckConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from kb.database import Base

STATES = ("gone", "failing", "redirected", "refused", "ok")  # what needs attention first


def hash_of(url: str) -> str:
    """What a row is found by: an address may be longer than an index takes."""
    return hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()


class LinkCheck(Base):
    """The last check of an address, and since when it fails."""

    __tablename__ = "link_check"
    __table_args__ = (CheckConstraint(f"state IN {STATES}", name="known_state"),)

    hash: Mapped[str] = mapped_column(String(64), primary_key=True)  # SHA-256 of the address
    url: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(30))  # a key of kb.editors.link_checks.judge.STATES
    http_status: Mapped[int | None]  # of the last response; None when there was none
    checked_at: Mapped[datetime]
    failing_since: Mapped[datetime | None]  # the first check of those that failed in a row
    failures: Mapped[int]  # how many checks failed in a row
    moved_to: Mapped[str | None] = mapped_column(Text)  # where it redirects to for good
    retry_at: Mapped[datetime | None]  # its host wants no request before this moment
