"""The cells of a workbook (.xlsx), read row by row, and no more of it than is safe to open."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.escape import unescape

from kb.editors.tables.cells import Formula

LARGEST = 2**26  # bytes of all files in it, unpacked
MOST_FILES = 2000
MOST_ROWS = 2**20  # what a sheet may have
MOST_COLUMNS = 5000
Row = Sequence[Any]


class UnreadableSheet(Exception):
    """What is wrong with a table, from this row on; `reason` is a key of REASONS."""

    def __init__(self, reason: str, row: int = 1) -> None:
        super().__init__(reason)
        self.reason, self.row = reason, row


def read_workbook(content: bytes) -> tuple[str, Iterator[tuple[int, Row]]]:
    """The name and the rows, numbered from 1, of the first visible sheet that is not empty.

    Raises UnreadableSheet, also while the rows are read.
    """
    _check(content)
    try:
        values, formulas = (
            load_workbook(io.BytesIO(content), read_only=True, data_only=only, keep_links=False)
            for only in (True, False)
        )
        for sheet in values.worksheets:
            if sheet.sheet_state == "visible" and _is_filled(sheet):
                return sheet.title, _whole(sheet, formulas[sheet.title])
    except UnreadableSheet:
        raise
    except Exception:  # of a file from outside, anything may be wrong
        raise UnreadableSheet("workbook") from None
    raise UnreadableSheet("no-sheet")


def _check(content: bytes) -> None:
    """Raise UnreadableSheet for what is no workbook, or unpacks to more than we take."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise UnreadableSheet("workbook") from None
    if len(files) > MOST_FILES or sum(each.file_size for each in files) > LARGEST:
        raise UnreadableSheet("sheet-size")


def _whole(sheet: Any, formulas: Any) -> Iterator[tuple[int, Row]]:
    """The rows with the values of their cells; a formula without a value is told as one."""
    number = 0
    try:
        for (number, row), (_, other) in zip_longest(
            _rows(sheet), _rows(formulas), fillvalue=(0, ())
        ):
            yield number, [_value(*pair) for pair in zip_longest(row, other)]
    except UnreadableSheet:
        raise
    except Exception:
        raise UnreadableSheet("workbook", number + 1) from None


def _is_filled(sheet: Any) -> bool:
    return any(cell.value is not None for _, row in _rows(sheet) for cell in row)


def _rows(sheet: Any) -> Iterator[tuple[int, Row]]:
    """The rows of a sheet, whatever it says of its size."""
    sheet.reset_dimensions()
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        if number > MOST_ROWS or len(cells) > MOST_COLUMNS:
            raise UnreadableSheet("sheet-size", number)
        yield number, cells


def _value(cell: Any, formula: Any) -> Any:
    """What a cell holds; of a formula what it came to."""
    kind = getattr(formula, "data_type", "n")
    value = getattr(cell, "value", None)
    if getattr(cell, "data_type", "n") == "e" or (kind == "f" and value is None):
        return Formula()
    return unescape(value) if isinstance(value, str) else value
