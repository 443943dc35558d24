"""The published knowledge: cases, studies and questions, with their pitfalls and findings.

Only published text is kept here, so no query has to remember to leave drafts out. A `slug` is
the id that the world sees; `id` never leaves the database.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    text,
)
from sqlalchemy.ext.orderinglist import ordering_list
from sqlalchemy.orm import Mapped, mapped_column, relationship

from kb.cases.case_parts import CaseImage, CaseStrategy, CaseTargetGroup, Party, Source
from kb.cases.practice_note import PracticeNote, notes_about
from kb.database import Base
from kb.vocabulary.model import of_schemes, term_column

OWNED = "all, delete-orphan"


class Published(Base):
    """A row that the world knows by its slug; its kind is in `kb.kinds`."""

    __abstract__ = True

    slug: Mapped[str]


class Case(Published):
    """One intervention, told so that others can learn from it."""

    __tablename__ = "case_study"  # "case" is a word of SQL
    __table_args__ = (
        CheckConstraint("end_year >= start_year", name="ends_after_start"),  # unknown years pass
        CheckConstraint("dwellings > 0", name="has_dwellings"),
        CheckConstraint("version > 0", name="counts_from_one"),
        *of_schemes(kind="kinds", status="statuses", scale="scales"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    kind: Mapped[str] = term_column("kinds")
    archetype_id: Mapped[int | None] = mapped_column(
        ForeignKey("case_study.id", ondelete="SET NULL"), index=True
    )
    archetype_slug: Mapped[str | None] = mapped_column(
        String(80),
        index=True,  # as its text has it; `archetype` only while that one is public
    )
    title: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str] = mapped_column(Text)
    context: Mapped[str] = mapped_column(Text)
    approach: Mapped[str] = mapped_column(Text)
    results: Mapped[str] = mapped_column(Text)
    collaboration: Mapped[str | None] = mapped_column(Text)
    country: Mapped[str | None] = mapped_column(String(2))  # ISO 3166-1 alpha-2
    province: Mapped[str | None] = mapped_column(String(200))
    municipality: Mapped[str | None] = mapped_column(String(200))
    neighbourhood: Mapped[str | None] = mapped_column(String(200))
    start_year: Mapped[int | None]
    end_year: Mapped[int | None]  # None while it runs, or when nobody knows
    status: Mapped[str] = term_column("statuses")
    scale: Mapped[str] = term_column("scales", index=True)
    dwellings: Mapped[int | None]
    events: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)  # in order
    search_terms: Mapped[list[str]] = mapped_column(JSON, default=list)  # for search alone
    programme: Mapped[str | None] = mapped_column(String(80))  # one that others tell of too
    unverified: Mapped[list[str]] = mapped_column(JSON)  # keys nobody has checked yet
    version: Mapped[int]  # counts the publications of this case, from 1
    published_at: Mapped[datetime]  # the first time
    updated_at: Mapped[datetime]  # the last time

    archetype: Mapped[Case | None] = relationship(remote_side="Case.id")
    strategy_tags: Mapped[list[CaseStrategy]] = relationship(
        cascade=OWNED, order_by="CaseStrategy.position", collection_class=ordering_list("position")
    )
    target_group_tags: Mapped[list[CaseTargetGroup]] = relationship(
        cascade=OWNED,
        order_by="CaseTargetGroup.position",
        collection_class=ordering_list("position"),
    )
    parties: Mapped[list[Party]] = relationship(
        cascade=OWNED, order_by="Party.position", collection_class=ordering_list("position")
    )
    ingredients: Mapped[list[CaseIngredient]] = relationship(
        back_populates="case",
        cascade=OWNED,
        order_by="CaseIngredient.position",
        collection_class=ordering_list("position"),
    )
    sources: Mapped[list[Source]] = relationship(
        cascade=OWNED, order_by="Source.position", collection_class=ordering_list("position")
    )
    images: Mapped[list[CaseImage]] = relationship(
        cascade=OWNED, order_by="CaseImage.position", collection_class=ordering_list("position")
    )
    pitfalls: Mapped[list[Pitfall]] = relationship(
        back_populates="case",
        cascade=OWNED,
        order_by="Pitfall.position",
        collection_class=ordering_list("position"),
    )
    findings: Mapped[list[Finding]] = relationship(
        back_populates="case",
        cascade=OWNED,
        order_by="Finding.position",
        collection_class=ordering_list("position"),
    )
    practice_notes: Mapped[list[PracticeNote]] = notes_about("case", "Case")

    @property
    def place(self) -> dict[str, str | None]:
        """Where it is; what is unknown, or everywhere, is None."""
        return {
            "country": self.country,
            "province": self.province,
            "municipality": self.municipality,
            "neighbourhood": self.neighbourhood,
        }

    @property
    def strategies(self) -> list[str]:
        """Ids of its strategies, in the editor's order."""
        return [tag.strategy for tag in self.strategy_tags]

    @property
    def target_groups(self) -> list[str]:
        """Ids of its target groups, in the editor's order."""
        return [tag.target_group for tag in self.target_group_tags]

    @property
    def ingredient_ids(self) -> list[str]:
        """Ids of its ingredients, in the editor's order."""
        return [tag.ingredient for tag in self.ingredients]


