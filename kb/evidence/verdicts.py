"""Verdicts: a word from a table for what the clusters say, in a lane and over lanes.

Nothing is weighed, averaged or added over lanes; every number is the length of a list.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property, lru_cache

from kb.vocabulary.outcomes import DIVIDED, UNCLEAR, outcome_of
from kb.vocabulary.terms import schemes

METHOD_VERSION = "1.0"  # of these rules and those of clusters.py; the page /werkwijze tells it
CACHED_VERDICTS = 4096  # of lanes, and over lanes
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


Directions = frozenset[str]  # of one cluster: a set, in which no unclear one stands beside a clear


_outcome_of = cache(outcome_of)  # of sets of directions, of which there are few


@dataclass(frozen=True, eq=False)  # `_verdict` makes one object of equal ones
class LaneVerdict:
    """What one lane says."""

    lane: str
    tally: Mapping[Directions, int]  # how many clusters have which directions

    @cached_property
    def counts(self) -> Counter[str]:
        """How many clusters say each direction, `verdeeld` and `onduidelijk` among them."""
        counts: dict[str, int] = {}
        for directions, number in self.tally.items():
            outcome = _outcome_of(directions)
            counts[outcome] = counts.get(outcome, 0) + number
        return Counter(counts)

    @cached_property
    def ordered_counts(self) -> tuple[tuple[str, int], ...]:
        """The counts of what any cluster says, in the order of the vocabulary."""
        pairs = ((each, self.counts.get(each, 0)) for each in schemes()["outcomes"].terms)
        return tuple(pair for pair in pairs if pair[1])

    @cached_property
    def clusters(self) -> int:
        """How many there are."""
        return sum(self.tally.values())

    @cached_property
    def weight(self) -> int:
        """How many clusters can say more than that it is unclear."""
        return self.clusters - self.counts[UNCLEAR]

    @cached_property
    def leading(self) -> frozenset[str]:
        """The direction of the most clusters, or those that are level; a divided one has none."""
        sides = {key: n for key, n in self.counts.items() if key not in {DIVIDED, UNCLEAR}}
        return frozenset(key for key, n in sides.items() if n == max(sides.values()))

    @cached_property
    def word(self) -> Word:
        """The first row of the table that fits."""
        if not self.clusters:
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

    @property
    def side(self) -> str:
        """The direction that all or most clusters say; empty when its word is about none."""
        one_sided = self.word in {Word.UNANIMOUS, Word.MOSTLY}
        return next(iter(self.leading)) if one_sided else ""

    def _has_both_sides(self) -> bool:
        """Whether it holds something positive and something negative, be it in one cluster."""
        return Directions().union(*self.tally) >= OPPOSITES


@dataclass(frozen=True, eq=False)
class Verdict:
    """What all lanes say together; their numbers stay apart."""

    lanes: tuple[LaneVerdict, ...]  # every lane, the strongest first

    @cached_property
    def is_divergent(self) -> bool:
        """Whether lanes of at least two clusters lead in different directions, or in none."""
        return len({lane.leading for lane in self.lanes if lane.weight >= 2}) > 1

    @property
    def is_contradictory(self) -> bool:
        """Whether any lane holds both sides, or lanes diverge."""
        return self.is_divergent or any(lane.word == Word.CONTRADICTORY for lane in self.lanes)

    @cached_property
    def basis(self) -> LaneVerdict | None:
        """The strongest lane that has enough for a verdict; None when none has, or they diverge."""
        little = {Word.NOT_STUDIED, Word.TOO_FEW}
        enough = (lane for lane in self.lanes if lane.word not in little)
        return None if self.is_divergent else next(enough, None)

    @cached_property
    def word(self) -> Word:
        """That lanes diverge, else the word of the strongest that has enough."""
        if self.is_divergent:
            return Word.DIVERGENT
        if self.basis:
            return self.basis.word
        return Word.TOO_FEW if any(lane.clusters for lane in self.lanes) else Word.NOT_STUDIED


def basis_of(verdict: Verdict, word: Word) -> LaneVerdict | None:
    """The lane that a word is of; None of one that stands where the verdict is no proof."""
    return verdict.basis if word == verdict.word else None


def verdict(tallies: Mapping[str, Mapping[Directions, int]]) -> Verdict:
    """What the clusters say that are counted here, by lane and by their directions."""
    lanes = schemes()["evidence-lanes"].terms
    return _verdict(tuple(frozenset(tallies.get(lane, {}).items()) for lane in lanes))


@lru_cache(maxsize=CACHED_VERDICTS)
def _verdict(tallies: tuple[frozenset[tuple[Directions, int]], ...]) -> Verdict:
    """The same one for the same tallies of the lanes, in their order: cells of a map share many."""
    lanes = schemes()["evidence-lanes"].terms
    return Verdict(tuple(map(_lane_verdict, lanes, tallies)))


@lru_cache(maxsize=CACHED_VERDICTS)
def _lane_verdict(lane: str, tally: frozenset[tuple[Directions, int]]) -> LaneVerdict:
    """The same one for the same tally."""
    return LaneVerdict(lane, dict(tally))
