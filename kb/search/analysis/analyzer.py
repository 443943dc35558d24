"""Text → tokens → terms: folding, lemmas, stems, the parts of compounds, stop words.

A word is indexed under its term: the stem (Kraaij-Pohlmann) of its lemma (simplemma), folded. A
compound is indexed under the terms of its parts too: its head as `~term`, its modifiers as
`^term`, so that a part counts for less than a whole word, and a head for more than a modifier.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import lru_cache
from itertools import chain
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kb.search.analysis.dutch import FILLER_WORDS, STOP_WORDS, TERM_EXCEPTIONS
from kb.search.analysis.morphology import (
    is_known,
    is_verb_form,
    lemma_term,
    split_compound,
    stem_term,
)
from kb.search.analysis.vectors import Vector, word_vectors
from kb.vocabulary.places import places_fingerprint

ANALYSIS_VERSION = 8  # raise it when the same text gives other terms: indexes are then made again
HEAD, MODIFIER = "~", "^"  # before the term of a compound's part
APOSTROPHES = "'’‘`´"
TOKEN = re.compile(rf"[^\W_]+(?:[{APOSTROPHES}][^\W_]+)*")  # a hyphen parts words
CACHE_SIZE = 200_000  # words that each step of an analyzer remembers
_GENITIVE = re.compile(r"['’‘`´](?:s|tje|tjes)?$")
Step = Literal[
    "lemmas",
    "stems",
    "compounds",
    "synonyms",
    "filler words",
    "stop words",
    "word pairs",
    "vectors",
    "tag feedback",
]


class Token(NamedTuple):
    """A word of a text: its term, its folded surface form, and its characters (end excluded)."""

    term: str
    form: str
    start: int
    end: int


@lru_cache(maxsize=CACHE_SIZE)
def fold(text: str) -> str:
    """Lower case without accents."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


@lru_cache(maxsize=CACHE_SIZE)
def surface_form(word: str) -> str:
    """The word itself, folded, without the ending of a genitive or diminutive."""
    return fold(_GENITIVE.sub("", word))


def tokenize(text: str) -> list[str]:
    """The words of a text, as they are written."""
    return TOKEN.findall(text)


def folded_title(title: str) -> str:
    """The folded words of a title, by which titles are sorted and suggested."""
    return " ".join(fold(word) for word in tokenize(title))


def word_spans(text: str) -> NDArray[np.int64]:
    """Words × 2: the first and last (excluded) character of each that `TOKEN` finds.

    Quicker than the regular expression for a long text.
    """
    characters = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    is_inside = np.zeros(len(characters) + 2, bool)  # with one before and one after the text
    is_inside[1:-1] = _members(characters, str.isalnum)
    is_joint = _members(characters, APOSTROPHES.__contains__)
    is_inside[1:-1] |= is_joint & is_inside[:-2] & is_inside[2:]
    return np.flatnonzero(is_inside[1:] != is_inside[:-1]).reshape(-1, 2)


def _members(characters: NDArray[np.uint32], is_member: Callable[[str], bool]) -> NDArray[np.bool_]:
    """Which of these characters are members of a class."""
    counts = np.bincount(characters)
    members = np.zeros(len(counts), bool)
    members[[code for code in np.flatnonzero(counts).tolist() if is_member(chr(code))]] = True
    return members[characters]


