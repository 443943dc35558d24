"""Tables (CSV) with a case in each row, as a spreadsheet writes them; the codebook tells how.

The columns follow from the schema of a case. Lists stand in one cell, parted by `|`; parties,
ingredients, pitfalls, findings and sources in numbered columns, such as `pitfall1.title`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from marshmallow import fields

from kb.editors.rows import BOM, Told, Unreadable
from kb.problems import Mistake, nearest
from schemas.base import WholeNumber
from schemas.cases import SentCase

BETWEEN = "|"  # the items of a list in one cell
DELIMITERS = ",;\t"
NUMBERED = re.compile(r"([a-z]+)([1-9][0-9]?)(\..+)")
ONE_OF = {"parties": "party"}  # the others drop their s


class Column(NamedTuple):
    """A column, and what it is in the document."""

    name: str  # as it stands above the column; numbered ones with 1
    key: str  # of the document
    part: str | None  # a key within that
    field: fields.Field[Any]
    numbered: bool = False


@cache
def columns() -> Mapping[str, Column]:
    """Every column by its name, in the order of the schema."""
    return {column.name: column for column in _columns()}


def _columns() -> Iterator[Column]:
    for field in SentCase().fields.values():
        key = f"{field.data_key}"
        inner = field.inner if isinstance(field, fields.List) else field
        if not isinstance(inner, fields.Nested):
            if not (field.dump_only or field.load_only):
                yield Column(key, key, None, field)
            continue
        numbered = inner is not field
        prefix = ONE_OF.get(key, key.removesuffix("s")) + "1" if numbered else key
        for part in inner.schema.fields.values():
            if not part.dump_only:
                yield Column(f"{prefix}.{part.data_key}", key, part.data_key, part, numbered)


def from_table(told: bytes) -> Iterator[Told]:
    """The cases in a table, by the number of the row; the first has the names of the columns.

    Mistakes in those are told as row 1, and then no other row is read.
    """
    try:
        text = told.decode().removeprefix(BOM)
    except UnicodeDecodeError:
        yield 1, _no_table("encoding")
        return
    beginning = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=beginning.count)
    table = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, cells in enumerate(table, start=1):
            if number == 1:
                names = [cell.strip() for cell in cells]
                if wrong := tuple(_wrong(names)):
                    yield 1, Unreadable(wrong)
                    return
            elif any(cell.strip() for cell in cells):
                yield number, _document(names, cells)
    except csv.Error:
        yield number + 1, _no_table("quotes")


def _wrong(names: list[str]) -> Iterator[tuple[str, Mistake]]:
    """The columns that we do not know, with the nearest that we do, and those that come twice."""
    for place, name in enumerate(names):
        if name in names[:place]:
            yield f"/{name}", Mistake("duplicate", {"value": name})
        elif _column(name) is None:
            found = NUMBERED.fullmatch(name)
            near = nearest(f"{found[1]}1{found[3]}" if found else name, columns())
            if near and found:
                near = NUMBERED.sub(rf"\g<1>{found[2]}\g<3>", near)
            yield f"/{name}", Mistake("unknown-key", {"value": name[:80]}, near)


def _column(name: str) -> tuple[Column, int] | None:
    """The column with this name, and its number (0 without one)."""
    if name in columns() and not columns()[name].numbered:
        return columns()[name], 0
    found = NUMBERED.fullmatch(name)
    column = columns().get(f"{found[1]}1{found[3]}") if found else None
    return (column, int(found[2])) if found and column else None


def _document(names: list[str], cells: list[str]) -> Any:
    """The document in a row; what has no value is left out."""
    if len(cells) > len(names) and any(cell.strip() for cell in cells[len(names) :]):
        return _no_table("cells")
    document: dict[str, Any] = {}
    items: dict[tuple[str, int], dict[str, Any]] = {}
    for name, cell in zip(names, cells, strict=False):
        known = _column(name)
        if known is None or not cell.strip():
            continue
        column, number = known
        value = _value(column.field, cell.strip())
        if column.part is None:
            document[column.key] = value
        elif column.numbered:
            items.setdefault((column.key, number), {})[column.part] = value
        else:
            document.setdefault(column.key, {})[column.part] = value
    for key, number in sorted(items):
        document.setdefault(key, []).append(items[key, number])
    return document


def _no_table(reason: str) -> Unreadable:
    return Unreadable((("", Mistake("inconsistent", {"reason": reason})),))


def _value(field: fields.Field[Any], cell: str) -> Any:
    """What a cell says; the schema tells what is wrong with it."""
    if isinstance(field, fields.List):
        return [part for each in cell.split(BETWEEN) if (part := each.strip())]
    if isinstance(field, WholeNumber) and re.fullmatch(r"-?[0-9]{1,15}(?:[.,]0+)?", cell):
        return int(re.split("[.,]", cell)[0])
    return cell
