"""Documents → the arrays of a shelf. Each different word is analysed once."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kb.search.analysis.analyzer import DUTCH, Analyzer, surface_form, tokenize
from kb.search.engine import SearchDocument
from kb.search.index import segment_file
from kb.search.index.segment_file import IntArray, Strings
from kb.search.index.segment_reader import (
    FIELDS,
    MAX_POSITION,
    NESTED_FIELDS,
    POSITION_GAP,
    folded_title,
    in_all_fields,
)

AT_ONCE = 1 << 20  # words that are sorted at a time
MOST = 1 << 16  # documents that are sorted at a time; no more fit in a key
SHORTEST = 4  # letters of a word that may be meant by another one


class StoredDocument(NamedTuple):
    """A document as Whoosh keeps it: what a shelf needs of it, in plain Python."""

    type: str
    id: str
    title: str
    texts: list[tuple[int, str]]  # the passages: the number of their field, and the text
    concepts: list[str]
    values: dict[str, list[str]]
    findings: list[list[str]]
    pitfalls: list[list[str]]
    year: int | None
    updated: float | None  # seconds since 1970
    position: int


def to_stored(document: SearchDocument) -> StoredDocument:
    """The document as Whoosh keeps it."""
    return StoredDocument(
        document.type,
        document.id,
        document.title,
        [(FIELDS.index(each.weight), each.text) for each in document.passages],
        list(document.concepts),
        {key: list(values) for key, values in document.values.items()},
        [list(facts) for facts in document.findings],
        [list(facts) for facts in document.pitfalls],
        document.year,
        document.updated_at.timestamp() if document.updated_at else None,
        document.position,
    )


class SegmentWriter:
    """Documents of one type → the arrays of a shelf."""

    def __init__(self, analyzer: Analyzer = DUTCH, /, *, most: int = MOST) -> None:
        """At most `most` documents are sorted at a time."""
        self._documents: list[tuple[Any, ...]] = []
        self._ids: list[str] = []
        self._titles: list[str] = []
        self._title_words: dict[str, array[int]] = {}
        self._concepts: dict[str, array[int]] = {}
        self._facets: dict[str, dict[str, array[int]]] = {
            key: {} for keys in NESTED_FIELDS.values() for key in keys
        }
        self._rows: dict[str, list[tuple[int, Sequence[str]]]] = {
            group: [] for group in NESTED_FIELDS
        }
        self._words = _WordsWriter(analyzer, most)

    def add(self, number: int, document: StoredDocument) -> None:
        """Put a document on the shelf, under the number by which Whoosh knows it."""
        at = len(self._ids)
        self._ids.append(document.id)
        self._titles.append(document.title)
        updated = np.nan if document.updated is None else document.updated
        self._documents.append((number, document.year or 0, updated, document.position))
        _put(self._concepts, dict.fromkeys(document.concepts), at)
        for key, values in document.values.items():
            _put(self._facets.setdefault(key, {}), dict.fromkeys(values), at)
        for group, rows in (("findings", document.findings), ("pitfalls", document.pitfalls)):
            self._rows[group] += [(at, row) for row in rows]
            for place, key in enumerate(NESTED_FIELDS[group]):
                _put(self._facets[key], dict.fromkeys(row[place] for row in rows), at)
        self._words.add(document.texts)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The arrays of the shelf, by name."""
        titles = [folded_title(title) for title in self._titles]
        for at, title in enumerate(titles):
            _put(self._title_words, dict.fromkeys(title.split()), at)
        columns = list(zip(*self._documents, strict=True)) or [(), (), (), ()]
        ids, folded_titles = (
            segment_file.strings("ids", self._ids),
            segment_file.strings("folded_titles", titles),
        )
        made: dict[str, NDArray[Any]] = {
            "docnums": np.array(columns[0], np.int32),
            "year": np.array(columns[1], np.int32),
            "updatedAt": np.array(columns[2], np.float64),
            "position": np.array(columns[3], np.int32),
            "id_ordinals": segment_file.ranks(Strings(ids, "ids")),
            "title_ordinals": segment_file.ranks(Strings(folded_titles, "folded_titles")),
        }
        made |= ids | folded_titles | segment_file.strings("titles", self._titles)
        made |= _value_postings("title_words", self._title_words) | _value_postings(
            "concepts", self._concepts
        )
        for key, having in self._facets.items():
            made |= _value_postings(f"value_postings.{key}", having)
        made |= _valued(self._facets, len(self._ids))
        for group, rows in self._rows.items():
            made[f"{group}.owners"] = np.array([owner for owner, _ in rows], np.int32)
            for place, key in enumerate(NESTED_FIELDS[group]):
                codes = {v: n for n, v in enumerate(sorted(self._facets[key], key=str.encode))}
                made[f"{group}.{key}"] = np.array([codes[row[place]] for _, row in rows], np.int32)
        return made | self._words.arrays()


