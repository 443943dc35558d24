"""The columns of a table of cases, which follow from the schema of a case, and their headers.

Parties, ingredients, pitfalls, findings and sources stand in numbered columns. A header is the name
of a column or, in Dutch or English, its title (“Beginjaar”, “Valkuil 2”).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from babel.support import Translations
from marshmallow import fields

from kb.editors.imports.merging import fold
from kb.suggestions import closest_match
from schemas.base import cached_schema
from schemas.case_annotations import ANNOTATIONS
from schemas.cases import CaseInput

NUMBERED = re.compile(r"(.*?)([1-9][0-9]{0,2})(\..+)?")
ONE_OF = {"parties": "party"}  # the others drop their s
TRANSLATIONS = Path(__file__).parents[2] / "translations"

ALSO = {  # what people in the field write above these columns too, besides names and titles
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
        prefix = ONE_OF.get(key, key.removesuffix("s")) + "1" if numbered else key
        for part in inner.schema.fields.values():
            if not part.dump_only:
                yield Column(f"{prefix}.{part.data_key}", key, part.data_key, part, numbered)


def find(header: str) -> tuple[Column, int] | None:
    """The column with this header, and its number (1 without one)."""
    known, folded = _headers(), fold(header)
    if folded in known:
        return known[folded], 1
    found = NUMBERED.fullmatch(folded)
    if found is None:
        return None
    title = found[1].strip() + (f"1{found[3]}" if found[3] else "")
    column = known.get(title)
    return (column, int(found[2])) if column and column.numbered else None


def nearest_header(header: str) -> str | None:
    """The header that was probably meant."""
    found = NUMBERED.fullmatch(header)
    number = found[2] if found else "1"
    known = [name for each in columns().values() for name in (each.name, *titles(each))]
    one = f"{found[1]}1{found[3]}" if found and found[3] else header
    near = closest_match(one, known)
    return near and near.replace("1.", f"{number}.", 1)


def name_of(column: Column, number: int) -> str:
    """The name above a column, with its number."""
    return column.name.replace("1.", f"{number}.", 1) if column.numbered else column.name


def titles(column: Column) -> tuple[str, str]:
    """What a column is called in Dutch and in English; without a number."""
    english = ANNOTATIONS[column.path][0]
    return str(_dutch().gettext(english)), english


def with_numbers(most: Mapping[str, int]) -> Iterable[tuple[Column, int]]:
    """Every column, the numbered ones once for each of so many items, by the keys of lists."""
    for key in dict.fromkeys(column.key for column in columns().values()):
        same = [column for column in columns().values() if column.key == key]
        yield from ((column, 1) for column in same if not column.numbered)
        for number in range(1, most.get(key, 1) + 1):
            yield from ((column, number) for column in same if column.numbered)


@cache
def _headers() -> Mapping[str, Column]:
    """The columns by their headers: names and titles."""
    known = columns().values()
    found = {fold(title): each for each in known for title in ALSO.get(each.path, ())}
    found |= {fold(title): column for column in known for title in titles(column)}
    return found | {fold(column.name): column for column in known}


@cache
def _dutch() -> Any:
    return Translations.load(TRANSLATIONS, ["nl"])
