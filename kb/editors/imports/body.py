"""The body of an import request → numbered rows, by its media type."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

from flask import request

from kb.editors.imports import rows
from kb.editors.tables.csv_import import read_csv
from kb.editors.tables.sheet import Mapped, Table, documents
from kb.editors.tables.xlsx_import import read_xlsx
from kb.input_errors import Mistake
from kb.problems import TooLarge, UnsupportedMediaType, invalid_body
from kb.translation import N_
from kb.web.parsing import check_media_type, read_json

NDJSON = "application/x-ndjson"
CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ENCODINGS = {  # Python's names of charsets that a table may be in
    **dict.fromkeys(("utf-8", "utf8"), "utf-8"),
    **dict.fromkeys(("windows-1252", "cp1252", "iso-8859-1", "latin1", "latin-1"), "windows-1252"),
    **{"utf-16": "utf-16", "utf-16le": "utf-16-le", "utf-16be": "utf-16-be"},
}
BODIES: dict[str, dict[str, Any]] = {  # what each media type holds, for the API document
    "application/json": {
        "type": "array",
        "items": {
            "description": "A case; one that is wrong is told in its row, and harms no other."
        },
    },
    NDJSON: {"type": "string"},
    CSV: {"type": "string"},
    XLSX: {"type": "string", "format": "binary"},
}
MAX_BODY_BYTES = 2**25
MAX_DOCUMENTS = 1000
TOO_MANY = N_("Send at most %(most)s documents at once; “kb import” takes more.")


def read_rows(mapped: Mapped) -> tuple[list[rows.NumberedRow], Table | None]:
    """The rows of the body, and how a table was read (None for JSON).

    Raises TooLarge, InvalidInput, UnsupportedMediaType.
    """
    request.max_content_length = MAX_BODY_BYTES
    table = _read_table()
    return first_rows(documents(table.grid, mapped) if table else _read_json_rows()), table


def first_rows(numbered: Iterable[rows.NumberedRow]) -> list[rows.NumberedRow]:
    """The rows, when they are not too many. Raises TooLarge."""
    first = list(islice(numbered, MAX_DOCUMENTS + 1))
    if len(first) > MAX_DOCUMENTS:
        raise TooLarge(TOO_MANY, most=MAX_DOCUMENTS)
    return first


def _read_json_rows() -> Iterable[rows.NumberedRow]:
    """The documents of an array, or of each line. Raises InvalidInput, UnsupportedMediaType."""
    if request.mimetype == NDJSON:
        check_media_type(NDJSON)
        return rows.from_lines(request.get_data().split(b"\n"))
    check_media_type("application/json", NDJSON, CSV, XLSX)
    documents = read_json()
    if not isinstance(documents, list):
        raise invalid_body([("", Mistake("wrong-type", {"expected": "list"}))])
    return enumerate(documents, start=1)


def _read_table() -> Table | None:
    """The table in the body; None for another media type. Raises UnsupportedMediaType."""
    if request.mimetype not in {CSV, XLSX}:
        return None
    charset = request.mimetype_params.get("charset", "").lower()
    is_readable = request.mimetype == CSV and charset in ENCODINGS
    if request.headers.get("Content-Encoding") or (charset and not is_readable):
        text = N_("Send %(expected)s in UTF-8, UTF-16 or Windows-1252, and not compressed.")
        raise UnsupportedMediaType(text, CSV)
    if request.mimetype == XLSX:
        return read_xlsx(request.get_data())
    return read_csv(request.get_data(), ENCODINGS.get(charset))
