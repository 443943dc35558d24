"""What was probably meant by a word that nothing has."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import fuzz, process

MAX_COMPARED_LENGTH = 200  # characters; who sends more than any name has meant none of them
MIN_RATIO = 60  # of 100, as `rapidfuzz.fuzz.ratio` counts
MIN_RATIO_OF_SEVERAL = 50  # where three are shown to choose from


def closest_match(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that comes nearest in spelling, whatever its capitals; None when none is near.

    Of equals that differ in capitals alone, the last one.
    """
    if len(word) > MAX_COMPARED_LENGTH:
        return None
    spellings = {each.casefold(): each for each in candidates}
    match = process.extractOne(
        word.casefold(), list(spellings), scorer=fuzz.ratio, score_cutoff=MIN_RATIO
    )
    return spellings[match[0]] if match else None


def close_matches(word: str, candidates: Iterable[str]) -> list[str]:
    """The three candidates that come nearest in spelling, best first; fewer when few are near."""
    if len(word) > MAX_COMPARED_LENGTH:
        return []
    matches = process.extract(
        word, list(candidates), scorer=fuzz.ratio, limit=3, score_cutoff=MIN_RATIO_OF_SEVERAL
    )
    return [each for each, _, _ in matches]
