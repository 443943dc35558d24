"""Dutch text → terms: words, folding, stop words, stems, and the synonyms of the vocabulary."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import NamedTuple

import Stemmer

from kb.vocabulary.terms import every_term, fingerprint

ANALYSIS = 1  # raise it when the same text gives other terms: indexes are then made again
WORD = re.compile(r"[^\W_]+")
APOSTROPHE = re.compile(r"['’‘`´]")
STOP_WORDS = frozenset(
    [
        "aan",
        "al",
        "alles",
        "als",
        "altijd",
        "andere",
        "ben",
        "bij",
        "daar",
        "dan",
        "dat",
        "de",
        "der",
        "deze",
        "die",
        "dit",
        "doch",
        "doen",
        "door",
        "dus",
        "een",
        "eens",
        "en",
        "er",
        "ge",
        "geen",
        "geweest",
        "haar",
        "had",
        "heb",
        "hebben",
        "heeft",
        "hem",
        "het",
        "hier",
        "hij",
        "hoe",
        "hun",
        "iemand",
        "iets",
        "ik",
        "in",
        "is",
        "ja",
        "je",
        "kan",
        "kon",
        "kunnen",
        "maar",
        "me",
        "meer",
        "men",
        "met",
        "mij",
        "mijn",
        "moet",
        "moeten",
        "na",
        "naar",
        "niet",
        "niets",
        "nog",
        "nu",
        "of",
        "om",
        "omdat",
        "onder",
        "ons",
        "onze",
        "ook",
        "op",
        "over",
        "reeds",
        "te",
        "tegen",
        "ten",
        "ter",
        "toch",
        "toen",
        "tot",
        "u",
        "uit",
        "uw",
        "van",
        "veel",
        "voor",
        "waar",
        "waarom",
        "wanneer",
        "want",
        "waren",
        "was",
        "wat",
        "we",
        "wel",
        "werd",
        "wie",
        "wij",
        "wil",
        "worden",
        "wordt",
        "zal",
        "ze",
        "zelf",
        "zich",
        "zij",
        "zijn",
        "zo",
        "zonder",
        "zou",
        "welke",
        "welk",
        "the",
        "of",
        "and",
        "to",
        "a",
        "an",
        "for",
        "what",
        "how",
        "is",
        "are",
        "with",
        "on",
        "do",
        "does",
    ]
)
EXCEPTIONS = {  # words that the stemmer parts from their own singular
    "steden": "stad",
    "kinderen": "kind",
    "sociale": "sociaal",
    "gezinnen": "gezin",
    "leden": "lid",
    "schepen": "schip",
}
_stemmer = Stemmer.Stemmer("dutch")  # Kraaij-Pohlmann in snowball 3
_stemmer_lock = threading.Lock()  # a Stemmer is not made for threads


class Token(NamedTuple):
    """A word of a text: its term, and the characters it takes (end excluded)."""

    term: str
    start: int
    end: int


def fold(text: str) -> str:
    """Lower case without accents; as many characters as before are not promised."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


@lru_cache(maxsize=200_000)
def term(word: str) -> str:
    """The term under which a word is kept: its stem, folded."""
    lowered = unicodedata.normalize("NFC", word).lower()
    if fold(lowered) in EXCEPTIONS:
        return EXCEPTIONS[fold(lowered)]
    with _stemmer_lock:
        return fold(_stemmer.stemWord(lowered))


def tokens(text: str) -> Iterator[Token]:
    """The words of a text. Hyphens part words; an apostrophe before an s goes with it."""
    for found in WORD.finditer(text):
        yield Token(term(found.group()), found.start(), found.end())


def terms(text: str) -> tuple[str, ...]:
    """The terms of a text, in its order."""
    return tuple(token.term for token in tokens(text))


def is_stop_word(word: str) -> bool:
    """Whether a word says too little to search for."""
    return fold(word) in STOP_WORDS


class Concept(NamedTuple):
    """A term of the vocabulary and all that it is called, as terms of this analysis."""

    key: str  # scheme/id
    names: tuple[tuple[str, ...], ...]  # each a phrase of one word or more
    said: tuple[str, ...]  # the same, as people write them


@cache
def concepts() -> Mapping[tuple[str, ...], tuple[Concept, ...]]:
    """The concepts that each phrase of terms may mean."""
    found: dict[tuple[str, ...], tuple[Concept, ...]] = {}
    for each in every_term():
        said = tuple(dict.fromkeys(name for name in each.names if terms(name)))
        concept = Concept(f"{each.scheme}/{each.id}", tuple(terms(name) for name in said), said)
        for phrase in dict.fromkeys(concept.names):
            found[phrase] = (*found.get(phrase, ()), concept)
    return found


@cache
def longest_name() -> int:
    """The number of words of the longest name in the vocabulary."""
    return max(len(phrase) for phrase in concepts())


def index_fingerprint() -> str:
    """Changes when an index made before must be made again: other terms, or another analysis."""
    return f"{ANALYSIS}-{fingerprint()}"
