"""Findings as the rules of evidence read them, as wild as they may be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from hypothesis import strategies as st

from kb.evidence.clusters import FindingRecord
from kb.evidence.verdicts import Verdict, verdict
from kb.evidence.voices import FindingArrays
from kb.vocabulary.outcomes import outcome_of
from kb.vocabulary.terms import schemes
from tests.strategies import term

DIRECTIONS = tuple(schemes()["effect-directions"].terms)
LANES = term("evidence-lanes")
PUBLICATIONS = ("doi:10.1/a", "url:b.nl/b", "study:c", "title:d:2020")
Voices = Sequence[Sequence[str]]  # the directions of the findings of each cluster


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
    tallies = FindingArrays([*findings, *others]).voices(np.arange(len(findings))).tallies()
    return verdict(tallies.get(0, {}))


def members(
    findings: Sequence[FindingRecord], lane: str, others: Sequence[FindingRecord] = ()
) -> dict[str, list[set[str]]]:
    """The ids of the findings of each cluster in a lane, by the direction of the cluster."""
    arrays = FindingArrays([*findings, *others])
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
