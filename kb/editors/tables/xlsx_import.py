"""Workbooks (.xlsx), read row by row, and no more of them than is safe to open."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.escape import unescape

from kb.editors.tables.cells import ErrorValue, UnresolvedFormula
from kb.editors.tables.sheet import MAX_COLUMNS, Table, TableError, unreadable_grid

MAX_UNPACKED_BYTES = 2**26  # of all files in a workbook
MAX_FILES = 2000
MAX_ROWS = 2**20  # of a sheet, as Excel has them
Row = Sequence[Any]


def read_xlsx(content: bytes) -> Table:
    """The table in the first visible sheet of a workbook that is not empty."""
    try:
        sheet, grid = _open_sheet(content)
    except TableError as error:
        return Table("xlsx", None, None, None, unreadable_grid(error.reason))
    return Table("xlsx", None, None, sheet, grid)


def _open_sheet(content: bytes) -> tuple[str, Iterator[tuple[int, Row]]]:
    """The name and the rows, numbered from 1, of the first visible sheet that is not empty.

    Raises UnreadableSheet, also while the rows are read.
    """
    _check_size(content)
    try:
        values, formulas = (
            load_workbook(io.BytesIO(content), read_only=True, data_only=only, keep_links=False)
            for only in (True, False)
        )
        for sheet in values.worksheets:
            if sheet.sheet_state == "visible" and _is_filled(sheet):
                return sheet.title, _rows_with_formulas(sheet, formulas[sheet.title])
    except TableError:
        raise
    except Exception:  # of a file from outside, anything may be wrong
        raise TableError("workbook") from None
    raise TableError("no-sheet")


def _check_size(content: bytes) -> None:
    """Raise UnreadableSheet for what is no workbook, or unpacks to more than we take."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            files = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise TableError("workbook") from None
    if len(files) > MAX_FILES or sum(each.file_size for each in files) > MAX_UNPACKED_BYTES:
        raise TableError("sheet-size")


def _rows_with_formulas(sheet: Any, formulas: Any) -> Iterator[tuple[int, Row]]:
    """The rows of values; a formula that was never evaluated is an UnresolvedFormula."""
    number = 0
    try:
        for (number, row), (_, other) in zip_longest(
            _rows(sheet), _rows(formulas), fillvalue=(0, ())
        ):
            yield number, [_value(*pair) for pair in zip_longest(row, other)]
    except TableError:
        raise
    except Exception:
        raise TableError("workbook", number + 1) from None


def _is_filled(sheet: Any) -> bool:
    return any(cell.value is not None for _, row in _rows(sheet) for cell in row)


def _rows(sheet: Any) -> Iterator[tuple[int, Row]]:
    """The rows of a sheet, whatever it says of its size."""
    sheet.reset_dimensions()
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        if number > MAX_ROWS or len(cells) > MAX_COLUMNS:
            raise TableError("sheet-size", number)
        yield number, cells


def _value(cell: Any, formula: Any) -> Any:
    """What a cell holds; of a formula what it came to."""
    kind = getattr(formula, "data_type", "n")
    value = getattr(cell, "value", None)
    if getattr(cell, "data_type", "n") == "e":
        return ErrorValue(str(value))
    if kind == "f" and value is None:
        return UnresolvedFormula()
    return unescape(value) if isinstance(value, str) else value
