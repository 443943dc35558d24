"""Several values of a parameter may be repeated or have commas between, as clients differ."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.conftest import KnowledgeBase


@pytest.mark.parametrize(
    ("repeated", "commas"),
    [
        ("facets=scale&facets=status", "facets=scale,status"),
        ("fields=title&fields=kind", "fields=title,kind"),
        ("sort=-startYear&sort=title", "sort=-startYear,title"),
        ("facets=scale&facets=status,kind", "facets=scale,status,kind"),
        ("scale=wijk&scale=complex", "scale=wijk,complex"),
    ],
)
def test_both_spellings_give_the_same(seeded: KnowledgeBase, repeated: str, commas: str) -> None:
    one, other = (seeded.client.get(f"/v1/cases?{query}") for query in (repeated, commas))

    assert one.status_code == 200
    assert one.json == other.json


def test_kinds_of_things_too(seeded: KnowledgeBase) -> None:
    for address in (
        "/v1/search?type=case,study&pageSize=5",
        "/v1/suggestions?q=wo&type=case,place",
    ):
        repeated = address.replace(",", "&type=")
        assert seeded.client.get(address).json["items"] == seeded.client.get(repeated).json["items"]


def test_a_name_may_hold_a_comma(kb: KnowledgeBase) -> None:
    answer = kb.client.get(f"/v1/cases?municipality={quote('Bergen, Noord-Holland')}")

    assert answer.json["query"]["filters"] == {"municipality": ["Bergen, Noord-Holland"]}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("facets=scale&facets=scale", "duplicate"),
        ("facets=scale&facets=", "empty"),
        ("facets=scale,,status", "empty"),
        ("scale=wijk,dorp", "not-in-vocabulary"),
        ("page=1&page=2", "repeated"),
    ],
)
def test_mistakes_are_reported_in_both(seeded: KnowledgeBase, query: str, code: str) -> None:
    answer = seeded.client.get(f"/v1/cases?{query}")

    assert answer.status_code == 400
    assert {error["code"] for error in answer.json["errors"]} == {code}


def test_pages_and_frames_take_both(seeded: KnowledgeBase) -> None:
    for path in ("/zoeken", "/embed/zoeken"):
        texts = [
            seeded.client.get(f"{path}?scale={query}").get_data(as_text=True)
            for query in ("wijk,complex", "wijk&scale=complex")
        ]
        assert texts[0].count("/casussen/") == texts[1].count("/casussen/") > 0
