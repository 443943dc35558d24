"""What a Dutch word is made of: the stem of its lemma, and the parts of a compound.

All forms and derivations of a word are indexed under the stem of its lemma. simplemma's lemma comes
first, then the verb of a participle that it does not know, then the stem (Kraaij-Pohlmann), but
where that takes away what belongs to the word: the `ge` of gemeente and geweld, or nearly all of a
short word. `docs/decisions/0034-which-words-are-one.md` has the choice.

A compound (woningtoewijzing) is split into parts (woning, toewijzing) that `parts.txt.gz` has, made
by `bench/compounds.py` from OpenTaal's word list (BSD or CC BY 3.0) and the words of the first
content; `docs/decisions/0009-compounds.md` has the choice. On a list of compounds held out while it
was made, 94% of the splits were right, and 88% of the compounds were split right.
"""

from __future__ import annotations

import gzip
import re
import threading
import unicodedata
from functools import cache, lru_cache
from importlib import resources

import simplemma
import Stemmer

from kb.search.analysis.dutch import NO_PARTICIPLES, NOUNS_OF_VERBS, TERM_EXCEPTIONS

MIN_DERIVED_STEM = 4  # letters that must remain of a word without -ing, -heid, -ig and the like
MIN_BARE_WORD = 3  # letters
MIN_PART_LENGTH = 4  # letters
MAX_PARTS = 3
NUMBERS = frozenset(  # vijfhonderd is another number than vijf, and no kind of honderd
    """
    een twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien
    zeventien achttien negentien twintig dertig veertig vijftig zestig zeventig tachtig negentig
    honderd honderden duizend duizenden miljoen miljard tallen
    """.split()
)
ADJECTIVE_ENDINGS = frozenset(  # belangrijk is no kind of rijk, nor a matter of belang
    """
    rijk rijke rijker rijkere rijkste vol volle voller vrij vrije vrijer loos loze zaam zame baar
    bare matig matige matiger matigheid waardig waardige waardiger waardigheid krachtig krachtige
    krachtiger zinnig zinnige willig willige willigheid zakelijk zakelijke gewijs gewijze halve
    """.split()
)
OTHER_WORDS = ("goedkoop", "goedkope", "rechtvaardig", "bestanddel", "bestanddeel")  # beginnings
LINKING_SOUNDS = ("", "s", "en", "e")  # between two parts: herstructurering-s-wijk
CACHE_SIZE = 200_000  # words whose split is remembered
_SEPARABLE = (
    "aan|achter|af|bij|door|her|in|mee|na|neer|om|onder|op|over|samen|tegen|terug|toe|uit|vast|vol|"
    "voor|weg"
)
_GE = re.compile(r"ge(?=[^aeiou]*[aeiou]+[^aeiou])")
_PARTICIPLE = re.compile(rf"^((?:{_SEPARABLE})?)ge(.+[dt])(?:e|er|ere|ste?)?$")
_PREFIXED = re.compile(rf"^((?:{_SEPARABLE})?)(.*)$")
_ADJECTIVE_IN_BAAR = re.compile(r"^(.{3,})ba(?:ar(?:heid|heden|der|dere|ste?)?|re)$")
_INFINITIVE = re.compile(r"(?:en|ing)$")
_LONG_VOWEL = re.compile(r"([aeou])\1(?=[^aeiou]+$)")
_stemmer = Stemmer.Stemmer("dutch")  # Kraaij-Pohlmann since snowball 3
_stemmer_lock = threading.Lock()  # a Stemmer is not made for threads


def without_accents(text: str) -> str:
    """The letters alone, of a text in lower case."""
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def is_known(word: str) -> bool:
    """Whether a word in lower case is in the word lists of Dutch or English."""
    return any(simplemma.is_known(word, lang=language) for language in ("nl", "en"))


def is_verb_form(word: str) -> bool:
    """Whether a word in lower case is a form of a verb, as toenemende, or a verb of Latin kind.

    Its parts, if it has any, say little: waar is not in waarderen, nor rest in resterende.
    """
    lemma = simplemma.lemmatize(word, lang="nl").replace("_", "")
    is_inflected = lemma.endswith("en") and not word.startswith(lemma)
    return is_inflected or (lemma.endswith("eren") and not lemma.endswith("keren"))


