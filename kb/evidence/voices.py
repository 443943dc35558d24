"""Voices: what each cluster says in a lane, of any findings, counted in any number of cells."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from kb.evidence.clusters import FindingRecord, cluster_ids
from kb.evidence.verdicts import Directions
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
        findings = self._findings
        sets, lanes = findings.direction_sets, findings.lane_ids
        counts: dict[int, dict[str, dict[Directions, int]]] = defaultdict(lambda: defaultdict(dict))
        keys, numbers = np.unique(self._places * len(sets) + self._bits, return_counts=True)
        for key, number in zip(keys.tolist(), numbers.tolist(), strict=True):
            place, bits = divmod(key, len(sets))
            cell, lane = divmod(place, len(lanes))
            counts[cell][lanes[lane]][sets[bits]] = number
        return counts

    def directions(self) -> list[Directions]:
        """Of each row, those of its voice."""
        sets = self._findings.direction_sets
        return [sets[bits] for bits in self._bits[self.voice_of].tolist()]


def _numbers(numbers: Iterable[int]) -> Numbers:
    return np.fromiter(numbers, np.int64)
