"""Figures of a municipality: readers get them, and nobody writes them."""

from __future__ import annotations

from tests.builders import a_case
from tests.conftest import KnowledgeBase

FIGURES = {"population": 374_238, "socialRent": 31, "figuresYear": 2024}


def test_a_dutch_case_has_the_figures_of_its_municipality(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin", place={"country": "NL", "municipality": "Utrecht"}))

    one = kb.client.get("/v1/cases/tuin").get_json()["place"]
    item = kb.client.get("/v1/cases").get_json()["items"][0]["place"]

    assert one == item
    assert one["urbanity"] == {"id": "zeer-sterk-stedelijk", "label": "Zeer sterk stedelijk"}
    assert FIGURES.items() <= one.items()


def test_what_is_unknown_is_null(kb: KnowledgeBase) -> None:
    kb.publish(a_case("tuin", place={"country": "BE", "municipality": "Utrecht"}))

    place = kb.client.get("/v1/cases/tuin").get_json()["place"]

    assert {place[key] for key in ("urbanity", *FIGURES)} == {None}


def test_what_readers_get_may_be_sent_back(kb: KnowledgeBase) -> None:
    """And is not read."""
    kb.publish(a_case("tuin", place={"country": "NL", "municipality": "Utrecht"}))
    place = kb.client.get("/v1/cases/tuin").get_json()["place"]

    kb.publish(a_case("tuin", title="Anders", place={**place, "population": 1}))

    assert kb.client.get("/v1/cases/tuin").get_json()["place"] == place
