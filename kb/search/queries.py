"""Which cases share terms with a case, as SQL."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import Select, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from kb.cases.model import Case, CaseIngredient, CaseStrategy, CaseTargetGroup, Pitfall


class TermColumn(NamedTuple):
    """A column with terms of cases, and the one beside it with the case."""

    case: Any
    term: Any


TERM_COLUMNS: Mapping[str, TermColumn] = {  # by the key of a case's document
    "ingredients": TermColumn(CaseIngredient.case_id, CaseIngredient.ingredient),
    "strategies": TermColumn(CaseStrategy.case_id, CaseStrategy.strategy),
    "targetGroups": TermColumn(CaseTargetGroup.case_id, CaseTargetGroup.target_group),
    "pitfalls": TermColumn(Pitfall.case_id, Pitfall.category),
    "scale": TermColumn(Case.id, Case.scale),
}
Weights = Mapping[tuple[str, str], int]  # by field and term


def term_counts(session: Session, terms: Mapping[str, list[str]]) -> dict[tuple[str, str], int]:
    """In how many cases each of these terms stands, by field and term."""
    counts: dict[tuple[str, str], int] = {}
    for field, wanted in terms.items():
        case, term = TERM_COLUMNS[field]
        query = select(term, func.count(func.distinct(case))).where(term.in_(wanted))
        counts |= {(field, each): count for each, count in session.execute(query.group_by(term))}
    return counts


def most_alike(
    session: Session, case: Case, weights: Weights, archetype_weight: int, limit: int
) -> list[str]:
    """The ids of the other cases whose shared terms weigh most; equal weights by id.

    `archetype_weight` is what the same archetype weighs. The scale alone makes no case alike.
    """
    parts = [_cases_with(field, term, weight) for (field, term), weight in weights.items()]
    own = case.archetype_id or case.id
    has_archetype = or_(Case.id == own, Case.archetype_id == own)
    same_archetype = select(Case.id.label("case_id"), _weight(archetype_weight), _alike(1))
    shared = union_all(*parts, same_archetype.where(has_archetype)).subquery()
    query = (
        select(Case.slug)
        .join(shared, shared.c.case_id == Case.id)
        .where(Case.id != case.id)
        .group_by(Case.slug)
        .having(func.max(shared.c.alike) == 1)
        .order_by(func.sum(shared.c.weight).desc(), Case.slug)
        .limit(limit)
    )
    return list(session.scalars(query))


def _cases_with(field: str, term: str, weight: int) -> Select[Any]:
    """The cases that have a term, each once, with what it weighs."""
    case, column = TERM_COLUMNS[field]
    alike = _alike(0 if field == "scale" else 1)
    query = select(case.label("case_id"), _weight(weight), alike).where(column == term)
    return query.where(case.is_not(None)).distinct()


def _weight(weight: int) -> Any:
    return literal(weight).label("weight")


def _alike(is_alike: int) -> Any:
    return literal(is_alike).label("alike")
