"""Counting what readers reject, and the advice of editors."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kb.cases.model import Case, Pitfall
from kb.decisions.plan_checks.model import PlanRejection
from kb.decisions.plan_checks.rules import Rule


def count_rejection(session: Session, rule: Rule, about: str, day: date) -> None:
    """Count one more; when another was first to count it, `Database.write` begins anew."""
    row = (
        (PlanRejection.rule == rule.id)
        & (PlanRejection.rule_version == rule.version)
        & (PlanRejection.about == about)
    )
    if session.scalar(select(PlanRejection.number).where(row)) is None:
        session.add(
            PlanRejection(
                rule=rule.id, rule_version=rule.version, about=about, number=1, last_day=day
            )
        )
        session.flush()
    else:
        more = update(PlanRejection).where(row)
        session.execute(more.values(number=PlanRejection.number + 1, last_day=day))


def rejections(session: Session) -> Sequence[PlanRejection]:
    """All counts, the highest first."""
    order = (PlanRejection.number.desc(), PlanRejection.rule, PlanRejection.about)
    return session.scalars(select(PlanRejection).order_by(*order)).all()


class PitfallRow(NamedTuple):
    """A pitfall of a case, as remarks name it."""

    slug: str
    title: str
    category: str
    avoidance: str | None
    case: str
    unverified: Sequence[str]  # keys of the case


def pitfalls_of_cases(
    session: Session, categories: Collection[str], cases: Collection[str]
) -> Sequence[PitfallRow]:
    """The pitfalls of these categories that these cases have, by id."""
    rows = session.execute(
        select(
            Pitfall.slug,
            Pitfall.title,
            Pitfall.category,
            Pitfall.avoidance,
            Case.slug,
            Case.unverified,
        )
        .join(Pitfall.case)
        .where(Pitfall.category.in_(categories), Case.slug.in_(cases))
        .order_by(Pitfall.slug)
    )
    return [PitfallRow(*row) for row in rows]
