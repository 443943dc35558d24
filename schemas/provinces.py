"""The twelve provinces of the Netherlands, by the names that cases, filters and facets use."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from kb.suggestions import closest_match

from .json_fields import Line, is_stored

PROVINCES = (
    *("Drenthe", "Flevoland", "Friesland", "Gelderland", "Groningen", "Limburg", "Noord-Brabant"),
    *("Noord-Holland", "Overijssel", "Utrecht", "Zeeland", "Zuid-Holland"),
)
OFFICIAL_NAMES = {"fryslan": "Friesland"}  # taken as the name that cases already had
MISSPELLINGS = {  # refused, as they are written otherwise here
    "brabant": "Noord-Brabant",
    "northbrabant": "Noord-Brabant",
    "northholland": "Noord-Holland",
    "southholland": "Zuid-Holland",
}


class Province(Line):
    """A province, or what is like one abroad; “Fryslân” is stored as “Friesland”."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        name: str = super()._deserialize(value, attr, data, **options)
        return name if is_stored() else OFFICIAL_NAMES.get(_letters(name), name)


def same_province(name: str) -> str | None:
    """The Dutch province that is written so, but for capitals, accents, spaces and dashes."""
    letters = _letters(name)
    names = {_letters(each): each for each in PROVINCES}
    return (names | OFFICIAL_NAMES | MISSPELLINGS).get(letters)


def nearest_province(name: str) -> str | None:
    """The Dutch province whose name comes nearest, if any does."""
    return same_province(name) or closest_match(name, PROVINCES)


def _letters(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z]", "", plain.replace("provincie", "").replace("province", ""))
