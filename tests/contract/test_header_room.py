"""All headers of an answer together fit in the buffer that a proxy has for them."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.vocabulary.terms import scheme_of
from schemas.filters import CASE_FILTERS, EFFECT_FILTERS, PITFALL_FILTERS
from tests.conftest import KnowledgeBase
from tests.contract.addresses import EVERY, filled, with_query
from tests.strategies import examples

ROOM = 3_500  # bytes
SERVER = 200  # of them for the status line and what a server adds
NAMES = {"municipality", "province", "country", "archetype"}
PAGES = (
    "/",
    "/zoeken",
    "/valkuilen",
    "/casussen/place2bu-utrecht",
    "/insluiten",
    "/embed/zoeken",
    "/insluiten/kaart-van-het-bewijs",
    "/embed/kaart-van-het-bewijs",
)


def size(answer: Any) -> int:
    """The bytes of all headers of an answer."""
    return sum(len(f"{name}: {value}\r\n".encode()) for name, value in answer.headers)


@given(
    words=st.text(min_size=1, max_size=500),
    number=st.integers(0, 4),
    forms=st.sampled_from(["", "text/csv", "application/atom+xml", "text/html"]),
    address=st.sampled_from([*map(filled, EVERY), *PAGES, "/casussen/weg", "/nergens"]),
)
@examples(40)
def test_headers_have_room_whatever_is_requested(
    seeded: KnowledgeBase, words: str, number: int, forms: str, address: str
) -> None:
    parameters = [("q", words), ("page", "2"), ("pageSize", "1")]
    for name in (*CASE_FILTERS, *EFFECT_FILTERS, *PITFALL_FILTERS)[: number * 5]:
        terms = ["Utrecht"] if name in NAMES else list(scheme_of(name).terms)
        parameters += [(name, term) for term in terms[: number * 2]]

    answer = seeded.client.get(
        with_query(address, urlencode(parameters, quote_via=quote)),
        headers={"Accept": forms or "*/*"},
    )

    assert size(answer) <= ROOM - SERVER, (address, answer.headers)


@pytest.mark.parametrize("length", [20, 200])
def test_a_neighbour_that_has_no_room_is_in_the_body(seeded: KnowledgeBase, length: int) -> None:
    phases = "".join(f"&phase={term}" for term in scheme_of("phase").terms)
    strategies = "".join(f"&strategy={term}" for term in scheme_of("strategy").terms)
    words = quote("wonen OR " + "é" * (length - 9))

    answer = seeded.client.get(f"/v1/search?q={words}&pageSize=1{strategies * 2}{phases * 9}")

    assert answer.status_code == 200
    assert size(answer) <= ROOM - SERVER
    assert answer.json["_links"]["next"]["href"]
    short = seeded.client.get("/v1/search?q=wonen&pageSize=1")
    assert 'rel="next"' in short.headers["Link"]
