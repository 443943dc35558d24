"""Numbered rows of an import: a document each, read from JSON or line by line (NDJSON)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from kb.input_errors import Mistake
from schemas.strict_json import InvalidJSON, InvalidText, strict_json, too_deep

MAX_DOCUMENT_BYTES = 2**20  # of a line
BOM = "\ufeff"
NumberedRow = tuple[int, Any]  # the number of a row, and its document or an UnreadableRow


class Cell(NamedTuple):
    """A cell of a sheet."""

    row: int  # counted from 1
    column: str  # its letters
    header: str
    value: str  # its first 100 characters


class SheetDocument(dict[str, Any]):
    """The document of a row of a sheet, with the cells that it came from, by JSON Pointer."""

    cells: Mapping[str, Cell]


@dataclass(frozen=True)
class UnreadableRow:
    """A row without a document, and why: mistakes with JSON Pointers (or `/` and a column)."""

    errors: tuple[tuple[str, Mistake], ...]
    cells: Mapping[str, Cell] = field(default_factory=dict)  # by these pointers
    title: str | None = None  # where that could be read


def cell_of(document: Any, pointer: str, origins: Mapping[str, str]) -> Cell | None:
    """The cell that a pointer into a merged document is about; None unless it is of a sheet.

    `origins` has the pointers of merged items → those of the same items in the row.
    """
    if not isinstance(document, SheetDocument):
        return None
    parts = pointer.split("/")
    item = "/".join(parts[:3])
    place = "/".join([origins.get(item, item), *parts[3:]])
    while place and place not in document.cells:
        place = place.rpartition("/")[0]
    return document.cells.get(place)


def from_json(content: bytes) -> Iterator[NumberedRow]:
    """An array of documents, numbered from 1; or a single document."""
    document = _parse(content)
    yield from enumerate(document if isinstance(document, list) else [document], start=1)


def from_lines(lines: Iterable[bytes]) -> Iterator[NumberedRow]:
    """A document on each line, by the number of the line; empty lines are passed over."""
    for number, line in enumerate(lines, start=1):
        if line.strip(b" \t\r\n\xef\xbb\xbf"):
            yield number, _too_large(line) or _parse(line)


def unreadable(reason: str, **values: Any) -> UnreadableRow:
    """A row that is no JSON (or no text); `reason` is a key of REASONS."""
    return UnreadableRow((("", Mistake("invalid-json", {"reason": reason, **values})),))


def _too_large(line: bytes) -> UnreadableRow | None:
    if len(line) <= MAX_DOCUMENT_BYTES:
        return None
    values = {"maximum": MAX_DOCUMENT_BYTES, "actual": len(line), "unit": "bytes"}
    return UnreadableRow((("", Mistake("too-long", values)),))


def _parse(content: bytes) -> Any:
    """The document in a text, or an UnreadableRow."""
    try:
        document = strict_json(content.decode().removeprefix(BOM))
    except UnicodeDecodeError:
        return unreadable("encoding")
    except InvalidText as error:
        mistake = Mistake("bad-format", {"value": "…", "expected": "characters"})
        return UnreadableRow(tuple((pointer, mistake) for pointer in error.places))
    except InvalidJSON as error:
        return unreadable(error.reason, **error.values)
    return unreadable("depth") if too_deep(document) else document
