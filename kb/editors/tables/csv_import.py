"""CSV as spreadsheets write it: its encoding and delimiter are detected, its rows read."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import count

from kb.editors.tables.cells import RawCell
from kb.editors.tables.columns import find_column
from kb.editors.tables.sheet import MAX_COLUMNS, Table, TableError, unreadable_grid

DELIMITERS = ";,\t"
BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
SEPARATOR_LINE = re.compile(r'"?sep=(.)"?[;,\t]*(?:\r\n|\r|\n|$)', re.IGNORECASE)


def read_csv(content: bytes, charset: str | None = None) -> Table:
    """The table in a CSV file; `charset` is what its sender says of it."""
    encoding = charset or _encoding(content)
    try:
        text = content.decode(encoding or "utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        return Table("csv", encoding, None, None, unreadable_grid("charset"))
    first = SEPARATOR_LINE.match(text)
    text = text[first.end() :] if first else text
    delimiter = first[1] if first else max(DELIMITERS, key=lambda each: _header_score(text, each))
    return Table("csv", encoding, delimiter, None, _rows(text, delimiter))


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


def _header_score(text: str, delimiter: str) -> tuple[int, int]:
    """How many headers are known with this delimiter, and how many there are."""
    try:
        cells = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
    except csv.Error:
        return 0, 0
    return sum(find_column(cell) is not None for cell in cells), len(cells)


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, Sequence[RawCell]]]:
    """The rows of a CSV file, numbered from 1. Raises TableError."""
    table = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    for number in count(1):
        try:
            cells = next(table, None)
        except csv.Error:
            raise TableError("quotes", number) from None
        if cells is None:
            return
        if len(cells) > MAX_COLUMNS:
            raise TableError("sheet-size", number)
        yield number, cells
