"""Make `kb/search/analysis/parts.txt.gz`: the words that Dutch compounds are made of.

    python -m bench.compounds /usr/share/dict/dutch    (Debian's wdutch: OpenTaal's word list)

A word is kept when it is no compound itself and at least three words of the list are made with
it, or when the first content has it twice. Words of four letters, and the few shorter ones, are
kept only when the content has them: among short words nearly any split would be found.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections import Counter
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from kb.search.analysis.analyzer import fold, tokenize
from kb.search.analysis.morphology import LINKING_SOUNDS, MIN_PART_LENGTH

LONGEST_PART, LONGEST_WORD = 16, 24
MIN_COMPOUNDS = 3  # words of the list
NO_PARTS = frozenset(  # prefixes and endings that look like words
    """
    aan acht achter arden atie baar binnen boven buiten chillen deert deren deze dient door eerden
    elen ende enden ener erig eren geen haar hagen hebben heden heel heen heid hoven igen ings inter
    isme iteit kante landers lands lang langs lende lieden lijke ling loosheid loze mede meer naar
    naast neder nemers niet onder ongs oren over pelde pelden samen schap schappelijk schappelijke
    sters ster tallen tegen teren tief tjes toch tussen veel vers vest vesten vesting voor weer
    willig willige williger zeer zich zijn zonder
    """.split()
)
FIELD = frozenset(  # short words that the field makes compounds with
    """
    arts bouw buur dorp flat fonds gang gast geld groep groen hulp huur jeugd kans klus koop leef
    mantel markt nood plan prijs raad spel stad steun straat taal team werk wijk woon zorg zwerf
    arm huis buurt
    """.split()
)


def content() -> Counter[str]:
    """How often the first content has each word."""
    counted: Counter[str] = Counter()
    for path in Path(str(resources.files("seed_data"))).rglob("*.json"):
        for text in _texts(json.loads(path.read_text("utf-8"))):
            counted.update(fold(word) for word in tokenize(text))
    return counted


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)


def splits(word: str, candidates: set[str]) -> Iterator[tuple[str, str]]:
    """Every way to see a word as two known words, with or without a linking sound."""
    for at in range(MIN_PART_LENGTH, len(word) - MIN_PART_LENGTH + 1):
        head = word[at:]
        if head not in candidates:
            continue
        for link in LINKING_SOUNDS:
            first = word[:at].removesuffix(link)
            if word[:at].endswith(link) and len(first) >= MIN_PART_LENGTH and first in candidates:
                yield first, head


def parts(listed: set[str], counted: Counter[str]) -> list[str]:
    """The words to keep, in alphabetical order."""
    candidates = {word for word in listed if MIN_PART_LENGTH < len(word) <= LONGEST_PART}
    candidates |= {word for word in listed if len(word) == MIN_PART_LENGTH and counted[word] >= 2}
    candidates = (candidates | FIELD) - NO_PARTS
    made_with: Counter[str] = Counter()
    compounds = set()
    for word in listed:
        ways = list(splits(word, candidates))
        if ways:
            compounds.add(word)
        for pair in ways:
            for part in pair:
                made_with[part] += 1 / len(ways)  # type: ignore[assignment]  # a share
    chosen = {word for word in candidates - compounds if made_with[word] >= MIN_COMPOUNDS}
    chosen |= {word for word in candidates if counted[word] >= 2 and len(word) <= 13}
    return sorted(chosen | FIELD)


def main() -> None:
    """Read the word list and write the parts beside the code that uses them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("list", type=Path, help="a word a line")
    lines = parser.parse_args().list.read_text("utf-8").split()
    listed = {
        fold(word)
        for word in lines
        if word.isalpha() and word.islower() and len(word) <= LONGEST_WORD
    }
    chosen = parts(listed, content())
    packed = gzip.compress("".join(f"{word}\n" for word in chosen).encode(), 9, mtime=0)
    Path(str(resources.files("kb.search.analysis") / "parts.txt.gz")).write_bytes(packed)
    print(f"{len(chosen)} words, {len(packed)} bytes")


if __name__ == "__main__":
    main()
