"""Open figures of the municipalities of the Netherlands, of one day: `seed_data/places.json`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from kb.vocabulary.terms import schemes

COUNTRY = "NL"  # the only one whose figures are here


@dataclass(frozen=True)
class Municipality:
    """What Statistics Netherlands (CBS) counted in a municipality."""

    code: str  # GM and four digits
    name: str  # as CBS writes it
    urbanity: str  # a term of `urbanity-levels`
    population: int
    social_rent: int  # percent of all dwellings that a housing association owns


@dataclass(frozen=True)
class Places:
    """The municipalities of one day, and where the figures come from."""

    source: Mapping[str, Any]  # publisher, title, table, url, licence, year
    by_name: Mapping[str, Municipality]  # by what CBS calls them, and by other names
    municipalities: tuple[Municipality, ...]  # by name

    @property
    def year(self) -> int:
        """The year on the first day of which was counted."""
        year: int = self.source["year"]
        return year


@cache
def _file() -> bytes:
    return (resources.files("seed_data") / "places.json").read_bytes()


@cache
def places() -> Places:
    """The figures of this release."""
    document = json.loads(_file())
    levels = list(schemes()["urbanity-levels"].terms)
    own = {each.name: each for each in _municipalities(document, levels)}
    others = {name: own[official] for name, official in document["alsoNamed"].items()}
    in_order = sorted(own.values(), key=lambda each: each.name.removeprefix("'s-").casefold())
    return Places(document["source"], {**own, **others}, tuple(in_order))


def _municipalities(document: Mapping[str, Any], levels: list[str]) -> Iterator[Municipality]:
    for row in document["municipalities"]:
        level = levels[row["urbanity"] - 1]
        yield Municipality(row["code"], row["name"], level, row["population"], row["socialRent"])


def municipality_of(country: str | None, name: str | None) -> Municipality | None:
    """The municipality of a place; None abroad, and where no municipality has that name now.

    One that merged into another had other figures than that one, so it stays unknown.
    """
    return places().by_name.get(name or "") if country == COUNTRY else None


@cache
def places_fingerprint() -> str:
    """Changes when any figure does."""
    return hashlib.sha256(_file()).hexdigest()[:8]
