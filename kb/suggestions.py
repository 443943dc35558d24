"""What was probably meant by a word that nothing has."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

MAX_COMPARED_LENGTH = 200  # characters; who sends more than any name has meant none of them
MIN_RATIO = 60  # of 100, as `rapidfuzz.fuzz.ratio` counts
MIN_RATIO_OF_SEVERAL = 50  # where three are shown to choose from


def closest_match(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that comes nearest in spelling, whatever its capitals; None when none is near.

    Of equally near ones the one with fewer slips of the pen, of which swapped letters are one; of
    equals that differ in capitals alone, the last one.
    """
    if len(word) > MAX_COMPARED_LENGTH:
        return None
    spellings = {each.casefold(): each for each in candidates}
    folded = word.casefold()
    matches = process.extract(
        folded, list(spellings), scorer=fuzz.ratio, score_cutoff=MIN_RATIO, limit=None
    )
    best = max(matches, key=lambda each: (each[1], -OSA.distance(folded, each[0])), default=None)
    return spellings[best[0]] if best else None


def close_matches(word: str, candidates: Iterable[str]) -> list[str]:
    """The three candidates that come nearest in spelling, best first; fewer when few are near."""
    if len(word) > MAX_COMPARED_LENGTH:
        return []
    matches = process.extract(
        word, list(candidates), scorer=fuzz.ratio, limit=3, score_cutoff=MIN_RATIO_OF_SEVERAL
    )
    return [each for each, _, _ in matches]