def _put(lists: dict[str, array[int]], values: Iterable[str], at: int) -> None:
    for value in values:
        if value not in lists:
            lists[value] = array("i")
        lists[value].append(at)


class _Numbering(dict[str, int]):
    """Gives each new text the next number."""

    def __missing__(self, text: str) -> int:
        number = self[text] = len(self)
        return number


class _Sorted(NamedTuple):
    """The words of some documents, by term: an entry per term and document."""

    terms: NDArray[np.uint32]  # of each entry, ascending
    doc_ids: NDArray[np.uint32]
    freqs: NDArray[np.unsignedinteger[Any]]
    positions: NDArray[np.uint32]  # of all entries after each other


class _WordsWriter:
    """Texts → for each term where it stands. Each different word is analysed once."""

    def __init__(self, analyzer: Analyzer, most: int) -> None:
        self._analyzer = analyzer
        self._most = most
        self._known = _Numbering()  # words as they are written
        self._terms = _Numbering()
        self._terms_of: list[tuple[int, ...]] = []  # by word
        self._forms = _Numbering()
        self._form_of: list[int] = []  # by word
        self._form_term: list[int] = []  # by form
        self._words = array("I")  # of the documents that are to be sorted
        self._runs: list[tuple[int, int, int]] = []  # document, place of the first word, words
        self._first = 0  # of the documents that are to be sorted
        self._size = 0
        self._sorted: list[_Sorted] = []
        self._lengths: list[NDArray[np.int32]] = []
        self._form_counts: list[NDArray[np.int64]] = []

    def add(self, texts: Iterable[tuple[int, str]]) -> None:
        """The passages of the next document."""
        at = [0] * len(FIELDS)
        for field, text in texts:
            words = tokenize(text)
            self._words.extend(map(self._known.__getitem__, words))
            self._runs.append(
                (self._size - self._first, field * MAX_POSITION + at[field], len(words))
            )
            at[field] += len(words) + POSITION_GAP
        self._size += 1
        if len(self._words) > AT_ONCE or self._size - self._first == self._most:
            self._sort()

    def _analyse(self) -> None:
        """Look at the words that were not seen before."""
        for word in list(self._known)[len(self._terms_of) :]:
            terms = tuple(self._terms[each] for each in self._analyzer.index_terms(word))
            self._terms_of.append(terms)
            self._form_of.append(self._forms[surface_form(word)])
            if len(self._form_term) < len(self._forms):
                self._form_term.append(terms[0])

    def _sort(self) -> None:
        """Sort the words of the last documents by term."""
        self._analyse()
        words = np.frombuffer(self._words, np.uint32).astype(np.int64)
        runs = np.array(self._runs, np.int64).reshape(-1, 3)
        documents = np.repeat(runs[:, 0], runs[:, 2])
        positions = np.repeat(runs[:, 1], runs[:, 2]) + _counting(runs[:, 2])
        several = np.array([len(each) for each in self._terms_of], np.int64)
        flat = np.array([n for each in self._terms_of for n in each], np.int64)
        times = several[words]
        first = (np.cumsum(several) - several)[words]
        terms = flat[np.repeat(first, times) + _counting(times)]
        where = np.repeat(documents << 24 | positions, times)
        keys = np.sort((terms << 40 | where).astype(np.uint64))
        self._sorted.append(_by_term(keys, self._first))
        fields = (keys >> np.uint64(24) & np.uint64(0xFFFF)) * np.uint64(4) + (
            keys >> np.uint64(22) & np.uint64(3)
        )
        count = self._size - self._first
        lengths = np.bincount(fields.astype(np.int64), minlength=4 * count)
        self._lengths.append(lengths.reshape(count, 4).astype(np.int32))
        forms = np.array(self._form_of, np.int64)[words]
        pairs = np.sort(forms << 16 | documents)
        once = pairs[np.flatnonzero(np.diff(pairs, prepend=-1))] >> 16
        self._form_counts.append(np.bincount(once))
        self._words, self._runs, self._first = array("I"), [], self._size

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All that was added, in the order of the alphabet."""
        self._sort()
        names = list(self._terms)
        made = segment_file.strings("terms", names)
        order = made["terms.order"]
        rank = np.empty(len(names), np.int64)
        rank[order] = np.arange(len(names))
        made = segment_file.strings("terms", [names[number] for number in order.tolist()])
        made |= _merged(self._sorted, rank)
        lengths = self._lengths or [np.empty((0, 4), np.int32)]
        made["lengths"] = np.concatenate(lengths)
        return made | self._list_forms(rank)

    def _list_forms(self, rank: IntArray) -> dict[str, NDArray[Any]]:
        counts = np.zeros(len(self._forms), np.int32)
        for each in self._form_counts:
            counts[: len(each)] += each
        chosen = [number for form, number in self._forms.items() if len(form) >= SHORTEST]
        forms = list(self._forms)
        made = segment_file.strings("forms", [forms[number] for number in chosen])
        made["forms.doc_freqs"] = counts[chosen] if chosen else counts[:0]
        of = rank[np.array(self._form_term, np.int64)[chosen]] if chosen else rank[:0]
        made["forms.terms"] = of.astype(np.int32)
        return made


def _counting(several: IntArray) -> IntArray:
    """0, 1, 2, … anew for each of these numbers, as many as it says."""
    ends = np.cumsum(several)
    total = int(ends[-1]) if len(ends) else 0
    return np.arange(total) - np.repeat(ends - several, several)


def _by_term(keys: NDArray[np.uint64], first: int) -> _Sorted:
    """Sorted keys (term, document, place) → an entry per term and document."""
    positions = (keys & np.uint64(0xFFFFFF)).astype(np.uint32)
    entries = keys >> np.uint64(24)
    new = np.ones(len(entries), bool)
    np.not_equal(entries[1:], entries[:-1], out=new[1:])
    number = np.cumsum(new) - 1
    count = int(number[-1]) + 1 if len(number) else 0
    counts = np.bincount(number * 4 + positions // MAX_POSITION, minlength=4 * count).reshape(
        count, 4
    )
    entries = entries[new]
    return _Sorted(
        (entries >> np.uint64(16)).astype(np.uint32),
        (entries & np.uint64(0xFFFF)).astype(np.uint32) + np.uint32(first),
        counts.astype(np.min_scalar_type(max(0xFFFF, counts.max(initial=0)))),
        positions,
    )


def _merged(parts: list[_Sorted], rank: IntArray) -> dict[str, NDArray[Any]]:
    """The entries of all parts after each other for each term, the terms by rank; parts go."""
    size = len(rank)
    entries, positions = np.zeros(size + 1, np.int64), np.zeros(size + 1, np.int64)
    for part in parts:
        of = rank[part.terms]
        entries[1:] += np.bincount(of, minlength=size)
        positions[1:] += np.bincount(of, in_all_fields(part.freqs), minlength=size).astype(np.int64)
    np.cumsum(entries, out=entries)
    np.cumsum(positions, out=positions)
    made: dict[str, NDArray[Any]] = {
        "term_starts": entries.copy(),
        "doc_ids": np.empty(entries[-1], np.uint32),
        "freqs": np.empty((entries[-1], 4), max(part.freqs.dtype for part in parts)),
        "positions": np.empty(positions[-1], np.uint32),
    }
    while parts:
        part = parts.pop(0)
        terms, several = np.unique(part.terms, return_counts=True)
        of = rank[terms]
        to = _places_for(entries, of, several)
        made["doc_ids"][to], made["freqs"][to] = part.doc_ids, part.freqs
        starts = np.cumsum(several) - several
        long = np.add.reduceat(in_all_fields(part.freqs), starts) if len(starts) else several
        made["positions"][_places_for(positions, of, long)] = part.positions
    starts = np.zeros(len(made["doc_ids"]) + 1, np.min_scalar_type(len(made["positions"])))
    np.cumsum(in_all_fields(made["freqs"]), dtype=starts.dtype, out=starts[1:])
    return made | {"position_starts": starts}


def _places_for(free: IntArray, of: IntArray, several: IntArray) -> IntArray:
    """Where to put `several` numbers of each term in `of`, from its next free place on."""
    to = np.repeat(free[of], several) + _counting(several)
    free[of] += several
    return to


def _value_postings(name: str, having: Mapping[str, array[int]]) -> dict[str, NDArray[Any]]:
    """The arrays from which `ValuePostings` reads."""
    values = sorted(having, key=str.encode)
    starts = np.zeros(len(values) + 1, np.int64)
    np.cumsum([len(having[value]) for value in values], out=starts[1:]) if values else None
    lists = [np.frombuffer(having[value], np.int32) for value in values]
    return segment_file.strings(name, values) | {
        f"{name}.starts": starts,
        f"{name}.doc_ids": np.concatenate(lists) if lists else np.empty(0, np.int32),
    }


def _valued(facets: Mapping[str, Mapping[str, array[int]]], size: int) -> dict[str, NDArray[Any]]:
    """The values of each document, numbered as `DocValues` does."""
    documents, numbers, number = [np.empty(0, np.int32)], [np.empty(0, np.int64)], 0
    for _, having in sorted(facets.items()):
        lacking = np.ones(size, bool)
        for value in sorted(having, key=str.encode):
            documents.append(np.frombuffer(having[value], np.int32))
            lacking[documents[-1]] = False
            numbers.append(np.full(len(documents[-1]), number))
            number += 1
        documents.append(np.flatnonzero(lacking).astype(np.int32))
        numbers.append(np.full(len(documents[-1]), number))
        number += 1
    of = np.concatenate(documents)
    starts = np.zeros(size + 1, np.int64)
    np.cumsum(np.bincount(of, minlength=size), out=starts[1:])
    values = np.concatenate(numbers)[np.argsort(of, kind="stable")]
    return {
        "value_ordinals.starts": starts,
        "value_ordinals.ordinals": values.astype(np.min_scalar_type(number)),
    }
