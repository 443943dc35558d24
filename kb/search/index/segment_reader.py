"""The documents of one type in one segment of the index, read from arrays.

Documents are numbered from 0. Of each document the arrays hold

    lengths              4 × 4 bytes    terms in each text field (title, labels, details, body)
    numbers to sort by   40 bytes       year, updatedAt, position, the order of ids and titles
    ids, titles          both texts

of each different term in a document, parts of compounds among them,

    postings.doc_ids     4 bytes        the number of the document
    postings.freqs       4 × 2 bytes    how often the term stands in each text field
    positions.starts     4 bytes        where its positions begin
    positions.values     4 bytes each   where: index of the field · MAX_POSITION + position

so that a case of 500 words costs some 10 kB; and the values it can be filtered by (`doc_values`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.search.analysis.analyzer import fold, tokenize
from kb.search.engine import Type
from kb.search.index.arrays import Arrays, IntArray, Mask
from kb.search.index.doc_values import DocValues, NestedRows, ValuePostings
from kb.search.index.fields import NESTED_FIELDS
from kb.search.index.postings import PostingsReader
from kb.search.index.string_table import StringTable

SORT_COLUMNS = ("year", "updatedAt", "position", "id_ordinals", "title_ordinals")


def folded_title(title: str) -> str:
    """The folded words of a title, by which titles are sorted and suggested."""
    return " ".join(fold(word) for word in tokenize(title))


class SegmentReader:
    """The documents of one type in one segment."""

    def __init__(self, kind: Type, arrays: Arrays) -> None:
        """`arrays` are those of the whole segment: the names of ours begin with the type."""
        prefix = f"{kind}."
        own = {
            name.removeprefix(prefix): array
            for name, array in arrays.items()
            if name.startswith(prefix)
        }
        self.type: Type = kind
        self.docnums: NDArray[np.int32] = own["docnums"]  # in Whoosh's segment
        self.max_doc = len(self.docnums)  # documents, deleted ones included
        self.ids = StringTable(own, "ids")
        self.titles = StringTable(own, "titles")
        self.folded_titles = StringTable(own, "folded_titles")
        self.title_words = ValuePostings(own, "title_words")  # folded; for suggestions
        self.lengths: NDArray[np.int32] = own["lengths"]  # documents × text fields, in terms
        self.sortable: dict[str, NDArray[Any]] = {name: own[name] for name in SORT_COLUMNS}
        self.concepts = ValuePostings(own, "concepts")  # scheme/id of its tags
        self.doc_values = DocValues(own)
        self.nested = {group: NestedRows(own, group) for group in NESTED_FIELDS}
        self.inverted = PostingsReader(own)
        self.forms = StringTable(own, "forms")  # words as they are spelled, for suggestions
        self.form_terms: NDArray[np.int32] = own["forms.terms"]  # the ordinal of each form's term
        self.form_doc_freqs: NDArray[np.int32] = own["forms.doc_freqs"]
        self._forms_by_length: dict[int, dict[int, str]] = {}

    def mask(self, doc_ids: IntArray) -> Mask:
        """A mask over the documents that is true for these."""
        mask = np.zeros(self.max_doc, bool)
        mask[doc_ids] = True
        return mask

    def forms_with_lengths(self, lengths: Iterable[int]) -> dict[int, str]:
        """The forms of so many characters, by their index in `forms`."""
        if not self._forms_by_length:
            by_length: dict[int, dict[int, str]] = {}
            for index, length in enumerate(self.forms.lengths.tolist()):
                by_length.setdefault(length, {})[index] = self.forms[index]
            self._forms_by_length = by_length  # only when ready, since other threads look too
        return {
            index: form
            for length in lengths
            for index, form in self._forms_by_length.get(length, {}).items()
        }

    def form_doc_ids(self, form: str) -> NDArray[np.uint32]:
        """The documents with the term of a form, deleted ones included."""
        index = self.forms.find(form)
        if index is None:
            return np.empty(0, np.uint32)
        term = self.inverted.terms[int(self.form_terms[index])]
        return self.inverted.postings(term).doc_ids