def lemma_term(word: str) -> str:
    """The term of a word in lower case, by its lemma and stem."""
    lemma = simplemma.lemmatize(word, lang="nl").lower().replace("_", "")
    bare = without_accents(lemma)
    if term := TERM_EXCEPTIONS.get(bare):
        return term
    if adjective := _ADJECTIVE_IN_BAAR.match(without_accents(word)):
        return f"{adjective[1]}baar"  # leefbaar is another word than leven
    return stem_term(NOUNS_OF_VERBS.get(bare) or without_accents(verb_of(lemma) or lemma))


def stem_term(word: str) -> str:
    """The term of a word in lower case without accents, by its stem alone."""
    protected = _GE.sub("gè", word)  # the stemmer takes `ge` away, and not `gè`
    with _stemmer_lock:
        stem = without_accents(_stemmer.stemWord(protected))
    if len(stem) < MIN_DERIVED_STEM and word not in _inflections(stem):
        return _without_ending(word)
    return _LONG_VOWEL.sub(r"\1", stem) if len(stem) >= 6 else stem


def _inflections(stem: str) -> tuple[str, ...]:
    """A short stem with the endings of a verb, an adjective or a plural."""
    doubled = stem + stem[-1:]
    return (stem, f"{stem}en", f"{doubled}en", f"{stem}e", f"{doubled}e") if len(stem) > 2 else ()


def _without_ending(word: str) -> str:
    """A word of which the stemmer leaves too little: dulden → duld, heffing → hef, using."""
    bare = _INFINITIVE.sub("", word)
    if bare[-1:] == bare[-2:-1]:
        bare = bare[:-1]
    return bare if len(bare) >= MIN_BARE_WORD else word


def verb_of(lemma: str) -> str | None:
    """The infinitive of a weak participle: controleren of gecontroleerd, mengen of gemengder."""
    match = _PARTICIPLE.match(lemma)
    if not match or not NO_PARTICIPLES.isdisjoint((f"ge{match[2]}", f"{match[1]}ge{match[2]}")):
        return None
    return _infinitive(match[1] + without_accents(match[2][0]) + match[2][1:])


def _infinitive(stem: str) -> str | None:
    """The verb with this past tense, but for its last e; perhaps with something before it."""
    for past in (f"{stem}e", f"{stem}{stem[-1]}e"):
        infinitive = simplemma.lemmatize(past, lang="nl").replace("_", "")
        if infinitive != past and infinitive.endswith("en"):
            return infinitive
    prefix, rest = _PREFIXED.match(stem).groups()  # type: ignore[union-attr]  # it always matches
    verb = _infinitive(rest) if prefix else None
    return prefix + verb if verb else None


@cache
def part_words() -> frozenset[str]:
    """The words that may be a part of a compound, folded."""
    packed = (resources.files("kb.search.analysis") / "parts.txt.gz").read_bytes()
    return frozenset(gzip.decompress(packed).decode().split())


@lru_cache(maxsize=CACHE_SIZE)
def split_compound(word: str) -> tuple[str, ...]:
    """The parts of a folded compound, the last one its head; empty for any other word."""
    parts = _best_split(word, MAX_PARTS) or ()
    if NUMBERS.issuperset(parts) or parts[-1] in ADJECTIVE_ENDINGS:
        return ()
    return () if len(parts) == 2 and word.startswith(OTHER_WORDS) else parts


@lru_cache(maxsize=CACHE_SIZE)
def _best_split(word: str, max_parts: int) -> tuple[str, ...] | None:
    """The split into fewest parts, of those the one with the longest ones."""
    lexicon = part_words()
    candidates: list[tuple[tuple[int, int, int], tuple[str, ...]]] = []
    for at in range(len(word) - MIN_PART_LENGTH, MIN_PART_LENGTH - 1, -1):
        rest = word[at:]
        for first in _modifiers(word[:at]):
            tails: list[tuple[str, ...]] = [(rest,)] if rest in lexicon else []
            if max_parts > 2 and (tail := _best_split(rest, max_parts - 1)):
                tails.append(tail)
            for tail in tails:
                parts = (first, *tail)
                rank = (-len(parts), sum(len(part) ** 2 for part in parts), len(first))
                candidates.append((rank, parts))
    return max(candidates)[1] if candidates else None


def _modifiers(word: str) -> list[str]:
    """The parts that this may be, with or without a linking s, en or e at its end."""
    lexicon = part_words()
    bare = [word.removesuffix(sound) for sound in LINKING_SOUNDS if word.endswith(sound)]
    return [
        each for each in dict.fromkeys(bare) if len(each) >= MIN_PART_LENGTH and each in lexicon
    ]
