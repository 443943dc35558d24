"""Dutch compounds → their parts: woningtoewijzing → woning + toewijzing.

The parts come from `parts.txt.gz`, made by `bench/compounds.py` from OpenTaal's word list (BSD or
CC BY 3.0) and the words of the first content; `docs/decisions/0009-compounds.md` has the choice.
On a list of compounds held out while it was made, 94% of the splits were right, and 88% of the
compounds were split right.
"""

from __future__ import annotations

import gzip
from functools import cache, lru_cache
from importlib import resources

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


@cache
def part_words() -> frozenset[str]:
    """The words that may be a part of a compound, folded."""
    packed = (resources.files("kb.search.analysis") / "parts.txt.gz").read_bytes()
    return frozenset(gzip.decompress(packed).decode().split())


@lru_cache(maxsize=CACHE_SIZE)
def split(word: str) -> tuple[str, ...]:
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
