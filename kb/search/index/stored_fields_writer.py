"""Writes what lists show of documents, kept with the index: their items, passages and words.

Of each document the arrays hold its item in JSON for each language; of each passage its field, its
text and the position key of its first word; of each word its first and last (excluded) character.
So a hit is shown, and marked, without the database and without another analysis of a text.
"""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kb.search.analysis.analyzer import word_spans
from kb.search.index.arrays import IntArray, string_arrays, text_arrays
from kb.vocabulary.terms import LANGUAGES

CHARACTERS_AT_ONCE = 1 << 20  # of texts whose words are found together, about


class StoredPassage(NamedTuple):
    """A text of a document, the key that it stands under, and where its words begin."""

    field: str
    text: str
    position: int  # of its first word, as `PostingsWriter` counts


class StoredFieldsWriter:
    """Collects what `StoredFieldsReader` reads, document by document."""

    def __init__(self) -> None:
        self._items: dict[str, list[bytes]] = {language: [] for language in LANGUAGES}
        self._passage_starts = array("q", [0])
        self._names: dict[str, int] = {}
        self._fields = array("H")
        self._positions = array("I")
        self._texts: list[bytes] = []
        self._unread: list[str] = []  # texts whose words are still to be found
        self._unread_characters = 0
        self._word_counts: list[IntArray] = []  # by passage
        self._spans: list[NDArray[np.uint32]] = []  # of all words after each other

    def add(self, items: Mapping[str, str], passages: Sequence[StoredPassage]) -> None:
        """Add the next document: its items by language, and its passages in their order."""
        for language, stored in self._items.items():
            stored.append(items.get(language, "{}").encode())
        for passage in passages:
            self._fields.append(self._names.setdefault(passage.field, len(self._names)))
            self._positions.append(passage.position)
            self._texts.append(passage.text.encode())
            self._unread.append(passage.text)
            self._unread_characters += len(passage.text)
        self._passage_starts.append(len(self._texts))
        if self._unread_characters > CHARACTERS_AT_ONCE:
            self._find_words()

    def _find_words(self) -> None:
        """Find the words of all texts that are unread, in one text."""
        spans = word_spans("\n".join(self._unread))  # which is part of no word
        lengths = np.array([len(text) + 1 for text in self._unread], np.int64)
        starts = lengths.cumsum() - lengths
        counts = np.diff(np.searchsorted(spans[:, 0], starts), append=len(spans))
        self._word_counts.append(counts)
        self._spans.append((spans - starts.repeat(counts)[:, None]).astype(np.uint32))
        self._unread, self._unread_characters = [], 0

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The arrays, by name; nothing can be added any more."""
        self._find_words()
        spans = np.concatenate(self._spans)
        narrow = np.min_scalar_type(spans.max(initial=0))
        arrays: dict[str, NDArray[Any]] = {
            "passages.starts": np.array(self._passage_starts, np.int64),
            "passages.fields": np.array(self._fields, np.uint8),
            "passages.positions": np.array(self._positions, np.uint32),
            "words.starts": np.append(0, np.concatenate(self._word_counts).cumsum()),
            "words.spans": spans.astype(narrow),
            **string_arrays("passages.names", list(self._names)),
            **text_arrays("passages", self._texts),
        }
        for language in list(self._items):
            arrays |= text_arrays(f"items.{language}", self._items.pop(language))
        return arrays
