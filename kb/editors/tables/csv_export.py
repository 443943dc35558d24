"""Public cases as a table (CSV) with every column of the codebook, which an import takes back."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy.orm import Session

from kb.cases import queries
from kb.cases.model import Case
from kb.database import Database
from kb.editors.imports.merging import NAME_KEYS
from kb.editors.tables.cells import write_cell
from kb.editors.tables.columns import header_of, numbered_columns
from schemas.cases import as_document

BOM = "\ufeff"  # by which spreadsheets know that this is UTF-8


def table(database: Database) -> Iterator[str]:
    """The lines of a CSV file of all public cases."""
    with database.reading() as session:
        yield from table_of(session, queries.every(session, Case))


def table_of(session: Session, cases: Iterable[Any], delimiter: str = ",") -> Iterator[str]:
    """The lines of a CSV file of these cases."""
    counts = queries.most_owned(session)
    headers = [header_of(*each) for each in numbered_columns(counts)]
    yield BOM + _line(headers, delimiter)
    for case in cases:
        row = as_row(as_document(case))
        yield _line((row.get(header, "") for header in headers), delimiter)


def as_row(document: Mapping[str, Any]) -> dict[str, str]:
    """The cells of a document, by their headers; without those that are empty."""
    row: dict[str, str] = {}
    counts = {key: len(document.get(key, ())) for key in NAME_KEYS}
    for column, number in numbered_columns(counts):
        value: Any = document.get(column.key)
        if column.is_item_list:
            continue
        if column.numbered:
            value = value[number - 1] if value and number <= len(value) else {}
        value = value.get(column.part) if column.part else value
        if cell := write_cell(value):
            row[header_of(column, number)] = cell
    return row


def _line(cells: Iterable[str], delimiter: str) -> str:
    line = io.StringIO()
    csv.writer(line, delimiter=delimiter).writerow(cells)
    return line.getvalue()
