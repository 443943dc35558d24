"""What is published matches: by each word of its title, by its id, and whatever is typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.kinds import KIND_NAMES
from kb.search.analysis.analyzer import fold, tokenize
from kb.search.engine import SearchDocument, SearchRequest
from kb.search.published import every_document
from kb.search.query.parse import parse
from tests.conftest import KnowledgeBase
from tests.strategies import examples
from tests.work import calls_of


@pytest.fixture(scope="module")
def documents(seeded: KnowledgeBase) -> list[SearchDocument]:
    """Everything that is published."""
    with seeded.database.reading() as session:
        return list(every_document(session))


def matches(kb: KnowledgeBase, kind: str, typed: str) -> set[str]:
    """The ids of everything in a list that a query gives."""
    request = SearchRequest((kind,), parse(typed), limit=10_000, highlight=False)  # type: ignore[arg-type]
    return {hit.id for hit in kb.engine.search(request).hits}


@pytest.mark.slow
def test_each_thing_matches_each_word_of_its_title_folded_or_not(
    seeded: KnowledgeBase, documents: list[SearchDocument]
) -> None:
    hits: dict[tuple[str, str], set[str]] = {}
    for document in documents:
        for word in tokenize(document.title):
            for typed in {word, fold(word), word.upper()}:
                key = (document.type, typed)
                if key not in hits:
                    hits[key] = matches(seeded, *key)
                assert document.id in hits[key], f"{typed} does not find {document.key}"


def test_each_thing_matches_its_id(seeded: KnowledgeBase, documents: list[SearchDocument]) -> None:
    for document in documents:
        assert document.id in matches(seeded, document.type, document.id), document.key


def test_each_title_finds_its_own_thing_among_the_first(
    seeded: KnowledgeBase, documents: list[SearchDocument]
) -> None:
    late = []
    for document in documents:
        request = SearchRequest((document.type,), parse(document.title), limit=3, highlight=False)
        if document.id not in {hit.id for hit in seeded.engine.search(request).hits}:
            late.append(document.key)

    assert late == []


@examples(80)
@given(
    st.one_of(
        st.text(min_size=1, max_size=500),
        st.lists(st.sampled_from(('"', "-", "OR", "*", "wijk", "sloop", "\u202e", "'s", "(", ":")))
        .map(" ".join)
        .filter(bool),
    )
)
def test_nothing_that_is_typed_gives_an_error_or_an_unexplained_zero(
    seeded: KnowledgeBase, typed: str
) -> None:
    answer = seeded.client.get("/v1/search", query_string={"q": typed})

    assert answer.status_code in {200, 400}
    if answer.status_code == 400:
        assert answer.json["errors"][0]["name"] == "q"
    elif answer.json["page"]["totalItems"] == 0:
        terms = answer.json["query"]["interpretation"]["terms"]
        excluded = any(part.startswith("-") for part in typed.split())
        assert terms or not tokenize(typed) or excluded


def test_a_whole_text_is_no_query(seeded: KnowledgeBase) -> None:
    answer = seeded.client.get("/v1/search", query_string={"q": "en " * 101})

    assert answer.status_code == 400
    assert answer.json["errors"][0]["code"] == "too-long"


@pytest.mark.parametrize(
    "typed",
    ["wo", "stat", "utr", "gemengd wo", "sociaal b", "xyz", "ee", "regie", "ber", "ho"],
)
def test_suggestions_are_little_work(seeded: KnowledgeBase, typed: str) -> None:
    kinds = ("case", "ingredient", "pitfall", "place")
    seeded.engine.suggest("wo", kinds, 8)  # everything is open

    assert calls_of(lambda: seeded.engine.suggest(typed, kinds, 8)) < 5_000


def test_every_list_knows_the_types(seeded: KnowledgeBase) -> None:
    assert set(seeded.engine.counts()) == set(KIND_NAMES)
