"""Findings as the rules of evidence read them, as wild as they may be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st

from kb.evidence.clusters import REVIEWS, cluster_numbers
from kb.evidence.verdicts import Verdict, verdict
from kb.evidence.voices import FindingArrays
from kb.search.engine import Column, DocumentTable, Rows, SearchRequest
from kb.vocabulary.outcomes import outcome_of
from kb.vocabulary.terms import schemes
from tests.strategies import term

DIRECTIONS = tuple(schemes()["effect-directions"].terms)
LANES = term("evidence-lanes")
PUBLICATIONS = ("doi:10.1/a", "url:b.nl/b", "study:c", "title:d:2020")
Voices = Sequence[Sequence[str]]  # the directions of the findings of each cluster
SINGLE_FIELDS = (  # of a finding, in the order of a record
    *("effectDomain", "effectLevel", "lane", "effectDirection"),
    *("programme", "ownerProgramme", "case"),
)


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


@dataclass(frozen=True)
class TableOfRecords:
    """Records as an engine has findings: by column."""

    records: Sequence[FindingRecord]

    def __len__(self) -> int:
        return len(self.records)

    @property
    def ids(self) -> Sequence[str]:
        """By row."""
        return [each.id for each in self.records]

    def column(self, field: str) -> Column:
        """What the rules read; values that no row has may be there too, as in an index."""
        of_rows = [
            (row, each)
            for row, record in enumerate(self.records)
            for each in _values(record, field)
        ]
        values = tuple(sorted({"~", *(value for _, value in of_rows)}))
        return Column(
            values,
            np.array([row for row, _ in of_rows], np.int64),
            np.array([values.index(value) for _, value in of_rows], np.int64),
        )

    def years(self) -> Rows:
        """None is known."""
        return np.zeros(len(self), np.int64)

    def matches(self, request: SearchRequest) -> Rows:
        """All, since no filter is met here."""
        return np.arange(len(self), dtype=np.int64)


def _values(record: FindingRecord, field: str) -> Iterable[str]:
    """The values that a record has of a column."""
    several = {"publicationKey": record.publication, "covers": record.covers}
    single = {
        "effectDirection": record.direction,
        "lane": record.lane,
        "programme": record.programme,
        "ownerProgramme": record.owner_programme,
        "case": record.case,
    }
    return sorted(several[field]) if field in several else filter(None, [single[field]])


def arrays_of(records: Sequence[FindingRecord]) -> FindingArrays:
    """These findings as numbers."""
    return FindingArrays(TableOfRecords(records))


def cluster_ids(records: Sequence[FindingRecord]) -> dict[str, str]:
    """The cluster of each finding, by its id; it is named after the first id in it."""
    numbers = cluster_numbers(TableOfRecords(records)).tolist()
    names: dict[int, str] = {}
    for number, record in sorted(zip(numbers, records, strict=True), key=lambda pair: pair[1].id):
        names.setdefault(number, record.id)
    return {record.id: names[number] for number, record in zip(numbers, records, strict=True)}


def slow_cluster_ids(records: Sequence[FindingRecord]) -> dict[str, str]:
    """The same, one finding after the other."""
    reviews = {key for each in records if each.lane == REVIEWS for key in each.publication}
    sets = _DisjointSets()
    for each in records:
        sets.join(f"finding:{each.id}", _keys(each, reviews))
    names: dict[str, str] = {}
    for finding_id in sorted(each.id for each in records):
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


def finding_records(table: DocumentTable) -> Iterator[FindingRecord]:
    """The findings as the rules of clusters read them, in the order of the rows."""
    single = (_single_values(table.column(field), len(table.ids)) for field in SINGLE_FIELDS)
    publications, covers = _by_row(table.column("publicationKey")), _by_row(table.column("covers"))
    for row, (finding_id, *own) in enumerate(zip(table.ids, *single, strict=True)):
        domain, level, lane, direction, programme, owner_programme, case = own
        yield FindingRecord(
            id=finding_id,
            domain=domain,
            level=level,
            lane=lane,
            direction=direction,
            publication=frozenset(publications.get(row, ())),
            programme=programme,
            owner_programme=owner_programme,
            case=case,
            covers=frozenset(covers.get(row, ())),
        )


def _single_values(column: Column, rows: int) -> list[str | None]:
    """The value of each row; None for those without."""
    values: list[str | None] = [None] * rows
    for row, ordinal in zip(column.rows.tolist(), column.ordinals.tolist(), strict=True):
        values[row] = column.values[ordinal]
    return values


def _by_row(column: Column) -> Mapping[int, Sequence[str]]:
    values: dict[int, list[str]] = defaultdict(list)
    for row, ordinal in zip(column.rows.tolist(), column.ordinals.tolist(), strict=True):
        values[row].append(column.values[ordinal])
    return values


def keys(*, least: int = 0) -> st.SearchStrategy[frozenset[str]]:
    """Some keys of publications; few, so that findings share them."""
    return st.frozensets(st.sampled_from(PUBLICATIONS), min_size=least, max_size=2)


def records(lane: st.SearchStrategy[str]) -> st.SearchStrategy[FindingRecord]:
    """A finding of one effect that may share its publication, case or programme with others."""
    return st.builds(
        FindingRecord,
        id=st.integers(0, 10**6).map("finding-{}".format),
        domain=st.just("leefbaarheid"),
        level=term("effect-levels"),
        lane=lane,
        direction=term("effect-directions"),
        publication=keys(least=1) | st.integers(0, 10**6).map(lambda n: frozenset({f"url:{n}"})),
        programme=st.sampled_from([None, None, "p", "q"]),
        owner_programme=st.sampled_from([None, None, "p", "r"]),
        case=st.none() | st.sampled_from("stu"),
        covers=keys(),
    )


def many(
    lane: st.SearchStrategy[str] = LANES,
) -> st.SearchStrategy[list[FindingRecord]]:
    """Some findings, each with an id of its own."""
    return st.lists(records(lane), max_size=10, unique_by=lambda each: each.id)


def voices(**lanes: Voices) -> list[FindingRecord]:
    """Findings of one programme for each group of directions, by lane."""
    return [
        a_record(f"{lane}-{number}-{place}", lane, direction, programme=f"{lane}-{number}")
        for lane, clusters in lanes.items()
        for number, directions in enumerate(clusters)
        for place, direction in enumerate(directions)
    ]


def a_record(
    finding_id: str,
    lane: str,
    direction: str,
    *,
    publication: str | None = None,
    programme: str | None = None,
    owner_programme: str | None = None,
    case: str | None = None,
    covers: frozenset[str] = frozenset(),
) -> FindingRecord:
    """A finding; without more it stands alone."""
    return FindingRecord(
        id=finding_id,
        domain="leefbaarheid",
        level="wijk",
        lane=lane,
        direction=direction,
        publication=frozenset({publication or f"url:{finding_id}"}),
        programme=programme,
        owner_programme=owner_programme,
        case=case,
        covers=covers,
    )


def verdict_of(findings: Sequence[FindingRecord], others: Sequence[FindingRecord] = ()) -> Verdict:
    """What these say, when there are no others but those that are public too."""
    tallies = arrays_of([*findings, *others]).voices(np.arange(len(findings))).tallies()
    return verdict(tallies.get(0, {}))


def members(
    findings: Sequence[FindingRecord], lane: str, others: Sequence[FindingRecord] = ()
) -> dict[str, list[set[str]]]:
    """The ids of the findings of each cluster in a lane, by the direction of the cluster."""
    arrays = arrays_of([*findings, *others])
    is_in_lane = arrays.lanes[: len(findings)] == arrays.lane_ids.index(lane)
    rows = np.flatnonzero(is_in_lane)
    voices = arrays.voices(rows)
    clusters: dict[int, set[str]] = defaultdict(set)
    directions = {}
    for row, voice, each in zip(
        rows.tolist(), voices.voice_of.tolist(), voices.directions(), strict=True
    ):
        clusters[voice].add(findings[row].id)
        directions[voice] = outcome_of(each)
    grouped: dict[str, list[set[str]]] = defaultdict(list)
    for voice in sorted(clusters, key=lambda each: min(clusters[each])):
        grouped[directions[voice]].append(clusters[voice])
    return grouped


def words(verdict: Verdict) -> Mapping[str, str]:
    """The word of each lane."""
    return {lane.lane: lane.word for lane in verdict.lanes}
