"""Cases that are like a case, each with what it shares: “meer inspiratie”.

A shared term weighs as much as its field says of a case, times ln(1 + N / n) with n of the N cases
having it: a rare term says more. The search engine counts and compares, and has the items to show.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from kb.kinds import CASE
from kb.search.engine import MoreLikeThis, SearchEngine, SimilarHit
from kb.search.service import titles
from kb.search.stored_items import with_addresses, with_value
from kb.vocabulary.terms import Language, Term, schemes


class ComparedField(NamedTuple):
    """A key of a case by which it is compared."""

    filter: str
    scheme: str  # empty: other cases
    importance: float  # how much it says of a case


FIELDS: Mapping[str, ComparedField] = {  # by the key of a case's document
    "ingredients": ComparedField("ingredient", "ingredients", 1.0),
    "strategies": ComparedField("strategy", "strategies", 1.0),
    "targetGroups": ComparedField("targetGroup", "target-groups", 0.8),
    "pitfalls": ComparedField("pitfallCategory", "pitfall-categories", 0.6),
    "scale": ComparedField("scale", "scales", 0.3),
    "archetype": ComparedField("archetype", "", 1.5),
}
KEYS = {compared.filter: key for key, compared in FIELDS.items()}
WEIGHTS = {compared.filter: compared.importance for compared in FIELDS.values()}
NOT_ALONE = (FIELDS["scale"].filter,)  # every case shares its scale with many


def similar_cases(
    engine: SearchEngine, slug: str, language: Language, base: str, limit: int
) -> list[str]:
    """The cases most like the one with this id, best first, as `schemas.similar` describes each.

    `base` is what stands before the paths in addresses. Raises SearchUnavailable.
    """
    hits = engine.more_like_this(MoreLikeThis(slug, WEIGHTS, NOT_ALONE, limit))
    items = engine.items([f"{CASE.name}:{hit.id}" for hit in hits], language)
    archetypes = {
        value
        for hit in hits
        for field, values in hit.shared
        if not FIELDS[KEYS[field]].scheme
        for value in values
    }
    names = titles(engine, CASE, archetypes)
    return [
        with_addresses(with_value(item, "reasons", list(_reasons(hit, names, language))), base)
        for hit in hits
        if (item := items.get(f"{CASE.name}:{hit.id}"))
    ]


def _reasons(
    hit: SimilarHit, names: Mapping[str, str], language: Language
) -> Iterator[dict[str, Any]]:
    """What both have, as the API has it; `names` are those of archetypes."""
    for field, values in hit.shared:
        compared = FIELDS[KEYS[field]]
        terms: Mapping[str, Term] = schemes()[compared.scheme].terms if compared.scheme else {}
        labels = {each: terms[each].label(language) for each in values if each in terms}
        yield {
            "field": KEYS[field],
            "shared": [
                {"id": each, "label": labels.get(each) or names.get(each, each)} for each in values
            ],
        }
