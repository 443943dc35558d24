"""Generated cases and queries, the same on every machine: as many as a measurement needs.

    python -m bench.corpus cases 1000        (a JSON document a line)
    python -m bench.corpus queries

The words are those of the first content, as often as it has them, then the parts of Dutch
compounds (`kb/search/analysis/parts.txt.gz`), the rarer the further down, and compounds made on the
spot: a larger corpus has more different words, as real ones do. A case tells about one of 200
topics. In one release case i depends on nothing but i, so a small corpus is the beginning of every
larger one. All of it is nonsense in correct documents: good for measuring speed, for nothing else.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from itertools import accumulate, cycle
from random import Random
from typing import Any

from kb.search.analysis.analyzer import DUTCH, fold, tokenize
from kb.search.analysis.morphology import split_compound
from kb.vocabulary.terms import schemes

SEED = 20261123
TOPICS = 200
QUERIED_CASES = 1000  # cases that queries take their words from
NO_ID_LETTER = re.compile("[^a-z0-9-]")  # ids are plain kebab-case
ARCHETYPES = 20  # the first cases; they need no other case
PROSE = ("title", "summary", "context", "approach", "results", "how", "description", "claim")
PROVINCES = (
    *("Zuid-Holland", "Noord-Holland", "Noord-Brabant", "Gelderland", "Utrecht", "Overijssel"),
    *("Limburg", "Fryslân", "Groningen", "Drenthe", "Flevoland", "Zeeland"),
)
PLACE_BEGINS = (
    *("Ooster", "Wester", "Noorder", "Zuider", "Nieuw", "Oud", "Groot", "Klein", "Midden", "Hoog"),
    *("Laag", "Eiken", "Linden", "Elzen", "Berken", "Water", "Zand", "Klei", "Veen", "Kerk"),
)
PLACE_ENDS = (
    *("veen", "dorp", "hoven", "burg", "dam", "wolde", "drecht", "horst", "rijk", "kerk", "loo"),
    *("monde", "voort", "zijl", "haven"),
)
QUERY_KINDS = {"common": 25, "mixed": 29, "rare": 12, "compound": 16, "phrase": 10, "typo": 8}
FILTERED_SHARE = 0.39  # the share of the queries with one or two filters
LETTERS = "aeionrstl"


class Urn:
    """Things to draw, each as often as its weight says."""

    def __init__(self, things: Sequence[str], weights: Sequence[float], bits: int) -> None:
        """There are 2 ** `bits` slots, and every thing that fits has one or more."""
        ends = list(accumulate(weights))
        size = 1 << bits
        self.slots: list[str] = []
        for thing, end in zip(things, ends, strict=True):
            wanted = max(1, round(end / ends[-1] * size) - len(self.slots))
            self.slots += [thing] * wanted
        del self.slots[size:]
        self.slots += self.slots[: size - len(self.slots)]

    @classmethod
    def zipf(cls, things: Sequence[str], power: float, shift: float, bits: int) -> Urn:
        """The first one most, as words in a language are."""
        return cls(things, [(rank + shift) ** -power for rank in range(1, len(things) + 1)], bits)

    def draw(self, random: Random, number: int) -> list[str]:
        """As many as that; some perhaps more than once."""
        slots, last = self.slots, len(self.slots) - 1
        return [slots[at & last] for at in memoryview(random.randbytes(4 * number)).cast("I")]

    def distinct(self, random: Random, number: int) -> list[str]:
        """At most as many as that, each once."""
        return list(dict.fromkeys(self.draw(random, number)))


@dataclass(frozen=True)
class LogLine:
    """A query of the log."""

    kind: str
    words: tuple[str, ...]  # without stop words
    filters: Mapping[str, str] = field(default_factory=dict)  # by the names of the API

    @property
    def typed(self) -> str:
        """What stands in the search box."""
        text = " ".join(self.words)
        return f'"{text}"' if self.kind == "phrase" else text


class Words:
    """All words, in the urns that texts and queries are drawn from."""

    def __init__(self) -> None:
        random = Random(SEED)
        counted = _words_of_the_first_content()
        ranked = sorted(counted, key=lambda word: (-counted[word], word))
        packed = (resources.files("kb.search.analysis") / "parts.txt.gz").read_bytes()
        self.parts = gzip.decompress(packed).decode().split()
        random.shuffle(self.parts)
        self.telling = [word for word in ranked if not DUTCH.is_stop_word(word) and len(word) > 3]
        self.long = [word for word in self.telling if len(word) > 10 and split_compound(word)]
        self.own = Urn(ranked, [counted[word] for word in ranked], 18)
        self.usual = frozenset(self.telling[:400])
        self.tail = Urn.zipf(self.parts, 1.0, 12, 18)
        self.topics = [self._topic(random) for _ in range(TOPICS)]

    def _topic(self, random: Random) -> Urn:
        own = random.sample(self.telling[:400], 12) + random.sample(self.telling, 60)
        random.shuffle(own)
        return Urn.zipf(own + random.sample(self.parts, 80), 0.8, 4, 12)

    def compound(self, random: Random) -> str:
        """One that was perhaps never written before."""
        first, last = self.tail.draw(random, 2)
        return first + last

    def sentence(self, random: Random, topic: Urn, number: int) -> str:
        """Words of a topic among words of the language, without a full stop."""
        words = self.own.draw(random, number)
        special = iter(topic.draw(random, number))
        rare = iter(self.tail.draw(random, number))
        for at, chance in enumerate(random.randbytes(number)):
            if chance < 56:  # of 256
                words[at] = next(special)
            elif chance < 92:
                words[at] = next(rare)
            elif chance < 96:
                words[at] = self.compound(random)
        words[0] = words[0].capitalize()
        return " ".join(words)

    def text(self, random: Random, topic: Urn, number: int) -> str:
        """Sentences of 13 words, and a last one of what is left."""
        lengths = [13] * (number // 13) + [number % 13] * (number % 13 > 0)
        return " ".join(self.sentence(random, topic, each) + "." for each in lengths)


class Corpus:
    """Cases by number, counted from 0."""

    def __init__(self) -> None:
        self.words = Words()
        self.tags = {name: _tags(name) for name in schemes()}
        self.provinces = _municipalities()
        self.places = Urn.zipf(list(self.provinces), 0.8, 3, 14)

    def cases(self, number: int, first: int = 0) -> Iterator[dict[str, Any]]:
        """The documents of the cases from `first` until `number`, as an editor would give them."""
        return (self.case(each) for each in range(first, number))

    def case(self, number: int) -> dict[str, Any]:
        """One document, which can be published."""
        random = Random(SEED * 1_000_003 + number)
        topic = self.words.topics[int(TOPICS * random.random() ** 1.4)]
        slug = f"{random.choice(topic.slots[:2000])}-{number}" if number else "archetype-0"
        if number < ARCHETYPES:
            slug = f"archetype-{number}"
        slug = NO_ID_LETTER.sub("", fold(slug))
        start = 2026 - int(22 * random.random() ** 1.5)
        named = number >= ARCHETYPES and random.random() < 0.4
        place = self.places.draw(random, 1)[0]

        draw = _Draw(self, random, topic)
        return {
            "id": slug,
            "kind": "praktijk" if number >= ARCHETYPES else "archetype",
            "archetype": f"archetype-{random.randrange(ARCHETYPES)}" if named else None,
            "title": self.words.sentence(random, topic, random.randint(4, 9))[:200].strip(),
            "summary": draw.prose(35, 52)[:600].strip(),
            "context": draw.prose(70, 120),
            "approach": draw.prose(85, 150),
            "results": draw.prose(50, 90),
            "place": {
                "country": "NL",
                "province": self.provinces[place],
                "municipality": place,
                "neighbourhood": self.words.compound(random).capitalize(),
            },
            "startYear": start,
            "endYear": start + random.randint(0, 8) if random.random() < 0.6 else None,
            "status": draw.one("statuses"),
            "scale": draw.one("scales"),
            "dwellings": random.randint(8, 2400),
            "strategies": draw.some("strategies", 1, 3),
            "targetGroups": draw.some("target-groups", 1, 3),
            "parties": [
                {
                    "name": f"{schemes()['party-roles'].terms[role].label('nl')} {place}",
                    "role": role,
                }
                for role in draw.some("party-roles", 1, 4)
            ],
            **draw.parts(slug, start),
        }

    def queries(self, lines: int = 2000, different: int = 700) -> list[LogLine]:
        """A log in which some queries come back often and most do not."""
        random = Random(SEED + 7)
        kinds = random.choices(list(QUERY_KINDS), list(QUERY_KINDS.values()), k=different)
        distinct = [
            LogLine(kind, tuple(dict.fromkeys(self._typed(random, kind))), self._filters(random))
            for kind in kinds
        ]
        log = Urn.zipf([str(number) for number in range(different)], 0.9, 5, 14)
        return [distinct[int(number)] for number in log.draw(random, lines)]

    def _typed(self, random: Random, kind: str) -> list[str]:
        """The words of a query; but for typos they stand together in one of the first cases."""
        words = tokenize(self.case(random.randrange(QUERIED_CASES))["approach"].lower())
        if kind == "phrase":
            return _pair(random, words)
        if kind == "typo":
            usual = [word for word in self.words.telling[:1500] if len(word) > 6]
            return [_mistyped(random, random.choice(usual))]
        telling = [word for word in words if len(word) > 3 and not DUTCH.is_stop_word(word)]
        common = [word for word in telling if word in self.words.usual]
        rare = [word for word in telling if word not in self.words.usual]
        if kind == "common":
            return random.sample(common, random.choice((1, 1, 2, 2, 3)))
        if kind == "mixed":
            number = random.choice((1, 1, 2))
            return random.sample(common, random.choice((1, 2))) + random.sample(rare, number)
        if kind == "rare":
            return random.sample(rare, random.choice((1, 1, 2)))
        long = [word for word in telling if len(word) > 9 and split_compound(word)]
        more = random.sample(common, 1) if random.random() < 0.4 else []
        return [random.choice(long or self.words.long), *more]

    def _filters(self, random: Random) -> dict[str, str]:
        if random.random() > FILTERED_SHARE:
            return {}
        urns = {
            "strategy": self.tags["strategies"],
            "ingredient": self.tags["ingredients"],
            "targetGroup": self.tags["target-groups"],
            "scale": self.tags["scales"],
            "municipality": self.places,
        }
        chosen = random.sample(list(urns), random.choice((1, 1, 2)))
        return {name: urns[name].draw(random, 1)[0] for name in chosen}


@dataclass(frozen=True)
class _Draw:
    """Draws what one document says, in the order in which it is asked."""

    corpus: Corpus
    random: Random
    topic: Urn

    def prose(self, fewest: int, most: int) -> str:
        return self.corpus.words.text(self.random, self.topic, self.random.randint(fewest, most))

    def sentence(self, words: int) -> str:
        return self.corpus.words.sentence(self.random, self.topic, words)

    def one(self, scheme: str) -> str:
        return self.corpus.tags[scheme].draw(self.random, 1)[0]

    def some(self, scheme: str, fewest: int, most: int) -> list[str]:
        tags = self.corpus.tags[scheme]
        return tags.distinct(self.random, self.random.randint(fewest, most))

    def parts(self, slug: str, start: int) -> dict[str, Any]:
        """Its ingredients, pitfalls, finding and source."""
        return {
            "ingredients": [
                {"id": each, "how": self.prose(6, 12)} for each in self.some("ingredients", 2, 6)
            ],
            "pitfalls": [
                {
                    "id": f"{slug}--valkuil-{nth}",
                    "title": self.sentence(self.random.randint(3, 6))[:200],
                    "category": self.one("pitfall-categories"),
                    "phase": self.one("phases"),
                    "description": self.prose(14, 26),
                    "avoidance": self.prose(8, 14),
                }
                for nth in (1, 2)
            ],
            "findings": [
                {
                    "id": f"{slug}--bevinding-1",
                    "claim": self.prose(10, 18),
                    "domain": self.one("effect-domains"),
                    "level": self.one("effect-levels"),
                    "direction": self.one("effect-directions"),
                    "evidence": self.one("evidence-levels"),
                    "source": "bron-1",
                }
            ],
            "sources": [
                {
                    "id": "bron-1",
                    "title": self.sentence(6),
                    "year": start,
                    "sourceType": self.one("source-types"),
                }
            ],
        }


def _words_of_the_first_content() -> Counter[str]:
    """How often the running texts of the first cases have each word."""
    counted: Counter[str] = Counter()
    folder = resources.files("seed_data") / "cases"
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        for text in _prose(json.loads(path.read_text("utf-8"))):
            counted.update(word.lower() for word in tokenize(text) if word.isalpha())
    return counted


def _prose(document: Any) -> Iterator[str]:
    for key, value in document.items():
        if isinstance(value, str) and key in PROSE:
            yield value
        for each in value if isinstance(value, list) and key != "sources" else ():
            if isinstance(each, dict):
                yield from _prose(each)


def _tags(scheme: str) -> Urn:
    return Urn.zipf(list(schemes()[scheme].terms), 0.7, 3, 12)


def _municipalities() -> dict[str, str]:
    """Three hundred that do not exist, each in a province that does; the largest first."""
    random = Random(SEED + 1)
    names = [begin + end for begin in PLACE_BEGINS for end in PLACE_ENDS]
    random.shuffle(names)
    return dict(zip(names, cycle(PROVINCES), strict=False))


def _pair(random: Random, words: list[str]) -> list[str]:
    """Two words that stand side by side, and tell something."""
    for at in random.sample(range(len(words) - 1), len(words) - 1):
        pair = words[at : at + 2]
        if not any(DUTCH.is_stop_word(word) for word in pair):
            return pair
    return words[:2]


def _mistyped(random: Random, word: str) -> str:
    """A letter less, more, other, or two swapped."""
    at = random.randrange(1, len(word) - 1)
    return random.choice(
        (
            word[:at] + word[at + 1 :],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + random.choice(LETTERS) + word[at:],
            word[:at] + random.choice(LETTERS) + word[at + 1 :],
        )
    )


@cache
def corpus() -> Corpus:
    """The only one; making its urns takes a second."""
    return Corpus()


def main() -> None:
    """Print cases or queries, a JSON document a line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("what", choices=("cases", "queries"))
    parser.add_argument("number", type=int, nargs="?", default=2000)
    options = parser.parse_args()
    if options.what == "cases":
        cases: Iterator[Any] = corpus().cases(options.number)
    else:
        cases = (
            {"q": each.typed, "kind": each.kind, "filters": each.filters}
            for each in corpus().queries(options.number)
        )
    for each in cases:
        sys.stdout.write(json.dumps(each, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
