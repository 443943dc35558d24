"""Term: the agreed words. What is not one of them the database refuses."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Integer, String
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from kb.database import Base


class TermId(TypeDecorator[str]):
    """A term's bare id in Python, `scheme/id` in the database: one foreign key for all schemes."""

    impl = String(120)
    cache_ok = True

    def __init__(self, scheme: str) -> None:
        super().__init__()
        self.scheme = scheme

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else f"{self.scheme}/{value}"

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else value.partition("/")[2]


def term_column(scheme: str, **options: Any) -> Mapped[Any]:
    """A column that holds a term of one scheme; add `of_schemes` to its table's arguments."""
    return mapped_column(TermId(scheme), ForeignKey("term.key"), **options)


def of_schemes(**columns: str) -> tuple[CheckConstraint, ...]:
    """Constraints by which each named column refuses the terms of another scheme."""
    return tuple(
        CheckConstraint(
            f"substr({column}, 1, {len(scheme) + 1}) = '{scheme}/'", name=f"{column}_scheme"
        )
        for column, scheme in columns.items()
    )


class Term(Base):
    """One agreed word, as it is public now; `kb.vocabulary.terms` has it for everybody."""

    __tablename__ = "term"

    key: Mapped[str] = mapped_column(String(120), primary_key=True)  # scheme/id
    scheme: Mapped[str] = mapped_column(String(40), index=True)
    slug: Mapped[str] = mapped_column(String(80))
    label_nl: Mapped[str] = mapped_column(String(200))
    label_en: Mapped[str] = mapped_column(String(200))
    definition: Mapped[str] = mapped_column(String(2000))
    synonyms: Mapped[dict[str, list[str]]] = mapped_column(JSON)  # by language
    broader: Mapped[str | None] = mapped_column(ForeignKey("term.key"))
    position: Mapped[int] = mapped_column(Integer)  # in its scheme, counted from 0
    deprecated_at: Mapped[datetime | None]  # since then new texts are refused it
    replaced_by: Mapped[str | None] = mapped_column(ForeignKey("term.key"))
    updated_at: Mapped[datetime]
