"""PlanRejection: how often readers answered “not so” to a rule; nothing of any plan."""

from __future__ import annotations

from datetime import date

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from kb.database import Base


class PlanRejection(Base):
    """A rule and what its remarks were about, with the number of times it was rejected."""

    __tablename__ = "plan_rejection"
    __table_args__ = (CheckConstraint("number > 0", name="was_rejected"),)

    rule: Mapped[str] = mapped_column(String(80), primary_key=True)
    rule_version: Mapped[int] = mapped_column(primary_key=True)
    about: Mapped[str] = mapped_column(String(80), primary_key=True)
    number: Mapped[int]
    last_day: Mapped[date]  # UTC
