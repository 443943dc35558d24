"""Voices: what each cluster says in a lane, of any findings, counted in any number of cells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from kb.evidence.clusters import FindingRecord, cluster_ids
from kb.evidence.verdicts import Directions, Verdict, verdict
from kb.vocabulary.outcomes import UNCLEAR
from kb.vocabulary.terms import schemes

Numbers = NDArray[np.int64]
Tallies = Mapping[str, Mapping[Directions, int]]  # clusters by lane and by their directions


class FindingArrays:
    """All findings that are public, as numbers; a row is the place of one in the sequence."""

    def __init__(self, findings: Sequence[FindingRecord]) -> None:
        names = cluster_ids(findings)
        number = {name: index for index, name in enumerate(dict.fromkeys(names.values()))}
        self.clusters: Numbers = _numbers(number[names[each.id]] for each in findings)
        self.lane_ids = tuple(schemes()["evidence-lanes"].terms)
        self.lanes: Numbers = _numbers(self.lane_ids.index(each.lane) for each in findings)
        self.direction_ids = tuple(schemes()["effect-directions"].terms)
        self._unclear = 1 << self.direction_ids.index(UNCLEAR)
        self.direction_sets = [  # by the bits of the directions in them
            Directions(name for place, name in enumerate(self.direction_ids) if bits >> place & 1)
            for bits in range(1 << len(self.direction_ids))
        ]
        self.directions: Numbers = _numbers(
            self.direction_ids.index(each.direction) for each in findings
        )

    def voices(self, rows: Numbers, cells: Numbers | None = None) -> Voices:
        """What the clusters of these rows say; with `cells`, one for each row, in each cell.

        A row may be there several times, in the same cell or in others.
        """
        if cells is None:
            cells = np.zeros(len(rows), np.int64)
        places, most = cells * len(self.lane_ids) + self.lanes[rows], len(self.clusters) + 1
        voices, voice_of = np.unique(places * most + self.clusters[rows], return_inverse=True)
        bits = np.zeros(len(voices), np.int64)
        np.bitwise_or.at(bits, voice_of, 1 << self.directions[rows])
        clear = bits & ~self._unclear
        return Voices(
            self, voices // (len(self.clusters) + 1), np.where(clear, clear, bits), voice_of
        )


class Voices:
    """One voice for each cluster in each lane of each cell."""

    def __init__(
        self, findings: FindingArrays, places: Numbers, bits: Numbers, voice_of: Numbers
    ) -> None:
        """`places` are cell · number of lanes + lane; `voice_of` has the voice of each row."""
        self._findings, self._places, self._bits = findings, places, bits
        self.voice_of = voice_of

    def tallies(self) -> Mapping[int, Tallies]:
        """How many clusters have which directions, in each cell that has any."""
        return {cell: self._tallies(counts) for cell, counts in self._counts().items()}

    def verdicts(self) -> Mapping[int, Verdict]:
        """What the clusters say in each cell that has any; many cells count the same."""
        verdict_of = cache(lambda counts: verdict(self._tallies(counts)))
        return {cell: verdict_of(tuple(counts)) for cell, counts in self._counts().items()}

    def _counts(self) -> Mapping[int, list[tuple[int, int]]]:
        """By cell: lane · number of sets of directions + set, and how many clusters have that."""
        sets, lanes = len(self._findings.direction_sets), len(self._findings.lane_ids)
        counts: dict[int, list[tuple[int, int]]] = defaultdict(list)
        keys, numbers = np.unique(self._places * sets + self._bits, return_counts=True)
        cells, places = np.divmod(keys, sets * lanes)
        counted = zip(places.tolist(), numbers.tolist(), strict=True)
        for cell, count in zip(cells.tolist(), counted, strict=True):
            counts[cell].append(count)
        return counts

    def _tallies(self, counts: Iterable[tuple[int, int]]) -> Tallies:
        """The counts of one cell by the names of lanes and directions."""
        sets, lanes = self._findings.direction_sets, self._findings.lane_ids
        tallies: dict[str, dict[Directions, int]] = defaultdict(dict)
        for place, number in counts:
            lane, bits = divmod(place, len(sets))
            tallies[lanes[lane]][sets[bits]] = number
        return tallies

    def directions(self) -> list[Directions]:
        """Of each row, those of its voice."""
        sets = self._findings.direction_sets
        return [sets[bits] for bits in self._bits[self.voice_of].tolist()]


def _numbers(numbers: Iterable[int]) -> Numbers:
    return np.fromiter(numbers, np.int64)
