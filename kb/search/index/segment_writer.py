"""Documents of one type, as Whoosh stores them → the arrays that a `SegmentReader` reads."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from kb.kinds import KindName
from kb.search.analysis.analyzer import Analyzer, folded_title
from kb.search.analysis.vectors import DIMENSIONS, Vector
from kb.search.engine import (
    FindingValues,
    Passage,
    PitfallValues,
    SearchDocument,
    TextField,
)
from kb.search.index.arrays import StringTable, string_arrays, string_ordinals
from kb.search.index.fields import NAME_FIELDS, NESTED_FIELDS, TEXT_FIELDS
from kb.search.index.postings_writer import RUN_DOCUMENTS, PostingsWriter
from kb.search.index.segment_reader import (
    NO_FIGURE,
    NO_LANE,
    NO_YEAR,
    NUMBER_COLUMNS,
)
from kb.search.index.stored_fields_writer import StoredFieldsWriter, StoredPassage


class StoredDocument(NamedTuple):
    """A `SearchDocument` without types of ours."""

    type: str
    id: str
    title: str
    passages: list[tuple[str, int, str]]  # key of the document, index of the text field, text
    concepts: list[str]
    values: dict[str, list[str]]  # by field that documents are filtered by
    columns: dict[str, list[str]]  # by name
    findings: list[list[str]]  # rows of `NESTED_FIELDS`
    pitfalls: list[list[str]]
    start_year: int | None
    population: int | None
    social_rent: int | None
    year: int | None
    lane_rank: int | None
    updated_at: float | None  # seconds since 1970
    position: int
    items: dict[str, str]  # by language: the item of a list in JSON

    @property
    def key(self) -> str:
        """What tells it from every other document: `type:id`."""
        return f"{self.type}:{self.id}"


def to_stored(document: SearchDocument) -> StoredDocument:
    """The document as Whoosh stores it."""
    return StoredDocument(
        document.type,
        document.id,
        document.title,
        [(each.field, TEXT_FIELDS.index(each.text_field), each.text) for each in document.passages],
        list(document.concepts),
        {field: list(values) for field, values in document.values.items()},
        {name: list(values) for name, values in document.columns.items()},
        [list(row) for row in document.findings],
        [list(row) for row in document.pitfalls],
        document.start_year,
        document.population,
        document.social_rent,
        document.year,
        document.lane_rank,
        document.updated_at.timestamp() if document.updated_at else None,
        document.position,
        dict(document.items),
    )


def from_stored(stored: StoredDocument) -> SearchDocument:
    """The document that was stored."""
    at = stored.updated_at
    return SearchDocument(
        type=cast(KindName, stored.type),
        id=stored.id,
        title=stored.title,
        passages=tuple(
            Passage(field, cast(TextField, TEXT_FIELDS[number]), text)
            for field, number, text in stored.passages
        ),
        concepts=tuple(stored.concepts),
        values={field: tuple(values) for field, values in stored.values.items()},
        columns={name: tuple(values) for name, values in stored.columns.items()},
        findings=tuple(FindingValues(*row) for row in stored.findings),
        pitfalls=tuple(PitfallValues(*row) for row in stored.pitfalls),
        start_year=stored.start_year,
        population=stored.population,
        social_rent=stored.social_rent,
        year=stored.year,
        lane_rank=stored.lane_rank,
        updated_at=None if at is None else datetime.fromtimestamp(at, UTC),
        position=stored.position,
        items=stored.items,
    )


class ValueLists:
    """The documents with each value of one field."""

    def __init__(self) -> None:
        self._doc_ids: dict[str, array[int]] = {}  # ascending

    def add(self, doc_id: int, values: Iterable[str]) -> None:
        """Add the next document; a value that is there twice counts once."""
        for value in dict.fromkeys(values):
            if value not in self._doc_ids:
                self._doc_ids[value] = array("i")
            self._doc_ids[value].append(doc_id)

    def in_order(self) -> list[tuple[str, NDArray[np.int32]]]:
        """The values in the order of their UTF-8, with their documents."""
        return [
            (value, np.frombuffer(self._doc_ids[value], np.int32))
            for value in sorted(self._doc_ids, key=str.encode)
        ]

    def arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """The arrays from which `ValuePostings` reads."""
        in_order = self.in_order()
        starts = np.zeros(len(in_order) + 1, np.int64)
        np.cumsum([len(doc_ids) for _, doc_ids in in_order], dtype=np.int64, out=starts[1:])
        return string_arrays(name, [value for value, _ in in_order]) | {
            f"{name}.starts": starts,
            f"{name}.doc_ids": np.concatenate(
                [np.empty(0, np.int32), *(doc_ids for _, doc_ids in in_order)]
            ),
        }


class DocValuesWriter:
    """The fields that documents of a segment are filtered by."""

    def __init__(self) -> None:
        fields = [field for group in NESTED_FIELDS.values() for field in group]
        self._fields = {field: ValueLists() for field in fields}  # and those of documents
        self._rows: dict[str, list[tuple[int, Sequence[str]]]] = {
            group: [] for group in NESTED_FIELDS
        }

    def add(self, doc_id: int, values: Mapping[str, Sequence[str]]) -> None:
        """Add the values of the next document, by field."""
        for field, each in values.items():
            self._fields.setdefault(field, ValueLists()).add(doc_id, each)

    def add_rows(self, doc_id: int, group: str, rows: Sequence[Sequence[str]]) -> None:
        """Add the findings (or pitfalls) of the next document."""
        self._rows[group] += [(doc_id, row) for row in rows]
        for column, field in enumerate(NESTED_FIELDS[group]):
            self._fields[field].add(doc_id, (row[column] for row in rows))

    def arrays(self, max_doc: int) -> dict[str, NDArray[Any]]:
        """The arrays from which `DocValues` and `NestedRows` read."""
        arrays = _global_ordinals(self._fields, max_doc)
        for field, values in self._fields.items():
            arrays |= values.arrays(f"value_postings.{field}")
        for group, rows in self._rows.items():
            arrays[f"{group}.owners"] = np.array([owner for owner, _ in rows], np.int32)
            for column, field in enumerate(NESTED_FIELDS[group]):
                in_order = enumerate(self._fields[field].in_order())
                ordinals = {value: ordinal for ordinal, (value, _) in in_order}
                of_rows = [ordinals[row[column]] for _, row in rows]
                arrays[f"{group}.{field}"] = np.array(of_rows, np.int32)
        return arrays


def _global_ordinals(fields: Mapping[str, ValueLists], max_doc: int) -> dict[str, NDArray[Any]]:
    """For each document the global ordinals of its values, numbered as `DocValues` does."""
    doc_ids = [np.empty(0, np.int32)]
    ordinals = [np.empty(0, np.int64)]

    def number(having: NDArray[np.int32]) -> None:
        """Give these documents the next ordinal."""
        ordinals.append(np.full(len(having), len(ordinals) - 1))
        doc_ids.append(having)

    for _, values in sorted(fields.items()):
        has_none = np.ones(max_doc, bool)
        for _, having in values.in_order():
            has_none[having] = False
            number(having)
        number(np.flatnonzero(has_none).astype(np.int32))
    by_doc = np.concatenate(doc_ids)
    starts = np.zeros(max_doc + 1, np.int64)
    np.cumsum(np.bincount(by_doc, minlength=max_doc), out=starts[1:])
    in_order = np.concatenate(ordinals)[np.argsort(by_doc, kind="stable")]
    return {
        "global_ordinals.starts": starts,
        "global_ordinals.values": in_order.astype(np.min_scalar_type(len(ordinals) - 1)),
    }


def _numbers(document: StoredDocument) -> tuple[float, ...]:
    """The numbers of a document, in the order of `NUMBER_COLUMNS`."""
    return (
        document.start_year or NO_YEAR,
        document.year or NO_YEAR,
        NO_LANE if document.lane_rank is None else document.lane_rank,
        np.nan if document.updated_at is None else document.updated_at,
        document.position,
        NO_FIGURE if document.population is None else document.population,
        NO_FIGURE if document.social_rent is None else document.social_rent,
    )


class SegmentWriter:
    """Collects the documents of one type in one segment."""

    def __init__(self, analyzer: Analyzer, *, run_documents: int = RUN_DOCUMENTS) -> None:
        """`run_documents` are sorted at a time, at most."""
        self._docnums: list[int] = []  # in Whoosh's segment
        self._numbers: list[tuple[float, ...]] = []  # as `NUMBER_COLUMNS`
        self._ids: list[str] = []
        self._titles: list[str] = []
        self._folded_titles: list[str] = []
        self._title_words = ValueLists()
        self._concepts = ValueLists()
        self._doc_values = DocValuesWriter()
        self._columns: dict[str, ValueLists] = {}
        self._postings = PostingsWriter(analyzer, run_documents)
        self._stored_fields = StoredFieldsWriter()
        self._analyzer = analyzer
        self._vectors: list[Vector] = []

    def add(self, docnum: int, document: StoredDocument) -> list[int]:
        """Add a document, with its number in Whoosh's segment.

        Returns how many terms each text field has.
        """
        doc_id = len(self._ids)
        self._ids.append(document.id)
        self._titles.append(document.title)
        self._docnums.append(docnum)
        self._numbers.append(_numbers(document))
        self._folded_titles.append(folded_title(document.title))
        self._title_words.add(doc_id, self._folded_titles[-1].split())
        self._concepts.add(doc_id, document.concepts)
        self._doc_values.add(doc_id, document.values)
        for name, values in document.columns.items():
            self._columns.setdefault(name, ValueLists()).add(doc_id, values)
        self._doc_values.add_rows(doc_id, "findings", document.findings)
        self._doc_values.add_rows(doc_id, "pitfalls", document.pitfalls)
        places = self._postings.add((field, text) for _, field, text in document.passages)
        passages = [
            StoredPassage(key, text, position)
            for (key, _, text), position in zip(document.passages, places.positions, strict=True)
        ]
        self._stored_fields.add(document.items, passages)
        self._vectors.append(
            self._analyzer.vector(
                text for key, _, text in document.passages if key not in NAME_FIELDS
            )
        )
        return places.lengths

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The arrays, by name; nothing can be added any more."""
        numbers = np.array(self._numbers, np.float64).reshape(-1, len(NUMBER_COLUMNS))
        ids = string_arrays("ids", self._ids)
        folded = string_arrays("folded_titles", self._folded_titles)
        return {
            "docnums": np.array(self._docnums, np.int32),
            "vectors": np.array(self._vectors, np.int8).reshape(-1, DIMENSIONS),
            **{
                name: numbers[:, place].astype(dtype)
                for place, (name, dtype) in enumerate(NUMBER_COLUMNS.items())
            },
            "id_ordinals": string_ordinals(StringTable(ids, "ids")),
            "title_ordinals": string_ordinals(StringTable(folded, "folded_titles")),
            **ids,
            **folded,
            **string_arrays("titles", self._titles),
            **self._title_words.arrays("title_words"),
            **self._concepts.arrays("concepts"),
            **self._doc_values.arrays(len(self._ids)),
            **{
                key: array
                for name, values in self._columns.items()
                for key, array in values.arrays(f"columns.{name}").items()
            },
            **self._postings.arrays(),
            **self._stored_fields.arrays(),
        }
