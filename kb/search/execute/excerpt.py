"""Which part of a passage is shown around the words that were met: whole sentences where they fit.

Else it begins and ends at a clause, or at least at a word, with an ellipsis.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

EXCERPT_LENGTH = 220  # characters
LEAD_LENGTH = 110  # before the first marked word, at most
MIN_LENGTH = 80  # of whole sentences; shorter ones are followed by a part of the next
Span = tuple[int, int]  # characters of a text, end excluded
ABBREVIATIONS = frozenset(
    "bijv bv ca resp nl incl excl max min nr nrs blz p pp art afb fig tab vgl vs jl mln mld "
    "dr drs mr ir ing prof st mevr dhr dir red e.d i.e e.g d.w.z dwz m.b.t o.a m.n t.a.v t.o.v "
    "i.v.m i.p.v n.a.v o.b.v t.b.v m.u.v evt zgn zg aug sept okt nov dec jan feb febr".split()
)
SENTENCE_END = re.compile(  # and the white space after it
    r"""(?P<word>[^\s"“”‘(]*?)[.!?…]+["'”’)\]]*[^\S\n]+(?=["'“”‘’(\[]*[A-Z\u00c0-\u00de0-9])"""
    r"|[^\S\n]*\n\s*"
)
CLAUSE_START = re.compile(r"(?:[,;:]|\s[-–—])\s+")
WORD_START = re.compile(r"\s+")
MARGIN = 8  # characters after a sentence that show that it ended
TRAILING = " \t\n,;:-–—"  # what an ellipsis takes the place of


class Excerpt(NamedTuple):
    """Characters of a text, end excluded, and what stands for those that are left out."""

    start: int
    end: int
    before: str
    after: str


def excerpt(text: str, spans: Sequence[Span]) -> Excerpt:
    """The part of a text with most of these marked spans: ordered, apart, at least one."""
    if len(text) <= EXCERPT_LENGTH:
        return Excerpt(0, len(text), "", "")
    first = _best(text, spans)
    start, is_begun = _start(text, first)
    end, is_ended = _end(text, start, first)
    return Excerpt(start, end, "" if is_begun else "… ", "" if is_ended else " …")


def is_one_sentence(text: str) -> bool:
    """Whether no sentence ends within a text."""
    return next(_sentence_starts(text), None) is None


def _sentence_starts(text: str, start: int = 0, end: int | None = None) -> Iterator[int]:
    """Where a sentence begins after another; an abbreviation or initial ends none."""
    for match in SENTENCE_END.finditer(text, start, len(text) if end is None else end):
        word = match["word"]
        is_short = word is not None and "." in match[0] and _is_abbreviation(word)
        if not is_short:
            yield match.end()


def _is_abbreviation(word: str) -> bool:
    lowered = word.lower()
    return lowered in ABBREVIATIONS or (len(word) == 1 and word.isalpha())


def _best(text: str, spans: Sequence[Span]) -> Span:
    """The marked span after which most other words are marked as well, near enough to be shown."""

    def count(place: int) -> int:
        limit = spans[place][0] + EXCERPT_LENGTH - LEAD_LENGTH
        return len({text[a:b].lower() for a, b in spans[place:] if b <= limit})

    return spans[max(range(len(spans)), key=lambda place: (count(place), -place))]


def _start(text: str, first: Span) -> tuple[int, bool]:
    """Where to begin, and whether that is where a sentence does."""
    earliest = max(0, first[0] - LEAD_LENGTH)
    sentences = list(_sentence_starts(text, max(0, earliest - LEAD_LENGTH), first[0]))
    within = [place for place in sentences if earliest <= place <= first[0]]
    if within or not earliest:
        return (within[-1] if within else 0), True
    for boundary in (CLAUSE_START, WORD_START):
        places = [match.end() for match in boundary.finditer(text, earliest, first[0])]
        if places:
            return places[0], False
    return first[0], False


def _end(text: str, start: int, first: Span) -> tuple[int, bool]:
    """Where to end, and whether that is where a sentence does."""
    limit = max(start + EXCERPT_LENGTH, first[1])
    if limit >= len(text):
        return len(text), True
    least = max(first[1], start + MIN_LENGTH)
    sentences = [
        len(text[:place].rstrip()) for place in _sentence_starts(text, first[0], limit + MARGIN)
    ]
    if within := [place for place in sentences if least <= place <= limit]:
        return within[-1], True
    for boundary, lowest in ((CLAUSE_START, least), (WORD_START, first[1])):
        places = [match.start() for match in boundary.finditer(text, first[1], limit + 1)]
        if within := [place for place in places if lowest <= place <= limit]:
            return len(text[: within[-1]].rstrip(TRAILING)), False
    return first[1], False
