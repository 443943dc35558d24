"""Cases that are like a case, each with what it shares: “meer inspiratie”."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from kb.cases import queries as cases
from kb.cases.model import Case
from kb.search.queries import Weights, frequencies, most_alike
from kb.vocabulary.terms import schemes

FIELDS: Mapping[str, tuple[str, float]] = {  # their scheme, and how much they say of a case
    "ingredients": ("ingredients", 1.0),
    "strategies": ("strategies", 1.0),
    "targetGroups": ("target-groups", 0.8),
    "pitfalls": ("pitfall-categories", 0.6),
    "scale": ("scales", 0.3),
}
FAMILY = 1.5  # of the same archetype
EXACT = 1000  # weights are whole numbers, so that sums are the same on every database


@dataclass(frozen=True)
class Similar:
    """A case, and what it shares with the one that was asked about: most telling first."""

    row: Case
    reasons: list[dict[str, Any]]


def similar_cases(session: Session, slug: str, language: str, limit: int) -> list[Similar]:
    """The cases most like the one with this id, best first. Raises UnknownId and Withdrawn."""
    case = cases.one(session, Case, slug)
    number = cases.count(session, Case)
    counts = frequencies(session, terms_of(case))
    weights = {key: _weight(FIELDS[key[0]][1], number, count) for key, count in counts.items()}
    family = _weight(FAMILY, number, 1)
    found = most_alike(session, case, weights, family, limit)
    rows = cases.many(session, Case, found)
    return [
        Similar(rows[each], _reasons(case, rows[each], weights, family, language)) for each in found
    ]


def terms_of(case: Case) -> dict[str, list[str]]:
    """The terms by which a case is compared, by the key of its document."""
    return {
        "ingredients": case.ingredient_ids,
        "strategies": case.strategies,
        "targetGroups": case.target_groups,
        "pitfalls": list(dict.fromkeys(pitfall.category for pitfall in case.pitfalls)),
        "scale": [case.scale],
    }


def _weight(importance: float, number: int, count: int) -> int:
    """What a term weighs that `count` of `number` cases have: a rare one says more."""
    return max(1, round(EXACT * importance * math.log(1 + number / count)))


def _reasons(
    case: Case, other: Case, weights: Weights, family: int, language: str
) -> list[dict[str, Any]]:
    """What both have, the heaviest key first, and within it the heaviest term."""
    theirs = terms_of(other)
    found: list[tuple[int, dict[str, Any]]] = []
    for field, own in terms_of(case).items():
        shared = sorted(
            set(own) & set(theirs[field]), key=lambda each: (-weights[field, each], each)
        )
        known = schemes()[FIELDS[field][0]].terms
        told = [{"id": each, "label": known[each].label(language)} for each in shared]
        if told:
            total = sum(weights[field, each] for each in shared)
            found.append((total, {"field": field, "shared": told}))
    root = case.archetype or case
    if root.id == (other.archetype_id or other.id):
        told = [{"id": root.slug, "label": root.title}]
        found.append((family, {"field": "archetype", "shared": told}))
    return [reason for _, reason in sorted(found, key=lambda each: -each[0])]
