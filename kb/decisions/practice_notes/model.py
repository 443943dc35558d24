"""SubmittedNote: what somebody from practice sent in, and what publishers decided of it.

Only publishers see these rows. What they approve is written to `kb.cases.practice_note` too.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kb.database import Base
from kb.editors.model import new_etag

KINDS = ("experience", "question", "nomination")
SUBJECT_KINDS = ("case", "pitfall", "ingredient")
STATES = ("new", "approved", "rejected", "drafted")
DECISIONS = ("approve", "reject", "answer", "draft")


class SubmittedNote(Base):
    """An experience, a question or a nomination, as it was sent in."""

    __tablename__ = "submitted_note"
    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", name="known_kind"),
        CheckConstraint(f"state IN {STATES}", name="known_state"),
        CheckConstraint(f"about_kind IN {SUBJECT_KINDS}", name="known_subject"),
        CheckConstraint("(about_kind IS NULL) = (about IS NULL)", name="names_its_subject"),
        CheckConstraint("(kind = 'nomination') = (about IS NULL)", name="is_about_something"),
        Index(None, "state", "received_at"),
    )

    slug: Mapped[str] = mapped_column(String(16), primary_key=True)  # random: nobody can guess it
    kind: Mapped[str] = mapped_column(String(20))
    about_kind: Mapped[str | None] = mapped_column(String(20))
    about: Mapped[str | None] = mapped_column(String(170))  # its id then; an alias may lead on
    text: Mapped[str | None] = mapped_column(Text)  # None once it was rejected and erased
    organisation: Mapped[str | None] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(254))
    received_at: Mapped[datetime]  # with consent to keep and publish it
    state: Mapped[str] = mapped_column(String(20), default="new")
    decided_at: Mapped[datetime | None]  # the last time
    draft: Mapped[str | None] = mapped_column(String(80))  # the case whose draft began with it
    etag: Mapped[str] = mapped_column(String(20), default=new_etag)

    decisions: Mapped[list[NoteDecision]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, order_by="NoteDecision.id"
    )


class NoteDecision(Base):
    """Who decided what of a note, and when; it stays when the text is erased."""

    __tablename__ = "note_decision"
    __table_args__ = (CheckConstraint(f"decision IN {DECISIONS}", name="known_decision"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    note: Mapped[str] = mapped_column(
        ForeignKey("submitted_note.slug", ondelete="CASCADE"), index=True
    )
    decision: Mapped[str] = mapped_column(String(20))
    who: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
    text: Mapped[str | None] = mapped_column(Text)  # the answer, a title, or a remark
