"""What a case alone owns: its tags, its parties and its sources."""

from __future__ import annotations

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kb.database import Base
from kb.vocabulary.model import of_schemes, term_column


class CaseStrategy(Base):
    """A strategy that a case follows."""

    __tablename__ = "case_strategy"
    __table_args__ = (
        Index(None, "strategy", "case_id"),  # for the cases that share it
        *of_schemes(strategy="strategies"),
    )

    case_id: Mapped[int] = mapped_column(
        ForeignKey("case_study.id", ondelete="CASCADE"), primary_key=True
    )
    strategy: Mapped[str] = term_column("strategies", primary_key=True)
    position: Mapped[int]


class CaseTargetGroup(Base):
    """A group of people that a case is for."""

    __tablename__ = "case_target_group"
    __table_args__ = (
        Index(None, "target_group", "case_id"),  # for the cases that share it
        *of_schemes(target_group="target-groups"),
    )

    case_id: Mapped[int] = mapped_column(
        ForeignKey("case_study.id", ondelete="CASCADE"), primary_key=True
    )
    target_group: Mapped[str] = term_column("target-groups", primary_key=True)
    position: Mapped[int]


class Party(Base):
    """An organisation that took part in a case, in one role."""

    __tablename__ = "party"
    __table_args__ = of_schemes(role="party-roles")

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(
        ForeignKey("case_study.id", ondelete="CASCADE"), index=True
    )
    position: Mapped[int]
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = term_column("party-roles")


class CaseImage(Base):
    """An image of a case, and what is said of it; the files are in the folder of images."""

    __tablename__ = "case_image"

    case_id: Mapped[int] = mapped_column(
        ForeignKey("case_study.id", ondelete="CASCADE"), primary_key=True
    )
    id: Mapped[str] = mapped_column("image", String(50), primary_key=True, index=True)
    position: Mapped[int]
    alt: Mapped[str] = mapped_column(String(300))
    maker: Mapped[str] = mapped_column(String(200))
    licence: Mapped[str] = mapped_column(String(200))


class Source(Base):
    """A publication that a case refers to, as `bron-1`, `bron-2`, …"""

    __tablename__ = "source"
    __table_args__ = (
        UniqueConstraint("case_id", "slug"),
        UniqueConstraint("id", "case_id"),
        *of_schemes(source_type="source-types"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("case_study.id", ondelete="CASCADE"))
    slug: Mapped[str] = mapped_column(String(80))
    position: Mapped[int]
    title: Mapped[str] = mapped_column(String(500))
    authors: Mapped[list[str]] = mapped_column(JSON)
    year: Mapped[int | None]
    publisher: Mapped[str | None] = mapped_column(String(200))
    url: Mapped[str | None] = mapped_column(String(2000))
    source_type: Mapped[str] = term_column("source-types")
