"""What somebody may be typing: terms, places, and things by their title, some of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from kb.kinds import KIND_NAMES, KINDS
from kb.search.analysis.analyzer import APOSTROPHES, folded_title
from kb.search.engine import SearchEngine, SearchRequest, Suggestion
from kb.search.execute.suggest import MIN_LETTERS, PLACE_FIELDS, begins_so
from kb.search.term_names import LISTS, PAGES, names_beginning
from kb.vocabulary.terms import Language, schemes

ORDER = ("term", "place", "question", "case", "study", "pitfall")  # groups, best first
SHARES = {"term": 3, "place": 1, "question": 1, "case": 3, "study": 1, "pitfall": 1}
"""Of each group so many go before the others, of every eight suggestions."""
LATER = {"study", "pitfall"}  # groups that never come first for beginning as the words do
TERM_TYPES = frozenset(each.parameter for each in schemes().values() if each.parameter)


class _Ranked(NamedTuple):
    """A suggestion with its place among others."""

    is_later: bool
    group: int
    place: int  # among those of its group
    is_whole: bool  # it begins with all that was typed
    suggestion: Suggestion


def suggest(
    engine: SearchEngine, typed: str, types: Collection[str], limit: int, language: Language
) -> list[Suggestion]:
    """What begins as the words do; when nothing does, what nearly does.

    Raises SearchUnavailable.
    """
    prefix = folded_title(typed)
    if len(prefix.replace(" ", "")) < MIN_LETTERS:
        return []
    for slips in (False, True):
        ranked = [
            *_ranked(
                "term", _terms(engine, typed, types, language, slips=slips), prefix, slips=slips
            ),
            *_titles(engine, typed, types, limit, prefix, slips=slips),
        ]
        if _is_spelling(typed, prefix):
            ranked = [each for each in ranked if each.is_whole]
        if ranked:
            return [each.suggestion for each in sorted(_chosen(sorted(ranked), limit))]
    return []


def _is_spelling(typed: str, prefix: str) -> bool:
    """Whether it begins as 's-Hertogenbosch does, or is nothing but single letters."""
    return typed.lstrip()[:1] in APOSTROPHES or all(len(word) == 1 for word in prefix.split())


def _titles(
    engine: SearchEngine,
    typed: str,
    types: Collection[str],
    limit: int,
    prefix: str,
    *,
    slips: bool,
) -> Iterable[_Ranked]:
    """Things and places, group by group."""
    kinds = (name for name in KIND_NAMES if KINDS[name].is_suggested and name not in TERM_TYPES)
    for group, of_group in (*((kind, (kind,)) for kind in kinds), ("place", tuple(PLACE_FIELDS))):
        if wanted := tuple(each for each in of_group if each in types):
            near = engine.suggest(typed, wanted, limit, slips=slips)
            yield from _ranked(group, near, prefix, slips=slips)


def _terms(
    engine: SearchEngine, typed: str, types: Collection[str], language: Language, *, slips: bool
) -> list[Suggestion]:
    """Terms that lead somewhere: to a page of their own, or to a list that is not empty."""
    used = _used_values(engine, engine.snapshot_id())  # type: ignore[arg-type]  # by identity
    return [
        Suggestion(each.parameter, each.term.id, each.label(language))
        for each in names_beginning(typed, TERM_TYPES.intersection(types), language, slips=slips)
        if each.parameter in PAGES or each.term.id in used[each.parameter]
    ]


@lru_cache(maxsize=4)
def _used_values(engine: SearchEngine, _snapshot_id: Hashable) -> Mapping[str, Collection[str]]:
    """The values of each filter on terms that its list has; of one snapshot of the index."""
    used: dict[str, Collection[str]] = {}
    for kind in KINDS.values():
        facets = tuple(
            name for name in TERM_TYPES if LISTS.get(name, ("cases", ""))[0] == kind.collection
        )
        if facets:
            request = SearchRequest((kind.name,), facets=facets, limit=0)
            result = engine.search(request)
            used |= {name: frozenset(result.facets[name].counts) for name in facets}
    return used


def _ranked(
    group: str, suggestions: Iterable[Suggestion], prefix: str, *, slips: bool
) -> Iterable[_Ranked]:
    """The suggestions of a group, best first, with their place."""
    for place, each in enumerate(suggestions):
        is_whole = begins_so(folded_title(each.text), prefix, slips=slips)
        is_later = group in LATER or not is_whole
        yield _Ranked(is_later, ORDER.index(group), place, is_whole, each)


def _chosen(ranked: list[_Ranked], limit: int) -> list[_Ranked]:
    """As many as there may be: of each group its share first, so that none fills the list."""
    taken: Counter[str] = Counter()
    first: list[_Ranked] = []
    rest: list[_Ranked] = []
    for each in ranked:
        group = ORDER[each.group]
        taken[group] += 1
        (first if taken[group] <= SHARES[group] * max(1, limit // 8) else rest).append(each)
    return [*first, *rest][:limit]
