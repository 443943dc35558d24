"""Which cases share terms with a case, from the database: single things and what is below one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import Select, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from kb.cases.model import Case, CaseIngredient, CaseStrategy, CaseTargetGroup, Pitfall


class Shared(NamedTuple):
    """A property that cases may share: what holds it, whose it is, and its term."""

    case: Any
    term: Any


FAMILY = func.coalesce(Case.archetype_id, Case.id)  # an archetype and its cases
SHARED: Mapping[str, Shared] = {  # by the key of a case's document
    "ingredients": Shared(CaseIngredient.case_id, CaseIngredient.ingredient),
    "strategies": Shared(CaseStrategy.case_id, CaseStrategy.strategy),
    "targetGroups": Shared(CaseTargetGroup.case_id, CaseTargetGroup.target_group),
    "pitfalls": Shared(Pitfall.case_id, Pitfall.category),
    "scale": Shared(Case.id, Case.scale),
}
Weights = Mapping[tuple[str, str], int]  # by field and term


def frequencies(session: Session, terms: Mapping[str, list[str]]) -> dict[tuple[str, str], int]:
    """In how many cases each of these terms stands, by field and term."""
    counts: dict[tuple[str, str], int] = {}
    for field, wanted in terms.items():
        case, term = SHARED[field]
        asked = select(term, func.count(func.distinct(case))).where(term.in_(wanted))
        counts |= {(field, each): number for each, number in session.execute(asked.group_by(term))}
    return counts


def most_alike(
    session: Session, case: Case, weights: Weights, family: int, limit: int
) -> list[str]:
    """The ids of the other cases whose shared terms weigh most; equal weights by id.

    `family` is what the same archetype weighs. The scale alone makes no case alike.
    """
    parts = [_holding(field, term, weight) for (field, term), weight in weights.items()]
    own = case.archetype_id or case.id
    is_family = or_(Case.id == own, Case.archetype_id == own)
    parts.append(select(Case.id.label("case_id"), _weight(family), _alike(1)).where(is_family))
    held = union_all(*parts).subquery()
    total = func.sum(held.c.weight)
    asked = (
        select(Case.slug)
        .join(held, held.c.case_id == Case.id)
        .where(Case.id != case.id)
        .group_by(Case.slug)
        .having(func.max(held.c.alike) == 1)
        .order_by(total.desc(), Case.slug)
        .limit(limit)
    )
    return list(session.scalars(asked))


def _holding(field: str, term: str, weight: int) -> Select[Any]:
    """The cases that have a term, each once."""
    case, column = SHARED[field]
    alike = _alike(0 if field == "scale" else 1)
    held = select(case.label("case_id"), _weight(weight), alike).where(column == term)
    return held.where(case.is_not(None)).distinct()


def _weight(weight: int) -> Any:
    return literal(weight).label("weight")


def _alike(number: int) -> Any:
    return literal(number).label("alike")
