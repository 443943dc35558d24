"""Partners, and who follows a list by e-mail."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, UniqueConstraint
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


class SubscriptionRequest(Base):
    """Somebody wants to follow a list by e-mail; of the address there is a hash alone.

    It is confirmed with the token in the e-mail that was sent, or vanishes after some days.
    """

    __tablename__ = "subscription_request"
    __table_args__ = (UniqueConstraint("address_hash", "list_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    address_hash: Mapped[str] = mapped_column(String(64))  # with the key of this installation
    list_key: Mapped[str] = mapped_column(String(64))  # one for each list
    kind: Mapped[str] = mapped_column(String(20))
    query: Mapped[dict[str, Any]] = mapped_column(JSON)  # as `subscriptions.Followed` has it
    slug: Mapped[str | None] = mapped_column(String(80))
    language: Mapped[str] = mapped_column(String(2))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    began_at: Mapped[datetime] = mapped_column(index=True)
    mailed_at: Mapped[datetime]
    mails: Mapped[int]  # that were sent for it


class Subscription(Base):
    """Somebody follows a list by e-mail, and has confirmed the address."""

    __tablename__ = "subscription"
    __table_args__ = (UniqueConstraint("address_hash", "list_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(String(254))
    address_hash: Mapped[str] = mapped_column(String(64))
    list_key: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(20))
    query: Mapped[dict[str, Any]] = mapped_column(JSON)
    slug: Mapped[str | None] = mapped_column(String(80))
    language: Mapped[str] = mapped_column(String(2))
    token: Mapped[str] = mapped_column(String(64), unique=True)  # to stop with, in every e-mail
    confirmed_at: Mapped[datetime]
    last_change: Mapped[int]  # the number of the last change that an e-mail was about
    sent_at: Mapped[datetime | None]  # when the last e-mail was begun
    failures: Mapped[int]  # times on end that its address was refused
