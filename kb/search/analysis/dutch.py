"""Dutch text → terms: words, folding, lemmas, stems, the parts of compounds, stop words.

A word is kept under its term: the stem (Kraaij-Pohlmann) of its lemma (simplemma), folded. A
compound is kept under the terms of its parts too: its head as `~term`, what stands before as
`^term`, so that a part counts for less than a whole word, and a head for more than the rest.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from itertools import chain
from typing import NamedTuple

import simplemma
import Stemmer

from kb.search.analysis import compounds
from kb.vocabulary.terms import every_term, field_words, fingerprint

ANALYSIS = 4  # raise it when the same text gives other terms: indexes are then made again
OFF: set[str] = set()  # parts of the chain that `bench/relevance.py` leaves out to weigh them
HEAD, MODIFIER = "~", "^"  # before the term of a compound's part
WORD = re.compile(r"[^\W_]+(?:['’‘`´][^\W_]+)*")
GENITIVE = re.compile(r"['’‘`´](?:s|tje|tjes)?$")
LONG_VOWEL = re.compile(r"([aeou])\1(?=[^aeiou]+$)")
STOP_WORDS = frozenset(
    """
    aan af al alle als altijd andere ben bij daar dan dat de der deze die dit doch doen door dus een
    eens elk elke en er ge geen geweest haar had hadden heb hebben heeft hem het hier hij hoe hun
    iemand iets ik in is ja je jij jou jouw jullie kan kon kunnen kun kunt maar me mee meer men met
    mij mijn moet moeten na naar niet niets nog nu of om omdat onder ons onze ook op over per reeds
    s te tegen ten ter terwijl toch toe toen tot tussen u uit uw van vanuit veel via volgens voor
    waar waarom waarbij waardoor wanneer want waren was wat we wel welk welke werd werden wie wij
    wil wilt willen word worden wordt zal zelf zich zij zijn zo zonder zou zouden ze
    a an and are as at by do does for from how in is it of on or that the their to what when which
    who why with
    """.split()
)
FRAME_WORDS = frozenset(  # how a question is put, or what everything here is about
    """
    project projecten people
    aanpakken beste beter betere blijf blijft blijven doet ga gaan gaat gebeuren gebeurt gemaakt
    geven geeft goed goede heel helpen helpt hielp hoort hoeveel hou houd houden houdt kiezen kies
    kom komen komt krijg krijgen krijgt laat laten lukt maak maakt maken mag mogelijk mogen nodig
    ontstaat regel regelen stopt voorbeeld voorbeelden voorkom voorkomen voorkomt vast werken
    werkt weten zet zetten zien ziet zorgen zorgt casus casussen valkuil valkuilen
    best better can could get good help helps make prevent should work works
    """.split()
)
EXCEPTIONS: Mapping[str, str] = {  # words that lemma and stem lead astray
    "jongere": "jongere",
    "jongeren": "jongere",
    "twintiger": "twintiger",  # and not twintig
    "twintigers": "twintiger",
    "youngsters": "youngster",
    "oudere": "oudere",
    "ouderen": "oudere",
    "slopen": "sloop",
    "sloopt": "sloop",
    "gesloopt": "sloop",
    "gesloopte": "sloop",
    "woning": "woning",  # and not wonen, which is everywhere
    "woningen": "woning",
    "gezin": "gezin",
    "gezinnen": "gezin",
    "zorgen": "zorg",
    "schuld": "schuld",
    "schulden": "schuld",
    "grens": "grens",
    "kans": "kans",
    "plaats": "plaats",
    "fonds": "fonds",
    "succes": "succes",
    "wens": "wens",
    "open": "open",
    "gewoon": "gewoon",
    "gewone": "gewoon",
    "daklozen": "dakloos",
    "mens": "mens",
    "mensen": "mens",
    "geld": "geld",
    "initiatief": "initiatief",
    "initiatieven": "initiatief",
    "inkomen": "inkomen",
    "inkomens": "inkomen",
    "huishouden": "huishouden",
    "huishoudens": "huishouden",
    "corporatie": "corporatie",
    "corporaties": "corporatie",
    "beheer": "beheer",
    "beheren": "beheer",
    "beheert": "beheer",
    "beheerd": "beheer",
    "beheerder": "beheer",
    "beheerders": "beheer",
}
_stemmer = Stemmer.Stemmer("dutch")  # Kraaij-Pohlmann since snowball 3
_stemmer_lock = threading.Lock()  # a Stemmer is not made for threads


class Token(NamedTuple):
    """A word of a text: its term, its folded form, and its characters (end excluded)."""

    term: str
    form: str
    start: int
    end: int


@lru_cache(maxsize=200_000)
def fold(text: str) -> str:
    """Lower case without accents."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


