"""What is suggested while somebody types, and the word that was probably meant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from kb.kinds import KINDS
from kb.search.engine import Suggestion
from kb.search.execute.filters_and_facets import facet_counter
from kb.search.index.arrays import Mask
from kb.search.index.index_reader import IndexReader
from kb.search.index.segment_reader import LeafReader, SegmentReader, folded_title

CORRECTION_BYTES = 200  # in a cache, about
MIN_LETTERS = 2
LONG_WORD = 8  # letters; in a word as long as this two may be wrong, else one
Ranked = tuple[bool, int, Suggestion]  # the least first: whole beginnings, then short texts


class Correction(NamedTuple):
    """The word that was probably meant by another."""

    word: str | None  # None where no word is near
    nbytes: int = CORRECTION_BYTES


def suggest(index: IndexReader, typed: str, types: Iterable[str], limit: int) -> list[Suggestion]:
    """Titles and places with a word for each typed word that begins so; whole beginnings first."""
    prefix = folded_title(typed)
    if len(prefix.replace(" ", "")) < MIN_LETTERS:
        return []
    wanted = set(types)
    ranked = [
        each
        for leaf in index.leaves
        if leaf.reader.type in wanted and KINDS[leaf.reader.type].is_suggested
        for each in _titles(leaf, prefix, limit)
    ]
    if "place" in wanted:
        ranked += _places(index, prefix)
    return [suggestion for _, _, suggestion in sorted(ranked)[:limit]]


def _titles(leaf: LeafReader, prefix: str, limit: int) -> list[Ranked]:
    """The best titles of a segment."""
    reader, matches = leaf.reader, leaf.live_docs.copy()
    for word in prefix.split():
        matches &= _has_title_word(reader, word)
    doc_ids = np.flatnonzero(matches)
    low, high = reader.folded_titles.prefix_range(prefix)
    is_whole = np.zeros(reader.max_doc, bool)
    is_whole[reader.folded_titles.order[low:high]] = True
    lengths = reader.titles.lengths[doc_ids]
    ids = reader.sortable["id_ordinals"][doc_ids]
    order = np.lexsort([ids, lengths, ~is_whole[doc_ids]])[:limit]
    return [
        (
            not is_whole[doc_id],
            len(reader.titles[doc_id]),
            Suggestion(reader.type, reader.ids[doc_id], reader.titles[doc_id]),
        )
        for doc_id in doc_ids[order].tolist()
    ]


def _has_title_word(reader: SegmentReader, prefix: str) -> Mask:
    """The documents with a word in their title that begins so."""
    words = reader.title_words
    low, high = words.values.prefix_range(prefix)
    has_word = np.zeros(reader.max_doc, bool)
    for place in words.values.order[low:high].tolist():
        has_word[words.doc_ids_at(place)] = True
    return has_word


def _places(index: IndexReader, prefix: str) -> list[Ranked]:
    """The municipalities of live cases."""
    places = {
        value
        for leaf in index.leaves
        if leaf.reader.type == "case"
        for value in _live_values(leaf, "municipality")
    }
    return [
        (not folded_title(place).startswith(prefix), len(place), Suggestion("place", place, place))
        for place in places
        if all(
            any(own.startswith(word) for own in folded_title(place).split())
            for word in prefix.split()
        )
    ]


def _live_values(leaf: LeafReader, key: str) -> Iterable[str]:
    counts, _missing = facet_counter(leaf.reader, np.flatnonzero(leaf.live_docs), 1).counts(key)
    return counts


def max_edits_of(word: str) -> int:
    """How many letters of a word may be wrong."""
    return 2 if len(word) >= LONG_WORD else 1


def spelling_suggestion(leaves: Sequence[LeafReader], word: str) -> str | None:
    """The folded word of live documents that is nearest: by edits, then first letter, then use.

    An edit is a letter more, less, other or swapped with its neighbour (optimal string alignment).
    """
    max_edits = max_edits_of(word)
    doc_freqs: dict[tuple[int, bool, str], int] = {}
    lengths = range(len(word) - max_edits, len(word) + max_edits + 1)
    for leaf, length in product(leaves, lengths):
        forms = leaf.reader.forms_of_length(length)
        for form, edits, place in process.extract(
            word, forms, scorer=OSA.distance, score_cutoff=max_edits, limit=None
        ):
            key = int(edits), form[:1] != word[:1], form
            doc_freqs[key] = doc_freqs.get(key, 0) + int(leaf.reader.form_doc_freqs[place])
    nearest = sorted((*key[:2], -doc_freq, key[2]) for key, doc_freq in doc_freqs.items())
    return next(
        (form for *_, form in nearest if any(leaf.has_live_form(form) for leaf in leaves)), None
    )