class Analyzer:
    """One chain of analysis, with the same steps for documents and queries; safe for threads."""

    def __init__(self, without: Collection[Step] = ()) -> None:
        """`without` are steps to leave out, to measure what each brings (bench/relevance.py)."""
        self.without = frozenset(without)
        cached = lru_cache(maxsize=CACHE_SIZE)
        self.term: Callable[[str], str] = cached(self._term)
        self.part_terms: Callable[[str], tuple[str, ...]] = cached(self._part_terms)
        self.index_terms: Callable[[str], tuple[str, ...]] = cached(self._index_terms)
        self._chunk_terms: Callable[[str], tuple[str, ...]] = cached(self._terms_of_chunk)
        self._chunk_rows: Callable[[str], tuple[int, ...]] = cached(self._vector_rows_of_chunk)

    def _term(self, word: str) -> str:
        """The term of a word."""
        lowered = _GENITIVE.sub("", unicodedata.normalize("NFC", word).lower())
        folded = fold(lowered)
        if "stems" in self.without:
            return folded
        if folded in TERM_EXCEPTIONS:
            return TERM_EXCEPTIONS[folded]
        return stem_term(folded) if "lemmas" in self.without else lemma_term(lowered)

    def parts(self, word: str) -> tuple[str, ...]:
        """The words that a compound is made of, the head last; empty for any other word."""
        if "compounds" in self.without or is_verb_form(word.lower()):
            return ()
        return split_compound(surface_form(word))

    def _part_terms(self, word: str) -> tuple[str, ...]:
        """The terms of a compound's parts, the head last; empty for any other word."""
        return tuple(map(self.term, self.parts(word)))

    def _index_terms(self, word: str) -> tuple[str, ...]:
        """The terms under which a word is indexed: its own, then those of its parts."""
        *modifiers, head = self.part_terms(word) or ("",)
        own = self.term(word)
        return (own, *(MODIFIER + part for part in modifiers), *([HEAD + head] if head else []))

    def _terms_of_chunk(self, chunk: str) -> tuple[str, ...]:
        """The index terms of a piece of text without spaces: no word has one in it."""
        return tuple(term for word in tokenize(chunk) for term in self.index_terms(word))

    def _vector_rows_of_chunk(self, chunk: str) -> tuple[int, ...]:
        """The rows of the word vectors of a piece of text without spaces."""
        words = (surface_form(word) for word in tokenize(chunk) if not self.is_stop_word(word))
        return tuple(row for word in words for row in word_vectors().rows_of(word))

    def vector(self, texts: Iterable[str]) -> Vector:
        """The vector of some texts together, without stop words; zeros for none that is known."""
        chunks = chain.from_iterable(text.split() for text in texts)
        rows = tuple(chain.from_iterable(map(self._chunk_rows, chunks)))
        return word_vectors().sum(rows)

    def weight(self, text: str) -> float:
        """How much the rarest of some words says; what is unknown says most."""
        words = map(surface_form, tokenize(text))
        return max((word_vectors().weight(word) for word in words), default=0.0)

    def terms(self, text: str) -> tuple[str, ...]:
        """The term of each word of a text, in its order; parts of compounds are left out."""
        return tuple(self.term(word) for word in tokenize(text))

    def text_index_terms(self, text: str) -> Iterator[str]:
        """The index terms of all words of a text; quicker than a look at each word."""
        return chain.from_iterable(map(self._chunk_terms, text.split()))

    def tokens(self, text: str) -> Iterator[Token]:
        """The words of a text, with their places in it."""
        for match in TOKEN.finditer(text):
            word = match.group()
            yield Token(self.term(word), surface_form(word), match.start(), match.end())

    def is_word(self, word: str) -> bool:
        """Whether a word exists in Dutch or English, or is a compound of words that do."""
        return bool(self.part_terms(word)) or is_known(_GENITIVE.sub("", word.lower()))

    def is_stop_word(self, word: str) -> bool:
        """Whether a word says too little to search for."""
        return "stop words" not in self.without and fold(word) in STOP_WORDS

    def is_filler_word(self, word: str) -> bool:
        """Whether a word of a query may count for the order, but need not be met."""
        return "filler words" not in self.without and fold(word) in FILLER_WORDS

    def fingerprint(self) -> str:
        """Changes when an index must be made again: for another analysis.

        Not for other terms of the vocabulary: the index follows their changes.
        """
        left_out = "".join(f"-{step}" for step in sorted(self.without))
        made_with = f"{word_vectors().checksum:08x}-{places_fingerprint()}"
        return f"{ANALYSIS_VERSION}-{made_with}{left_out}"


DUTCH = Analyzer()  # of every index and query, but for measurements
