"""Partner: a website that shows our content under its own name, and how often it does."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kb.database import Base


class Partner(Base):
    """A website that we know by name."""

    __tablename__ = "partner"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    added_at: Mapped[datetime]

    origins: Mapped[list[PartnerOrigin]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, order_by="PartnerOrigin.origin"
    )


class PartnerOrigin(Base):
    """An origin of a partner, as browsers tell it: `https://www.gemeente.nl`."""

    __tablename__ = "partner_origin"

    origin: Mapped[str] = mapped_column(String(300), primary_key=True)
    partner_id: Mapped[int] = mapped_column(
        ForeignKey("partner.id", ondelete="CASCADE"), index=True
    )


class PartnerUse(Base):
    """How many requests came from a partner on one day (UTC); of whom, nobody knows."""

    __tablename__ = "partner_use"
    __table_args__ = (CheckConstraint("requests > 0", name="was_used"),)

    partner_id: Mapped[int] = mapped_column(
        ForeignKey("partner.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[date] = mapped_column(primary_key=True)
    requests: Mapped[int]
