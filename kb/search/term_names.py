"""What the terms of filters are called, by label and by other names: to suggest them.

Names are compared by their folded words; a whole word also by its stem, so that `dakloos` is met by
`daklozen`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping
from itertools import chain
from typing import NamedTuple

from kb.search.analysis.analyzer import DUTCH, fold, tokenize
from kb.search.execute.suggest import MIN_LETTERS_WITH_SLIP, lengths_near, places_near
from kb.vocabulary.terms import LANGUAGES, Language, Term, per_vocabulary, schemes

AFTER_ALL = "\uffff"  # sorts after any letter
MIN_STEM_LETTERS = 4  # of a word that is compared by its stem
LISTS: Mapping[str, tuple[str, str]] = {  # by filter, if not cases: the list of the API, its page
    "pitfallCategory": ("pitfalls", "/valkuilen"),
    "phase": ("pitfalls", "/valkuilen"),
    "effectLevel": ("findings", "/bevindingen"),
    "effectDirection": ("findings", "/bevindingen"),
    "evidence": ("findings", "/bevindingen"),
    "lane": ("findings", "/bevindingen"),
    "theme": ("questions", "/vragen"),
}
PAGES: Mapping[str, tuple[str, str]] = {  # by filter: where terms have an address of their own
    "ingredient": ("ingredients", "/bestanddelen"),
    "strategy": ("", "/strategieen"),
    "effectDomain": ("effects", "/effecten"),
}


class TermName(NamedTuple):
    """A name of a term that a filter takes."""

    parameter: str  # the filter
    term: Term
    name: str
    folded: str  # its folded words

    def label(self, language: str) -> str:
        """What the term is called, and the name by which it was met where that is another."""
        label = self.term.label(language)
        return label if self.name in self.term.labels.values() else f"{label} ({self.name})"


class _Names(NamedTuple):
    """All names, the index of each by its words and by their stems."""

    names: tuple[TermName, ...]
    words: tuple[str, ...]  # folded, each once, sorted
    by_word: Mapping[str, frozenset[int]]
    by_stem: Mapping[str, frozenset[int]]


@per_vocabulary()
def _all_names() -> _Names:
    names = tuple(_every_name())
    by_word: dict[str, set[int]] = {}
    by_stem: dict[str, set[int]] = {}
    for number, each in enumerate(names):
        for word in tokenize(each.name):
            by_word.setdefault(fold(word), set()).add(number)
            by_stem.setdefault(DUTCH.term(word), set()).add(number)
    return _Names(
        names,
        tuple(sorted(by_word)),
        {word: frozenset(numbers) for word, numbers in by_word.items()},
        {stem: frozenset(numbers) for stem, numbers in by_stem.items()},
    )


def _every_name() -> Iterator[TermName]:
    """The names of terms that a filter takes, the label first."""
    for scheme in schemes().values():
        for term in scheme.current if scheme.parameter else ():
            synonyms = chain.from_iterable(term.synonyms[code] for code in LANGUAGES)
            for name in dict.fromkeys((*term.labels.values(), *synonyms)):
                folded = " ".join(fold(word) for word in tokenize(name))
                yield TermName(scheme.parameter or "", term, name, folded)


def names_beginning(
    typed: str, parameters: Collection[str], language: Language, *, slips: bool = False
) -> list[TermName]:
    """The names with a word for each typed word that begins so, one of each term, best first.

    With `slips` long words may begin nearly so.
    """
    words = tokenize(typed)
    numbers = [_with_word(word, slips=slips) for word in words]
    matches = [_all_names().names[number] for number in frozenset.intersection(*numbers)]
    prefix = " ".join(fold(word) for word in words)
    best: dict[tuple[str, str], TermName] = {}
    for each in sorted(matches, key=lambda each: _order(each, prefix, language)):
        if each.parameter in parameters:
            best.setdefault((each.parameter, each.term.id), each)
    return list(best.values())


def _order(each: TermName, prefix: str, language: Language) -> tuple[bool, bool, bool, int, str]:
    """Names in the language first, of those what begins wholly so, labels; then short names."""
    own = {each.term.label(language), *each.term.synonyms[language]}
    is_label = each.name in each.term.labels.values()
    is_whole = each.folded.startswith(prefix)
    return each.name not in own, not is_whole, not is_label, len(each.name), each.folded


def _with_word(word: str, *, slips: bool) -> frozenset[int]:
    """The numbers of the names with a word that begins so, or has its stem."""
    names, folded, stem = _all_names(), fold(word), DUTCH.term(word)
    low = bisect_left(names.words, folded)
    high = bisect_left(names.words, folded + AFTER_ALL)
    words = set(names.words[low:high])
    stems = {stem} & names.by_stem.keys() if len(folded) >= MIN_STEM_LETTERS else set()
    if slips and len(folded) >= MIN_LETTERS_WITH_SLIP:
        for length in lengths_near(folded):
            words.update(names.words[place] for place in places_near(folded, _beginnings(length)))
        if len(stem) >= MIN_LETTERS_WITH_SLIP:
            every_stem = list(names.by_stem)
            stems.update(every_stem[place] for place in places_near(stem, every_stem))
    numbers = (*map(names.by_word.__getitem__, words), *map(names.by_stem.__getitem__, stems))
    return frozenset[int]().union(*numbers)


@per_vocabulary(32)
def _beginnings(length: int) -> tuple[str, ...]:
    """The first letters of each word of names."""
    return tuple(word[:length] for word in _all_names().words)


def paths_of(parameter: str, term_id: str) -> tuple[str, str]:
    """Where programs and people read about a term: its own address, or the list of what has it."""
    collection, page = LISTS.get(parameter, ("cases", "/zoeken"))
    query = f"?{parameter}={term_id}"
    own_collection, own_page = PAGES.get(parameter, ("", ""))
    return (
        f"/v1/{own_collection}/{term_id}" if own_collection else f"/v1/{collection}{query}",
        f"{own_page}/{term_id}" if own_page else f"{page}{query}",
    )
