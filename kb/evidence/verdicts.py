"""Verdicts: a word from a table for what the clusters say, in a lane and over lanes.

Nothing is weighed, averaged or added over lanes; every number is the length of a list.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from kb.evidence.clusters import FindingRecord
from kb.vocabulary.terms import schemes

METHOD_VERSION = "1.0"  # of these rules and those of clusters.py; the page /werkwijze tells it
UNCLEAR = "onduidelijk"
DIVIDED = "verdeeld"  # a cluster with several directions
OPPOSITES = frozenset({"positief", "negatief"})


class Word(StrEnum):
    """What a verdict says."""

    NOT_STUDIED = "niet-onderzocht"
    CONTRADICTORY = "tegenstrijdig"
    DIVERGENT = "lopen-uiteen"
    TOO_FEW = "te-weinig"
    UNANIMOUS = "eensgezind"
    MOSTLY = "overwegend"
    VARYING = "wisselend"


@dataclass(frozen=True)
class Voice:
    """What one cluster says in one lane."""

    cluster: str
    directions: frozenset[str]  # an unclear finding says nothing beside a clear one
    findings: tuple[str, ...]  # their ids, in alphabetical order

    @property
    def direction(self) -> str:
        """Its one direction, or `verdeeld`."""
        return min(self.directions) if len(self.directions) == 1 else DIVIDED


@dataclass(frozen=True)
class LaneVerdict:
    """What one lane says, with the clusters behind it."""

    lane: str
    voices: tuple[Voice, ...]

    @cached_property
    def counts(self) -> Counter[str]:
        """How many clusters say each direction, `verdeeld` and `onduidelijk` among them."""
        return Counter(voice.direction for voice in self.voices)

    @property
    def weight(self) -> int:
        """How many clusters can say more than that it is unclear."""
        return len(self.voices) - self.counts[UNCLEAR]

    @cached_property
    def leading(self) -> frozenset[str]:
        """The direction of the most clusters, or those that are level; a divided one has none."""
        sides = {key: n for key, n in self.counts.items() if key not in {DIVIDED, UNCLEAR}}
        return frozenset(key for key, n in sides.items() if n == max(sides.values()))

    @cached_property
    def word(self) -> Word:
        """The first row of the table that fits."""
        if not self.voices:
            return Word.NOT_STUDIED
        if self.counts.keys() >= OPPOSITES or 0 < self.weight == self.counts[DIVIDED]:
            return Word.CONTRADICTORY
        if self.weight < 3:
            return Word.TOO_FEW
        most = max(self.counts[each] for each in self.leading)
        if most == self.weight:
            return Word.UNANIMOUS
        if self.weight >= 5 and most * 100 >= self.weight * 80 and not self._has_both_sides():
            return Word.MOSTLY
        return Word.VARYING

    def _has_both_sides(self) -> bool:
        """Whether it holds something positive and something negative, be it in one cluster."""
        return frozenset[str]().union(*(each.directions for each in self.voices)) >= OPPOSITES

    def voices_of(self, direction: str) -> tuple[Voice, ...]:
        """The clusters behind one of the counts."""
        return tuple(each for each in self.voices if each.direction == direction)


@dataclass(frozen=True)
class Verdict:
    """What all lanes say together; their numbers stay apart."""

    lanes: tuple[LaneVerdict, ...]  # every lane, the strongest first

    @property
    def is_divergent(self) -> bool:
        """Whether lanes of at least two clusters lead in different directions, or in none."""
        return len({lane.leading for lane in self.lanes if lane.weight >= 2}) > 1

    @property
    def basis(self) -> LaneVerdict | None:
        """The strongest lane that has enough for a verdict; None when none has, or they diverge."""
        little = {Word.NOT_STUDIED, Word.TOO_FEW}
        enough = (lane for lane in self.lanes if lane.word not in little)
        return None if self.is_divergent else next(enough, None)

    @property
    def word(self) -> Word:
        """That lanes diverge, else the word of the strongest that has enough."""
        if self.is_divergent:
            return Word.DIVERGENT
        if self.basis:
            return self.basis.word
        return Word.TOO_FEW if any(lane.voices for lane in self.lanes) else Word.NOT_STUDIED


def verdict(findings: Iterable[FindingRecord], clusters: Mapping[str, str]) -> Verdict:
    """What these findings say; `clusters` has the cluster of each, as `cluster_ids` tells it.

    Give the findings of one effect, of one of its levels, or what a filter leaves of them.
    """
    by_lane: dict[str, set[FindingRecord]] = defaultdict(set)
    for finding in findings:
        by_lane[finding.lane].add(finding)
    return Verdict(
        tuple(
            LaneVerdict(lane, _voices(by_lane[lane], clusters))
            for lane in schemes()["evidence-lanes"].terms
        )
    )


def _voices(findings: Iterable[FindingRecord], clusters: Mapping[str, str]) -> tuple[Voice, ...]:
    members: dict[str, set[FindingRecord]] = defaultdict(set)
    for finding in findings:
        members[clusters[finding.id]].add(finding)
    return tuple(_voice(cluster, members[cluster]) for cluster in sorted(members))


def _voice(cluster: str, findings: Iterable[FindingRecord]) -> Voice:
    directions = {each.direction for each in findings}
    clear = frozenset(directions - {UNCLEAR}) or frozenset(directions)
    return Voice(cluster, clear, tuple(sorted({each.id for each in findings})))
