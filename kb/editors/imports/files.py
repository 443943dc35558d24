"""What is in a file that was uploaded to be imported."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any

from kb.editors.imports.body import MAX_DOCUMENTS, TOO_MANY
from kb.editors.imports.file_formats import format_of, not_readable, read_file
from kb.editors.imports.rows import UnreadableRow
from kb.editors.tables.headers import read_headers
from kb.editors.tables.sheet import Table, TableError
from kb.problems import TooLarge, invalid_body


def examine(content: bytes) -> dict[str, Any]:
    """What a file is and what is in it, as `schemas.imports.ImportFile` tells.

    Raises InvalidInput for what is no import, and TooLarge.
    """
    file_format = format_of(content)
    rows, table = read_file(file_format, content)
    columns: list[Mapping[str, Any]] = []
    if table is None:
        first = list(islice(rows, MAX_DOCUMENTS + 1))
        if len(first) == 1 and isinstance(first[0][1], UnreadableRow):
            raise invalid_body(list(first[0][1].errors))
        number = len(first)
    else:
        try:
            columns = [header._asdict() for header in read_headers(table.grid)]
        except TableError as error:
            raise not_readable(error.reason) from None
        number = _count_rows(file_format, content)
    if number > MAX_DOCUMENTS:
        raise TooLarge(TOO_MANY, most=MAX_DOCUMENTS)
    if not number:
        raise not_readable("no-rows")
    return {
        "format": file_format,
        "table": table and _as_read(table),
        "columns": columns,
        "rows": number,
    }


def _as_read(table: Table) -> dict[str, Any]:
    return {key: value for key, value in table._asdict().items() if key != "grid"}


def _count_rows(file_format: Any, content: bytes) -> int:
    """How many rows a table has below its headers; of far too many, more than are taken."""
    _, table = read_file(file_format, content)
    assert table
    filled = 0
    try:
        for _, cells in table.grid:
            filled += any(cell not in (None, "") for cell in cells)
            if filled > MAX_DOCUMENTS + 1:
                break
    except TableError:
        filled += 1  # the dry run says what is wrong with that row
    return max(filled - 1, 0)
