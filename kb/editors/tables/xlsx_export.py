"""Cases as a workbook (.xlsx), which an import takes back, and what each column means."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import force_locale, gettext
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.escape import escape

from kb.editors.imports.merging import NAME_KEYS
from kb.editors.tables.cells import write_cell
from kb.editors.tables.codebook import HEADINGS, column_texts, introduction, term_rows
from kb.editors.tables.columns import (
    Column,
    find_column,
    header_of,
    numbered_columns,
    titles,
)
from kb.translation import N_
from schemas.json_fields import JsonInteger
from schemas.json_schema import document_schema

MAX_CELL = 32_767  # characters, as Excel has them
WIDTH = 22  # of a column, in letters
CASES, COLUMNS, TERMS = N_("Cases"), N_("Columns"), N_("Terms")
Document = Mapping[str, Any]


def write_workbook(documents: Sequence[Document], language: str) -> bytes:
    """The workbook of these cases; of none, one to be filled in.

    Its first sheet has a case in each row, below the titles of the columns in `nl` or `en`; the
    others say what the columns and the terms are.
    """
    book = Workbook(write_only=True)
    with force_locale(language):
        counts = {
            key: max((len(each.get(key, ())) for each in documents), default=0) or 1
            for key in NAME_KEYS
        }
        every = [each for each in numbered_columns(counts) if not each[0].is_item_list]
        cases = _sheet(book, gettext(CASES), len(every))
        _append(cases, [title_of(*each, language) for each in every], bold=True)
        for document in documents:
            _append(cases, [_value(document, *each) for each in every])
        schema = document_schema("case", language)
        about = _sheet(book, gettext(COLUMNS), len(HEADINGS))
        for paragraph in introduction():
            _append(about, [paragraph])
        _append(about, [gettext(each) for each in HEADINGS], bold=True)
        for row in column_texts(schema):
            _append(about, row)
        terms = _sheet(book, gettext(TERMS), 3)
        for row in term_rows(schema):
            _append(terms, row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def title_of(column: Column, number: int, language: str) -> str:
    """What stands above a column: its title, or its name where a title says another column."""
    title = titles(column)[language == "en"]
    text = f"{title} {number}" if column.numbered else title
    return text if find_column(text) == (column, number) else header_of(column, number)


def _sheet(book: Workbook, title: str, width: int) -> Any:
    """A sheet whose first row stays in sight."""
    sheet = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for place in range(1, width + 1):
        sheet.column_dimensions[get_column_letter(place)].width = WIDTH
    return sheet


def _append(sheet: Any, values: Iterable[Any], *, bold: bool = False) -> None:
    """A row; a text is a text, also where it looks like a formula."""
    cells = []
    for value in values:
        cell = WriteOnlyCell(sheet, value=escape(value) if isinstance(value, str) else value)
        if isinstance(value, str):
            cell.data_type = "s"
        if bold:
            cell.font = Font(bold=True)
        cells.append(cell)
    sheet.append(cells)


def _value(document: Document, column: Column, number: int) -> str | int | None:
    """What stands in the cell of a document; what is too long for Excel is left out."""
    value: Any = document.get(column.key)
    if column.numbered:
        value = value[number - 1] if value and number <= len(value) else {}
    value = value.get(column.part) if column.part else value
    if isinstance(column.field, JsonInteger) and isinstance(value, int):
        return value
    text = write_cell(value)
    return text if text and len(text) <= MAX_CELL else None