class CaseIngredient(Base):
    """An active ingredient, and how it worked here."""

    __tablename__ = "case_ingredient"
    __table_args__ = (
        Index(None, "ingredient", "case_id"),  # for the cases that share it
        *of_schemes(ingredient="ingredients"),
    )

    case_id: Mapped[int] = mapped_column(
        ForeignKey("case_study.id", ondelete="CASCADE"), primary_key=True
    )
    ingredient: Mapped[str] = term_column("ingredients", primary_key=True)
    how: Mapped[str] = mapped_column(Text)
    position: Mapped[int]

    case: Mapped[Case] = relationship(back_populates="ingredients")


class Study(Published):
    """A publication with findings and pitfalls of its own."""

    __tablename__ = "study"
    __table_args__ = of_schemes(source_type="source-types")

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[str] = mapped_column(String(500))
    authors: Mapped[list[str]] = mapped_column(JSON)
    year: Mapped[int | None]
    publisher: Mapped[str | None] = mapped_column(String(200))
    url: Mapped[str | None] = mapped_column(String(2000))
    source_type: Mapped[str] = term_column("source-types")
    summary: Mapped[str] = mapped_column(Text)
    programme: Mapped[str | None] = mapped_column(String(80))
    search_terms: Mapped[list[str]] = mapped_column(JSON, default=list)  # for search alone
    unverified: Mapped[list[str]] = mapped_column(JSON)
    updated_at: Mapped[datetime]

    findings: Mapped[list[Finding]] = relationship(
        back_populates="study",
        cascade=OWNED,
        order_by="Finding.position",
        collection_class=ordering_list("position"),
    )
    pitfalls: Mapped[list[Pitfall]] = relationship(
        back_populates="study",
        cascade=OWNED,
        order_by="Pitfall.position",
        collection_class=ordering_list("position"),
    )
    cover_links: Mapped[list[StudyCover]] = relationship(
        foreign_keys="StudyCover.review_id",
        cascade=OWNED,
        order_by="StudyCover.position",
        collection_class=ordering_list("position"),
    )

    @property
    def covers(self) -> list[Study]:
        """The studies of ours that this review holds."""
        return [link.study for link in self.cover_links]


