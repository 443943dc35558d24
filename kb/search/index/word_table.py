"""The different words of many documents; each is analysed once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.search.analysis.analyzer import Analyzer, surface_form
from kb.search.index.arrays import IntArray, ranges
from kb.search.index.string_table import string_arrays

MIN_FORM_LENGTH = 4  # characters of a word that may be suggested for another one


class Numbering(dict[str, int]):
    """Gives each new text the next number, from 0."""

    def __missing__(self, text: str) -> int:
        number = self[text] = len(self)
        return number


class WordTable:
    """Words as they are written, their terms and the form in which they are suggested, by number.

    A compound has more than one term. Words of the same form have the same first term.
    """

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self._words = Numbering()
        self._terms = Numbering()
        self._forms = Numbering()
        self._terms_of_word: list[tuple[int, ...]] = []
        self._form_of_word: list[int] = []
        self._term_of_form: list[int] = []

    def numbers(self, words: Iterable[str]) -> Iterator[int]:
        """The numbers of these words, new ones included."""
        return map(self._words.__getitem__, words)

    def analyse(self) -> None:
        """Analyse the words that are new since the last time."""
        for word in list(self._words)[len(self._terms_of_word) :]:
            terms = tuple(map(self._terms.__getitem__, self._analyzer.index_terms(word)))
            self._terms_of_word.append(terms)
            self._form_of_word.append(self._forms[surface_form(word)])
            if len(self._term_of_form) < len(self._forms):
                self._term_of_form.append(terms[0])

    def terms_of(self, words: IntArray) -> tuple[IntArray, IntArray]:
        """How many terms each word has, and the terms after each other."""
        counts = np.array([len(terms) for terms in self._terms_of_word], np.int64)
        terms = np.array([term for terms in self._terms_of_word for term in terms], np.int64)
        starts = counts.cumsum() - counts
        return counts[words], terms[ranges(starts[words], counts[words])]

    def forms_of(self, words: IntArray) -> IntArray:
        """The form of each word."""
        return np.array(self._form_of_word, np.int64)[words]

    def term_arrays(self) -> tuple[dict[str, NDArray[Any]], IntArray]:
        """The arrays of all terms in sort order, and the ordinal of each term by its number."""
        in_order = sorted(self._terms, key=str.encode)
        ordinals = np.empty(len(in_order), np.int64)
        ordinals[[self._terms[term] for term in in_order]] = np.arange(len(in_order))
        return string_arrays("terms", in_order), ordinals

    def form_arrays(self, ordinals: IntArray, doc_freqs: IntArray) -> dict[str, NDArray[Any]]:
        """The arrays of the forms that are long enough to be suggested.

        `ordinals` are those of the terms, `doc_freqs` say in how many documents each form stands.
        """
        chosen = {n: form for form, n in self._forms.items() if len(form) >= MIN_FORM_LENGTH}
        numbers = np.array(list(chosen), np.int64)
        terms = np.array(self._term_of_form, np.int64)[numbers]
        return {
            **string_arrays("forms", list(chosen.values())),
            "forms.doc_freqs": doc_freqs[numbers].astype(np.int32),
            "forms.terms": ordinals[terms].astype(np.int32),
        }

    @property
    def form_count(self) -> int:
        """How many different forms there are."""
        return len(self._forms)
