"""Items as rows of CSV (RFC 4180), safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from kb.cases.years import iso_month

BOM = "\ufeff"  # by which spreadsheets know that this is UTF-8
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
DOUBTFUL_STARTS = {"", " ", "\0", *FORMULA_STARTS}  # those of texts that are looked at twice
PLACE_KEYS = ("country", "province", "municipality", "neighbourhood")
SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t"}  # a Dutch Excel wants the second
NAME_KEYS = (
    "label",
    "title",
    "claim",
    "name",
    "href",
)  # the first stands for a thing in a cell


def rows(
    keys: Sequence[str], items: Iterable[Mapping[str, Any]], separator: str = ","
) -> Iterator[str]:
    """The lines of a table: a header with `keys`, then a row for each item."""
    columns = [name for key in keys for name in _columns(key)]
    yield BOM + _line(columns, separator)
    for item in items:
        cells = _cells(item)
        yield _line([cells.get(name, "") for name in columns], separator)


def table(lines: Iterable[Iterable[Any]], separator: str = ",") -> Iterator[str]:
    """The lines of a table that is made of cells already, its header among them."""
    for number, cells in enumerate(lines):
        yield ("" if number else BOM) + _line(cells, separator)


def _columns(key: str) -> Iterator[str]:
    if key == "place":
        yield from (f"place.{part}" for part in PLACE_KEYS)
    elif key == "_links":
        yield "self"
    elif key != "match":
        yield key


def _cells(item: Mapping[str, Any]) -> dict[str, Any]:
    cells: dict[str, Any] = {}
    for key, value in item.items():
        if key == "place":
            cells |= {f"place.{part}": value[part] for part in PLACE_KEYS}
        elif key == "_links":
            cells["self"] = value["self"]["href"]
        else:
            cells[key] = _cell(value)
    return cells


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return "; ".join(str(_cell(each)) for each in value)
    if isinstance(value, Mapping):
        if "what" in value:
            return f"{iso_month(value['year'], value['month'])} {value['what']}"
        return next((value[name] for name in NAME_KEYS if name in value), "")
    return value


def _line(cells: Iterable[Any], separator: str) -> str:
    line = io.StringIO()
    csv.writer(line, delimiter=separator).writerow([_safe(cell) for cell in cells])
    return line.getvalue()


def _safe(cell: Any) -> Any:
    """A text that begins as a formula gets an apostrophe, by which it stays a text."""
    if isinstance(cell, str):
        if cell[:1] not in DOUBTFUL_STARTS and "\0" not in cell:
            return cell
        cell = cell.replace("\0", "\ufffd")
        return f"'{cell}" if cell.lstrip(" ").startswith(FORMULA_STARTS) else cell
    return cell
