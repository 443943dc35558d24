"""Filters and facets by reading every document: what `scan_engine.py` lists and counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kb.search.engine import (
    FacetCounts,
    FindingValues,
    PitfallValues,
    SearchDocument,
    SearchRequest,
)


def passes(document: SearchDocument, request: SearchRequest, skip: str | None = None) -> bool:
    """Whether a document meets all filters, but for the one that is skipped."""
    filters = {key: chosen for key, chosen in request.filters.items() if key != skip}
    if not all(_is_within(document, key, *ends) for key, ends in request.ranges.items()):
        return False
    if any(_has_value(document, key) for key in request.missing if key != skip):
        return False
    for key, chosen in filters.items():
        if key in FindingValues._fields or key in PitfallValues._fields:
            continue
        needed = all if key == "ingredient" and request.all_ingredients else any
        if not needed(value in _values(document, key) for value in chosen):
            return False
    return _one_passes(document.findings, FindingValues._fields, filters) and _one_passes(
        document.pitfalls, PitfallValues._fields, filters
    )


def number_of(document: SearchDocument, key: str) -> int | None:
    """A number of a document by the name of its ranges and of its order."""
    numbers = {
        "startYear": document.start_year,
        "population": document.population,
        "socialRent": document.social_rent,
    }
    return numbers[key]


def _is_within(document: SearchDocument, key: str, first: int | None, last: int | None) -> bool:
    number = number_of(document, key)
    if number is None:
        return False
    return (first is None or number >= first) and (last is None or number <= last)


def _has_value(document: SearchDocument, key: str) -> bool:
    if key in FindingValues._fields:
        return bool(document.findings)
    return bool(document.pitfalls if key in PitfallValues._fields else _values(document, key))


def _one_passes(
    rows: Sequence[Any], keys: tuple[str, ...], filters: Mapping[str, tuple[str, ...]]
) -> bool:
    """Whether one and the same row meets all filters on `keys`; true when there are none."""
    own = {key: chosen for key, chosen in filters.items() if key in keys}
    return not own or any(
        all(getattr(row, key) in chosen for key, chosen in own.items()) for row in rows
    )


def _values(document: SearchDocument, key: str) -> tuple[str, ...]:
    own = {"type": (document.type,), "id": (document.id,)}
    return own.get(key) or document.values.get(key, ())


def facet(key: str, matches: list[SearchDocument], request: SearchRequest) -> FacetCounts:
    """Count the values of a filter among the matches that pass all other filters."""
    own = key == "ingredient" and request.all_ingredients
    base = [each for each in matches if passes(each, request, None if own else key)]
    counts: dict[str, int] = {}
    missing = 0
    for document in base:
        rows: Sequence[Any] = document.pitfalls
        if key in FindingValues._fields:
            rows = document.findings
        if key in FindingValues._fields or key in PitfallValues._fields:
            others = {name: chosen for name, chosen in request.filters.items() if name != key}
            values = {getattr(row, key) for row in rows if _one_passes([row], row._fields, others)}
            missing += not rows
        else:
            values = set(_values(document, key))
            missing += not values
        for value in values:
            counts[value] = counts.get(value, 0) + 1
    return FacetCounts(counts, missing)
