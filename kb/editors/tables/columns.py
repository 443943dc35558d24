"""The columns of a table of cases, which follow from the schema of a case, and their headers.

Parties, ingredients, pitfalls, findings, sources and events have numbered columns. A header is the
name of a column or, in Dutch or English, its title (“Beginjaar”, “Valkuil 2”).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from babel.support import Translations
from marshmallow import fields

from kb.input_errors import Mistake
from kb.suggestions import closest_match
from schemas.base import cached_schema
from schemas.case_annotations import ANNOTATIONS
from schemas.cases import CaseInput
from schemas.text import comparable

NUMBERED = re.compile(r"(.*?)([1-9][0-9]{0,2})(\..+)?")
SINGULARS = {"parties": "party"}  # the others drop their s
TRANSLATIONS = Path(__file__).parents[2] / "translations"
SYNONYMS = {  # other headers that people in the field use, by path
    "kind": ("Soort", "Type"),
    "summary": ("Korte samenvatting", "Beschrijving in het kort"),
    "results": ("Resultaat",),
    "place.municipality": ("Stad", "Plaats", "Gemeentenaam"),
    "place.neighbourhood": ("Wijk", "Buurt", "Stadsdeel"),
    "startYear": ("Startjaar", "Start", "Jaar van start", "Start year"),
    "endYear": ("Jaar van afronding", "Einde", "End year"),
    "status": ("Projectstatus",),
    "dwellings": ("Aantal woningen", "Aantal huizen", "Number of dwellings"),
    "strategies": ("Strategie", "Strategy"),
    "targetGroups": ("Doelgroep", "Target group"),
    "parties.name": ("Partij", "Party"),
    "ingredients.id": ("Werkzaam bestanddeel", "Active ingredient"),
    "findings.claim": ("Bevinding", "Finding"),
    "sources.title": ("Bron", "Source"),
    "events.what": ("Wat er gebeurde", "What happened"),
}


class Column(NamedTuple):
    """A column, and what it is in the document."""

    name: str  # as it stands above the column; numbered ones with 1
    key: str  # of the document
    part: str | None  # a key within that
    field: fields.Field[Any]
    numbered: bool = False
    is_item_list: bool = False  # it takes nothing but a marker

    @property
    def path(self) -> str:
        """Under which `WORDS` has its title."""
        return f"{self.key}.{self.part}" if self.part else self.key

    def pointer(self, item: int) -> str:
        """Where its value is in the document; `item` counts from 0."""
        parts = [self.key, *([str(item)] if self.numbered else []), *filter(None, [self.part])]
        return "".join(f"/{part}" for part in parts)


@cache
def columns() -> Mapping[str, Column]:
    """Every column by its name, in the order of the schema."""
    return {column.name: column for column in _columns()}


def _columns() -> Iterator[Column]:
    for field in cached_schema(CaseInput).fields.values():
        key = f"{field.data_key}"
        inner = field.inner if isinstance(field, fields.List) else field
        if not isinstance(inner, fields.Nested):
            if not (field.dump_only or field.load_only):
                yield Column(key, key, None, field)
            continue
        numbered = inner is not field
        if numbered:
            yield Column(key, key, None, field, is_item_list=True)
        prefix = SINGULARS.get(key, key.removesuffix("s")) + "1" if numbered else key
        for part in inner.schema.fields.values():
            if not part.dump_only:
                yield Column(f"{prefix}.{part.data_key}", key, part.data_key, part, numbered)


def find_column(header: str) -> tuple[Column, int] | None:
    """The column with this header, and its number (1 without one)."""
    by_header, folded = _headers(), comparable(header)
    if folded in by_header:
        return by_header[folded], 1
    match = NUMBERED.fullmatch(folded)
    if match is None:
        return None
    title = match[1].strip() + (f"1{match[3]}" if match[3] else "")
    column = by_header.get(title)
    return (column, int(match[2])) if column and column.numbered else None


def header_key(header: str) -> str:
    """A header without what does not tell it from another: capitals, accents, blanks."""
    return comparable(header)


def map_columns(columns: Iterable[str]) -> tuple[dict[str, str], list[Mistake]]:
    """Names of columns by the keys of headers, from “header:name”; and what is wrong with these.

    An empty name: the column is left out.
    """
    mapped: dict[str, str] = {}
    mistakes = []
    for column in columns:
        header, colon, name = column.rpartition(":")
        key = header_key(header)
        if not colon or not key:
            mistakes.append(Mistake("bad-format", {"value": column[:80], "expected": "column"}))
        elif name and find_column(name) is None:
            mistakes.append(Mistake("unknown-key", {"value": name[:80]}, closest_header(name[:80])))
        elif key in mapped:
            mistakes.append(Mistake("duplicate", {"value": header[:80]}))
        else:
            mapped[key] = name
    return mapped, mistakes


def closest_header(header: str) -> str | None:
    """The known header that comes nearest to an unknown one, with its number."""
    match = NUMBERED.fullmatch(header)
    number = match[2] if match else "1"
    names = [name for each in columns().values() for name in (each.name, *titles(each))]
    first = f"{match[1]}1{match[3]}" if match and match[3] else header
    closest = closest_match(first, names)
    return closest and closest.replace("1.", f"{number}.", 1)


def header_of(column: Column, number: int) -> str:
    """The name above a column, with its number."""
    return column.name.replace("1.", f"{number}.", 1) if column.numbered else column.name


def titles(column: Column) -> tuple[str, str]:
    """The Dutch and the English title of a column, without a number."""
    english = ANNOTATIONS[column.path][0]
    return str(_dutch_texts().gettext(english)), english


def numbered_columns(counts: Mapping[str, int]) -> Iterable[tuple[Column, int]]:
    """Every column with its number; `counts` says how many items the list of each key has."""
    for key in dict.fromkeys(column.key for column in columns().values()):
        same = [column for column in columns().values() if column.key == key]
        yield from ((column, 1) for column in same if not column.numbered)
        for number in range(1, counts.get(key, 1) + 1):
            yield from ((column, number) for column in same if column.numbered)


@cache
def _headers() -> Mapping[str, Column]:
    """The columns by their headers: names and titles."""
    every = columns().values()
    headers = {comparable(title): each for each in every for title in SYNONYMS.get(each.path, ())}
    headers |= {comparable(title): column for column in every for title in titles(column)}
    return headers | {comparable(column.name): column for column in every}


@cache
def _dutch_texts() -> Any:
    return Translations.load(TRANSLATIONS, ["nl"])
