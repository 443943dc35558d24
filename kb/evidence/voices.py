"""Voices: what each cluster says in a lane, of any findings, counted in any number of cells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property, lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from kb.evidence.clusters import cluster_numbers
from kb.evidence.verdicts import CACHED_VERDICTS, Directions, Verdict, verdict
from kb.search.engine import Column, DocumentTable
from kb.vocabulary.outcomes import UNCLEAR
from kb.vocabulary.terms import schemes

Numbers = NDArray[np.int64]
Tallies = Mapping[str, Mapping[Directions, int]]  # clusters by lane and by their directions


@cache
def direction_sets() -> Sequence[Directions]:
    """Every set of directions, by the bits of the directions in it."""
    names = tuple(schemes()["effect-directions"].terms)
    return [
        Directions(name for place, name in enumerate(names) if bits >> place & 1)
        for bits in range(1 << len(names))
    ]


class FindingArrays:
    """All findings that are public, as numbers; a row is the place of one in their table."""

    def __init__(self, table: DocumentTable) -> None:
        self.clusters: Numbers = cluster_numbers(table)
        self.lane_ids = tuple(schemes()["evidence-lanes"].terms)
        self.lanes = _places(table.column("lane"), self.lane_ids, len(table))
        self.direction_ids = tuple(schemes()["effect-directions"].terms)
        self.directions = _places(table.column("effectDirection"), self.direction_ids, len(table))

    def voices(self, rows: Numbers, cells: Numbers | None = None) -> Voices:
        """What the clusters of these rows say; with `cells`, one for each row, in each cell.

        A row may be there several times, in the same cell or in others.
        """
        if cells is None:
            cells = np.zeros(len(rows), np.int64)
        places, most = cells * len(self.lane_ids) + self.lanes[rows], len(self.clusters) + 1
        return Voices(places * most + self.clusters[rows], self.directions[rows], most)


def _places(column: Column, ids: Sequence[str], size: int) -> Numbers:
    """The place that the value of each row has among these. Raises ValueError for a row without."""
    place_of = {each: place for place, each in enumerate(ids)}
    places = np.full(size, -1, np.int64)
    of_values = np.array([place_of.get(each, -1) for each in column.values], np.int64)
    places[column.rows] = of_values[column.ordinals]
    if (places < 0).any():
        raise ValueError(f"a finding has none of {ids}")
    return places


class Voices:
    """One voice for each cluster in each lane of each cell."""

    def __init__(self, keys: Numbers, directions: Numbers, most: int) -> None:
        """`keys` has, of each row, (cell · number of lanes + lane) · `most` + cluster."""
        self._row_keys = keys
        sides = len(schemes()["effect-directions"].terms)
        ordered, numbers = np.divmod(np.sort(keys * sides + directions), sides)
        first = starts(ordered)
        self._keys = ordered[first]
        bits = np.bitwise_or.reduceat(1 << numbers, first) if len(first) else numbers
        unclear = 1 << tuple(schemes()["effect-directions"].terms).index(UNCLEAR)
        clear = bits & ~unclear
        self._places, self._bits = self._keys // most, np.where(clear, clear, bits)

    @cached_property
    def voice_of(self) -> Numbers:
        """The voice of each row."""
        return np.searchsorted(self._keys, self._row_keys)

    def tallies(self) -> Mapping[int, Tallies]:
        """How many clusters have which directions, in each cell that has any."""
        return {cell: _tallies(*counts) for cell, *counts in self._counts()}

    def verdicts(self) -> Mapping[int, Verdict]:
        """What the clusters say in each cell that has any; many cells count the same."""
        return {cell: _verdict(places, numbers) for cell, places, numbers in self._counts()}

    def _counts(self) -> Iterator[tuple[int, tuple[int, ...], tuple[int, ...]]]:
        """Of each cell: lane · number of sets of directions + set, and how many have each."""
        keys, counted = counts(self._places * len(direction_sets()) + self._bits)
        of_cells, places = np.divmod(
            keys, len(direction_sets()) * len(schemes()["evidence-lanes"].terms)
        )
        first = starts(of_cells)
        all_places, all_counts = places.tolist(), counted.tolist()
        bounds = pairwise([*first.tolist(), len(keys)])
        for cell, (begin, end) in zip(of_cells[first].tolist(), bounds, strict=True):
            yield cell, tuple(all_places[begin:end]), tuple(all_counts[begin:end])

    def directions(self) -> list[Directions]:
        """Of each row, those of its voice."""
        sets = direction_sets()
        return [sets[bits] for bits in self._bits[self.voice_of].tolist()]


def starts(ordered: Numbers) -> Numbers:
    """Where each number begins among these, which are ascending."""
    is_first = np.ones(len(ordered), bool)
    is_first[1:] = ordered[1:] != ordered[:-1]
    return np.flatnonzero(is_first)


def counts(numbers: Numbers) -> tuple[Numbers, Numbers]:
    """Each number once, ascending, and how often it is there; quicker than `np.unique`."""
    ordered = np.sort(numbers)
    first = starts(ordered)
    return ordered[first], np.diff(first, append=len(ordered))


def _tallies(places: Iterable[int], numbers: Iterable[int]) -> Tallies:
    """The counts of one cell by the names of lanes and directions."""
    sets, lanes = direction_sets(), tuple(schemes()["evidence-lanes"].terms)
    tallies: dict[str, dict[Directions, int]] = defaultdict(dict)
    for place, number in zip(places, numbers, strict=True):
        lane, bits = divmod(place, len(sets))
        tallies[lanes[lane]][sets[bits]] = number
    return tallies


@lru_cache(maxsize=CACHED_VERDICTS)
def _verdict(places: tuple[int, ...], numbers: tuple[int, ...]) -> Verdict:
    """The same one for the same counts."""
    return verdict(_tallies(places, numbers))
