"""Patterns of words: what the rules are made of, and where a plan has them.

A pattern is a few words apart by spaces. A word meets every word of the same stem; `=word` that
form alone, `word*` and `*word` what begins or ends so, `*word*` what has it inside, `#` a number.
`a|b` is one of these, `…` lets up to four other words come between, `…8` up to eight.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from kb.decisions.plan_checks.text import Sentence
from kb.search.analysis.analyzer import DUTCH, Token, fold, tokenize
from kb.search.analysis.morphology import NUMBERS

GAP = "…"
USUAL_GAP = 4  # words
CACHED_WORDS = 50_000
SHORT_SENTENCE = 12  # words, in which to look at every pattern is quicker than to sift them
MAX_ENDING = 2  # letters of an inflection, after what a word ends with


class Slot(NamedTuple):
    """One word of a pattern."""

    matchers: frozenset[str]
    gap: int  # how many other words may come before it


class Pattern(NamedTuple):
    """Words in their order, for the things that they are a sign of."""

    slots: tuple[Slot, ...]
    key: Hashable


class Match(NamedTuple):
    """Where a sentence has a pattern: the first and last (excluded) of its words."""

    key: Hashable
    sentence: int
    first: int
    last: int
    skipped: tuple[int, ...] = ()  # places of words in its gaps


def parse_pattern(text: str) -> tuple[Slot, ...]:
    """The slots of a pattern. Raises ValueError for one without words."""
    slots: list[Slot] = []
    gap = 0
    for piece in text.split():
        if piece.startswith(GAP):
            gap = int(piece[1:] or USUAL_GAP)
            continue
        alternatives = piece.split("|")
        if len(alternatives) > 1:
            matchers = frozenset(each for name in alternatives for each in _matchers(name))
            slots.append(Slot(matchers, gap))
            gap = 0
            continue
        for matcher in _matchers(piece):
            slots.append(Slot(frozenset({matcher}), gap))
            gap = 0
    if not slots:
        raise ValueError(f"no words in the pattern “{text}”")
    return tuple(slots)


def _matchers(piece: str) -> Iterator[str]:
    """The matchers of a piece of a pattern: one, or one for each part between hyphens."""
    if piece == "#":
        yield "#"
    elif piece.startswith("="):
        yield "=" + fold(piece[1:])
    elif "*" in piece:
        yield fold(piece)
    else:
        yield from map(DUTCH.term, tokenize(piece))


class PatternBook:
    """Many patterns, looked for at once."""

    def __init__(self, patterns: Iterable[Pattern]) -> None:
        by_first: dict[str, list[Pattern]] = {}
        every: set[str] = set()
        for pattern in patterns:
            for matcher in pattern.slots[0].matchers:
                by_first.setdefault(matcher, []).append(pattern)
            for slot in pattern.slots:
                every |= slot.matchers
        self._by_first: Mapping[str, Sequence[Pattern]] = by_first
        self._literals = frozenset(each for each in every if "*" not in each)
        self._wild = tuple(sorted(each for each in every if "*" in each))
        self._of_word = lru_cache(maxsize=CACHED_WORDS)(self._matchers_of)

    def matches(self, sentence: Sentence) -> Iterator[Match]:
        """Every place of every pattern; of a pattern with a gap the nearest words."""
        words = [self._of_word(word.term, word.form) for word in sentence.words]
        by_first = self._possible(words) if len(words) > SHORT_SENTENCE else self._by_first
        for place, matchers in enumerate(words):
            for matcher in sorted(matchers):
                for pattern in by_first.get(matcher, ()):
                    if places := _places(pattern.slots, words, place):
                        last = places[-1] + 1
                        skipped = tuple(each for each in range(place, last) if each not in places)
                        yield Match(pattern.key, sentence.number, place, last, skipped)

    def _possible(self, words: Iterable[frozenset[str]]) -> Mapping[str, Sequence[Pattern]]:
        """The patterns that a sentence has each slot of somewhere, by how they begin."""
        present: frozenset[str] = frozenset().union(*words)
        return {
            matcher: [each for each in self._by_first[matcher] if _may_be_in(each, present)]
            for matcher in present & self._by_first.keys()
        }

    def _matchers_of(self, term: str, form: str) -> frozenset[str]:
        """What a word meets, of all that any pattern has."""
        own = {term, "=" + form} & self._literals
        if form[:1].isdigit() or form in NUMBERS:
            own.add("#")
        own.update(each for each in self._wild if _meets(each, form))
        return frozenset(own)


def _meets(wild: str, form: str) -> bool:
    """Whether a word begins, ends or has inside what stands at a star."""
    bare = wild.strip("*")
    if wild.startswith("*") and wild.endswith("*"):
        return bare in form
    if wild.endswith("*"):
        return form.startswith(bare)
    return bare in form[-len(bare) - MAX_ENDING :]


def _may_be_in(pattern: Pattern, present: frozenset[str]) -> bool:
    """Whether what words meet has something for each slot of a pattern."""
    return not any(slot.matchers.isdisjoint(present) for slot in pattern.slots[1:])


def _places(slots: Sequence[Slot], words: Sequence[frozenset[str]], place: int) -> tuple[int, ...]:
    """Where the words of a pattern stand that begins here; none when it does not."""
    places = [place]
    for slot in slots[1:]:
        at = places[-1] + 1
        window = range(at, min(at + slot.gap + 1, len(words)))
        near = next((each for each in window if not slot.matchers.isdisjoint(words[each])), None)
        if near is None:
            return ()
        places.append(near)
    return tuple(places)


def phrase(terms: Iterable[str]) -> tuple[Slot, ...]:
    """The slots of words whose terms are known."""
    return tuple(Slot(frozenset({each}), 0) for each in terms)


def bare_name(name: str) -> str:
    """A name without what stands in brackets, which nobody writes in a plan."""
    return re.sub(r"\s*\([^)]*\)", "", name)


def words_of(sentence: Sentence, match: Match) -> str:
    """The words of a match, as they are written."""
    words: Sequence[Token] = sentence.words[match.first : match.last]
    start, end = words[0].start - sentence.start, words[-1].end - sentence.start
    return sentence.text[start:end]
