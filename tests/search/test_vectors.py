"""Words whose meaning is near, and the order that it brings."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.search.analysis.analyzer import DUTCH, Analyzer
from kb.search.analysis.vectors import DIMENSIONS, UNIT, word_vectors
from kb.search.engine import Passage, SearchDocument, SearchRequest
from kb.search.query.parse import parse
from kb.search.whoosh_engine import WhooshEngine
from tests.search.engines import a_document, put, search, search_ids


def nearness(text: str, other: str) -> float:
    """The cosine between two texts."""
    vectors = (DUTCH.vector([each]).astype(float) for each in (text, other))
    one, two = vectors
    return float(one @ two / UNIT**2)


@pytest.mark.parametrize(
    ("word", "near", "far"),
    [
        ("bejaarden", "senioren", "speelplein"),
        ("baan", "werkgelegenheid", "moestuin"),
        ("huurbaas", "verhuurder", "speelplein"),
        ("refugees", "vluchtelingen", "woningprijs"),
    ],
)
def test_words_that_mean_much_the_same_are_near(word: str, near: str, far: str) -> None:
    assert nearness(word, near) > nearness(word, far)


def test_an_unknown_compound_has_the_vector_of_its_parts() -> None:
    rows = word_vectors().rows_of

    assert rows("tuinsubsidie") == (*rows("tuin"), *rows("subsidie"))


@given(st.text(max_size=60))
def test_every_text_has_a_vector_of_one_length_or_none(text: str) -> None:
    vector = DUTCH.vector([text])

    assert vector.shape == (DIMENSIONS,)
    length = float(np.linalg.norm(vector.astype(float)))
    assert length == pytest.approx(UNIT, rel=0.05) or not vector.any()


@pytest.fixture
def engine(tmp_path: Path) -> WhooshEngine:
    """An empty index."""
    return WhooshEngine(tmp_path / "index")


def test_of_equal_words_what_is_near_in_meaning_comes_first(engine: WhooshEngine) -> None:
    put(
        engine,
        a_document("a", "Flat", "Huurders betalen elke maand een hogere prijs."),
        a_document("b", "Flat", "Senioren krijgen er elk een eigen kamer."),
        a_document("c", "Flat", "Kinderen spelen er samen op het nieuwe plein."),
    )

    assert search_ids(engine, "bejaarden flat")[0] == "b"


def test_what_shares_tags_with_the_best_comes_first(engine: WhooshEngine) -> None:
    tagged = {"strategy": ("spreiding",), "ingredient": ("buddy-systeem",)}
    put(
        engine,
        a_document("a", "Zeldzaam zeldzaam", values=tagged),
        a_document("b", "Iets", "Zeldzaam."),
        a_document("c", "Iets", "Zeldzaam.", values=tagged),
        a_document("d", "Iets", "Zeldzaam."),
    )

    assert search_ids(engine, "zeldzaam")[:2] == ["a", "c"]


def many(number: int) -> list[SearchDocument]:
    """Documents that differ in how often they have a word."""
    return [
        SearchDocument("case", f"d{n:03}", f"D{n}", (Passage("body", "body", "tuin " * (n + 1)),))
        for n in range(number)
    ]


def test_what_is_no_candidate_stays_below_in_its_own_order(tmp_path: Path) -> None:
    lexical = WhooshEngine(tmp_path / "a", analyzer=Analyzer(["vectors", "tag feedback"]))
    whole = WhooshEngine(tmp_path / "b")
    for each in (lexical, whole):
        put(each, *many(230))

    ids = [hit.id for hit in search(lexical, "tuin", limit=230).hits]
    reranked = search(whole, "tuin", limit=230).hits

    assert {hit.id for hit in reranked[:200]} == set(ids[:200])
    assert [hit.id for hit in reranked[200:]] == ids[200:]
    assert all(hit.score > 0 for hit in reranked)


def test_pages_and_streams_have_the_same_order(engine: WhooshEngine) -> None:
    put(engine, *many(230))
    request = SearchRequest(("case",), query=parse("tuin"), limit=20)

    pages = [
        hit.id
        for offset in range(0, 240, 20)
        for hit in search(engine, "tuin", offset=offset, limit=20).hits
    ]

    assert pages == [hit.id for hit in engine.search_all(request).hits]
