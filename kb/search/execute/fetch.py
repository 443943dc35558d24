"""The fetch phase: documents of a page → hits, each with its stored item and its highlights.

Nothing is analysed for it: where the terms of the query stand, the postings know by position, and
the stored fields know which passage, and which of its characters, a position is in.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import NamedTuple

import numpy as np

from kb.search.engine import Hit, Match, SearchRequest
from kb.search.execute.highlight import highlight
from kb.search.index.arrays import FloatArray, IntArray, joined, ranges
from kb.search.index.index_reader import POSITION_BITS, IndexReader
from kb.search.index.segment_reader import SegmentReader
from kb.search.query.expand import TermPositions
from kb.search.query.parse import ParsedQuery


class _Place(NamedTuple):
    """A document of a page in its segment."""

    reader: SegmentReader
    doc_id: int  # in the segment


def fetch(
    index: IndexReader, doc_ids: IntArray, scores: FloatArray, request: SearchRequest
) -> tuple[Hit, ...]:
    """The hits of these documents, in their order."""
    places = [_Place(*index.locate(doc_id)) for doc_id in doc_ids.tolist()]
    matches: dict[_Place, Match] = {}
    if request.query and request.highlight:
        matches = dict(_highlight(places, request.query))
    return tuple(
        Hit(
            place.reader.type,
            place.reader.ids[place.doc_id],
            score,
            place.reader.stored_fields.items[request.language][place.doc_id],
            _updated_at(place),
            matches.get(place),
        )
        for place, score in zip(places, scores.tolist(), strict=True)
    )


def _highlight(places: list[_Place], query: ParsedQuery) -> Iterator[tuple[_Place, Match]]:
    """Where each document meets the query, segment by segment."""
    by_segment: dict[SegmentReader, list[int]] = {}
    for place in places:
        by_segment.setdefault(place.reader, []).append(place.doc_id)
    for reader, numbers in by_segment.items():
        doc_ids = sorted(numbers)
        texts = _stored_texts(reader, np.array(doc_ids, np.int64), query)
        for doc_id, text in zip(doc_ids, texts, strict=True):
            yield _Place(reader, doc_id), highlight(text, query)


def _updated_at(place: _Place) -> datetime | None:
    seconds = float(place.reader.sortable["updatedAt"][place.doc_id])
    return None if math.isnan(seconds) else datetime.fromtimestamp(seconds, UTC)


class StoredText:
    """A document of a segment, as the highlighter reads it (`DocumentText`)."""

    def __init__(
        self,
        reader: SegmentReader,
        doc_id: int,
        positions: Mapping[int, TermPositions],
        concepts: set[str],
    ) -> None:
        """`concepts` are those of the query that the document has."""
        self.type, self.positions = reader.type, positions
        self._stored, self._concepts = reader.stored_fields, concepts
        self._first = int(self._stored.passage_starts[doc_id])
        self.fields: Sequence[str] = self._stored.fields(doc_id)

    def text(self, passage: int) -> str:
        """A passage."""
        return self._stored.texts[self._first + passage]

    def span(self, passage: int, first: int, last: int) -> tuple[int, int]:
        """The characters from one word to another."""
        return self._stored.span(self._first + passage, first, last)

    def has_concept(self, concept: str) -> bool:
        """Whether it is tagged so."""
        return concept in self._concepts


def _stored_texts(
    reader: SegmentReader, doc_ids: IntArray, query: ParsedQuery
) -> Iterator[StoredText]:
    """These documents of a segment, ascending, with the places of the query's terms in them."""
    positions: list[defaultdict[int, dict[str, list[int]]]] = [defaultdict(dict) for _ in doc_ids]
    for term, places in _places_by_term(reader, doc_ids, query):
        for document, passage, word in places:
            by_term = positions[document][passage]
            if term in by_term:
                by_term[term].append(word)
            else:
                by_term[term] = [word]
    concepts = _concepts(reader, doc_ids, query)
    for number, doc_id in enumerate(doc_ids.tolist()):
        yield StoredText(reader, doc_id, positions[number], concepts[number])


def _places_by_term(
    reader: SegmentReader, doc_ids: IntArray, query: ParsedQuery
) -> Iterator[tuple[str, Iterable[tuple[int, int, int]]]]:
    """The number among `doc_ids`, the passage, and the word in it, of each place of each term."""
    starts = reader.stored_fields.passage_starts
    counts = starts[doc_ids + 1] - starts[doc_ids]
    passages = ranges(starts[doc_ids], counts)
    documents = np.arange(len(doc_ids)).repeat(counts)
    keys = documents << POSITION_BITS | reader.stored_fields.positions[passages]
    order = np.argsort(keys)
    keys, numbers = keys[order], (passages - starts[doc_ids][documents])[order]
    words_by_term = _words_by_term(reader, doc_ids, query)
    words = joined(list(words_by_term.values()), np.int64)
    at = keys.searchsorted(words, "right") - 1
    places = zip(
        (words >> POSITION_BITS).tolist(),
        numbers[at].tolist(),
        (words - keys[at]).tolist(),
        strict=True,
    )
    for term, own in words_by_term.items():
        yield term, islice(places, len(own))


def _words_by_term(
    reader: SegmentReader, doc_ids: IntArray, query: ParsedQuery
) -> dict[str, IntArray]:
    """The position keys of each term of the query that these documents have, by their number."""
    wanted = doc_ids.astype(np.uint32)  # as in the postings, which are then not copied
    words_by_term: dict[str, IntArray] = {}
    for term in query.terms:
        postings = reader.inverted.postings(term).doc_ids
        if not len(postings):
            continue
        places = np.minimum(postings.searchsorted(wanted), len(postings) - 1)
        having = (postings[places] == wanted).nonzero()[0]
        if len(having):
            freqs, positions = reader.inverted.positions(term, places[having])
            words_by_term[term] = (having << POSITION_BITS).repeat(freqs) | positions
    return words_by_term


def _concepts(reader: SegmentReader, doc_ids: IntArray, query: ParsedQuery) -> list[set[str]]:
    """The concepts of the query that each document is tagged with."""
    concepts: list[set[str]] = [set() for _ in doc_ids]
    for concept in query.concepts:
        tagged = reader.concepts.doc_ids_with(concept)
        for number in np.flatnonzero(np.isin(doc_ids, tagged)).tolist():
            concepts[number].add(concept)
    return concepts
