"""Rows of cells → documents of cases, for an import.

`columns` has what may stand above a column, `cells` what may stand below it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from openpyxl.utils import get_column_letter

from kb.editors.imports.merging import Additions
from kb.editors.imports.rows import Cell, NumberedRow, SheetDocument, UnreadableRow
from kb.editors.tables.cells import RawCell, is_clear_marker, read_cell, text_of
from kb.editors.tables.columns import Column, closest_header, find_column, header_key
from kb.input_errors import Mistake

MAX_COLUMNS = 5000
LIST_COLUMNS = {"self", "_links", "updatedat"}  # of our lists, which have parts of texts
Grid = Iterable[tuple[int, Sequence[RawCell]]]  # rows of cells, numbered from 1
Errors = list[tuple[str, Mistake]]  # with JSON Pointers
Mapped = Mapping[str, str]  # names of columns by keys of headers; empty: not taken over
AS_HEADED: Mapped = MappingProxyType({})


class TableError(Exception):
    """A table that cannot be read, from this row on; `reason` is a key of REASONS."""

    def __init__(self, reason: str, row: int = 1) -> None:
        super().__init__(reason)
        self.reason, self.row = reason, row


class Table(NamedTuple):
    """A table, and how it was read."""

    format: Literal["csv", "xlsx"]
    encoding: str | None
    delimiter: str | None
    sheet: str | None
    grid: Grid

    @property
    def rows(self) -> Iterator[NumberedRow]:
        """The documents in it; its headers say which column is which."""
        return documents(self.grid)


class _SheetColumn(NamedTuple):
    """A column of this sheet."""

    place: int  # counted from 0
    header: str
    column: Column
    number: int  # of a numbered column, counted from 1


def unreadable_table(reason: str) -> UnreadableRow:
    """The row that stands for a table, or the rest of one, that cannot be read."""
    return UnreadableRow((("", Mistake("inconsistent", {"reason": reason})),))


def unreadable_grid(reason: str) -> Grid:
    """The rows of a table of which not even the first can be read. Raises TableError."""
    raise TableError(reason)
    yield  # it is a generator, and raises when it is read


def documents(grid: Grid, mapped: Mapped = AS_HEADED) -> Iterator[NumberedRow]:
    """The documents of a table; the first row that is not empty has the headers.

    What `mapped` says of a header goes before what the header itself says. When one of the headers
    is wrong, their row is the only one.
    """
    columns: list[_SheetColumn] | None = None
    ignored: set[int] = set()
    try:
        for number, cells in grid:
            if not any(map(text_of, cells)):
                continue
            if columns is not None:
                yield number, _document(number, columns, cells, ignored)
                continue
            headers = [text_of(cell) for cell in cells]
            names = distinct_headers(headers)
            ignored = {place for place, each in enumerate(names) if _is_ignored(each, mapped)}
            columns, wrong_headers = _sheet_columns(number, headers, mapped, ignored)
            if wrong_headers:
                yield number, wrong_headers
                return
    except TableError as error:
        yield error.row, unreadable_table(error.reason)


def distinct_headers(headers: Sequence[str]) -> list[str]:
    """The headers of a table; one that stood there before gets the letters of its column."""
    seen: set[str] = set()
    distinct = []
    for place, header in enumerate(headers):
        is_repeated = bool(header) and header_key(header) in seen
        seen.add(header_key(header))
        distinct.append(f"{header} ({get_column_letter(place + 1)})" if is_repeated else header)
    return distinct


def _is_ignored(header: str, mapped: Mapped) -> bool:
    return mapped.get(header_key(header)) == ""


def _sheet_columns(
    row: int, headers: list[str], mapped: Mapped, ignored: Collection[int]
) -> tuple[list[_SheetColumn], UnreadableRow | None]:
    """The columns of a sheet; and a row with the unknown and repeated headers, if there are any."""
    if LIST_COLUMNS & {each.casefold() for each in headers if header_key(each) not in mapped}:
        return [], unreadable_table("list-item")
    columns: list[_SheetColumn] = []
    errors: Errors = []
    cells: dict[str, Cell] = {}
    for index, (header, name) in enumerate(zip(headers, distinct_headers(headers), strict=True)):
        if not header or index in ignored:
            continue
        match = find_column(mapped.get(header_key(name), header))
        if match is None:
            mistake = Mistake("unknown-key", {"value": header[:80]}, closest_header(header))
        elif any(match == (each.column, each.number) for each in columns):
            mistake = Mistake("duplicate", {"value": header[:80]})
        else:
            columns.append(_SheetColumn(index, header, *match))
            continue
        errors.append((f"/{header}", mistake))
        cells[f"/{header}"] = _cell(row, index, header, header)
    return columns, UnreadableRow(tuple(errors), cells) if errors else None


def _document(
    row: int,
    columns: list[_SheetColumn],
    cells: Sequence[RawCell],
    ignored: Collection[int],
) -> SheetDocument | UnreadableRow:
    """The document in a row; an empty cell is left out, and so are the ignored columns."""
    reader = _RowReader(row, columns, cells)
    for column in columns:
        reader.read(column)
    reader.check_cells_without_header({*ignored, *(column.place for column in columns)})
    return reader.result()


class _RowReader:
    """Reads the cells of one row into a document, and collects what is wrong with them."""

    def __init__(self, row: int, columns: list[_SheetColumn], cells: Sequence[RawCell]) -> None:
        self.row, self.cells = row, cells
        self.document, self.errors = SheetDocument(), Errors()
        self.document.cells = self.origins = dict[str, Cell]()
        self.items: dict[tuple[str, int], dict[str, Any]] = {}  # by key and number
        self.cleared: set[str] = set()  # keys of lists
        filled = {
            (each.column.key, each.number) for each in columns if text_of(self._raw(each.place))
        }
        self.item_index = dict(_item_indexes(sorted(filled)))

    def _raw(self, index: int) -> RawCell:
        return self.cells[index] if index < len(self.cells) else None

    def read(self, sheet_column: _SheetColumn) -> None:
        """Put the value of the cell in this column into the document."""
        column, number = sheet_column.column, sheet_column.number
        raw = self._raw(sheet_column.place)
        text = text_of(raw)
        pointer = column.pointer(self.item_index.get((column.key, number), 0))
        if not column.numbered or (column.key, number) in self.item_index:
            self.origins[pointer] = _cell(self.row, sheet_column.place, sheet_column.header, text)
        if not text:
            return
        value = read_cell(column.field, raw)
        if column.is_item_list and not is_clear_marker(raw):
            value = Mistake("inconsistent", {"reason": "item-list"})
        if isinstance(value, Mistake):
            self.errors.append((pointer, value))
        elif column.is_item_list:
            self.cleared.add(column.key)
        elif column.part is None:
            self.document[column.key] = value
        elif column.numbered:
            self.items.setdefault((column.key, number), {})[column.part] = value
        else:
            self.document.setdefault(column.key, {})[column.part] = value

    def check_cells_without_header(self, known: set[int]) -> None:
        """A cell that is not empty needs a header above it."""
        for index, raw in enumerate(self.cells):
            if index not in known and (text := text_of(raw)):
                pointer = f"/{get_column_letter(index + 1)}"
                self.errors.append((pointer, Mistake("inconsistent", {"reason": "cells"})))
                self.origins[pointer] = _cell(self.row, index, "", text)

    def result(self) -> SheetDocument | UnreadableRow:
        """The document, or all that is wrong with its cells."""
        if self.errors:
            title = self.document.get("title")
            shown = title if isinstance(title, str) else None
            return UnreadableRow(tuple(self.errors), self.origins, shown)
        for key in self.cleared:
            self.document[key] = []
        for key, number in sorted(self.items):
            self.document.setdefault(key, Additions()).append(self.items[key, number])
        return self.document


def _item_indexes(
    groups: Iterable[tuple[str, int]],
) -> Iterator[tuple[tuple[str, int], int]]:
    """For each group of columns (key, number) with a value, the index of its item in its list."""
    last: dict[str, int] = {}
    for key, number in groups:
        last[key] = last.get(key, -1) + 1
        yield (key, number), last[key]


def _cell(row: int, index: int, header: str, value: str) -> Cell:
    return Cell(row, get_column_letter(index + 1), header[:80], value[:100])