@lru_cache(maxsize=200_000)
def term(word: str) -> str:
    """The term under which a word is kept."""
    lowered = GENITIVE.sub("", unicodedata.normalize("NFC", word).lower())
    folded = fold(lowered)
    if "stems" in OFF:
        return folded
    if folded in EXCEPTIONS:
        return EXCEPTIONS[folded]
    lemma = lowered if "lemmas" in OFF else simplemma.lemmatize(lowered, lang="nl").lower()
    with _stemmer_lock:
        stem = fold(_stemmer.stemWord(lemma.replace("_", "")))
    return LONG_VOWEL.sub(r"\1", stem) if len(stem) >= 6 else stem


@lru_cache(maxsize=200_000)
def part_terms(word: str) -> tuple[str, ...]:
    """The terms of a compound's parts, the head last; empty for any other word."""
    if "compounds" in OFF:
        return ()
    return tuple(term(part) for part in compounds.parts(form(word)))


@lru_cache(maxsize=200_000)
def kept_terms(word: str) -> tuple[str, ...]:
    """The terms under which a word is kept: its own, then those of its parts."""
    *modifiers, head = part_terms(word) or ("",)
    return (term(word), *(MODIFIER + part for part in modifiers), *([HEAD + head] if head else []))


@lru_cache(maxsize=200_000)
def form(word: str) -> str:
    """The folded word itself, without the ending of a genitive."""
    return fold(GENITIVE.sub("", word))


def tokens(text: str) -> Iterator[Token]:
    """The words of a text; hyphens part words, an apostrophe does not."""
    for found in WORD.finditer(text):
        word = found.group()
        yield Token(term(word), form(word), found.start(), found.end())


def words(text: str) -> list[str]:
    """The words of a text as they are written."""
    return WORD.findall(text)


def terms(text: str) -> tuple[str, ...]:
    """The terms of a text, in its order."""
    return tuple(term(word) for word in words(text))


def terms_in(text: str) -> Iterator[str]:
    """All terms under which the words of a text are kept; quicker than a look at each word."""
    return chain.from_iterable(map(piece_terms, text.split()))


@lru_cache(maxsize=200_000)
def piece_terms(piece: str) -> tuple[str, ...]:
    """The terms of the words in a piece of text without spaces: no word has one in it."""
    return tuple(term for word in words(piece) for term in kept_terms(word))


def is_stop_word(word: str) -> bool:
    """Whether a word says too little to search for."""
    return fold(word) in STOP_WORDS


class Concept(NamedTuple):
    """A term of the vocabulary, and all that it is called."""

    key: str  # scheme/id; empty for words of the field that are no term
    label: str  # in Dutch
    names: tuple[tuple[str, ...], ...]  # each a phrase of terms, one word or more
    said: tuple[str, ...]  # the same, as people write them; empty for those in another language


@cache
def concepts() -> Mapping[tuple[str, ...], tuple[Concept, ...]]:
    """The concepts that each phrase of terms names; also when it is written as one word."""
    found: dict[tuple[str, ...], dict[Concept, None]] = {}
    for each in every_term():
        names = tuple(dict.fromkeys(name for name in each.names if terms(name)))
        told = {each.label("nl"), *each.synonyms["nl"]}
        concept = Concept(
            f"{each.scheme}/{each.id}",
            each.label("nl"),
            tuple(terms(name) for name in names),
            tuple(name if name in told else "" for name in names),
        )
        for name in names:
            found.setdefault(terms(name), {})[concept] = None
            found.setdefault((term("".join(words(name))),), {})[concept] = None
    for group in field_words().same:
        concept = Concept("", group[0], tuple(terms(name) for name in group), group)
        for name in group:
            found.setdefault(terms(name), {})[concept] = None
    for word, group in field_words().english.items():
        concept = Concept("", group[0], tuple(terms(name) for name in group), group)
        found.setdefault(terms(word), {})[concept] = None
    return {phrase: tuple(named) for phrase, named in found.items()}


@cache
def longest_name() -> int:
    """The number of words of the longest name in the vocabulary."""
    return max(len(phrase) for phrase in concepts())


def index_fingerprint() -> str:
    """Changes when an index made before must be made again: other terms, or another analysis."""
    return f"{ANALYSIS}-{fingerprint()}"
