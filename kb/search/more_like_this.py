"""Cases that are like a case, each with what it shares: “meer inspiratie”.

A shared term weighs as much as its field says of a case, times ln(1 + N / n) with n of the N cases
having it: a rare term says more. The terms are counted and compared in the database.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from kb.cases import queries as cases
from kb.cases.model import Case
from kb.search.queries import Weights, most_alike, term_counts
from kb.vocabulary.terms import schemes

FIELDS: Mapping[str, tuple[str, float]] = {  # their scheme, and how much they say of a case
    "ingredients": ("ingredients", 1.0),
    "strategies": ("strategies", 1.0),
    "targetGroups": ("target-groups", 0.8),
    "pitfalls": ("pitfall-categories", 0.6),
    "scale": ("scales", 0.3),
}
SAME_ARCHETYPE = 1.5  # how much it says, as if one case had it
WEIGHT_UNIT = 1000  # weights are whole numbers, so that sums are the same on every database


@dataclass(frozen=True)
class SimilarCase:
    """A case, and what it shares with another; `schemas.similar.SimilarCase` dumps it."""

    row: Case
    reasons: list[dict[str, Any]]  # the field that says most first


def similar_cases(session: Session, slug: str, language: str, limit: int) -> list[SimilarCase]:
    """The cases most like the one with this id, best first. Raises UnknownId and Withdrawn."""
    case = cases.one(session, Case, slug)
    total = cases.count(session, Case)
    counts = term_counts(session, _terms_of(case))
    weights = {key: _weight(FIELDS[key[0]][1], total, count) for key, count in counts.items()}
    archetype_weight = _weight(SAME_ARCHETYPE, total, 1)
    slugs = most_alike(session, case, weights, archetype_weight, limit)
    rows = cases.many(session, Case, slugs)
    return [
        SimilarCase(rows[each], _reasons(case, rows[each], weights, archetype_weight, language))
        for each in slugs
    ]


def _terms_of(case: Case) -> dict[str, list[str]]:
    """The terms by which a case is compared, by field."""
    return {
        "ingredients": case.ingredient_ids,
        "strategies": case.strategies,
        "targetGroups": case.target_groups,
        "pitfalls": list(dict.fromkeys(pitfall.category for pitfall in case.pitfalls)),
        "scale": [case.scale],
    }


def _weight(importance: float, total: int, count: int) -> int:
    """What a term weighs that `count` of `total` cases have."""
    return max(1, round(WEIGHT_UNIT * importance * math.log(1 + total / count)))


def _reasons(
    case: Case, other: Case, weights: Weights, archetype_weight: int, language: str
) -> list[dict[str, Any]]:
    """What both have: the field that weighs most first, and within it the term that does."""
    others = _terms_of(other)
    weighed: list[tuple[int, dict[str, Any]]] = []
    for field, own in _terms_of(case).items():
        shared = sorted(
            set(own) & set(others[field]), key=lambda each: (-weights[field, each], each)
        )
        if shared:
            terms = schemes()[FIELDS[field][0]].terms
            labels = [{"id": each, "label": terms[each].label(language)} for each in shared]
            total = sum(weights[field, each] for each in shared)
            weighed.append((total, {"field": field, "shared": labels}))
    archetype = case.archetype or case
    if archetype.id == (other.archetype_id or other.id):
        labels = [{"id": archetype.slug, "label": archetype.title}]
        weighed.append((archetype_weight, {"field": "archetype", "shared": labels}))
    return [reason for _, reason in sorted(weighed, key=lambda pair: -pair[0])]
