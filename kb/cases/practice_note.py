"""What practice told or asked about something published, as publishers approved it.

It is experience, not evidence: no count, verdict or outcome reads it. What nobody has approved
stands elsewhere (`kb.decisions.practice_notes`), so that it cannot leak through a forgotten filter.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, Relationship, mapped_column, relationship

from kb.database import Base

ABOUT_KINDS = ("case", "pitfall", "ingredient", "study")
NOTE_KINDS = ("experience", "question")


class PracticeNote(Base):
    """An experience or a question about a case, a pitfall or an ingredient; its answer is ours.

    It names what it is about by id, and stays when that is withdrawn: then nobody sees it. It
    follows an id that changes (`kb.cases.aliases`), so that of a pitfall that went comes to its
    case or study; a study shows none.
    """

    __tablename__ = "practice_note"
    __table_args__ = (
        CheckConstraint(f"kind IN {NOTE_KINDS}", name="known_kind"),
        CheckConstraint(f"about_kind IN {ABOUT_KINDS}", name="known_subject"),
        Index(None, "about", "about_kind"),
    )

    slug: Mapped[str] = mapped_column(String(16), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))
    about_kind: Mapped[str] = mapped_column(String(20))
    about: Mapped[str] = mapped_column(String(170))
    text: Mapped[str] = mapped_column(Text)
    answer: Mapped[str | None] = mapped_column(Text)
    received_at: Mapped[datetime]
    published_at: Mapped[datetime]  # when a publisher approved it


def notes_about(kind: str, model: str) -> Relationship[list[PracticeNote]]:
    """The notes about a row of a model, the newest first; `kind` is what the rows are."""
    return relationship(
        primaryjoin=f"and_(PracticeNote.about_kind == '{kind}', "
        f"foreign(PracticeNote.about) == {model}.slug)",
        order_by=(PracticeNote.received_at.desc(), PracticeNote.slug),
        viewonly=True,
    )
