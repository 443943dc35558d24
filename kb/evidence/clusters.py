"""Clusters: findings that rest on the same publication or programme, and so have one voice."""

from __future__ import annotations

from collections.abc import Iterable, Set
from dataclasses import dataclass

REVIEWS = "samenvattend"  # the lane of publications that sum others up


@dataclass(frozen=True)
class FindingRecord:
    """What the rules need to know of a finding."""

    id: str
    domain: str
    level: str
    lane: str
    direction: str
    publication: frozenset[str]  # keys of the one that bears it out: a study has its id as well
    programme: str | None = None  # its own; comes before that of the case or study that tells it
    owner_programme: str | None = None  # of that case or study
    case: str | None = None  # the id of the case that tells it; None for a study's finding
    covers: frozenset[str] = frozenset()  # keys of the publications that a review holds


def cluster_ids(findings: Iterable[FindingRecord]) -> dict[str, str]:
    """The cluster of each finding, by its id; a cluster is named after the first id in it.

    Findings are connected by keys that they share, also through others: give all public ones,
    so that a filter afterwards leaves the clusters as they are.
    """
    records = set(findings)
    reviews = {key for each in records if each.lane == REVIEWS for key in each.publication}
    sets = _DisjointSets()
    for each in records:
        sets.join(f"finding:{each.id}", _keys(each, reviews))
    names: dict[str, str] = {}
    for finding_id in sorted({each.id for each in records}):
        names.setdefault(sets.root(f"finding:{finding_id}"), finding_id)
    return {each.id: names[sets.root(f"finding:{each.id}")] for each in records}


def _keys(finding: FindingRecord, reviews: Set[str]) -> set[str]:
    """What connects a finding to others.

    A programme of its own is all that does, since one text may tell of several. A review is
    connected to the reviews that it covers, so that they are not counted beside it; not to the
    single studies in it, which would all become one and have a lane of their own, nor to a case
    that cites it.
    """
    if finding.programme:
        return {f"programme:{finding.programme}"}
    keys = set(finding.publication)
    if finding.lane == REVIEWS:
        keys |= finding.covers & reviews
    programme = finding.owner_programme or finding.case
    if programme and not (finding.lane == REVIEWS and finding.case):
        keys.add(f"programme:{programme}")
    return keys


class _DisjointSets:
    """Keys that belong together, each set found by its root."""

    def __init__(self) -> None:
        self._parents: dict[str, str] = {}

    def root(self, key: str) -> str:
        """The key that stands for the whole set of this one."""
        while (parent := self._parents.setdefault(key, key)) != key:
            self._parents[key] = self._parents[parent]  # a shorter way for the next
            key = parent
        return key

    def join(self, key: str, others: Iterable[str]) -> None:
        """Make one set of these."""
        for other in others:
            self._parents[self.root(other)] = self.root(key)
