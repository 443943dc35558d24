"""Documents of one type → the arrays that a `SegmentReader` reads."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.search.analysis.analyzer import Analyzer
from kb.search.index.doc_values_writer import DocValuesWriter, ValueLists
from kb.search.index.postings_writer import RUN_DOCUMENTS, PostingsWriter
from kb.search.index.segment_reader import folded_title
from kb.search.index.stored_document import StoredDocument
from kb.search.index.string_table import StringTable, string_arrays, string_ordinals


class SegmentWriter:
    """Collects the documents of one type in one segment."""

    def __init__(self, analyzer: Analyzer, *, run_documents: int = RUN_DOCUMENTS) -> None:
        """`run_documents` are sorted at a time, at most."""
        self._numbers: list[tuple[int, int, float, int]] = []  # docnum, year, updatedAt, position
        self._ids: list[str] = []
        self._titles: list[str] = []
        self._folded_titles: list[str] = []
        self._title_words = ValueLists()
        self._concepts = ValueLists()
        self._doc_values = DocValuesWriter()
        self._postings = PostingsWriter(analyzer, run_documents)

    def add(self, docnum: int, document: StoredDocument) -> None:
        """Add a document, with its number in Whoosh's segment."""
        doc_id = len(self._ids)
        self._ids.append(document.id)
        self._titles.append(document.title)
        updated_at = np.nan if document.updated_at is None else document.updated_at
        self._numbers.append((docnum, document.year or 0, updated_at, document.position))
        self._folded_titles.append(folded_title(document.title))
        self._title_words.add(doc_id, self._folded_titles[-1].split())
        self._concepts.add(doc_id, document.concepts)
        self._doc_values.add(doc_id, document.values)
        self._doc_values.add_rows(doc_id, "findings", document.findings)
        self._doc_values.add_rows(doc_id, "pitfalls", document.pitfalls)
        self._postings.add(document.passages)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The arrays, by name; nothing can be added any more."""
        columns = list(zip(*self._numbers, strict=True)) or [()] * 4
        docnums, years, updated_at, positions = columns
        ids = string_arrays("ids", self._ids)
        folded = string_arrays("folded_titles", self._folded_titles)
        return {
            "docnums": np.array(docnums, np.int32),
            "year": np.array(years, np.int32),
            "updatedAt": np.array(updated_at, np.float64),
            "position": np.array(positions, np.int32),
            "id_ordinals": string_ordinals(StringTable(ids, "ids")),
            "title_ordinals": string_ordinals(StringTable(folded, "folded_titles")),
            **ids,
            **folded,
            **string_arrays("titles", self._titles),
            **self._title_words.arrays("title_words"),
            **self._concepts.arrays("concepts"),
            **self._doc_values.arrays(len(self._ids)),
            **self._postings.arrays(),
        }
