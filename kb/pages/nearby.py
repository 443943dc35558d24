"""What is near an empty list: terms, questions, a place, the same words elsewhere or unfiltered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from rapidfuzz.distance import OSA

from kb.kinds import CASE, KINDS, QUESTION, KindName
from kb.pages.content import count_items, item_document, read_list
from kb.pages.links import link
from kb.pages.list_state import ListState
from kb.pages.netherlands import municipality
from kb.search.analysis.analyzer import DUTCH, fold, surface_form, tokenize
from kb.search.analysis.morphology import split_compound
from kb.search.engine import Suggestion
from kb.search.filters import FACET_LABELS
from kb.search.suggestions import TERM_TYPES, suggest
from kb.search.term_names import paths_of
from kb.services import services
from kb.vocabulary.terms import language, scheme_of

MOST_TERMS = 6
MOST_TERMS_OF_WORD = 3
MOST_QUESTIONS = 2
MIN_NEAR_LETTERS = 5  # of a word that a name need not have as it is
MIN_PART_LETTERS = 5  # of a part of a compound that is looked for by itself


class NearTerm(NamedTuple):
    """A term of the vocabulary that is called nearly so."""

    label: str
    about: str  # what kind of term it is
    address: str


class NearList(NamedTuple):
    """Another list, with how much it has."""

    label: str
    total: int
    address: str


class EmptyPlace(NamedTuple):
    """A municipality that no case is of, and the cases of its province."""

    name: str
    province: NearList


class Nearby(NamedTuple):
    """What may help where nothing was found."""

    place: EmptyPlace | None  # that the words name
    terms: list[NearTerm]
    questions: list[dict[str, Any]]
    unfiltered: list[NearList]  # the same list without its filters, or without one of them
    kinds: list[NearList]  # the same words in other kinds of things


def nearby(kind: KindName, state: ListState, filters: dict[str, str]) -> Nearby:
    """What is near an empty list; `filters` are the names of those that were chosen, by parameter.

    Raises SearchUnavailable.
    """
    words = state.parameters.get("q", "")
    assert isinstance(words, str)
    place = _empty_place(words)
    return Nearby(
        place=place,
        terms=[] if place else list(_terms(words)),
        questions=_questions(words) if words and kind != QUESTION.name else [],
        unfiltered=[each for each in _unfiltered(kind, state, filters) if each.total],
        kinds=[each for each in _kinds(kind, words) if each.total] if words else [],
    )


def _empty_place(words: str) -> EmptyPlace | None:
    """The municipality of the Netherlands that the words name, unless a case is of it."""
    named = municipality(words)
    if not named:
        return None
    name, province = named
    if count_items(CASE.name, ListState("/zoeken", {"municipality": (name,)})):
        return None
    state = ListState("/zoeken", {"province": (province,)})
    return EmptyPlace(name, NearList(province, count_items(CASE.name, state), state.address))


def _terms(words: str) -> Iterator[NearTerm]:
    """Terms with a name that has a word, or nearly; or a part of it, where it is a compound."""
    engine, code = services().search, language()
    shown: set[tuple[str, str]] = set()
    for word in tokenize(words):
        if DUTCH.is_stop_word(word) or DUTCH.is_filler_word(word):
            continue
        parts = [
            each for each in split_compound(surface_form(word)) if len(each) >= MIN_PART_LETTERS
        ]
        for text in (word, *parts):
            suggestions = suggest(engine, text, TERM_TYPES, MOST_TERMS_OF_WORD, code)
            near = [each for each in suggestions if _is_near(text, _names_of(each))]
            for each in near:
                key = each.type, each.id
                if key not in shown and len(shown) < MOST_TERMS:
                    shown.add(key)
                    path, _, query = paths_of(*key)[1].partition("?")
                    name, _, value = query.partition("=")
                    address = link(path, {name: value} if name else None)
                    yield NearTerm(each.text, FACET_LABELS[each.type][code], address)
            if near:
                break


def _names_of(suggestion: Suggestion) -> Iterator[str]:
    """All that a term is called, in both languages."""
    term = scheme_of(suggestion.type).terms[suggestion.id]
    yield from term.labels.values()
    for names in term.synonyms.values():
        yield from names


def _is_near(word: str, names: Iterable[str]) -> bool:
    """Whether a name has a word; or, if that is long, one that begins so or differs in a letter."""
    typed, term = fold(word), DUTCH.term(word)
    return any(
        DUTCH.term(other) == term
        or (
            len(typed) >= MIN_NEAR_LETTERS
            and (fold(other).startswith(typed) or OSA.distance(typed, fold(other)) <= 1)
        )
        for name in names
        for other in tokenize(name)
    )


def _questions(words: str) -> list[dict[str, Any]]:
    """The questions that have the words, or part of them."""
    page = read_list(QUESTION.name, {"q": words, "pageSize": MOST_QUESTIONS})
    return [item_document(item) for item in page.items]


def _unfiltered(kind: KindName, state: ListState, filters: dict[str, str]) -> Iterator[NearList]:
    """The list without each of its filters, and without all of them where there are more."""
    for name, label in filters.items() if len(filters) > 1 else ():
        other = state.without(name)
        yield NearList(label, count_items(kind, other), other.address)
    if filters:
        other = state.restricted_to(["q", "type", "sort"])
        yield NearList("", count_items(kind, other), other.address)


def _kinds(kind: KindName, words: str) -> Iterator[NearList]:
    """The same words in each other kind of thing."""
    code = language()
    for name, other in KINDS.items():
        if name != kind:
            more = {"type": name} if name != CASE.name else {}
            state = ListState("/zoeken", {"q": words, **more})
            yield NearList(other.plural[code], count_items(other.name, state), state.address)
