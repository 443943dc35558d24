"""A word, phrase or pair of words of a query → its expansions: the ways in which it may be met.

`woningtoewijzing` is met by itself, as a part of a longer compound, by its own parts together
(`toewijzing van woningen`), by a tag of the vocabulary that it names, and by other names of that.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from functools import cache
from itertools import pairwise
from typing import Literal, NamedTuple

from kb.search.analysis.analyzer import HEAD, MODIFIER, Analyzer, fold, tokenize
from kb.search.analysis.dutch import PLACE_NAMES
from kb.search.analysis.morphology import split_compound
from kb.search.analysis.synonyms import (
    Relation,
    concepts,
    longest_name,
    names_written_as_one,
    relations,
)

PROXIMITY_WINDOW = 6  # words between which the terms of a `near` expansion must stand together
WEIGHTS = {  # of an expansion, beside 1 for the very word
    "head": 0.6,  # woning in huurwoning
    "modifier": 0.25,  # woning in woningcorporatie
    "split": 0.7,  # toewijzing van woningen for woningtoewijzing
    "joined": 0.9,  # galerijflat for galerij flat
    "concept": 1.0,  # a tag of the vocabulary that the words name
    "id": 2.0,  # the id of the document itself
    "pair": 0.5,  # two words of the query that stand together
    "same": 0.7,  # another word of the field for the same, which is no tag
    "label": 0.8,  # the label of that tag, in the text
    "synonym": 0.5,  # another name of that tag, in the text
    "narrower": 0.6,  # a kind of what was typed
    "queryOnly": 0.4,  # what people who type this often look for
}
Kind = Literal["phrase", "near", "concept"]
TermPositions = Mapping[str, Sequence[int]]  # where terms stand in a passage, in words from 0


class Expansion(NamedTuple):
    """One way to meet a clause: terms side by side, terms near each other, or a tag."""

    kind: Kind
    terms: tuple[tuple[str, ...], ...]  # for each word the terms that will do; empty for a tag
    weight: float
    text: str  # as people write it; empty when it need not be shown
    concept: str = ""  # the key of a tag: scheme/id

    def may_stand_with(self, groups: int) -> bool:
        """Whether a passage with just these of its words has enough of them, wherever they stand.

        `groups` has a bit for each of `terms`, the first one lowest.
        """
        if self.kind == "near" and len(self.terms) > 1:
            return bool(groups & groups >> 1)
        return groups == (1 << len(self.terms)) - 1

    @property
    def only_term(self) -> str:
        """Its term, when it has just one, as most have; else an empty text."""
        return self.terms[0][0] if len(self.terms) == 1 and len(self.terms[0]) == 1 else ""

    def spans(self, positions: TermPositions) -> Iterator[tuple[int, int]]:
        """Where it stands in a passage: the first and the last position of each place.

        `positions` are those of the terms, as `term_positions` gives them. Of `near` terms these
        are the places of the pairs. Together with `is_met` this defines what a phrase and `near`
        mean; engines find the same documents by other means.
        """
        groups = [
            {position for term in terms for position in positions.get(term, ())}
            for terms in self.terms
        ]
        if self.kind == "near" and len(groups) > 1:
            for first, second in pairwise(groups):
                yield from _near_places(first, second)
        elif groups and all(groups):
            for start in sorted(groups[0]):
                if all(start + step in group for step, group in enumerate(groups)):
                    yield start, start + len(groups) - 1

    def pairs(self) -> tuple[Expansion, ...]:
        """What a document must meet, each by itself: of `near` terms each with the next one.

        So three words that are near each other are two pairs, which may stand apart.
        """
        if self.kind != "near" or len(self.terms) < 3:
            return (self,)
        return tuple(self._replace(terms=pair) for pair in pairwise(self.terms))

    def is_met(self, passages: Collection[TermPositions]) -> bool:
        """Whether a document with these passages meets it; for a tag always no."""
        return all(
            any(True for positions in passages for _ in pair.spans(positions))
            for pair in self.pairs()
        )


def _near_places(first: set[int], second: set[int]) -> Iterator[tuple[int, int]]:
    """Where a position of the first has one of the second within the window."""
    for position in sorted(first):
        nearest = min(second, key=lambda other: abs(other - position), default=None)
        if nearest is not None and abs(nearest - position) <= PROXIMITY_WINDOW:
            yield min(nearest, position), max(nearest, position)


def term_positions(words: Iterable[Sequence[str]], wanted: Set[str]) -> dict[str, list[int]]:
    """The positions of each wanted term in a passage, from 0, given the terms of each word."""
    positions: dict[str, list[int]] = {}
    for position, terms in enumerate(words):
        if not wanted.isdisjoint(terms):
            for term in terms:
                if term in wanted:
                    positions.setdefault(term, []).append(position)
    return positions


def expand_phrase(text: str, analyzer: Analyzer) -> tuple[Expansion, ...]:
    """A phrase between quotes is met by its own words alone, side by side."""
    return (Expansion("phrase", tuple((term,) for term in analyzer.terms(text)), 1.0, text),)


def expand_place_name(text: str, analyzer: Analyzer) -> tuple[Expansion, ...]:
    """A name of several words is met by them side by side, or by another name of the place."""
    return (*expand_phrase(text, analyzer), *_expand_name(analyzer.terms(text), analyzer))


def expand_word(text: str, analyzer: Analyzer, *, is_split: bool) -> tuple[Expansion, ...]:
    """The ways to meet one word by itself, the word first; in its parts when `is_split`."""
    own = analyzer.terms(text)
    if len(own) > 1:
        return _expand_compound_with_signs(text, own, analyzer)
    [term] = own
    name = names_written_as_one(analyzer).get(term, ())
    expansions = [
        Expansion("phrase", ((term,),), 1.0, text),
        Expansion("phrase", ((HEAD + term,),), WEIGHTS["head"], f"…{text}"),
        Expansion("phrase", ((MODIFIER + term,),), WEIGHTS["modifier"], f"{text}…"),
    ]
    if is_split and (parts := analyzer.part_terms(text)):
        written = " ".join(split_compound(fold(text)))
        expansions.append(_near(parts, WEIGHTS["split"], written))
    if name:
        expansions.append(_name_apart(name, analyzer))
    return (*expansions, *_expand_name(own, analyzer), *_expand_name(name, analyzer))


def _name_apart(name: tuple[str, ...], analyzer: Analyzer) -> Expansion:
    """A name of several words that was typed as one, or with hyphens."""
    if name in _places(analyzer):
        return Expansion("phrase", tuple((term,) for term in name), WEIGHTS["split"], "")
    return _near(name, WEIGHTS["split"], "")


def _expand_compound_with_signs(
    text: str, own: tuple[str, ...], analyzer: Analyzer
) -> tuple[Expansion, ...]:
    """Of several words with a hyphen or another sign between them: also as if there were none."""
    joined = "".join(tokenize(text))
    apart = _name_apart(own, analyzer)._replace(weight=1.0, text=text)
    expansions = (
        apart,
        Expansion("phrase", ((analyzer.term(joined),),), WEIGHTS["joined"], joined),
        Expansion("concept", (), WEIGHTS["id"], text, f"id/{text.lower()}"),
        *_expand_name(own, analyzer),
        *expand_word(joined, analyzer, is_split=True)[1:],
    )
    return tuple({each[:2] + each[4:]: each for each in expansions[::-1]}.values())[::-1]


@cache
def _places(analyzer: Analyzer) -> frozenset[tuple[str, ...]]:
    """The names of places of several words, as terms."""
    return frozenset(analyzer.terms(" ".join(name)) for name in PLACE_NAMES)


def _near(terms: Iterable[str], weight: float, text: str) -> Expansion:
    """Terms near each other, each as a word by itself or as a part of a compound."""
    groups = tuple((term, HEAD + term, MODIFIER + term) for term in terms)
    return Expansion("near", groups, weight, text)


def _expand_name(own: tuple[str, ...], analyzer: Analyzer) -> tuple[Expansion, ...]:
    """The concepts that the words name: their tag, and their other names in the text."""
    expansions: dict[object, Expansion] = {}
    for concept in concepts(analyzer).get(own, ()):
        is_tag = bool(concept.key)
        if is_tag:
            expansions[concept.key] = Expansion(
                "concept", (), WEIGHTS["concept"], concept.label, concept.key
            )
        for name, spelling in zip(concept.names, concept.spellings, strict=True):
            if name != own:
                weight = WEIGHTS["synonym" if is_tag else "same"]
                if is_tag and spelling == concept.label:
                    weight = WEIGHTS["label"]
                terms = tuple((term,) for term in name)
                expansions.setdefault(name, Expansion("phrase", terms, weight, spelling))
    for relation in relations(analyzer).get(own, ()):
        expansions.setdefault(relation.key or relation.terms, _expand_relation(relation))
    return tuple(expansions.values())


def _expand_relation(relation: Relation) -> Expansion:
    weight = WEIGHTS[relation.kind]
    if relation.key:
        return Expansion("concept", (), weight, relation.text, relation.key)
    return Expansion("phrase", tuple((each,) for each in relation.terms), weight, relation.text)


def expand_neighbours(words: Sequence[str], analyzer: Analyzer) -> list[list[Expansion]]:
    """For each of these words, typed side by side, the expansions that it shares with neighbours.

    Several words may name one concept, and two may be written as one: a document that has the
    concept, or the compound, meets each of them.
    """
    longest = max(2, longest_name(analyzer))
    shared: list[list[Expansion]] = [[] for _ in words]
    for start in range(len(words)):
        for end in range(start + 2, min(start + longest, len(words)) + 1):
            run = words[start:end]
            expansions = list(_expand_name(analyzer.terms(" ".join(run)), analyzer))
            if len(run) == 2 and "compounds" not in analyzer.without:
                joined = dict.fromkeys(analyzer.term(link.join(run)) for link in ("", "s"))
                expansions.append(Expansion("phrase", (tuple(joined),), WEIGHTS["joined"], ""))
                for term in joined:
                    expansions += _expand_name((term,), analyzer)
            for each in shared[start:end]:
                each.extend(expansions)
    return shared


def expand_phrases_with_stop_words(
    words: Sequence[str], analyzer: Analyzer
) -> list[list[Expansion]]:
    """For each of these words the expansions of the names that it has with stop words among them.

    So `in de war` and `langs de deuren` mean what they mean, though `war` is all that is looked
    for.
    """
    longest = longest_name(analyzer)
    shared: list[list[Expansion]] = [[] for _ in words]
    is_stop = [analyzer.is_stop_word(word) for word in words]
    if any(is_stop):
        for start in range(len(words)):
            for end in range(start + 2, min(start + longest, len(words)) + 1):
                if any(is_stop[start:end]):
                    expansions = _expand_name(analyzer.terms(" ".join(words[start:end])), analyzer)
                    for each in shared[start:end]:
                        each.extend(expansions)
    return shared


def pair_words(words: Sequence[str], analyzer: Analyzer) -> Iterator[Expansion]:
    """Each word near the next one; documents in which they are so rank higher."""
    if "word pairs" not in analyzer.without:
        for pair in pairwise(words):
            terms = (term for word in pair for term in analyzer.terms(word))
            yield _near(terms, WEIGHTS["pair"], " ".join(pair))
