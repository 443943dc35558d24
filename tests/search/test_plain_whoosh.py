"""Whoosh alone, without an engine of ours, finds in the folder what our engine finds."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from whoosh import index, query
from whoosh.codec.whoosh3 import W3Codec
from whoosh.filedb.filestore import RamStorage
from whoosh.qparser import MultifieldParser, OrGroup
from whoosh.searching import Searcher

from kb.search.analysis.analyzer import DUTCH, HEAD, MODIFIER
from kb.search.engine import FindingValues, Passage, SearchDocument, SearchRequest
from kb.search.index.field_writer import FieldWriter
from kb.search.index.fields import MAX_POSITION, TEXT_FIELDS
from kb.search.index.posting_pool import ONCE, PostingPool, TermPostings
from kb.search.index.schema import indexed_values, whoosh_schema
from kb.search.index.segment_reader import SegmentReader
from kb.search.index.segment_writer import to_stored
from kb.search.query.parse import parse
from kb.search.whoosh_engine import WhooshEngine
from tests.search.engines import a_document, put
from tests.search.test_engines_agree import documents
from tests.strategies import examples

Term = tuple[str, bytes]  # field, UTF-8
Docnums = dict[int, list[int]]  # documents, and the positions of the term in them
postings = st.dictionaries(
    st.tuples(
        st.sampled_from(("body", "concepts", "id")), st.sampled_from((b"a", b"b", "é".encode()))
    ),
    st.dictionaries(
        st.integers(0, 500), st.lists(st.integers(0, 2**22), min_size=1, max_size=3), min_size=1
    )
    | st.integers(120, 300).map(lambda count: {docnum: [docnum] for docnum in range(count)}),
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


@given(documents, st.integers(1, 9))
def test_postings_are_the_same_however_few_are_read_at_a_time(
    these: list[SearchDocument], postings_at_once: int
) -> None:
    schema = whoosh_schema(DUTCH)
    pools = [
        PostingPool(schema, DUTCH, **options)
        for options in ({}, {"postings_at_once": postings_at_once})
    ]
    for pool in pools:
        for docnum, document in enumerate(map(to_stored, these)):
            pool.add_document(docnum, document, indexed_values(document))

    at_once, few = (list(pool.iter_postings()) for pool in pools)
    assert at_once == few
    assert [term[:2] for term in few] == sorted({term[:2] for term in few})


@given(postings)
@examples(50)
def test_the_files_of_postings_are_those_that_whoosh_writes(these: dict[Term, Docnums]) -> None:
    schema = whoosh_schema(DUTCH)
    storage, codec = RamStorage(), W3Codec(compression=0)
    encode = {"body": schema["body"].format.encode, "concepts": lambda _: ONCE, "id": lambda _: b""}
    terms = [
        TermPostings(
            field,
            text,
            sorted(docnums),
            [float(len(docnums[each])) for each in sorted(docnums)],
            [encode[field](docnums[each]) for each in sorted(docnums)],
        )
        for (field, text), docnums in sorted(these.items())
    ]
    own, others = (codec.new_segment(storage, name) for name in ("own", "others"))

    writer = FieldWriter(storage, own)
    writer.add_postings(schema, None, terms)
    writer.close()
    whoosh_writer = codec.field_writer(storage, others)
    whoosh_writer.add_postings(
        schema,
        None,
        [
            (term.field, term.text, *posting)
            for term in terms
            for posting in zip(term.docnums, term.weights, term.values, strict=True)
        ],
    )
    whoosh_writer.close()

    for ending in (W3Codec.TERMS_EXT, W3Codec.POSTS_EXT):
        contents = [storage.files[each.make_filename(ending)] for each in (own, others)]
        assert contents[0] == contents[1]
