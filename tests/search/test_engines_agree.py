"""For any request to any documents, Whoosh gives what reading everything gives, in both ways."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.search.engine import (
    FindingValues,
    MoreLikeThis,
    Passage,
    PitfallValues,
    SearchDocument,
    SearchEngine,
    SearchRequest,
    SearchResult,
)
from kb.search.filters import Range
from kb.search.query.parse import parse
from kb.search.whoosh_engine import WhooshEngine
from tests.scan_engine import ScanEngine
from tests.search.engines import DegradedEngine
from tests.strategies import examples

WORDS = (
    *("sloop", "nieuwbouw", "sloop-nieuwbouw", "sloopnieuwbouw", "woningtoewijzing", "toewijzing"),
    *("woningen", "van", "de", "statushouders", "vergunninghouders", "sociale", "samenhang"),
    *("regio's", "coöperatie", "Cooperatie", "galerijflats", "flats", "buurt", "wijken", "één"),
)
words = st.sampled_from(WORDS)
texts = st.lists(words, min_size=1, max_size=8).map(" ".join)
passages = st.lists(
    st.builds(
        Passage,
        st.sampled_from(("title", "context", "pitfalls")),
        st.sampled_from(("title", "labels", "details", "body")),
        texts,
    ),
    max_size=4,
).map(tuple)
findings = st.lists(
    st.builds(
        FindingValues,
        st.sampled_from("ab"),
        st.sampled_from("xy"),
        st.sampled_from("+-"),
        st.just("review"),
        st.sampled_from("st"),
    ),
    max_size=3,
).map(tuple)
pitfalls = st.lists(
    st.builds(PitfallValues, st.sampled_from("ab"), st.sampled_from("xy")), max_size=3
).map(tuple)
values = st.fixed_dictionaries(
    {},
    optional={
        "scale": st.tuples(st.sampled_from(("wijk", "stad"))),
        "ingredient": st.lists(st.sampled_from("pqr"), unique=True).map(tuple),
        "archetype": st.tuples(st.sampled_from("abc")),
    },
)
documents = st.lists(
    st.builds(
        SearchDocument,
        type=st.sampled_from(("case", "study", "pitfall")),
        id=st.from_regex(r"[a-c]{1,2}(--[a-c])?", fullmatch=True),
        title=texts,
        passages=passages,
        concepts=st.lists(
            st.sampled_from(("target-groups/statushouders", "effect-domains/sociale-samenhang")),
            unique=True,
        ).map(tuple),
        values=values,
        columns=st.fixed_dictionaries(
            {}, optional={"publicationKey": st.lists(words, unique=True).map(tuple)}
        ),
        findings=findings,
        pitfalls=pitfalls,
        start_year=st.none() | st.integers(2000, 2003),
        population=st.none() | st.integers(0, 3),
        social_rent=st.none() | st.integers(0, 3),
        year=st.none() | st.integers(2000, 2003),
        lane_rank=st.none() | st.integers(0, 3),
        position=st.integers(0, 3),
        items=texts.map(
            lambda text: {"nl": f'{{"title":"{text}"}}', "en": f'{{"title":"{text}!"}}'}
        ),
    ),
    max_size=12,
)
typed_parts = st.one_of(
    words,
    words.map(lambda word: f"-{word}"),
    texts.map(lambda text: f'"{text}"'),
    st.just("OR"),
    st.text(max_size=6),
)
filters = st.fixed_dictionaries(
    {},
    optional={
        "scale": st.tuples(st.sampled_from(("wijk", "stad", "land"))),
        "ingredient": st.lists(st.sampled_from("pqr"), min_size=1, unique=True).map(tuple),
        "effectDomain": st.lists(st.sampled_from("ab"), min_size=1, unique=True).map(tuple),
        "effectLevel": st.tuples(st.sampled_from("xy")),
        "effectDirection": st.tuples(st.sampled_from("+-")),
        "lane": st.lists(st.sampled_from("st"), min_size=1, unique=True).map(tuple),
        "pitfallCategory": st.tuples(st.sampled_from("ab")),
        "phase": st.tuples(st.sampled_from("xy")),
        "type": st.tuples(st.sampled_from(("case", "study"))),
        "id": st.lists(st.sampled_from(("a", "b", "c", "aa", "bc--a")), unique=True).map(tuple),
    },
)
years = st.none() | st.integers(2000, 2003)
figures = st.none() | st.integers(0, 3)
requests = st.builds(
    SearchRequest,
    types=st.sampled_from((("case",), ("case", "study", "pitfall"))),
    query=st.none() | st.lists(typed_parts, max_size=6).map(" ".join).map(parse),
    filters=filters,
    missing=st.lists(
        st.sampled_from(("scale", "ingredient", "effectDomain", "phase", "type")), max_size=2
    ).map(tuple),
    all_ingredients=st.booleans(),
    ranges=st.fixed_dictionaries(
        {},
        optional={
            "startYear": st.builds(Range, years, years),
            "population": st.builds(Range, figures, figures),
            "socialRent": st.builds(Range, figures, figures),
        },
    ),
    sort=st.sampled_from(
        (
            *(("title",), ("-title", "startYear"), ("-startYear",), ("year",)),
            *(("position", "-year"), ("lane", "-year"), ("-lane",)),
            *(("population", "title"), ("-population",), ("-socialRent", "year")),
        )
    ),
    facets=st.just(
        (
            "scale",
            "ingredient",
            "effectDomain",
            "effectDirection",
            "lane",
            "pitfallCategory",
            "type",
        )
    ),
    offset=st.integers(0, 3),
    limit=st.integers(0, 5),
    language=st.sampled_from(("nl", "en")),
)


similarities = st.builds(
    MoreLikeThis,
    id=st.sampled_from(("a", "b", "c", "aa")),
    fields=st.just(
        {"ingredient": 1.0, "pitfallCategory": 0.6, "scale": 0.3, "archetype": 1.5, "strategy": 1.0}
    ),
    not_alone=st.sampled_from(((), ("scale",), ("scale", "archetype"))),
    limit=st.integers(1, 5),
)


def without_scores(result: SearchResult) -> object:
    """What must be the same of two results: all but the scores."""
    facets = {key: (dict(each.counts), each.missing) for key, each in result.facets.items()}
    hits = [hit._replace(score=0) for hit in result.hits]
    totals = result.total, result.total_full, result.matched_before_filters
    return hits, totals, facets, result.dropped, result.unmet


@examples(60)
@given(
    documents,
    documents,
    st.lists(requests, min_size=1, max_size=8),
    st.lists(similarities, max_size=4),
)
def test_whoosh_finds_what_reading_everything_finds(
    first: list[SearchDocument],
    second: list[SearchDocument],
    some_requests: list[SearchRequest],
    some_similarities: list[MoreLikeThis],
) -> None:
    answer_the_same(WhooshEngine, (first, second), some_requests, some_similarities)


@pytest.mark.slow
@examples(15)
@given(
    documents,
    documents,
    st.lists(requests, min_size=1, max_size=8),
    st.lists(similarities, max_size=4),
)
def test_whoosh_s_own_searcher_finds_it_too(
    first: list[SearchDocument],
    second: list[SearchDocument],
    some_requests: list[SearchRequest],
    some_similarities: list[MoreLikeThis],
) -> None:
    answer_the_same(DegradedEngine, (first, second), some_requests, some_similarities)


def table_pairs(engine: SearchEngine, request: SearchRequest) -> object:
    """The values in the table of cases, by field and id, and what matches of it."""
    table = engine.table("case")
    assert len(table) == len(table.ids)
    fields = ("scale", "ingredient", "effectDomain", "publicationKey")
    columns = {field: table.column(field) for field in fields}
    pairs = {
        field: sorted(
            (table.ids[row], column.values[ordinal])
            for row, ordinal in zip(column.rows.tolist(), column.ordinals.tolist(), strict=True)
        )
        for field, column in columns.items()
    }
    matches = table.matches(replace(request, types=("case",))).tolist()
    years = sorted(zip(table.ids, table.years().tolist(), strict=True))
    return pairs, years, sorted(table.ids[row] for row in matches)


def answer_the_same(
    kind: type[WhooshEngine],
    batches: Sequence[list[SearchDocument]],
    some_requests: list[SearchRequest],
    some_similarities: list[MoreLikeThis],
) -> None:
    """Write the batches to an engine of a kind and to the scan engine; compare their answers."""
    with tempfile.TemporaryDirectory() as folder:
        whoosh, scan = kind(Path(folder) / "index"), ScanEngine()
        for engine in (whoosh, scan):
            for batch_of in batches:
                with engine.writing() as batch:
                    for document in batch_of:
                        batch.put(document)
        try:
            compare(whoosh, scan, some_requests, some_similarities)
        finally:
            whoosh.close()


def compare(
    engine: SearchEngine,
    scan: ScanEngine,
    some_requests: list[SearchRequest],
    some_similarities: list[MoreLikeThis],
) -> None:
    """Ask an engine and the scan engine, which hold the same, all of these."""
    for request in some_requests:
        for each in (request, replace(request, limit=0)):  # who only counts, has nothing scored
            assert without_scores(engine.search(each)) == without_scores(scan.search(each))
        streams = [each.search_all(request) for each in (engine, scan)]
        assert streams[0].total == streams[1].total
        assert [[hit._replace(score=0) for hit in each.hits] for each in streams[:1]] == [
            [hit._replace(score=0) for hit in each.hits] for each in streams[1:]
        ]
        assert table_pairs(engine, request) == table_pairs(scan, request)
    for similarity in some_similarities:
        assert engine.more_like_this(similarity) == scan.more_like_this(similarity)
