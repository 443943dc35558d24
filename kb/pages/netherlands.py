"""A map of the Netherlands that shows two facets of a list: provinces and municipalities.

`tools/netherlands_map.py` makes the drawing. What is not on it, as a municipality of which nobody
knows where it lies, is in the facets all the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from math import sqrt
from typing import Any

from kb.pages.facets import FacetValue
from kb.search.analysis.analyzer import fold, tokenize
from kb.search.execute.suggest import OTHER_NAMES

MAX_DOTS = 60  # municipalities on the map, those with the most first
SHADES = 4  # of provinces, by their share of the province with the most
LARGEST_DOT, SMALLEST_DOT = 20.0, 6.0  # radius, in units of the map
BEFORE_PLACES = {"in", "te", "gemeente"}
Point = tuple[int, int]  # to the right and down, in units of the map


@dataclass(frozen=True)
class Drawing:
    """What the map is drawn from."""

    width: int
    height: int
    provinces: Mapping[
        str, Mapping[str, Any]
    ]  # by name: `path`, the `centre` of its number, `municipalities`
    municipalities: Mapping[str, Point]


@dataclass(frozen=True)
class Area:
    """A province on the map."""

    name: str
    path: str  # `d` of its shape
    centre: Point
    facet_value: FacetValue | None  # None when nothing in the list lies there
    shade: int  # from 0, for none, to SHADES


@dataclass(frozen=True)
class Dot:
    """A municipality on the map."""

    facet_value: FacetValue
    centre: Point
    radius: float


@dataclass(frozen=True)
class CountryMap:
    """Both facets as they lie on the map; the largest dot comes first, so that none is hidden."""

    width: int
    height: int
    areas: tuple[Area, ...]
    dots: tuple[Dot, ...]


def municipality(words: str) -> tuple[str, str] | None:
    """The municipality that words name, with its province; None where they name no single one."""
    own = [fold(word) for word in tokenize(words)]
    while own and own[0] in BEFORE_PLACES:
        del own[0]
    return _municipalities().get(" ".join(own))


@cache
def _municipalities() -> Mapping[str, tuple[str, str]]:
    """Municipalities and their provinces, by each folded name."""
    return {
        " ".join(fold(word) for word in tokenize(each)): (name, province)
        for province, shape in drawing().provinces.items()
        for name in shape["municipalities"]
        for each in (name, *OTHER_NAMES.get(name, ()))
    }


@cache
def drawing() -> Drawing:
    """The drawing of this release."""
    text = (resources.files("kb.pages") / "netherlands.json").read_text("utf-8")
    return Drawing(**json.loads(text))


def map_of(facets: Mapping[str, Any]) -> CountryMap:
    """The map with these facets, of which either may be missing."""
    areas, places = (
        {each.value: each for each in facets[name]["values"]} if name in facets else {}
        for name in ("province", "municipality")
    )
    return CountryMap(drawing().width, drawing().height, _areas(areas), _dots(places))


def _areas(values: Mapping[str, FacetValue]) -> tuple[Area, ...]:
    provinces = drawing().provinces
    counts = {name: values[name].doc_count if name in values else 0 for name in provinces}
    most = max(counts.values()) or 1
    return tuple(
        Area(
            name,
            shape["path"],
            shape["centre"],
            values.get(name),
            -(-counts[name] * SHADES // most),
        )
        for name, shape in provinces.items()
    )


def _dots(values: Mapping[str, FacetValue]) -> tuple[Dot, ...]:
    places = drawing().municipalities
    shown = [each for each in values.values() if each.doc_count and each.value in places]
    shown.sort(key=lambda each: (-each.doc_count, each.value))
    most = shown[0].doc_count if shown else 1
    return tuple(
        Dot(each, places[each.value], round(_radius(each.doc_count, most), 1))
        for each in shown[:MAX_DOTS]
    )


def _radius(count: int, most: int) -> float:
    """By which the surface of a dot grows with its count."""
    return max(SMALLEST_DOT, LARGEST_DOT * sqrt(count / most))
