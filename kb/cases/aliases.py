"""Ids that things had before, and where each leads now; none of them is given to another."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import CheckConstraint, String, and_, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from kb.cases.practice_note import PracticeNote
from kb.database import Base

IDS_PER_STATEMENT = 400


class Alias(Base):
    """An id that something had before, and the thing that answers for it now."""

    __tablename__ = "alias"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('case', 'pitfall', 'finding', 'study', 'question')", name="known_kind"
        ),
        CheckConstraint(
            "target_kind = kind OR (kind NOT IN ('case', 'study', 'question') "
            "AND target_kind IN ('case', 'study'))",
            name="leads_to_its_like_or_its_owner",
        ),
    )

    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    slug: Mapped[str] = mapped_column(String(170), primary_key=True)
    target_kind: Mapped[str] = mapped_column(String(20))
    target: Mapped[str] = mapped_column(String(170), index=True)  # never itself an alias


class Thing(NamedTuple):
    """A kind and an id."""

    kind: str
    slug: str


def target_of(session: Session, kind: str, slug: str) -> Thing | None:
    """The thing that answers for an id which is no longer in use."""
    alias = session.get(Alias, (kind, slug))
    return Thing(alias.target_kind, alias.target) if alias else None


def current_ids(session: Session, kind: str, slugs: Collection[str]) -> dict[str, str]:
    """The ids that these former ids of a kind lead to; those in use are left out."""
    named = select(Alias.slug, Alias.target).where(Alias.kind == kind, Alias.slug.in_(slugs))
    return {slug: target for slug, target in session.execute(named)} if slugs else {}


def add(session: Session, aliases: Iterable[tuple[Thing, Thing]]) -> None:
    """Let former ids lead to other things, and whatever led to them or is told of them too.

    An id that is in use again leads nowhere.
    """
    for old, new in aliases:
        to_old = and_(Alias.target_kind == old.kind, Alias.target == old.slug)
        session.execute(update(Alias).where(to_old).values(target_kind=new.kind, target=new.slug))
        about_old = and_(PracticeNote.about == old.slug, PracticeNote.about_kind == old.kind)
        about_new = {"about_kind": new.kind, "about": new.slug}
        session.execute(update(PracticeNote).where(about_old).values(about_new))
        session.merge(Alias(kind=old.kind, slug=old.slug, target_kind=new.kind, target=new.slug))
        session.flush()
        session.execute(delete(Alias).where(Alias.kind == new.kind, Alias.slug == new.slug))


def with_current_archetype(session: Session, case: Mapping[str, Any]) -> dict[str, Any]:
    """A loaded case; an archetype that it names by a former id, it names by its own."""
    named = case.get("archetype")
    if not named:
        return dict(case)
    return {**case, "archetype": current_ids(session, "case", [named]).get(named, named)}


def remove(session: Session, kind: str, slugs: Collection[str]) -> None:
    """Let ids that are in use again lead nowhere."""
    every = list(slugs)
    for start in range(0, len(every), IDS_PER_STATEMENT):
        some = every[start : start + IDS_PER_STATEMENT]
        session.execute(delete(Alias).where(Alias.kind == kind, Alias.slug.in_(some)))
