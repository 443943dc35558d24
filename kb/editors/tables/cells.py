"""What stands in a cell ⇄ a value of a document.

An empty cell says nothing. A marker asks to make empty. A text that a spreadsheet would work out as
a formula, or that looks like a marker, has an apostrophe before it, which is taken off again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache
from typing import Any

from babel import Locale
from marshmallow import fields

from kb.editors.imports.merging import fold
from kb.input_errors import Mistake
from kb.vocabulary.terms import fingerprint, schemes
from schemas.json_fields import Country, JsonInteger
from schemas.terms import TermField, TermId

EMPTY = ("[leeg]", "[empty]")  # the markers
BETWEEN = "|"  # the items of a list in one cell; a bar in an item has a backslash before it
FORMULA = ("=", "+", "-", "@", "\t", "\r")
NUMBER = re.compile(r"(-?[0-9]{1,15})(?:[.,]0+)?")
THOUSANDS = re.compile(r"[0-9]{1,3}(?:[. \u00a0\u202f][0-9]{3})+")
Raw = Any  # of a cell: a text, or what a workbook holds


class Formula:
    """A cell of a workbook with a formula whose value was never worked out, or is an error."""

    def __str__(self) -> str:
        return "="


def is_marker(raw: Raw) -> bool:
    """Whether a cell asks to make empty."""
    return isinstance(raw, str) and raw.strip().casefold() in EMPTY


def read_cell(field: fields.Field[Any], raw: Raw) -> Any:
    """The value of a cell that is not empty; a Mistake when its kind will not do.

    The schema tells what is wrong with a value.
    """
    if is_marker(raw):
        return [] if isinstance(field, fields.List) else None
    if isinstance(raw, (date, datetime)) and isinstance(field, JsonInteger):
        return raw.year
    for kind, reason in (
        ((date, datetime, time, timedelta), "date-cell"),
        (bool, "boolean-cell"),
        (Formula, "formula-cell"),
    ):
        if isinstance(raw, kind):
            return Mistake("inconsistent", {"reason": reason})
    text = text_of(raw)
    if isinstance(field, fields.List):
        return [_term(field.inner, each) for each in split(text)]
    return _number(text) if isinstance(field, JsonInteger) else _term(field, text)


def text_of(raw: Raw) -> str:
    """A cell as a text; whole numbers without a fraction."""
    if isinstance(raw, float) and raw.is_integer():
        return str(int(raw))
    text = "" if raw is None else str(raw).strip()
    return text[1:] if text.startswith("'") and needs_apostrophe(text[1:]) else text


def needs_apostrophe(text: str) -> bool:
    """Whether a text would be taken for a formula, for a marker, or for one of these made safe."""
    bare = text.lstrip("'")
    return bare.lstrip(" ").startswith(FORMULA) or is_marker(bare)


def write_cell(value: Any) -> str:
    """The cell that is read as this value."""
    if value is None:
        return ""
    text = join(value) if isinstance(value, list) else str(value)
    text = text.replace("\0", "\ufffd")
    return f"'{text}" if isinstance(value, (str, list)) and needs_apostrophe(text) else text


def join(items: Iterable[str]) -> str:
    """The items of a list in one cell."""
    return f" {BETWEEN} ".join(re.sub(r"(\\*)\|", r"\1\1\\|", each) for each in items)


def split(text: str) -> list[str]:
    """The items of a list in one cell, without the empty ones."""
    items, backslashes = [""], 0
    for letter in text:
        if letter == "\\":
            backslashes += 1
            continue
        bar = letter == BETWEEN
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
    found = NUMBER.fullmatch(text)
    return int(found[1]) if found else text


def _term(field: fields.Field[Any], text: str) -> str:
    """The id of the term with this label, or the code of the country with this name."""
    if isinstance(field, (TermField, TermId)):
        if text in schemes()[field.scheme].terms:
            return text
        return _labels(field.scheme, fingerprint()).get(fold(text), text)
    if isinstance(field, Country):
        return _countries().get(fold(text), text)
    return text


@lru_cache(maxsize=64)
def _labels(scheme: str, _of: str) -> Mapping[str, str]:
    """The ids of terms by their labels in both languages; ids too, written in another way."""
    found: dict[str, set[str]] = {}
    for term in schemes()[scheme].terms.values():
        for name in (term.id, term.label("nl"), term.label("en")):
            found.setdefault(fold(name), set()).add(term.id)
    return {name: ids.pop() for name, ids in found.items() if len(ids) == 1}


@cache
def _countries() -> Mapping[str, str]:
    """The codes of countries by their names in both languages."""
    return {
        fold(name): code
        for language in ("en", "nl")
        for code, name in Locale(language).territories.items()
        if len(code) == 2 and code.isalpha()
    }
