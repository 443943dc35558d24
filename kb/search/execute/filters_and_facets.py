"""Filters, facets, orders and suggestions over the shelves of a corpus.

A mask has one boolean per document.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from kb.search.engine import FacetCounts, SearchRequest, Suggestion
from kb.search.index.index_reader import Corpus, Placed
from kb.search.index.segment_file import Numbers, Reals
from kb.search.index.segment_reader import ROWS, FewCounted, ManyCounted, Mask, counted, heading

GROUP = {key: group for group, keys in ROWS.items() for key in keys}
SUGGESTED = ("case", "ingredient", "pitfall")


class Filters:
    """Which documents meet the filters of a request, and which would if one were left out."""

    def __init__(self, corpus: Corpus, request: SearchRequest) -> None:
        self._corpus = corpus
        self._request = request
        self._masks: dict[str, Mask] = {}
        for key, chosen in request.filters.items():
            if key == "ingredient" and request.all_ingredients:
                several = [self._having(key, (value,)) for value in chosen]
                self._masks[key] = np.logical_and.reduce(several)
            elif key not in GROUP:
                self._masks[key] = self._having(key, chosen)
        for group in ROWS:
            if asked := self._of_group(group):
                self._masks[group] = self._owning(group, asked)
        if request.first_year is not None or request.last_year is not None:
            self._masks["years"] = self._in_years()
        self._unmet = np.zeros(corpus.size, np.uint8)
        for mask in self._masks.values():
            self._unmet += ~mask
        self.met: Mask = self._unmet == 0

    def without(self, key: str) -> Mask:
        """What meets every filter but this one."""
        group = GROUP.get(key)
        asked = self._of_group(group) if group else {}
        if group and key in asked:
            del asked[key]
            others = self._but(group)
            return others & self._owning(group, asked) if asked else others
        return self._but(key)

    def _but(self, name: str) -> Mask:
        if name not in self._masks:
            return self.met
        met: Mask = self._unmet <= ~self._masks[name]
        return met

    def _of_group(self, group: str) -> dict[str, tuple[str, ...]]:
        """The filters on findings (or pitfalls)."""
        filters = self._request.filters
        return {key: filters[key] for key in ROWS[group] if key in filters}

    def _having(self, key: str, chosen: tuple[str, ...]) -> Mask:
        """The documents that have one of these values; kept, since many ask the same."""
        return self._corpus.kept(("having", key, chosen), lambda: self._look_up(key, chosen))

    def _look_up(self, key: str, chosen: tuple[str, ...]) -> Mask:
        found = np.zeros(self._corpus.size, bool)
        for placed in self._corpus.placed:
            part = found[placed.first : placed.first + placed.shelf.size]
            for value in chosen:
                if key == "type":
                    part |= placed.shelf.type == value
                elif (place := placed.shelf.facets.place(key, value)) is not None:
                    part[placed.shelf.facets.listings[key].at(place)] = True
        return found

    def _owning(self, group: str, asked: Mapping[str, tuple[str, ...]]) -> Mask:
        """The documents with a finding (or pitfall) that meets all of these filters."""
        if len(asked) == 1:
            return self._having(*next(iter(asked.items())))
        found = np.zeros(self._corpus.size, bool)
        for placed in self._corpus.placed:
            owners = placed.shelf.rows[group].owners
            found[placed.first + owners[self._rows_meeting(placed, group, asked)]] = True
        return found

    def _rows_meeting(
        self, placed: Placed, group: str, asked: Mapping[str, tuple[str, ...]]
    ) -> Mask:
        """The findings (or pitfalls) of a shelf that have one of the values of each filter."""
        rows = placed.shelf.rows[group]
        met = np.ones(len(rows.owners), bool)
        for key, chosen in asked.items():
            name = ("row", placed.first, key, chosen)
            met &= self._corpus.kept(name, partial(rows.having, key, chosen))
        return met

    def _in_years(self) -> Mask:
        """What began in the years that were asked; the year of a study is another thing."""
        years = self._corpus.column("year")
        first, last = self._request.first_year, self._request.last_year
        found: Mask = (years != 0) & ~self._corpus.is_type("study")
        if first is not None:
            found &= years >= first
        if last is not None:
            found &= years <= last
        return found

    def facets(self, keys: Iterable[str], found: Numbers) -> dict[str, FacetCounts]:
        """Count the values of filters among the documents found, each without the filter itself.

        With `all_ingredients` that filter counts too: choosing one more narrows the list.
        """
        bases = {key: self._base(key) for key in keys}
        alike = [key for key, base in bases.items() if base is self.met]
        met = self._on_shelves(found[self.met[found]], len(alike))
        return {
            key: self._facet(
                key, met if base is self.met else self._on_shelves(found[base[found]], 1)
            )
            for key, base in bases.items()
        }

    def _base(self, key: str) -> Mask:
        """What the values of a facet are counted among."""
        own = key == "ingredient" and self._request.all_ingredients
        return self.met if own else self.without(key)

    def _on_shelves(self, documents: Numbers, facets: int) -> list[_Part]:
        """Some documents, ascending, shelf by shelf, for so many facets."""
        firsts = [*(placed.first for placed in self._corpus.placed), self._corpus.size]
        bounds = np.searchsorted(documents, firsts).tolist()
        return [
            _Part(placed, documents[low:high] - placed.first, facets)
            for placed, low, high in zip(self._corpus.placed, bounds, bounds[1:], strict=False)
            if low < high
        ]

    def _facet(self, key: str, among: Iterable[_Part]) -> FacetCounts:
        group = GROUP.get(key)
        others = self._of_group(group) if group else {}
        others.pop(key, None)
        told: list[tuple[dict[str, int], int]] = []
        for part in among:
            if key == "type":
                told.append(({part.shelf.type: len(part.documents)}, 0))
                continue
            counts, missing = part.counted.of(key)
            if group and others:
                rows, mask = part.shelf.rows[group], part.shelf.mask(part.documents)
                counts = rows.counts(key, self._rows_meeting(part.placed, group, others), mask)
            told.append((counts, missing))
        return FacetCounts(_added([counts for counts, _ in told]), sum(each for _, each in told))


def _added(several: Sequence[dict[str, int]]) -> dict[str, int]:
    """Counts of the same values, together."""
    if len(several) == 1:
        return several[0]
    total: dict[str, int] = {}
    for counts in several:
        for value, count in counts.items():
            total[value] = total.get(value, 0) + count
    return total


class _Part:
    """Some documents of one shelf."""

    def __init__(self, placed: Placed, documents: Numbers, facets: int) -> None:
        self.placed, self.shelf = placed, placed.shelf
        self.documents, self._number = documents, facets

    @cached_property
    def counted(self) -> FewCounted | ManyCounted:
        """How many of them have each value."""
        return counted(self.shelf, self.documents, self._number)


def ordered(
    corpus: Corpus, found: Numbers, scores: Reals, sort: Sequence[str], many: int
) -> Numbers:
    """The first `many` of the found documents in the order asked; what has no value comes last."""
    keys = [_key(corpus, found, scores, name) for name in sort]
    ids = corpus.id_ranks[found].astype(np.uint64)
    if len(keys) > 1:
        return found[np.lexsort([ids, *reversed(keys)])[:many]]
    both = keys[0] << np.uint64(32) | ids
    if many < len(found):
        best = np.argpartition(both, many)[:many]
        return found[best[np.argsort(both[best])]]
    return found[np.argsort(both)]


def _key(corpus: Corpus, found: Numbers, scores: Reals, name: str) -> NDArray[np.uint64]:
    """Numbers under 2³² that ascend in an order."""
    last = np.uint64(2**32 - 1)
    if name == "relevance":  # the bits of a positive number ascend with it
        return last - scores.view(np.uint32).astype(np.uint64)
    ranks, known = corpus.ranks(name.lstrip("-"))
    key = ranks[found].astype(np.uint64)
    if name.startswith("-"):
        key = last - np.uint64(1) - key
    key[~known[found]] = last
    return key


def suggest(corpus: Corpus, typed: str, types: Iterable[str], limit: int) -> list[Suggestion]:
    """What has a word for each typed word that begins so; whole beginnings come first."""
    start = heading(typed)
    if len(start.replace(" ", "")) < 2:
        return []
    wanted = set(types)
    found = [
        each
        for placed in corpus.placed
        if placed.shelf.type in wanted.intersection(SUGGESTED)
        for each in _titles(placed, start, limit)
    ]
    if "place" in wanted:
        found += _places(corpus, start)
    return [suggestion for _, _, suggestion in sorted(found)[:limit]]


Ordered = tuple[bool, int, Suggestion]


def _titles(placed: Placed, start: str, limit: int) -> list[Ordered]:
    """The best titles of a shelf."""
    shelf, met = placed.shelf, placed.alive.copy()
    for word in start.split():
        low, high = shelf.words.starting(word)
        having = np.zeros(shelf.size, bool)
        for place in shelf.words.order[low:high].tolist():
            having[shelf.starting.at(place)] = True
        met &= having
    found = np.flatnonzero(met)
    low, high = shelf.headings.starting(start)
    whole = np.zeros(shelf.size, bool)
    whole[shelf.headings.order[low:high]] = True
    lengths = shelf.titles.lengths[found]
    order = np.lexsort([shelf.sortable["id_ranks"][found], lengths, ~whole[found]])[:limit]
    return [
        (
            not whole[number],
            len(shelf.titles[number]),
            Suggestion(shelf.type, shelf.ids[number], shelf.titles[number]),
        )
        for number in found[order].tolist()
    ]


def _places(corpus: Corpus, start: str) -> list[Ordered]:
    """The municipalities of living cases."""
    places = {
        value
        for placed in corpus.placed
        if placed.shelf.type == "case"
        for value in counted(placed.shelf, np.flatnonzero(placed.alive), 1).of("municipality")[0]
    }
    return [
        (not heading(place).startswith(start), len(place), Suggestion("place", place, place))
        for place in places
        if all(
            any(have.startswith(word) for have in heading(place).split()) for word in start.split()
        )
    ]
