"""What is suggested while somebody types, and the word that was probably meant."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import product
from typing import NamedTuple

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from kb.kinds import KINDS
from kb.search.analysis.analyzer import folded_title
from kb.search.engine import Suggestion
from kb.search.execute.filters_and_facets import facet_counter
from kb.search.index.arrays import Mask
from kb.search.index.index_reader import IndexReader
from kb.search.index.segment_reader import LeafReader, SegmentReader

CORRECTION_BYTES = 200  # in a cache, about
MIN_LETTERS = 2
MIN_LETTERS_WITH_SLIP = 5  # of a word that may begin nearly so, …
MAX_SLIPS = 1  # … with so many letters more, less, other or swapped
TEXT_BYTES = 70  # of a short string, about
PLACE_FIELDS = {"place": "municipality", "province": "province"}  # by what is suggested
OTHER_NAMES = {  # of places
    "'s-Hertogenbosch": ("Den Bosch",),
    "Den Haag": ("'s-Gravenhage",),
    "Friesland": ("Fryslân",),
}
LONG_WORD = 8  # letters; in a word as long as this two may be wrong, else one
Ranked = tuple[bool, int, Suggestion]  # the least first: whole beginnings, then short texts


class Correction(NamedTuple):
    """The word that was probably meant by another."""

    word: str | None  # None where no word is near
    nbytes: int = CORRECTION_BYTES


class Beginnings(NamedTuple):
    """The first letters of the folded words of titles of a segment, by their index there."""

    texts: list[str]

    @property
    def nbytes(self) -> int:
        """About what they take in memory."""
        return len(self.texts) * TEXT_BYTES


def suggest(
    index: IndexReader, typed: str, types: Iterable[str], limit: int, *, slips: bool = False
) -> list[Suggestion]:
    """Titles and places with a word for each typed word that begins so; whole beginnings first.

    With `slips` long words may begin nearly so.
    """
    prefix = folded_title(typed)
    if len(prefix.replace(" ", "")) < MIN_LETTERS:
        return []
    wanted = set(types)
    ranked = [
        each
        for number, leaf in enumerate(index.leaves)
        if leaf.reader.type in wanted and KINDS[leaf.reader.type].is_suggested
        for each in _titles(index, number, prefix, limit, slips=slips)
    ]
    for type_, field in PLACE_FIELDS.items():
        if type_ in wanted:
            ranked += ranked_places(_live_values(index, field), type_, prefix, slips=slips)
    return [suggestion for _, _, suggestion in sorted(ranked)[:limit]]


def begins_so(word: str, prefix: str, *, slips: bool) -> bool:
    """Whether a folded word begins so, or with `slips` nearly so."""
    if not slips or len(prefix) < MIN_LETTERS_WITH_SLIP:
        return word.startswith(prefix)
    return any(OSA.distance(prefix, word[:length]) <= MAX_SLIPS for length in lengths_near(prefix))


def has_beginnings(folded: str, prefix: str, *, slips: bool) -> bool:
    """Whether folded words have one for each typed word that begins so."""
    own = folded.split()
    return all(any(begins_so(word, each, slips=slips) for word in own) for each in prefix.split())


def ranked_places(
    places: Iterable[str], type_: str, prefix: str, *, slips: bool
) -> Iterator[Ranked]:
    """The places that begin so, also by another name that people call them."""
    for place in places:
        names = [folded_title(name) for name in (place, *OTHER_NAMES.get(place, ()))]
        if any(has_beginnings(name, prefix, slips=slips) for name in names):
            is_whole = any(name.startswith(prefix) for name in names)
            yield not is_whole, len(place), Suggestion(type_, place, place)


def _titles(
    index: IndexReader, number: int, prefix: str, limit: int, *, slips: bool
) -> list[Ranked]:
    """The best titles of a segment of the index."""
    leaf = index.leaves[number]
    reader, matches = leaf.reader, leaf.live_docs.copy()
    for word in prefix.split():
        if slips and len(word) >= MIN_LETTERS_WITH_SLIP:
            matches &= _has_title_word(reader, _near_words(index, number, word))
        else:
            low, high = reader.title_words.values.prefix_range(word)
            matches &= _has_title_word(reader, reader.title_words.values.order[low:high].tolist())
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


def _near_words(index: IndexReader, number: int, prefix: str) -> set[int]:
    """The words of titles that nearly begin so, by their index in the segment."""
    near: set[int] = set()
    for length in lengths_near(prefix):
        beginnings = index.cached(
            ("beginnings", number, length), partial(_beginnings, index, number, length)
        )
        near.update(places_near(prefix, beginnings.texts))
    return near


def _beginnings(index: IndexReader, number: int, length: int) -> Beginnings:
    values = index.leaves[number].reader.title_words.values
    return Beginnings([values[place][:length] for place in range(len(values))])


def lengths_near(prefix: str) -> range:
    """How many letters of a word that nearly begins so are to be compared with it."""
    return range(len(prefix) - MAX_SLIPS, len(prefix) + MAX_SLIPS + 1)


def places_near(text: str, others: Sequence[str]) -> Iterator[int]:
    """The indices of those that differ in one slip at most."""
    matches = process.extract(text, others, scorer=OSA.distance, score_cutoff=MAX_SLIPS, limit=None)
    return (place for _, _, place in matches)


def _has_title_word(reader: SegmentReader, words: Iterable[int]) -> Mask:
    """The documents with one of these words in their title."""
    has_word = np.zeros(reader.max_doc, bool)
    for word in words:
        has_word[reader.title_words.doc_ids_at(word)] = True
    return has_word


def _live_values(index: IndexReader, field: str) -> set[str]:
    """The values of a field of live cases."""
    return {
        value
        for leaf in index.leaves
        if leaf.reader.type == "case"
        for value in facet_counter(leaf.reader, np.flatnonzero(leaf.live_docs), 1).counts(field)[0]
    }


def max_edits_of(word: str) -> int:
    """How many letters of a word may be wrong."""
    return 2 if len(word) >= LONG_WORD else 1


def spelling_suggestion(leaves: Sequence[LeafReader], word: str) -> str | None:
    """The folded word of live documents that is nearest: by edits, then first letter, then use.

    An edit is a letter more, less, other or swapped with its neighbour (optimal string alignment).
    """
    if any(leaf.has_live_form(word) for leaf in leaves):
        return word
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
