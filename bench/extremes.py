"""Questions at the edges: words never asked before, the worst that may be asked, while typing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from bench.corpus import ARCHETYPES, PROVINCES, SEED, LogLine, corpus
from kb.search.analysis.analyzer import DUTCH, tokenize
from kb.search.engine import SearchRequest
from kb.search.filters import Range
from kb.search.query.parse import parse
from kb.vocabulary.terms import scheme_of
from schemas.filters import CASE_FILTERS, EFFECT_FILTERS, PITFALL_FILTERS

MAX_QUERY_LENGTH = 500  # characters that `q` may hold
SUGGESTION_TYPES = ("case", "ingredient", "pitfall", "place")
MOST_COMMON = 120  # words, of which a worst query has as many as `q` may hold


def cold_words(number: int, size: int, log: Sequence[LogLine]) -> list[LogLine]:
    """Words of the texts, as they come there, that no query has and that come once here."""
    random = Random(SEED + 3)
    known = {word for each in log for word in each.words}
    words: dict[str, None] = {}
    while len(words) < number:
        text = corpus().case(random.randrange(size))["approach"]
        word = random.choice(tokenize(text.lower()))
        if word not in known and word.isalpha() and not DUTCH.is_stop_word(word):
            words[word] = None
    return [LogLine("cold", (word,)) for word in words]


def worst(number: int) -> Iterator[tuple[str, str, SearchRequest]]:
    """Typed text and the request it goes with: every filter of a case, and every facet.

    Filters have all but one of their values, so that much is left to rank and to count.
    """
    random = Random(SEED + 4)
    common = corpus().words.telling[:MOST_COMMON]
    for turn in range(number):
        kind, typed = _worst_words(turn, random.sample(common, len(common)))
        request = SearchRequest(
            types=("case",),
            filters={name: _most_values(name, random) for name in _FILTERS},
            ranges={"startYear": Range(2000, 2026)},
            facets=_FILTERS,
            limit=100,
        )
        yield kind, typed, request


def _worst_words(turn: int, words: list[str]) -> tuple[str, str]:
    """Plain words two times of four, any of them, or a phrase."""
    kind = ("all words", "any word", "all words", "a phrase")[turn % 4]
    between = " OR " if kind == "any word" else " "
    typed = words[0]
    for word in words[1:]:
        if len(typed) + len(between) + len(word) <= MAX_QUERY_LENGTH - 2:
            typed += between + word
    return kind, f'"{typed}"' if kind == "a phrase" else typed


_FILTERS = (*CASE_FILTERS, *EFFECT_FILTERS, *PITFALL_FILTERS)


def _most_values(name: str, random: Random) -> tuple[str, ...]:
    if name == "municipality":
        values = list(corpus().provinces)
    elif name == "province":
        values = list(PROVINCES)
    elif name == "country":
        return ("NL",)
    elif name == "archetype":
        values = [f"archetype-{number}" for number in range(ARCHETYPES)]
    elif name == "kind":
        return tuple(scheme_of(name).terms)
    else:
        values = list(scheme_of(name).terms)
    values.remove(random.choice(values))
    return tuple(values)


def beginnings(number: int, size: int) -> list[str]:
    """What someone has typed of a title: two to eight letters of a word, or a word and some."""
    random = Random(SEED + 5)
    typed = []
    for _each in range(number):
        words = tokenize(corpus().case(random.randrange(size))["title"].lower())
        at = random.randrange(len(words))
        prefix = words[at][: random.randint(2, 8)]
        typed.append(f"{words[at - 1]} {prefix}" if at and random.random() < 0.3 else prefix)
    return [each for each in typed if len(each) > 1]


def with_query(typed: str, request: SearchRequest) -> SearchRequest:
    """The request with its words, read anew."""
    return SearchRequest(**{**vars(request), "query": parse(typed)})
