"""Texts → postings and positions, by sorting one number per term that stands somewhere.

    term (24 bits) · document in the run (16) · text field (2) · position in it (22)

A run is what is sorted at a time; in the end the runs are merged.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kb.search.analysis.analyzer import Analyzer, surface_form, tokenize
from kb.search.index.arrays import IntArray, Mask, ranges, string_arrays
from kb.search.index.fields import MAX_POSITION, POSITION_GAP, TEXT_FIELDS

MIN_FORM_LENGTH = 4  # characters of a word that may be suggested for another one
TERM_SHIFT, DOCUMENT_SHIFT = 40, 24
RUN_DOCUMENTS = 1 << TERM_SHIFT - DOCUMENT_SHIFT  # at most; no more fit in a key
RUN_WORDS = 1 << 20  # after which a run is sorted
FIELD_COUNT = len(TEXT_FIELDS)


class Numbering(dict[str, int]):
    """Gives each new text the next number, from 0."""

    def __init__(self, added: Callable[[str], object] = lambda text: None) -> None:
        """`added` is called with each new text."""
        super().__init__()
        self._added = added

    def __missing__(self, text: str) -> int:
        number = self[text] = len(self)
        self._added(text)
        return number


class WordTable:
    """Words as they are written, their terms and the form in which they are suggested, by number.

    A compound has more than one term. Words of the same form have the same first term.
    """

    def __init__(self, analyzer: Analyzer) -> None:
        self._analyzer = analyzer
        self._words = Numbering(self._analyse)
        self._terms = Numbering()
        self._forms = Numbering()
        self._term_counts = array("I")  # of each word
        self._terms_of_words = array("I")  # word after word
        self._form_of_word = array("I")
        self._term_of_form = array("I")

    def _analyse(self, word: str) -> None:
        """Keep the terms and the form of a new word."""
        terms = [self._terms[term] for term in self._analyzer.index_terms(word)]
        self._term_counts.append(len(terms))
        self._terms_of_words.extend(terms)
        self._form_of_word.append(self._forms[surface_form(word)])
        if len(self._term_of_form) < len(self._forms):
            self._term_of_form.append(terms[0])

    def numbers(self, words: Iterable[str]) -> list[int]:
        """The numbers of these words, new ones included."""
        return list(map(self._words.__getitem__, words))

    def term_count(self, words: Iterable[int]) -> int:
        """How many terms these words have together."""
        return sum(map(self._term_counts.__getitem__, words))

    def terms_of(self, words: IntArray) -> tuple[IntArray, IntArray]:
        """How many terms each word has, and the terms after each other."""
        counts = np.array(self._term_counts, np.int64)
        terms = np.array(self._terms_of_words, np.int64)
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


class Run(NamedTuple):
    """The postings of some documents, by term and document, both ascending."""

    terms: NDArray[np.uint32]  # the number of each posting's term
    doc_ids: NDArray[np.uint32]
    freqs: NDArray[np.unsignedinteger[Any]]  # postings × text fields
    positions: NDArray[np.uint32]  # of all postings after each other


class Places(NamedTuple):
    """Where the texts of a document stand."""

    positions: list[int]  # by text: index of the field · `MAX_POSITION` + words before it there
    lengths: list[int]  # by text field: how many terms stand there


class PostingsWriter:
    """Collects the texts of documents, which are numbered from 0 in the order they come."""

    def __init__(self, analyzer: Analyzer, run_documents: int) -> None:
        self._run_documents = run_documents
        self._table = WordTable(analyzer)
        self._max_doc = 0
        self._run_base = 0  # the first document of the run that is being collected
        self._words = array("I")  # of that run, by their number in the table
        self._passages: list[tuple[int, int, int]] = []  # document in the run, position, words
        self._runs: list[Run] = []
        self._lengths = array("i")  # documents × text fields
        self._form_doc_freqs: list[IntArray] = []  # of each run

    def add(self, passages: Iterable[tuple[int, str]]) -> Places:
        """Add the next document: the index of a text field, and a text in it."""
        ends, lengths = [0] * FIELD_COUNT, [0] * FIELD_COUNT
        positions = []
        for field, text in passages:
            words = self._table.numbers(tokenize(text))
            self._words.extend(words)
            positions.append(field * MAX_POSITION + ends[field])
            self._passages.append((self._max_doc - self._run_base, positions[-1], len(words)))
            ends[field] += len(words) + POSITION_GAP
            lengths[field] += self._table.term_count(words)
        self._lengths.extend(lengths)
        self._max_doc += 1
        if len(self._words) > RUN_WORDS or self._max_doc - self._run_base == self._run_documents:
            self._end_run()
        return Places(positions, lengths)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The arrays from which `PostingsReader` reads, the forms, and the lengths of the texts."""
        self._end_run()
        terms, ordinals = self._table.term_arrays()
        form_doc_freqs = np.zeros(self._table.form_count, np.int64)
        for doc_freqs in self._form_doc_freqs:
            form_doc_freqs[: len(doc_freqs)] += doc_freqs
        return {
            "lengths": np.array(self._lengths, np.int32).reshape(-1, FIELD_COUNT),
            **terms,
            **_merged(self._runs, ordinals),
            **self._table.form_arrays(ordinals, form_doc_freqs),
        }

    def _end_run(self) -> None:
        """Sort what was collected, and begin a new run."""
        words = np.frombuffer(self._words, np.uint32).astype(np.int64)
        documents, starts, counts = np.array(self._passages, np.int64).reshape(-1, 3).T
        documents = documents.repeat(counts)
        self._form_doc_freqs.append(_doc_freqs(self._table.forms_of(words), documents))
        keys = self._sorted_keys(words, documents << DOCUMENT_SHIFT | ranges(starts, counts))
        self._runs.append(_run(keys, self._run_base))
        self._words, self._passages, self._run_base = array("I"), [], self._max_doc

    def _sorted_keys(self, words: IntArray, places: IntArray) -> NDArray[np.uint64]:
        """A key per term of each word, ascending; the place of a word is its key without term."""
        counts, terms = self._table.terms_of(words)
        return np.sort((terms << TERM_SHIFT | places.repeat(counts)).astype(np.uint64))


