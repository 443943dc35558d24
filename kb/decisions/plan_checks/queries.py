"""Counting what readers reject, and the advice of editors."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import Row, select, update
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


def advice_of_cases(
    session: Session, categories: Collection[str], cases: Collection[str]
) -> Sequence[Row[str, str, str, str | None, str, list[str]]]:
    """Pitfalls with advice: id, title, category, advice, case and its keys that are unverified."""
    return session.execute(
        select(
            Pitfall.slug,
            Pitfall.title,
            Pitfall.category,
            Pitfall.avoidance,
            Case.slug,
            Case.unverified,
        )
        .join(Pitfall.case)
        .where(Pitfall.category.in_(categories), Pitfall.avoidance.is_not(None))
        .where(Case.slug.in_(cases))
    ).all()
