"""Filters, facets, orders and suggestions over all documents of an index, held in NumPy arrays.

A mask has one boolean per document number. Findings and pitfalls are rows of their own, so that
several filters on them are met by one and the same row.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.search import dutch
from kb.search.engine import FacetCounts, FindingFacts, PitfallFacts, SearchRequest, Suggestion

Mask = NDArray[np.bool_]


class Rows:
    """The findings (or pitfalls) of all documents: of which document, with which values."""

    def __init__(self, keys: Sequence[str], rows: Sequence[tuple[int, Sequence[str]]]) -> None:
        self.keys = tuple(keys)
        self.owner = np.array([owner for owner, _ in rows], dtype=np.int64)
        self.masks: dict[str, dict[str, Mask]] = {
            key: _masks([(row, facts[place]) for row, (_, facts) in enumerate(rows)], len(rows))
            for place, key in enumerate(self.keys)
        }

    def meeting(self, filters: Mapping[str, tuple[str, ...]], skip: str | None) -> Mask | None:
        """The rows that meet every filter on them but `skip`; None when there is none to meet."""
        active = [key for key in self.keys if key in filters and key != skip]
        if not active:
            return None
        met = np.ones(len(self.owner), dtype=bool)
        for key in active:
            met &= _any(self.masks[key], filters[key], len(self.owner))
        return met

    def owners(self, rows: Mask, size: int) -> Mask:
        """The documents that own at least one of these rows."""
        found = np.zeros(size, dtype=bool)
        found[self.owner[rows]] = True
        return found


class Columns:
    """What every document of an index has, by its number."""

    def __init__(self, documents: Iterable[tuple[int, Mapping[str, Any]]], size: int) -> None:
        self.size = size
        self.types = np.full(size, "", dtype="U10")
        self.ids = np.full(size, "", dtype=object)
        self.texts = np.full(size, "", dtype=object)
        self.years = np.zeros(size, dtype=np.int64)  # 0: unknown
        values: dict[str, list[tuple[int, str]]] = {}
        findings: list[tuple[int, Sequence[str]]] = []
        pitfalls: list[tuple[int, Sequence[str]]] = []
        orders: dict[str, list[tuple[int, Any]]] = {}
        for number, stored in documents:
            self.types[number] = stored["type"]
            self.ids[number] = stored["id"]
            self.texts[number] = stored["title"]
            self.years[number] = stored["year"] or 0
            for key, several in stored["values"].items():
                values.setdefault(key, []).extend((number, value) for value in several)
            findings.extend((number, facts) for facts in stored["findings"])
            pitfalls.extend((number, facts) for facts in stored["pitfalls"])
            for key, value in _sort_values(stored).items():
                orders.setdefault(key, []).append((number, value))
        self.values = {key: _masks(pairs, size) for key, pairs in values.items()}
        self.values["type"] = _masks(
            [(int(number), str(self.types[number])) for number in np.flatnonzero(self.ids != "")],
            size,
        )
        self.findings = Rows(FindingFacts._fields, findings)
        self.pitfalls = Rows(PitfallFacts._fields, pitfalls)
        self.ranks = {key: _ranks(pairs, size) for key, pairs in orders.items()}
        self.id_ranks = _ranks([(n, (i, t)) for n, (i, t) in enumerate(self._keys())], size)[0]
        self.suggestions = self._list_suggestions()

    def _keys(self) -> Iterable[tuple[str, str]]:
        return zip(
            (str(each) for each in self.ids), (str(each) for each in self.types), strict=True
        )

    def of_types(self, types: Iterable[str]) -> Mask:
        """The documents of these types."""
        return np.isin(self.types, list(types))

    def meeting(self, request: SearchRequest, skip: str | None = None) -> Mask:
        """The documents of the list that meet every filter but `skip`."""
        met = self.of_types(request.types)
        for key, chosen in request.filters.items():
            if key == skip or key in self.findings.keys or key in self.pitfalls.keys:
                continue
            masks = self.values.get(key, {})
            if key == "ingredient" and request.all_ingredients:
                for value in chosen:
                    met &= _any(masks, (value,), self.size)
            else:
                met &= _any(masks, chosen, self.size)
        if request.first_year is not None:
            met &= self.case_years() >= request.first_year
        if request.last_year is not None:
            met &= (self.case_years() <= request.last_year) & (self.case_years() > 0)
        for rows in (self.findings, self.pitfalls):
            some = rows.meeting(request.filters, skip)
            if some is not None:
                met &= rows.owners(some, self.size)
        return met

    def case_years(self) -> NDArray[np.int64]:
        """The start year of the case, or of the owning case; 0 for what has none."""
        return np.where(self.types == "study", 0, self.years)

    def facet(self, key: str, found: Mask, request: SearchRequest) -> FacetCounts:
        """Count a filter's values among what was found, ignoring the filter itself.

        With `all_ingredients` that filter counts too: choosing one more narrows the list.
        """
        own = key == "ingredient" and request.all_ingredients
        base = found & self.meeting(request, skip=None if own else key)
        for rows in (self.findings, self.pitfalls):
            if key in rows.keys:
                return self._facet_of_rows(rows, key, base, request)
        masks = self.values.get(key, {})
        counts = {value: int((mask & base).sum()) for value, mask in masks.items()}
        having = _any(masks, masks, self.size)
        return FacetCounts(_used(counts), int((base & ~having).sum()))

    def _facet_of_rows(
        self, rows: Rows, key: str, base: Mask, request: SearchRequest
    ) -> FacetCounts:
        others = rows.meeting(request.filters, key)
        counts = {}
        for value, mask in rows.masks[key].items():
            some = mask if others is None else mask & others
            counts[value] = int((rows.owners(some, self.size) & base).sum())
        having = rows.owners(np.ones(len(rows.owner), dtype=bool), self.size)
        return FacetCounts(_used(counts), int((base & ~having).sum()))

    def ordered(
        self, found: NDArray[np.int64], scores: NDArray[np.float64], sort: Sequence[str]
    ) -> NDArray[np.int64]:
        """The found document numbers in the order asked; what has no value comes last."""
        keys: list[NDArray[Any]] = [self.id_ranks[found]]
        for name in reversed(sort):
            if name == "relevance":
                keys.append(-scores)
                continue
            ranks, known = self.ranks.get(name.lstrip("-"), _ranks([], self.size))
            keys.append(-ranks[found] if name.startswith("-") else ranks[found])
            keys.append(~known[found])
        return found[np.lexsort(keys)]

    def _list_suggestions(self) -> list[tuple[tuple[str, ...], Suggestion]]:
        """What may be suggested, with its folded words."""
        listed = [
            Suggestion(str(self.types[number]), str(self.ids[number]), str(self.texts[number]))
            for number in np.flatnonzero(self.of_types(("case", "ingredient", "pitfall")))
        ]
        cases = self.of_types(("case",))
        for place, mask in self.values.get("municipality", {}).items():
            if (mask & cases).any():
                listed.append(Suggestion("place", place, place))
        return [(_words(suggestion.text), suggestion) for suggestion in listed]

    def suggest(self, typed: str, types: Iterable[str], limit: int) -> list[Suggestion]:
        """What has a word for each typed word that begins so; whole beginnings come first."""
        words = _words(typed)
        if sum(map(len, words)) < 2:
            return []
        wanted, start = set(types), " ".join(words)
        found = [
            (not " ".join(have).startswith(start), len(suggestion.text), suggestion)
            for have, suggestion in self.suggestions
            if suggestion.type in wanted
            and all(any(one.startswith(word) for one in have) for word in words)
        ]
        return [suggestion for _, _, suggestion in sorted(found)[:limit]]


def _words(text: str) -> tuple[str, ...]:
    return tuple(dutch.fold(found.group()) for found in dutch.WORD.finditer(text))


def _sort_values(stored: Mapping[str, Any]) -> dict[str, Any]:
    """The values by which a document can be sorted, without those it does not have."""
    values = {
        "title": dutch.fold(stored["title"]),
        "updatedAt": stored["updated_at"],
        "startYear": stored["year"] if stored["type"] != "study" else None,
        "year": stored["year"] if stored["type"] == "study" else None,
        "position": stored["position"],
    }
    return {key: value for key, value in values.items() if value is not None}


def _masks(pairs: Sequence[tuple[int, str]], size: int) -> dict[str, Mask]:
    """For each value, where it stands."""
    masks: dict[str, Mask] = {}
    for number, value in pairs:
        if value not in masks:
            masks[value] = np.zeros(size, dtype=bool)
        masks[value][number] = True
    return masks


def _any(masks: Mapping[str, Mask], chosen: Iterable[str], size: int) -> Mask:
    """Where any of the chosen values stands."""
    found = np.zeros(size, dtype=bool)
    for value in chosen:
        if value in masks:
            found |= masks[value]
    return found


def _ranks(pairs: Sequence[tuple[int, Any]], size: int) -> tuple[NDArray[np.int64], Mask]:
    """For each document the rank of its value among all values, and whether it has one."""
    ranks, known = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=bool)
    order = {value: rank for rank, value in enumerate(sorted({value for _, value in pairs}))}
    for number, value in pairs:
        ranks[number], known[number] = order[value], True
    return ranks, known


def _used(counts: dict[str, int]) -> dict[str, int]:
    return {value: count for value, count in counts.items() if count}
