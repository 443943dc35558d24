"""What a file is, by its content: its name and what its sender says of it do not count."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable
from typing import Literal

from kb.editors.imports import rows
from kb.editors.tables.csv_import import read_csv
from kb.editors.tables.sheet import AS_HEADED, Mapped, Table, documents
from kb.editors.tables.xlsx_import import read_xlsx
from kb.input_errors import Mistake
from kb.problems import InvalidInput, invalid_body

FileFormat = Literal["xlsx", "csv", "json", "ndjson"]
OLE = bytes.fromhex("d0cf11e0a1b11ae1")  # of old Office files, and of workbooks with a password
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
WORKBOOK = "xl/workbook.xml"
UTF_16 = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
NO_TEXT = bytes({*range(9), 11, 12, *range(14, 27), *range(28, 32)})  # control characters
MARKUP = (b"<!doctype", b"<html", b"<?xml", b"%pdf", b"{\\rtf")
BLANK = b" \t\r\n"


def format_of(content: bytes) -> FileFormat:
    """What a file is. Raises InvalidInput, with what to do, for what is no import."""
    if not content.strip(BLANK + b"\xef\xbb\xbf\xff\xfe"):
        raise not_readable("empty-file")
    if content.startswith(OLE):
        raise not_readable("protected-workbook" if ENCRYPTED in content else "old-workbook")
    if content.startswith(b"PK"):
        return _zip_format(content)
    text = utf8_of(content)
    if text.lstrip(BLANK)[:9].lower().startswith(MARKUP) or _is_binary(text):
        raise not_readable("no-table")
    return _text_format(text.lstrip(BLANK))


def not_readable(reason: str) -> InvalidInput:
    """The problem of a file that is no import; `reason` is a key of REASONS."""
    return invalid_body([("", Mistake("inconsistent", {"reason": reason}))])


def utf8_of(content: bytes) -> bytes:
    """A text in UTF-8 without its byte order mark; what has another encoding stays as it is."""
    for mark, encoding in UTF_16:
        if content.startswith(mark):
            return content.decode(encoding, errors="replace").encode()
    return content.removeprefix(b"\xef\xbb\xbf")


def _zip_format(content: bytes) -> FileFormat:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise not_readable("workbook") from None
    if WORKBOOK not in names:
        raise not_readable("other-office-file")
    return "xlsx"


def _is_binary(text: bytes) -> bool:
    """Whether bytes are no text: UTF-16 without a mark has a zero in every other one."""
    begin = text[:4000]
    zeros = begin[::2].count(0), begin[1::2].count(0)
    if max(zeros) > len(begin) / 3 and min(zeros) == 0:
        return False
    return len(begin.translate(None, NO_TEXT)) < len(begin)


def _text_format(text: bytes) -> FileFormat:
    if text.startswith(b"["):
        return "json"
    if not text.startswith(b"{"):
        return "csv"
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return "ndjson"
    return "json"  # a single document


def read_file(
    file_format: FileFormat, content: bytes, mapped: Mapped = AS_HEADED
) -> tuple[Iterable[rows.NumberedRow], Table | None]:
    """The rows of a file, and how its table was read; None for JSON."""
    if file_format == "json":
        return rows.from_json(utf8_of(content)), None
    if file_format == "ndjson":
        return rows.from_lines(utf8_of(content).split(b"\n")), None
    table = read_xlsx(content) if file_format == "xlsx" else read_csv(content)
    return documents(table.grid, mapped), table
