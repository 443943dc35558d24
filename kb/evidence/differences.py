"""What differs between what points for an effect and what points against it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from kb.evidence.table import EvidenceTable, Pairs
from kb.evidence.verdicts import Directions
from kb.evidence.voices import Numbers

FOR, AGAINST = Directions({"positief"}), Directions({"negatief", "geen-effect"})
MIN_CLUSTERS = 3  # on each side, to be compared
MIN_RATIO = 2  # a value differs when its share on one side is so many times that on the other,
MIN_GAP = 0.2  # and so much larger
FIELDS = ("lane", "effectLevel", "country", "period", "targetGroup", "scale", "strategy")


@dataclass(frozen=True)
class Difference:
    """How often each value of a field stands on either side, in clusters."""

    field: str
    known: tuple[int, int]  # clusters with any value: for, against
    counts: Mapping[str, tuple[int, int]]  # by value: for, against
    differing: tuple[str, ...]  # the values of which the shares differ

    @property
    def is_comparable(self) -> bool:
        """Whether both sides have enough clusters with a value."""
        return min(self.known) >= MIN_CLUSTERS


@dataclass(frozen=True)
class Sides:
    """The clusters for and against, each once.

    One that is divided, mixed or unclear is on neither side, nor is one whose lanes disagree.
    """

    clusters: tuple[int, int]  # for, against
    differences: tuple[Difference, ...]  # none unless both sides have enough clusters


def compare_sides(table: EvidenceTable, rows: Numbers) -> Sides:
    """Compare what stands on either side among the findings of these rows."""
    voices = table.arrays.voices(rows)
    on_side: tuple[dict[int, int], dict[int, int]] = ({}, {})  # the cluster of each row
    for row, cluster, directions in zip(
        rows.tolist(), table.arrays.clusters[rows].tolist(), voices.directions(), strict=True
    ):
        if directions == FOR:
            on_side[0][row] = cluster
        elif directions <= AGAINST:
            on_side[1][row] = cluster
    on_both = set(on_side[0].values()) & set(on_side[1].values())
    for side in on_side:
        for row in [row for row, cluster in side.items() if cluster in on_both]:
            del side[row]
    clusters = (len(set(on_side[0].values())), len(set(on_side[1].values())))
    if min(clusters) < MIN_CLUSTERS:
        return Sides(clusters, ())
    return Sides(clusters, tuple(_difference(table, field, on_side) for field in FIELDS))


def _difference(
    table: EvidenceTable, field: str, on_side: tuple[dict[int, int], dict[int, int]]
) -> Difference:
    counters: list[Counter[str]] = []
    known: list[int] = []
    for clusters in on_side:
        having = {
            (clusters[row], value)
            for row, value in _values(table, field, np.array(sorted(clusters), np.int64))
        }
        counters.append(Counter(value for _, value in having))
        known.append(len({cluster for cluster, _ in having}))
    counts = {
        value: (counters[0][value], counters[1][value]) for value in counters[0] | counters[1]
    }
    both = (known[0], known[1])
    differing = tuple(value for value in sorted(counts) if _differs(counts[value], both))
    is_enough = min(both) >= MIN_CLUSTERS
    return Difference(field, both, counts, differing if is_enough else ())


def _values(table: EvidenceTable, field: str, rows: Numbers) -> Iterator[tuple[int, str]]:
    if field == "period":
        for row, year in zip(rows.tolist(), table.years[rows].tolist(), strict=True):
            if year:
                yield row, f"{year // 10 * 10}"
        return
    pairs: Pairs = table.pairs(field, rows)
    for row, ordinal in zip(pairs.rows.tolist(), pairs.ordinals.tolist(), strict=True):
        yield row, pairs.values[ordinal]


def _differs(counts: tuple[int, int], known: tuple[int, int]) -> bool:
    """Whether the larger share is of enough clusters, and far above the other."""
    (share, number), (other, _) = sorted(
        ((count / max(1, total), count) for count, total in zip(counts, known, strict=True)),
        reverse=True,
    )
    return number >= MIN_CLUSTERS and share >= MIN_RATIO * other and share - other >= MIN_GAP
