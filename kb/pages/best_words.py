"""A text that is too long to search for → the few words of it that say most.

Names of the vocabulary come first, then words that few documents have; what no document has, and
what says too little to search for, is left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kb.kinds import KIND_NAMES
from kb.search.analysis.analyzer import tokenize
from kb.search.analysis.synonyms import concepts, longest_name
from kb.search.engine import SearchEngine, SearchRequest
from kb.search.query.parse import parse

MOST_NAMES = 8  # words and names of several words that are searched for
MOST_COMPARED = 150  # different ones of a text, from its beginning
LONGEST = 60  # characters; what is longer is no word


class BestWords(NamedTuple):
    """What is searched for in the place of a text, and what else of it says something."""

    text: str  # words in the order of the text; empty when no document has any of them
    left_out: tuple[str, ...]  # each once


class _Name(NamedTuple):
    """A word of a text, or several that name a term of the vocabulary."""

    text: str
    is_term: bool


def best_words(text: str, engine: SearchEngine, max_length: int) -> BestWords:
    """The words of a text that say most, in so many characters. Raises SearchUnavailable."""
    names = {name.text.lower(): name for name in _names(text, engine)}
    compared = list(names.values())[:MOST_COMPARED]
    counts = {name: _doc_freq(name, engine) for name in compared}
    known = [name for name in compared if counts[name]]
    chosen = sorted(known, key=lambda name: (not name.is_term, counts[name]))[:MOST_NAMES]
    while len(" ".join(name.text for name in chosen)) > max_length:
        chosen.pop()
    return BestWords(
        " ".join(name.text for name in compared if name in chosen),
        tuple(name.text for name in names.values() if name not in chosen),
    )


def _names(text: str, engine: SearchEngine) -> Iterator[_Name]:
    """The names of terms in a text, the longest ones, and its other words that say something."""
    analyzer = engine.analyzer
    words = [word for word in tokenize(text) if len(word) <= LONGEST]
    place = 0
    while place < len(words):
        longest = min(longest_name(analyzer), len(words) - place)
        for length in range(longest, 0, -1):
            run = " ".join(words[place : place + length])
            if any(each.key for each in concepts(analyzer).get(analyzer.terms(run), ())):
                yield _Name(run, is_term=True)
                break
        else:
            length, word = 1, words[place]
            if not (analyzer.is_stop_word(word) or analyzer.is_filler_word(word)):
                yield _Name(word, is_term=False)
        place += length


def _doc_freq(name: _Name, engine: SearchEngine) -> int:
    """How many documents have a name."""
    query = parse(name.text, engine.analyzer)
    request = SearchRequest(KIND_NAMES, query=query, limit=0, highlight=False)
    result = engine.search(request)
    return 0 if result.unmet or result.dropped else result.matched_before_filters