def _doc_freqs(forms: IntArray, documents: IntArray) -> IntArray:
    """In how many documents each form stands, by its number."""
    pairs = np.sort(forms * RUN_DOCUMENTS + documents)
    return np.bincount(pairs[_is_first(pairs)] // RUN_DOCUMENTS)


def _is_first(in_order: NDArray[Any]) -> Mask:
    """Which of these numbers differ from the one before them."""
    is_first = np.ones(len(in_order), bool)
    np.not_equal(in_order[1:], in_order[:-1], out=is_first[1:])
    return is_first


def _run(keys: NDArray[np.uint64], doc_base: int) -> Run:
    """Sorted keys → a posting per term and document."""
    positions = (keys & np.uint64((1 << DOCUMENT_SHIFT) - 1)).astype(np.uint32)
    postings = keys >> np.uint64(DOCUMENT_SHIFT)
    is_first = _is_first(postings)
    count = int(np.count_nonzero(is_first))
    cells = (is_first.cumsum() - 1) * FIELD_COUNT + positions // MAX_POSITION
    freqs = np.bincount(cells, minlength=count * FIELD_COUNT).reshape(count, FIELD_COUNT)
    postings = postings[is_first]
    return Run(
        (postings >> np.uint64(TERM_SHIFT - DOCUMENT_SHIFT)).astype(np.uint32),
        (postings & np.uint64(RUN_DOCUMENTS - 1)).astype(np.uint32) + np.uint32(doc_base),
        freqs.astype(np.min_scalar_type(max(0xFFFF, freqs.max(initial=0)))),
        positions,
    )


def _merged(runs: list[Run], ordinals: IntArray) -> dict[str, NDArray[Any]]:
    """The postings of all runs after each other for each term; runs leave the list as they go.

    `ordinals` are those of the terms, by their number.
    """
    starts, position_starts = _term_starts(runs, ordinals)
    doc_ids = np.empty(starts[-1], np.uint32)
    freqs = np.empty((starts[-1], FIELD_COUNT), max(run.freqs.dtype for run in runs))
    positions = np.empty(position_starts[-1], np.uint32)
    next_posting, next_position = starts.copy(), position_starts
    while runs:
        run = runs.pop(0)
        firsts = np.flatnonzero(_is_first(run.terms))
        counts = np.diff(firsts, append=len(run.terms))
        terms, own_freqs = ordinals[run.terms[firsts]], _freqs_in_all_fields(run.freqs)
        to = _take(next_posting, terms, counts)
        doc_ids[to], freqs[to] = run.doc_ids, run.freqs
        lengths = np.add.reduceat(own_freqs, firsts) if len(firsts) else counts
        positions[_take(next_position, terms, lengths)] = run.positions
    of_postings = np.zeros(len(doc_ids) + 1, np.min_scalar_type(len(positions)))
    np.cumsum(_freqs_in_all_fields(freqs), dtype=of_postings.dtype, out=of_postings[1:])
    return {
        "postings.starts": starts,
        "postings.doc_ids": doc_ids,
        "postings.freqs": freqs,
        "positions.starts": of_postings,
        "positions.values": positions,
    }


def _term_starts(runs: Iterable[Run], ordinals: IntArray) -> tuple[IntArray, IntArray]:
    """Where the postings of each term begin, and its positions; both with the end of the last."""
    size = len(ordinals)
    postings, positions = np.zeros((2, size + 1), np.int64)
    for run in runs:
        terms = ordinals[run.terms]
        postings[1:] += np.bincount(terms, minlength=size)
        freqs = _freqs_in_all_fields(run.freqs)
        positions[1:] += np.bincount(terms, freqs, minlength=size).astype(np.int64)
    return postings.cumsum(), positions.cumsum()


def _take(free: IntArray, terms: IntArray, counts: IntArray) -> IntArray:
    """The next free places of each term, as many as its count; they are free no longer."""
    places = ranges(free[terms], counts)
    free[terms] += counts
    return places


def _freqs_in_all_fields(freqs: NDArray[Any]) -> IntArray:
    """The sum over the four text fields, per posting; quicker than `freqs.sum(axis=1)`."""
    title, labels, details, body = freqs.T
    total: IntArray = title.astype(np.int64) + labels + details + body
    return total
