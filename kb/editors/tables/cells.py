"""A cell of a table ⇄ a value of a document.

An empty cell leaves a value as it is; a clear marker empties it. A text that a spreadsheet would
evaluate as a formula, or that looks like a marker, has an apostrophe before it, which reading
takes off.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from marshmallow import fields

from kb.input_errors import Mistake
from kb.vocabulary.terms import fingerprint, schemes
from schemas.countries import country_code
from schemas.json_fields import Country, JsonInteger
from schemas.terms import TermField, TermId
from schemas.text import comparable

CLEAR_MARKERS = ("[leeg]", "[empty]")  # in a cell whose value is to be emptied
LIST_SEPARATOR = "|"  # of the items in one cell; a bar in an item has a backslash before it
FORMULA_PREFIXES = ("=", "+", "-", "@", "\t", "\r")
NUMBER = re.compile(r"(-?[0-9]{1,15})(?:[.,]0+)?")
THOUSANDS = re.compile(r"[0-9]{1,3}(?:[. \u00a0\u202f][0-9]{3})+")
RawCell = Any  # a text, or what a workbook holds: a number, a date, …


class ErrorValue(NamedTuple):
    """What a spreadsheet shows where it cannot calculate: `#N/A`."""

    text: str

    def __str__(self) -> str:
        return self.text


class UnresolvedFormula:
    """A cell of a workbook with a formula that was never evaluated, or with an error."""

    def __str__(self) -> str:
        return "="


def is_clear_marker(raw: RawCell) -> bool:
    """Whether a cell empties the value."""
    return isinstance(raw, str) and raw.strip().casefold() in CLEAR_MARKERS


def read_cell(field: fields.Field[Any], raw: RawCell) -> Any:
    """The value of a cell that is not empty; a Mistake for a cell type that the field cannot take.

    Whether the value is right, the schema says.
    """
    if is_clear_marker(raw):
        return [] if isinstance(field, fields.List) else None
    if isinstance(raw, (date, datetime)) and isinstance(field, JsonInteger):
        return raw.year
    for kind, reason in (
        ((date, datetime, time, timedelta), "date-cell"),
        (bool, "boolean-cell"),
        (UnresolvedFormula, "formula-cell"),
        (ErrorValue, "error-cell"),
    ):
        if isinstance(raw, kind):
            return Mistake("inconsistent", {"reason": reason})
    text = text_of(raw)
    if isinstance(field, fields.List):
        items = split_list(text)
        if isinstance(field.inner, (TermField, TermId)):  # no name of a term has a semicolon
            items = [part for each in items for part in map(str.strip, each.split(";")) if part]
        return [_key_of(field.inner, each) for each in items]
    return _number(text) if isinstance(field, JsonInteger) else _key_of(field, text)


def text_of(raw: RawCell) -> str:
    """A cell as a text; whole numbers without a fraction."""
    if isinstance(raw, float) and raw.is_integer():
        return str(int(raw))
    text = "" if raw is None else str(raw).strip()
    return text[1:] if text.startswith("'") and needs_apostrophe(text[1:]) else text


def needs_apostrophe(text: str) -> bool:
    """Whether a text reads as a formula, as a marker, or as one of these with an apostrophe."""
    bare = text.lstrip("'")
    return bare.lstrip(" ").startswith(FORMULA_PREFIXES) or is_clear_marker(bare)


def write_cell(value: Any) -> str:
    """The cell from which `read_cell` makes this value."""
    if value is None:
        return ""
    text = join_list(value) if isinstance(value, list) else str(value)
    text = text.replace("\0", "\ufffd")
    return f"'{text}" if isinstance(value, (str, list)) and needs_apostrophe(text) else text


def join_list(items: Iterable[str]) -> str:
    """The items of a list in one cell."""
    return f" {LIST_SEPARATOR} ".join(re.sub(r"(\\*)\|", r"\1\1\\|", each) for each in items)


def split_list(text: str) -> list[str]:
    """The items of a list in one cell, without the empty ones."""
    items, backslashes = [""], 0
    for letter in text:
        if letter == "\\":
            backslashes += 1
            continue
        bar = letter == LIST_SEPARATOR
        items[-1] += "\\" * (backslashes // 2 if bar else backslashes)
        if bar and not backslashes % 2:
            items.append("")
        else:
            items[-1] += letter
        backslashes = 0
    items[-1] += "\\" * backslashes
    return [item for each in items if (item := each.strip())]


def _number(text: str) -> int | str:
    """A whole number as spreadsheets write it, 2016,0 and 1.200 too; else the text."""
    if THOUSANDS.fullmatch(text):
        return int(re.sub(r"\D", "", text))
    match = NUMBER.fullmatch(text)
    return int(match[1]) if match else text


def _key_of(field: fields.Field[Any], text: str) -> str:
    """The id of the term with this label, or the code of the country with this name."""
    if isinstance(field, (TermField, TermId)):
        if text in schemes()[field.scheme].terms:
            return text
        return _labels(field.scheme, fingerprint()).get(comparable(text), text)
    if isinstance(field, Country):
        return country_code(text) or text
    return text


@lru_cache(maxsize=64)
def _labels(scheme: str, _of: str) -> Mapping[str, str]:
    """The ids of terms by their labels in both languages; ids too, written in another way."""
    ids_by_name: dict[str, set[str]] = {}
    for term in schemes()[scheme].terms.values():
        for name in (term.id, term.label("nl"), term.label("en")):
            ids_by_name.setdefault(comparable(name), set()).add(term.id)
    return {name: ids.pop() for name, ids in ids_by_name.items() if len(ids) == 1}
