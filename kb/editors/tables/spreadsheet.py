"""Tables with a case in each row, as spreadsheets write them (CSV, .xlsx) → rows of an import.

`columns` has what may stand above a column, `cells` what may stand below it.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from typing import Any, Literal, NamedTuple

from openpyxl.utils import get_column_letter

from kb.editors.imports.merging import Additions
from kb.editors.imports.rows import Cell, SheetDocument, Told, Unreadable
from kb.editors.tables.cells import Raw, is_marker, read_cell, text_of
from kb.editors.tables.columns import Column, find, nearest_header
from kb.editors.tables.xlsx_import import UnreadableSheet, read_workbook
from kb.input_errors import Mistake

DELIMITERS = ";,\t"
BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
SEPARATOR = re.compile(r'"?sep=(.)"?[;,\t]*(?:\r\n|\r|\n|$)', re.IGNORECASE)
OURS = {"self", "_links", "type", "updatedat"}  # columns of our lists, which hold parts of texts
Grid = Iterable[tuple[int, Sequence[Raw]]]  # rows of cells, numbered from 1


class Table(NamedTuple):
    """A table that was read, and how."""

    format: Literal["csv", "xlsx"]
    encoding: str | None
    delimiter: str | None
    sheet: str | None
    rows: Iterable[Told]


class _Place(NamedTuple):
    """A column of this sheet."""

    at: int  # counted from 0
    header: str
    column: Column
    number: int  # of a numbered one


def read_csv(content: bytes, charset: str | None = None) -> Table:
    """The cases of a table in text; `charset` is what its sender says of it."""
    encoding = charset or _encoding(content)
    try:
        text = content.decode(encoding or "utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        return Table("csv", encoding, None, None, [(1, _not_readable("charset"))])
    first = SEPARATOR.match(text)
    text = text[first.end() :] if first else text
    delimiter = first[1] if first else max(DELIMITERS, key=lambda each: _fit(text, each))
    return Table("csv", encoding, delimiter, None, documents(_csv_rows(text, delimiter)))


def read_xlsx(content: bytes) -> Table:
    """The cases of the first visible sheet of a workbook that has something in it."""
    try:
        sheet, grid = read_workbook(content)
    except UnreadableSheet as error:
        return Table("xlsx", None, None, None, [(1, _not_readable(error.reason))])
    return Table("xlsx", None, None, sheet, documents(grid))


def _encoding(content: bytes) -> str | None:
    """The encoding of a text, by its byte order mark or by what can be read; None if unclear."""
    for bom, name in BOMS:
        if content.startswith(bom):
            return name
    begin = content[:2000]
    if b"\0" in begin:
        return "utf-16-le" if begin[1::2].count(0) > begin[::2].count(0) else "utf-16-be"
    try:
        content.decode()
    except UnicodeDecodeError:
        other = [each for each in content.decode(errors="replace") if each > "\x7f"]
        damaged = other.count("\ufffd") <= len(other) / 2  # most is UTF-8, so all was meant to be
        return None if damaged else "windows-1252"
    return "utf-8"


def _fit(text: str, delimiter: str) -> tuple[int, int]:
    """How many headers are known when this parts them, and how many there are."""
    try:
        cells = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
    except csv.Error:
        return 0, 0
    return sum(find(cell) is not None for cell in cells), len(cells)


def _csv_rows(text: str, delimiter: str) -> Iterator[tuple[int, Sequence[Raw]]]:
    """The rows of a table in text. Raises UnreadableSheet."""
    table = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    for number in count(1):
        try:
            cells = next(table, None)
        except csv.Error:
            raise UnreadableSheet("quotes", number) from None
        if cells is None:
            return
        yield number, cells


def documents(grid: Grid) -> Iterator[Told]:
    """The cases in a table; the first row that is not empty has the headers.

    Mistakes in those are told in that row, and then no other is read.
    """
    places: list[_Place] | None = None
    try:
        for number, cells in grid:
            if not any(map(text_of, cells)):
                continue
            if places is not None:
                yield number, _document(number, places, cells)
                continue
            places, wrong = _places(number, [text_of(cell) for cell in cells])
            if wrong:
                yield number, wrong
                return
    except UnreadableSheet as error:
        yield error.row, _not_readable(error.reason)


def _places(row: int, headers: list[str]) -> tuple[list[_Place], Unreadable | None]:
    """The columns of a sheet; or those that we do not know, and those that come twice."""
    if OURS & {header.casefold() for header in headers}:
        return [], _not_readable("list-item")
    places: list[_Place] = []
    errors: list[tuple[str, Mistake]] = []
    where: dict[str, Cell] = {}
    for at, header in enumerate(headers):
        if not header:
            continue
        pointer, known = f"/{header}", find(header)
        if known is None:
            mistake = Mistake("unknown-key", {"value": header[:80]}, nearest_header(header))
        elif any(known == (each.column, each.number) for each in places):
            mistake = Mistake("duplicate", {"value": header[:80]})
        else:
            places.append(_Place(at, header, *known))
            continue
        errors.append((pointer, mistake))
        where[pointer] = _cell(row, at, header, header)
    return places, Unreadable(tuple(errors), where) if errors else None


def _document(row: int, places: list[_Place], cells: Sequence[Raw]) -> SheetDocument | Unreadable:
    """The document in a row; an empty cell is left out."""
    document, errors = SheetDocument(), list[tuple[str, Mistake]]()
    items: dict[tuple[str, int], dict[str, Any]] = {}
    document.cells = where = dict[str, Cell]()
    known = {place.at for place in places}
    filled = {(each.column.key, each.number) for each in places if _has(cells, each.at)}
    order = {each: at for at, each in _numbered(sorted(filled))}
    emptied = set[str]()
    for place in places:
        column, number = place.column, place.number
        raw = cells[place.at] if place.at < len(cells) else None
        pointer = column.pointer(order.get((column.key, number), 0))
        if not column.numbered or (column.key, number) in order:
            where[pointer] = _cell(row, place.at, place.header, text_of(raw))
        if not text_of(raw):
            continue
        value = read_cell(column.field, raw)
        if column.is_item_list and not is_marker(raw):
            value = Mistake("inconsistent", {"reason": "item-list"})
        if isinstance(value, Mistake):
            errors.append((pointer, value))
        elif column.is_item_list:
            emptied.add(column.key)
        elif column.part is None:
            document[column.key] = value
        elif column.numbered:
            items.setdefault((column.key, number), {})[column.part] = value
        else:
            document.setdefault(column.key, {})[column.part] = value
    for at in range(len(cells)):
        if at not in known and text_of(cells[at]):
            mistake = Mistake("inconsistent", {"reason": "cells"})
            errors.append((f"/{get_column_letter(at + 1)}", mistake))
            where[errors[-1][0]] = _cell(row, at, "", text_of(cells[at]))
    if errors:
        return Unreadable(tuple(errors), where)
    for key in emptied:
        document[key] = []
    for key, number in sorted(items):
        document.setdefault(key, Additions()).append(items[key, number])
    return document


def _has(cells: Sequence[Raw], at: int) -> bool:
    return at < len(cells) and bool(text_of(cells[at]))


def _numbered(groups: Iterable[tuple[str, int]]) -> Iterator[tuple[int, tuple[str, int]]]:
    """The groups of columns that have something, each with its place in its list."""
    last: dict[str, int] = {}
    for key, number in groups:
        last[key] = last.get(key, -1) + 1
        yield last[key], (key, number)


def _cell(row: int, at: int, header: str, value: str) -> Cell:
    return Cell(row, get_column_letter(at + 1), header[:80], value[:100])


def _not_readable(reason: str) -> Unreadable:
    return Unreadable((("", Mistake("inconsistent", {"reason": reason})),))
