"""Batch and BatchItem: what was done to a selection, and the draft that it made of each thing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kb.cases.aliases import Thing
from kb.database import Base

STATES = ("draft", "submitted", "returned", "published", "discarded")


class Batch(Base):
    """One operation over a selection; its drafts become public together or not at all."""

    __tablename__ = "batch"
    __table_args__ = (CheckConstraint(f"state IN {STATES}", name="known_state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str | None] = mapped_column(String(200))  # of its author; else it says itself
    operation: Mapped[dict[str, Any]] = mapped_column(JSON)  # as `schemas.batches.BatchOperation`
    selection: Mapped[dict[str, Any] | None] = mapped_column(
        JSON(none_as_null=True)  # as `schemas.batches.BatchSelection`; None: whatever has the term
    )
    unchanged: Mapped[int]  # things of the selection that stay as they are
    skipped: Mapped[list[dict[str, Any]]] = mapped_column(JSON)  # type, id, title, reason, author
    author: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(20))
    state_since: Mapped[datetime]
    state_by: Mapped[str] = mapped_column(String(200))
    note: Mapped[str | None] = mapped_column(Text)  # with which it came into this state
    etag: Mapped[str] = mapped_column("mark", String(20))

    items: Mapped[list[BatchItem]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, order_by="BatchItem.id"
    )


class BatchItem(Base):
    """A thing of a batch, with the draft that the batch made of it.

    Without one the thing had an open draft of its own: a merge changes that draft, and the public
    text beside it, when the batch is published.
    """

    __tablename__ = "batch_item"
    __table_args__ = (UniqueConstraint("batch_id", "kind", "slug"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))  # also `term`
    slug: Mapped[str] = mapped_column(String(80))
    revision_id: Mapped[int | None] = mapped_column(
        ForeignKey("revision.id", ondelete="SET NULL"), index=True
    )

    @property
    def thing(self) -> Thing:
        """What it is about."""
        return Thing(self.kind, self.slug)
