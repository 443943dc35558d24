"""Which segments are merged: few at a time, and seldom.

Segments stand in tiers by their size. A tier with `MERGE_FACTOR` of them becomes one segment; so a
document is written again once or twice for a tier. A larger segment than those of the last tier
stays until more than half of it is deleted.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from whoosh.codec.base import Segment as WhooshSegment

MERGE_FACTOR = 8
URGENT_COUNT = 64  # of segments, at which a writer merges what nobody has merged aside
TIER_LIMITS = (64, 512, 4096)  # documents that are not deleted, at most


def segments_to_merge(segments: Sequence[WhooshSegment]) -> list[WhooshSegment]:
    """Those of these segments that are to be written again."""
    merged = [each for each in segments if each.deleted_count() * 2 > each.doc_count_all()]
    for tier in range(len(TIER_LIMITS)):
        written = sum(segment.doc_count() for segment in merged)
        in_tier = [
            each for each in segments if each not in merged and _tier(each.doc_count()) == tier
        ]
        if len(in_tier) + (bool(merged) and _tier(written) == tier) >= MERGE_FACTOR:
            merged += in_tier
    return merged


def _tier(documents: int) -> int:
    """The tier of a segment with so many documents."""
    return bisect_left(TIER_LIMITS, documents)