class StudyCover(Base):
    """A study that a review holds, so that it is not counted again beside the review."""

    __tablename__ = "study_cover"

    review_id: Mapped[int] = mapped_column(
        ForeignKey("study.id", ondelete="CASCADE"), primary_key=True
    )
    study_id: Mapped[int] = mapped_column(
        ForeignKey("study.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int]

    study: Mapped[Study] = relationship(foreign_keys=study_id)


class Pitfall(Published):
    """What went wrong in the process of a case, or as a study saw it, and how to avoid it."""

    __tablename__ = "pitfall"
    __table_args__ = (
        CheckConstraint("(case_id IS NULL) <> (study_id IS NULL)", name="has_one_owner"),
        Index(None, "category", "case_id"),  # for the cases that share it
        *of_schemes(category="pitfall-categories", phase="phases"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(170), unique=True)
    case_id: Mapped[int | None] = mapped_column(
        ForeignKey("case_study.id", ondelete="CASCADE"), index=True
    )
    study_id: Mapped[int | None] = mapped_column(
        ForeignKey("study.id", ondelete="CASCADE"), index=True
    )
    position: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    category: Mapped[str] = term_column("pitfall-categories")
    phase: Mapped[str] = term_column("phases")
    description: Mapped[str] = mapped_column(Text)
    avoidance: Mapped[str | None] = mapped_column(Text)  # advice, never evidence
    search_terms: Mapped[list[str]] = mapped_column(JSON, default=list)  # for search alone

    case: Mapped[Case | None] = relationship(back_populates="pitfalls")
    study: Mapped[Study | None] = relationship(back_populates="pitfalls")
    practice_notes: Mapped[list[PracticeNote]] = notes_about("pitfall", "Pitfall")


class Finding(Published):
    """A claim about one effect, with its evidence; the source of a study's finding is the study."""

    __tablename__ = "finding"
    __table_args__ = (
        CheckConstraint("(case_id IS NULL) <> (study_id IS NULL)", name="has_one_owner"),
        CheckConstraint("(case_id IS NULL) = (source_id IS NULL)", name="has_a_source"),
        ForeignKeyConstraint(["source_id", "case_id"], ["source.id", "source.case_id"]),
        *of_schemes(
            domain="effect-domains",
            level="effect-levels",
            direction="effect-directions",
            evidence="evidence-levels",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(170), unique=True)
    case_id: Mapped[int | None] = mapped_column(
        ForeignKey("case_study.id", ondelete="CASCADE"), index=True
    )
    study_id: Mapped[int | None] = mapped_column(
        ForeignKey("study.id", ondelete="CASCADE"), index=True
    )
    source_id: Mapped[int | None]
    position: Mapped[int]
    claim: Mapped[str] = mapped_column(Text)
    domain: Mapped[str] = term_column("effect-domains")
    level: Mapped[str] = term_column("effect-levels")
    direction: Mapped[str] = term_column("effect-directions")
    evidence: Mapped[str] = term_column("evidence-levels")
    conditions: Mapped[str | None] = mapped_column(Text)
    ingredients: Mapped[list[str]] = mapped_column(  # that its source credits: ids of terms
        JSON, default=list
    )
    programme: Mapped[str | None] = mapped_column(String(80))

    case: Mapped[Case | None] = relationship(back_populates="findings")
    study: Mapped[Study | None] = relationship(back_populates="findings")
    case_source: Mapped[Source | None] = relationship(foreign_keys="Finding.source_id")

    @property
    def source(self) -> Source | Study:
        """The publication that bears the claim out."""
        source = self.case_source or self.study
        assert source is not None  # the constraints above
        return source


class Question(Published):
    """One of the practitioner's questions, with an honest answer."""

    __tablename__ = "question"
    __table_args__ = of_schemes(theme="themes")

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    position: Mapped[int]
    theme: Mapped[str] = term_column("themes")
    title: Mapped[str] = mapped_column(String(300))
    answer: Mapped[str] = mapped_column(Text)
    search_terms: Mapped[list[str]] = mapped_column(JSON, default=list)  # for search alone
    updated_at: Mapped[datetime]

    study_links: Mapped[list[QuestionStudy]] = relationship(
        cascade=OWNED, order_by="QuestionStudy.position", collection_class=ordering_list("position")
    )
    tags: Mapped[list[QuestionTerm]] = relationship(
        cascade=OWNED, order_by="QuestionTerm.position", collection_class=ordering_list("position")
    )

    @property
    def studies(self) -> list[Study]:
        """The studies behind the answer."""
        return [link.study for link in self.study_links]

    @property
    def strategies(self) -> list[str]:
        """Ids of strategies that lead to cases."""
        return self._terms("strategies")

    @property
    def ingredients(self) -> list[str]:
        """Ids of ingredients that lead to cases."""
        return self._terms("ingredients")

    @property
    def pitfall_categories(self) -> list[str]:
        """Ids of categories that lead to pitfalls."""
        return self._terms("pitfall-categories")

    @property
    def effect_domains(self) -> list[str]:
        """Ids of domains that lead to findings."""
        return self._terms("effect-domains")

    def _terms(self, scheme: str) -> list[str]:
        return [tag.key.partition("/")[2] for tag in self.tags if tag.key.startswith(f"{scheme}/")]


class QuestionStudy(Base):
    """A study behind the answer to a question."""

    __tablename__ = "question_study"

    question_id: Mapped[int] = mapped_column(
        ForeignKey("question.id", ondelete="CASCADE"), primary_key=True
    )
    study_id: Mapped[int] = mapped_column(ForeignKey("study.id"), primary_key=True)
    position: Mapped[int]

    study: Mapped[Study] = relationship()


class QuestionTerm(Base):
    """A term of any scheme that leads from a question to cases, findings or pitfalls."""

    __tablename__ = "question_term"

    question_id: Mapped[int] = mapped_column(
        ForeignKey("question.id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[str] = mapped_column(ForeignKey("term.key"), primary_key=True)
    position: Mapped[int]


class Tombstone(Base):
    """What is left of a case, study or question that was withdrawn."""

    __tablename__ = "tombstone"

    kind: Mapped[str] = mapped_column(String(20), primary_key=True, server_default=text("'case'"))
    slug: Mapped[str] = mapped_column(String(80), primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    withdrawn_at: Mapped[datetime]
    replaced_by: Mapped[str | None] = mapped_column(String(80))
