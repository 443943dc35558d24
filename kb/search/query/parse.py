"""What was typed → clauses that a document must meet. No input is an error."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Literal, NamedTuple

from kb.search.analysis import compounds, dutch
from kb.search.analysis.dutch import HEAD, MODIFIER

PART = re.compile(r'(?P<minus>(?<!\S)-)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
WINDOW = 6  # words between which the parts of a compound must stand together
LONG = 8  # words; of more, each is looked for by itself: not in parts, nor with its neighbours
FEW = 10  # documents; when fewer meet all of three words or more, one word may be missing
WEIGHTS = {  # of a wording, beside 1 for the very word
    "head": 0.6,  # woning in huurwoning
    "modifier": 0.25,  # woning in woningcorporatie
    "apart": 0.7,  # toewijzing van woningen for woningtoewijzing
    "joined": 0.9,  # galerijflat for galerij flat
    "concept": 1.0,  # a tag of the vocabulary that the words name
    "id": 2.0,  # the id of the thing itself
    "pair": 0.5,  # two words of the query that stand together
    "same": 0.7,  # what the field calls the same
    "label": 0.8,  # the label of that tag, in the text
    "synonym": 0.5,  # another name of that tag, in the text
}
Kind = Literal["phrase", "near", "concept"]


class Wording(NamedTuple):
    """One way to meet a clause."""

    kind: Kind  # side by side, together in a passage, or as a tag of the vocabulary
    terms: tuple[tuple[str, ...], ...]  # for each word the terms that will do; empty for a tag
    weight: float
    said: str  # as people write it; empty when it need not be told
    concept: str = ""  # the key of a term


class Clause(NamedTuple):
    """Something that a document must meet in one of its wordings, or must not."""

    input: str
    wordings: tuple[Wording, ...]
    excluded: bool = False
    optional: bool = False  # it only counts for the order
    word: str = ""  # the single folded word that it is, for spelling; empty for anything else


@dataclass(frozen=True)
class Query:
    """All clauses: the required ones must be met, and none of the excluded."""

    clauses: tuple[Clause, ...] = ()
    pairs: tuple[Wording, ...] = ()  # neighbours, which count for more when they stand together

    @cached_property
    def _hash(self) -> int:
        return hash((self.clauses, self.pairs))

    def __hash__(self) -> int:
        """Worked out once: what a query found is kept under it."""
        return self._hash

    @cached_property
    def terms(self) -> frozenset[str]:
        """All terms that may show where a document meets a clause."""
        wordings = [wording for clause in self.clauses for wording in clause.wordings]
        return frozenset(term for each in wordings for terms in each.terms for term in terms)

    @property
    def required(self) -> tuple[Clause, ...]:
        """The clauses that must be met."""
        return tuple(each for each in self.clauses if not each.excluded and not each.optional)

    def enough(self, having: Mapping[int, int]) -> int:
        """How many required clauses a document must meet.

        `having` tells how many documents meet one clause, two clauses and so on; none meets 0.
        All of them, or as many as some document meets when none meets all; and of three words or
        more one fewer, when hardly any document meets that many.
        """
        most = max(having, default=0)
        if not most:
            return len(self.required)
        few = having[most] < FEW
        return max(1, most - 1) if few and len(self.required) > 2 else most

    def missing(self, met: Sequence[int], number: int) -> tuple[Clause, ...]:
        """The `number` required clauses that the fewest documents meet, given how many each has."""
        order = sorted(range(len(met)), key=lambda place: (met[place], -place))
        return tuple(self.required[place] for place in sorted(order[:number]))


class _Part(NamedTuple):
    said: str
    is_phrase: bool
    excluded: bool
    either: bool  # OR stood before it


@lru_cache(maxsize=1024)
def understand(typed: str) -> Query:
    """Read plain words, "phrases", -without and OR; anything else is a plain word."""
    parts = list(_parts(typed))
    wanted = [part for part in parts if part.is_phrase or not _is_stop_word(part.said)]
    if all(part.excluded for part in wanted):
        wanted = parts  # nothing but stop words: then they count
    frame = [not part.is_phrase and dutch.fold(part.said) in dutch.FRAME_WORDS for part in wanted]
    all_frame = all(frame[n] for n, part in enumerate(wanted) if not part.excluded)
    long = len(wanted) > LONG
    extra = {} if long else _spanning(wanted)
    clauses: list[Clause] = []
    for number, part in enumerate(wanted):
        clause = Clause(
            part.said,
            (*_wordings(part, whole=long), *extra.get(number, ())),
            part.excluded,
            optional=frame[number] and not all_frame and "frame" not in dutch.OFF,
            word="" if part.is_phrase else dutch.fold(part.said),
        )
        last = clauses[-1] if clauses else None
        if part.either and last and not last.excluded and not clause.excluded:
            clauses[-1] = Clause(f"{last.input} OR {clause.input}", last.wordings + clause.wordings)
        else:
            clauses.append(clause)
    return Query(tuple(dict.fromkeys(clauses)), () if long else tuple(_pairs(wanted)))


def _pairs(parts: list[_Part]) -> Iterator[Wording]:
    """The plain words that were typed side by side."""
    for one, other in pairwise(parts):
        if "pairs" in dutch.OFF or any(p.is_phrase or p.excluded or p.either for p in (one, other)):
            continue
        terms = tuple(_alike(term) for part in (one, other) for term in dutch.terms(part.said))
        yield Wording("near", terms, WEIGHTS["pair"], f"{one.said} {other.said}")


def _parts(typed: str) -> Iterator[_Part]:
    either = seen = False
    for match in PART.finditer(typed):
        said = match["phrase"] if match["word"] is None else match["word"]
        if match["word"] == "OR" and not match["minus"]:
            either = seen
        elif dutch.words(said):
            yield _Part(said.strip(), match["word"] is None, bool(match["minus"]), either)
            either, seen = False, True


def _is_stop_word(said: str) -> bool:
    return "stops" not in dutch.OFF and dutch.is_stop_word(said)


def _wordings(part: _Part, *, whole: bool) -> tuple[Wording, ...]:
    """The ways to meet one word or phrase by itself; a compound in its parts unless `whole`."""
    words = dutch.words(part.said)
    own = dutch.terms(part.said)
    if part.is_phrase:
        return (Wording("phrase", tuple((term,) for term in own), 1.0, part.said),)
    if len(words) > 1:  # with a hyphen or another sign in it
        joined = "".join(words)
        return (
            Wording("near", tuple(_alike(term) for term in own), 1.0, part.said),
            Wording("phrase", ((dutch.term(joined),),), WEIGHTS["joined"], joined),
            Wording("concept", (), WEIGHTS["id"], part.said, f"id/{part.said.lower()}"),
            *_named(own),
        )
    found = [
        Wording("phrase", ((own[0],),), 1.0, part.said),
        Wording("phrase", ((HEAD + own[0],),), WEIGHTS["head"], f"…{part.said}"),
        Wording("phrase", ((MODIFIER + own[0],),), WEIGHTS["modifier"], f"{part.said}…"),
    ]
    if not whole and (apart := dutch.part_terms(part.said)):
        said = " ".join(compounds.parts(dutch.fold(part.said)))
        found.append(Wording("near", tuple(_alike(term) for term in apart), WEIGHTS["apart"], said))
    return (*found, *_named(own))


def _alike(term: str) -> tuple[str, ...]:
    """A word by itself, or as a part of a compound."""
    return (term, HEAD + term, MODIFIER + term)


def _named(own: tuple[str, ...]) -> tuple[Wording, ...]:
    """The concepts that the words name: their tag, and their other names in the text."""
    if "synonyms" in dutch.OFF:
        return ()
    found: dict[object, Wording] = {}
    for concept in dutch.concepts().get(own, ()):
        weight = WEIGHTS["synonym" if concept.key else "same"]
        if concept.key:
            found[concept.key] = Wording(
                "concept", (), WEIGHTS["concept"], concept.label, concept.key
            )
        for name, said in zip(concept.names, concept.said, strict=True):
            if name != own:
                terms = tuple((term,) for term in name)
                worth = WEIGHTS["label"] if said == concept.label and concept.key else weight
                found.setdefault(name, Wording("phrase", terms, worth, said))
    return tuple(found.values())


def _spanning(parts: list[_Part]) -> dict[int, list[Wording]]:
    """For each word the wordings that it shares with its neighbours.

    Several words may name one concept, and two may be written as one: a document that has the
    concept, or the compound, meets each of them.
    """
    found: dict[int, list[Wording]] = {}
    for start in range(len(parts)):
        for length in range(2, dutch.longest_name() + 1):
            run = parts[start : start + length]
            if len(run) < length or any(p.is_phrase or p.excluded or p.either for p in run):
                break
            said = " ".join(part.said for part in run)
            shared = list(_named(dutch.terms(said)))
            if length == 2 and "compounds" not in dutch.OFF:
                joined = "".join(part.said for part in run)
                terms = tuple(dict.fromkeys((dutch.term(joined), dutch.term(_linked(run)))))
                shared.append(Wording("phrase", (terms,), WEIGHTS["joined"], ""))
            for number in range(start, start + length):
                found.setdefault(number, []).extend(shared)
    return found


def _linked(run: list[_Part]) -> str:
    return "s".join(part.said for part in run)


def standing(words: Iterable[Sequence[str]], wanted: Set[str]) -> dict[str, list[int]]:
    """Where each wanted term stands in a passage, given the terms of each of its words."""
    found: dict[str, list[int]] = {}
    for number, terms in enumerate(words):
        if not wanted.isdisjoint(terms):
            for term in terms:
                if term in wanted:
                    found.setdefault(term, []).append(number)
    return found


def places(wording: Wording, standing: Mapping[str, Sequence[int]]) -> Iterator[tuple[int, int]]:
    """Where a wording stands in a passage: the first and the last token of each place.

    This is what a wording means, told plainly; engines find the same documents by other means.
    """
    groups = [
        {number for term in terms for number in standing.get(term, ())} for terms in wording.terms
    ]
    if not groups or not all(groups):
        return
    for at in sorted(groups[0]):
        if wording.kind == "phrase":
            if all(at + step in group for step, group in enumerate(groups)):
                yield at, at + len(groups) - 1
        else:
            nearest = [min(group, key=lambda number: abs(number - at)) for group in groups]
            if all(abs(number - at) <= WINDOW for number in nearest):
                yield min(nearest), max(nearest)
