"""Whoosh alone, without an engine of ours, finds in the folder what our engine finds."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from whoosh import index, query
from whoosh.qparser import MultifieldParser, OrGroup
from whoosh.searching import Searcher

from kb.search.analysis.analyzer import DUTCH, HEAD, MODIFIER
from kb.search.engine import FindingValues, Passage, SearchDocument, SearchRequest
from kb.search.index.fields import MAX_POSITION, TEXT_FIELDS
from kb.search.index.posting_pool import Posting, PostingPool
from kb.search.index.segment_reader import SegmentReader
from kb.search.query.parse import parse
from kb.search.whoosh_engine import WhooshEngine
from tests.search.test_engines import a_document, put
from tests.search.test_engines_agree import documents
from tests.strategies import examples

postings = st.lists(
    st.tuples(
        st.sampled_from(("body", "title")),
        st.sampled_from((b"", b"a", b"b", "é".encode())),
        st.integers(0, 2**32 - 1),
        st.integers(1, 9).map(float),
        st.binary(max_size=3),
    ),
    unique_by=lambda posting: posting[:3],
)


def ids(searcher: Searcher, wanted: query.Query) -> list[str]:
    """The ids of the cases that meet a query of Whoosh."""
    cases = query.And([wanted, query.Term("type", "case")])
    hits = searcher.search(cases, limit=None)
    return sorted(json.loads(hit["document"])["id"] for hit in hits)


def test_whoosh_alone_finds_the_same_cases_for_the_same_words(tmp_path: Path) -> None:
    engine = WhooshEngine(tmp_path / "index")
    put(engine, a_document("a", "Sloop van huurwoningen"), a_document("b", "Een huis"))
    put(engine, a_document("c", "Gesloopte huizen", "De woning."), a_document("d", "Tuin"))
    own = {
        word: sorted(hit.id for hit in engine.search(SearchRequest(("case",), parse(word))).hits)
        for word in ("huis", "huizen", "slopen", "woning", "tuinen", "plein", '"een huis"')
    }
    engine.close()

    folder = index.open_dir(str(tmp_path / "index"))
    with folder.searcher() as searcher:
        for word, expected in own.items():
            typed = MultifieldParser(TEXT_FIELDS, folder.schema, group=OrGroup).parse(word)
            parts = [
                query.Term(name, sign + DUTCH.term(word))
                for name in TEXT_FIELDS
                for sign in (HEAD, MODIFIER)
            ]
            assert ids(searcher, query.Or([typed, *parts])) == expected, word
    assert own["woning"] == ["a", "c"]


def test_whoosh_alone_filters_by_values_years_and_rows(tmp_path: Path) -> None:
    engine = WhooshEngine(tmp_path / "index")
    finding = FindingValues("leefbaarheid", "wijk", "positief", "review", "samenvattend")
    put(engine, a_document("a", values={"municipality": ("Den Haag",)}, start_year=2010))
    put(engine, a_document("b", findings=(finding,), start_year=2012))

    with index.open_dir(str(tmp_path / "index")).searcher() as searcher:
        assert ids(searcher, query.Term("municipality", "Den Haag")) == ["a"]
        assert ids(searcher, query.NumericRange("startYear", 2009, 2010)) == ["a"]
        assert ids(searcher, query.Wildcard("findings", "leefbaarheid/*/positief/*")) == ["b"]
        assert ids(searcher, query.Term("key", "case:b")) == ["b"]
    engine.close()


def test_a_form_feed_in_a_text_is_a_space(tmp_path: Path) -> None:
    engine = WhooshEngine(tmp_path / "index")
    put(engine, a_document("a", passages=(Passage("context", "body", "huur\fkoop"),)))

    with index.open_dir(str(tmp_path / "index")).searcher() as searcher:
        assert ids(searcher, query.Phrase("body", list(DUTCH.terms("huur koop")))) == ["a"]
    engine.close()


def positions_of_whoosh(searcher: Searcher) -> dict[tuple[str, str, str], list[int]]:
    """Where each term stands, by the key of the document, field and term."""
    places = {}
    reader = searcher.reader()
    for name in TEXT_FIELDS:
        for text in reader.lexicon(name):
            matcher = reader.postings(name, text)
            while matcher.is_active():
                stored = json.loads(reader.stored_fields(matcher.id())["document"])
                place = f"{stored['type']}:{stored['id']}", name, text.decode()
                places[place] = matcher.value_as("positions")
                matcher.next()
    return places


def positions_of_arrays(readers: list[SegmentReader]) -> dict[tuple[str, str, str], list[int]]:
    """The same, read from our arrays."""
    places: dict[tuple[str, str, str], list[int]] = {}
    for reader in readers:
        for number in range(len(reader.inverted.terms)):
            term = reader.inverted.terms[number]
            doc_ids = reader.inverted.postings(term).doc_ids
            for place, doc_id in enumerate(doc_ids.tolist()):
                _, positions = reader.inverted.positions(term, np.array([place]))
                for each in positions.tolist():
                    name = TEXT_FIELDS[each // MAX_POSITION]
                    key = f"{reader.type}:{reader.ids[doc_id]}", name, term
                    places.setdefault(key, []).append(each % MAX_POSITION)
    return places


@given(documents)
@examples(20)
def test_whoosh_and_the_arrays_have_the_same_terms_at_the_same_positions(
    tmp_path_factory: pytest.TempPathFactory, these: list[SearchDocument]
) -> None:
    folder = tmp_path_factory.mktemp("same") / "index"
    engine = WhooshEngine(folder)
    put(engine, *these)

    with index.open_dir(str(folder)).searcher() as searcher:
        readers = [leaf.reader for leaf in engine._snapshots.current().leaves()]
        assert positions_of_whoosh(searcher) == positions_of_arrays(readers)
    engine.close()


@given(postings, st.integers(1, 9))
def test_postings_leave_the_pool_in_order_however_few_are_sorted_at_a_time(
    tmp_path_factory: pytest.TempPathFactory, these: list[Posting], run_postings: int
) -> None:
    pool = PostingPool(str(tmp_path_factory.mktemp("pool")), run_postings=run_postings)
    for posting in these:
        pool.add(posting)

    assert list(pool.iter_postings()) == sorted(these)
    pool.cleanup()
