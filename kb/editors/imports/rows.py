"""Files with many documents → rows, each with its number: JSON, and JSON line by line (NDJSON)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from kb.input_errors import Mistake
from schemas.strict_json import InvalidText, strict_json, too_deep

LARGEST = 2**20  # bytes of a document
BOM = "\ufeff"
Told = tuple[int, Any]  # the number of a row, and its document or an Unreadable


class Cell(NamedTuple):
    """A cell of a sheet."""

    row: int  # counted from 1
    column: str  # its letters
    header: str  # what stands above it
    value: str  # its beginning


class SheetDocument(dict[str, Any]):
    """The document of a row of a sheet, with the cells that it came from, by JSON Pointer."""

    cells: Mapping[str, Cell]


@dataclass(frozen=True)
class Unreadable:
    """A row that has no document, and why: JSON Pointers (or columns) and what is wrong there."""

    errors: tuple[tuple[str, Mistake], ...]
    cells: Mapping[str, Cell] = field(default_factory=dict)  # by these pointers


def cell_of(document: Any, pointer: str, origins: Mapping[str, str]) -> Cell | None:
    """The cell that a pointer is about; `origins` has the places of items in the row itself."""
    if not isinstance(document, SheetDocument):
        return None
    parts = pointer.split("/")
    item = "/".join(parts[:3])
    there = "/".join([origins.get(item, item), *parts[3:]])
    while there and there not in document.cells:
        there = there.rpartition("/")[0]
    return document.cells.get(there)


def from_json(told: bytes) -> Iterator[Told]:
    """An array of documents, numbered from 1; or a single document."""
    document = _read(told, None)
    yield from enumerate(document if isinstance(document, list) else [document], start=1)


def from_lines(lines: Iterable[bytes]) -> Iterator[Told]:
    """A document on each line, by the number of the line; empty lines are passed over."""
    for number, line in enumerate(lines, start=1):
        if line.strip(b" \t\r\n\xef\xbb\xbf"):
            yield number, _read(line, LARGEST)


def unreadable(reason: str) -> Unreadable:
    """What is no JSON (or no text), and why: a key of REASONS, or what a parser says."""
    return Unreadable((("", Mistake("invalid-json", {"reason": reason})),))


def _read(told: bytes, largest: int | None) -> Any:
    """The document in a text, or an Unreadable."""
    if largest is not None and len(told) > largest:
        return Unreadable((("", Mistake("too-long", {"maximum": largest, "actual": len(told)})),))
    try:
        document = strict_json(told.decode().removeprefix(BOM))
    except UnicodeDecodeError:
        return unreadable("encoding")
    except InvalidText as error:
        mistake = Mistake("bad-format", {"value": "…", "expected": "characters"})
        return Unreadable(tuple((at, mistake) for at in error.places))
    except ValueError as error:
        return unreadable(str(error)[:200])
    return unreadable("depth") if too_deep(document) else document
