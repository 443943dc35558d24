"""What several findings say together: the one rule for a case, and for a cluster of findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from kb.vocabulary.terms import lane_of, schemes

UNCLEAR = "onduidelijk"  # a direction that is never counted for a side
DIVIDED = "verdeeld"
NOT_STUDIED = "niet-onderzocht"  # another thing than “no effect”


def outcome_of(directions: Iterable[str]) -> str:
    """The term of `outcomes` for findings that point in these directions.

    An unclear one says nothing beside those that are clear.
    """
    distinct = set(directions)
    clear = distinct - {UNCLEAR} or distinct
    if not clear:
        return NOT_STUDIED
    return min(clear) if len(clear) == 1 else DIVIDED


def count_by_lane(findings: Iterable[tuple[str, str]]) -> dict[str, Mapping[str, int]]:
    """How many findings point in each direction, by lane of evidence; nothing with none.

    A finding is its kind of evidence and its direction. The strongest lane comes first, and
    directions in the order of `outcomes`: ids of terms all of them.
    """
    counts = Counter((lane_of(evidence), direction) for evidence, direction in findings)
    outcomes = schemes()["outcomes"].terms
    by_lane = {
        lane: {each: counts[lane, each] for each in outcomes if (lane, each) in counts}
        for lane in schemes()["evidence-lanes"].terms
    }
    return {lane: directions for lane, directions in by_lane.items() if directions}
