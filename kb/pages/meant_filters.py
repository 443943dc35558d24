"""Which filters on a municipality somebody says in words: a small one, with much social rent.

No text of a case says so, and the figures of its municipality do.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from kb.kinds import KindName
from kb.pages.content import count_items
from kb.pages.labels import format_number, parameter_label, term_label
from kb.pages.list_state import ListState
from kb.search.analysis.analyzer import Analyzer, fold

KINDS_WITH_PLACES = ("case", "finding", "pitfall")
URBANITY = "urbanity"
PLACE = (
    r"(?:gemeenten?|plaats(?:en|je|jes)?|stad(?:je|jes)?|steden"
    r"|towns?|city|cities|municipalit(?:y|ies))"
)
SOCIAL_RENT = (
    r"(?:sociale? (?:huur\w*|woning\w*)|corporatiewoning\w*|corporatiebezit"
    r"|social (?:rent|housing))"
)
SHARE = r"(?: (?:aandeel|percentage|share|of))*"


class _Words(NamedTuple):
    """What is typed, folded, and the filters that are meant by it."""

    pattern: re.Pattern[str]
    filters: tuple[tuple[str, str], ...]  # parameters with values


def _words(pattern: str, *filters: tuple[str, str]) -> _Words:
    return _Words(re.compile(rf"(?<!\w)(?:{pattern})(?!\w)"), filters)


WORDS = (
    _words(rf"(?:kleine?|kleinere|small|smaller) {PLACE}", ("populationTo", "100000")),
    _words(rf"(?:grote|grotere|big|bigger|large|larger) {PLACE}", ("populationFrom", "100000")),
    _words(  # three of four Dutch municipalities have 28 percent at most, and one of four 20
        rf"(?:veel|hoog|hoge|groot|relatief veel|much|a lot of|high){SHARE} {SOCIAL_RENT}",
        ("socialRentFrom", "30"),
    ),
    _words(rf"(?:weinig|laag|lage|klein|little|low){SHARE} {SOCIAL_RENT}", ("socialRentTo", "20")),
    _words(
        rf"(?:landelijke?|rural) (?:gebied(?:en)?|areas?|{PLACE})|(?:kleine? )?dorp(?:en)?"
        r"|op het platteland|platteland|countryside|villages?",
        (URBANITY, "weinig-stedelijk"),
        (URBANITY, "niet-stedelijk"),
    ),
    _words(rf"zeer (?:sterk )?stedelijke? (?:{PLACE}|gebied)", (URBANITY, "zeer-sterk-stedelijk")),
)


class MeantFilter(NamedTuple):
    """A list with what the words say as filters instead."""

    labels: tuple[str, ...]  # of each filter
    address: str
    total: int


def meant_filters(kind: KindName, state: ListState, analyzer: Analyzer) -> list[MeantFilter]:
    """The same list by these filters: all of them first, then each; none that would be empty.

    What else was typed stays. Raises SearchUnavailable.
    """
    typed = state.parameters.get("q", "")
    if kind not in KINDS_WITH_PLACES or not isinstance(typed, str) or '"' in typed:
        return []
    rest, meant = fold(typed), []
    for words in WORDS:
        rest, count = words.pattern.subn(" ", rest)
        if count and not any(name in state.parameters for name, _ in words.filters):
            meant.append(words)
    if not meant:
        return []
    words_left = (word.strip("?!.,;:") for word in rest.split())
    remaining = " ".join(word for word in words_left if word and not analyzer.is_stop_word(word))
    bare = state.with_parameters(q=remaining) if remaining else state.without("q")
    lists = [_filtered(kind, bare, [words]) for words in meant]
    if len(meant) > 1:
        lists.insert(0, _filtered(kind, bare, meant))
    return [each for each in lists if each.total]


def _filtered(kind: KindName, state: ListState, meant: list[_Words]) -> MeantFilter:
    labels = []
    for name, value in (each for words in meant for each in words.filters):
        if name == URBANITY:
            state = state.with_value(name, value)
            labels.append(term_label("urbanity-levels", value))
        else:
            state = state.with_parameters(**{name: value})
            labels.append(f"{parameter_label(name)} {format_number(int(value))}")
    return MeantFilter(tuple(labels), state.address, count_items(kind, state))
