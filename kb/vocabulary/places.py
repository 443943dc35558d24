"""Open figures of the municipalities of the Netherlands, of one day: `seed_data/places.json`."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from kb.suggestions import close_matches
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


def municipality_like(name: str | None) -> Municipality | None:
    """The municipality that somebody means, whatever their capitals, accents, dashes and quotes."""
    return places().by_name.get(name or "") or _by_folded_name().get(_folded(name or ""))


def municipalities_near(name: str) -> list[str]:
    """The municipalities that may be meant: all of that name, else what is spelt nearly so."""
    folded = _folded(name)
    if namesakes := _namesakes().get(folded):
        return namesakes
    near = close_matches(folded, _by_folded_name())
    return list(dict.fromkeys(_by_folded_name()[each].name for each in near))


@cache
def _by_folded_name() -> Mapping[str, Municipality]:
    return {_folded(name): each for name, each in places().by_name.items()}


@cache
def _namesakes() -> Mapping[str, list[str]]:
    """Municipalities of one name, such as Bergen (L.) and Bergen (NH.), by that name."""
    names: dict[str, list[str]] = defaultdict(list)
    for each in places().municipalities:
        names[_folded(each.name.partition(" (")[0])].append(each.name)
    return {name: some for name, some in names.items() if len(some) > 1}


def _folded(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.casefold())
    return re.sub(r"[^a-z0-9]", "", plain)


@cache
def places_fingerprint() -> str:
    """Changes when any figure does."""
    return hashlib.sha256(_file()).hexdigest()[:8]
