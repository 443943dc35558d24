"""The figures of municipalities, and whose they are."""

from __future__ import annotations

import json
from collections import Counter
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.vocabulary.places import municipality_of, places
from kb.vocabulary.terms import schemes

FILE: dict[str, Any] = json.loads((resources.files("seed_data") / "places.json").read_text("utf-8"))


def test_the_figures_say_whose_they_are() -> None:
    source = places().source

    assert (source["table"], source["year"], source["licence"]) == ("85984NED", 2024, "CC BY 4.0")
    assert source["url"].startswith("https://opendata.cbs.nl/")
    assert source["publisher"] in (resources.files("seed_data") / "LICENSE").read_text("utf-8")


def test_every_municipality_of_that_year_is_there_once() -> None:
    rows = FILE["municipalities"]

    assert len(rows) == 342
    assert max(Counter(row["code"] for row in rows).values()) == 1
    assert max(Counter(row["name"] for row in rows).values()) == 1
    assert all(row["code"][:2] == "GM" and len(row["code"]) == 6 for row in rows)
    assert {*FILE["alsoNamed"].values()} <= {row["name"] for row in rows}
    assert not {*FILE["alsoNamed"]} & {row["name"] for row in rows}
    assert sum(row["population"] for row in rows) == 17_942_942  # of the Netherlands, that day


def test_figures_are_possible() -> None:
    levels = set(schemes()["urbanity-levels"].terms)

    for each in places().municipalities:
        assert each.urbanity in levels
        assert 500 < each.population < 1_000_000
        assert 0 <= each.social_rent <= 100


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Utrecht", ("GM0344", "zeer-sterk-stedelijk", 374_238, 31)),
        ("Den Haag", ("GM0518", "zeer-sterk-stedelijk", 566_221, 30)),
        ("Ameland", ("GM0060", "niet-stedelijk", 3_839, 0)),
    ],
)
def test_a_municipality_is_known_by_its_names(name: str, expected: tuple[Any, ...]) -> None:
    known = municipality_of("NL", name)

    assert known
    assert (known.code, known.urbanity, known.population, known.social_rent) == expected


@pytest.mark.parametrize(
    ("country", "name"), [("BE", "Utrecht"), (None, "Utrecht"), ("NL", "Weesp"), ("NL", None)]
)
def test_others_are_unknown(country: str | None, name: str | None) -> None:
    """Abroad, merged into another, or nowhere in particular."""
    assert municipality_of(country, name) is None


@given(st.text())
def test_no_name_is_guessed(name: str) -> None:
    known = municipality_of("NL", name)

    assert known is None or name in {known.name, *FILE["alsoNamed"]}


def test_the_first_cases_have_figures() -> None:
    """Of the Dutch cases that name a municipality, every one."""
    folder = Path(str(resources.files("seed_data"))) / "cases"
    wheres = [json.loads(each.read_text("utf-8"))["place"] for each in folder.glob("*.json")]
    named = [each for each in wheres if each.get("country") == "NL" and each.get("municipality")]

    assert len(named) > 80
    assert all(municipality_of("NL", each["municipality"]) for each in named)
