"""What was typed → clauses that a document must meet. No input is an error."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from kb.search import dutch

PART = re.compile(r'(?P<minus>(?<!\S)-)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
MAX_NAMES = 12  # other names of a concept that are searched as well


class Wording(NamedTuple):
    """One way to meet a clause: these terms side by side, or a tag of the vocabulary."""

    terms: tuple[str, ...]
    weight: float
    said: str  # as people write it
    concept: str | None = None  # the key of a term; then `terms` is empty


class Clause(NamedTuple):
    """Something that a document must meet in one of its wordings, or must not."""

    input: str
    wordings: tuple[Wording, ...]
    excluded: bool = False


@dataclass(frozen=True)
class Query:
    """All clauses, each of which must hold."""

    clauses: tuple[Clause, ...]


class _Part(NamedTuple):
    said: str
    is_phrase: bool
    excluded: bool
    either: bool  # OR stood before it


def understand(typed: str) -> Query:
    """Read plain words, "phrases", -without and OR; anything else is a plain word."""
    parts = list(_parts(typed))
    wanted = [part for part in parts if part.is_phrase or not _says_nothing(part)]
    if not any(not part.excluded for part in wanted):
        wanted = parts  # nothing but stop words: then they count
    clauses: list[Clause] = []
    place = 0
    while place < len(wanted):
        length = _name_length(wanted[place:])
        run = wanted[place : place + length]
        clause = Clause(
            " ".join(part.said for part in run), _wordings(run), excluded=run[0].excluded
        )
        if run[0].either and clauses and not clauses[-1].excluded and not clause.excluded:
            last = clauses.pop()
            clause = Clause(f"{last.input} OR {clause.input}", last.wordings + clause.wordings)
        if clause.wordings:
            clauses.append(clause)
        place += length
    return Query(tuple(clauses))


def _parts(typed: str) -> list[_Part]:
    found: list[_Part] = []
    either = False
    for match in PART.finditer(typed):
        said = match["phrase"] if match["word"] is None else match["word"]
        if match["word"] == "OR" and not match["minus"]:
            either = bool(found)
            continue
        words = dutch.terms(said)
        if not words:
            continue
        phrase = match["word"] is None or len(words) > 1
        found.append(_Part(said, phrase, bool(match["minus"]), either))
        either = False
    return found


def _says_nothing(part: _Part) -> bool:
    return dutch.is_stop_word(part.said)


def _name_length(parts: list[_Part]) -> int:
    """How many parts from here make the longest name of a concept; 1 when none do."""
    for length in range(min(len(parts), dutch.longest_name()), 1, -1):
        run = parts[:length]
        if any(part.excluded for part in run) or any(part.either for part in run[1:]):
            continue
        if dutch.terms(" ".join(part.said for part in run)) in dutch.concepts():
            return length
    return 1


def _wordings(run: list[_Part]) -> tuple[Wording, ...]:
    """The words themselves, and the names of the concepts that they name."""
    said = " ".join(part.said for part in run)
    own = dutch.terms(said)
    found = {own: Wording(own, 1.0, said)}
    tags = []
    for concept in dutch.concepts().get(own, ()):
        tags.append(Wording((), 0.8, concept.said[0], concept.key))
        for name, name_said in list(zip(concept.names, concept.said, strict=True))[:MAX_NAMES]:
            found.setdefault(name, Wording(name, 0.5, name_said))
    return (*found.values(), *tags)
