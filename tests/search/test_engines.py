"""The promise of `kb/search/engine.py`, the same for every engine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kb.kinds import KIND_NAMES
from kb.search.engine import IndexBusy, SearchEngine, SearchRequest, SearchUnavailable
from kb.search.query.parse import parse
from kb.search.whoosh_engine import WhooshEngine
from tests.conftest import until
from tests.search.engines import a_document, put, search, search_ids


class TestStoredItems:
    """A hit brings what a list shows of it."""

    def test_a_hit_has_its_item_in_the_language_of_the_request(self, engine: SearchEngine) -> None:
        put(engine, a_document("a", "Tuin", items={"nl": '{"id":"a"}', "en": '{"id":"A"}'}))

        assert [hit.item for hit in search(engine, language="nl").hits] == ['{"id":"a"}']
        assert [hit.item for hit in search(engine, language="en").hits] == ['{"id":"A"}']

    def test_it_says_where_it_meets_the_query_when_that_is_wanted(
        self, engine: SearchEngine
    ) -> None:
        put(engine, a_document("a", "Plein", "Bij de oude tuin staan woningen."))

        [marked], [bare] = (
            search(engine, "tuinen", highlight=highlight).hits for highlight in (True, False)
        )

        assert bare.match is None
        assert marked.match == {
            "fields": ["context"],
            "words": [{"input": "tuinen", "met": ["tuin"]}],
            "snippets": [
                {
                    "field": "context",
                    "html": "Bij de oude <mark>tuin</mark> staan woningen.",
                    "text": "Bij de oude tuin staan woningen.",
                    "ranges": [[12, 16]],
                }
            ],
        }

    def test_all_hits_come_in_order_whatever_the_page(self, engine: SearchEngine) -> None:
        put(engine, *(a_document(f"a{n:03}", f"Tuin {n}") for n in range(250)))
        request = SearchRequest(types=("case",), sort=("-title",), offset=3, limit=2)

        stream = engine.search_all(request)

        everything = engine.search(replace(request, offset=0, limit=250)).hits
        assert stream.total == 250
        assert tuple(stream.hits) == everything

    def test_all_hits_of_a_query_come_in_the_order_of_its_pages(self, engine: SearchEngine) -> None:
        put(engine, *(a_document(f"a{n}", "Tuin", "Een tuin. " * n) for n in range(5)))
        put(engine, a_document("b", "Huurder", "Een tuin.", values={"strategy": ("x",)}))
        request = SearchRequest(types=("case",), query=parse("tuin verhuurder"))

        assert tuple(engine.search_all(request).hits) == engine.search(request).hits

    def test_what_changes_meanwhile_is_not_in_a_stream(self, engine: SearchEngine) -> None:
        put(engine, *(a_document(f"a{n:03}", "Tuin") for n in range(250)))
        stream = engine.search_all(SearchRequest(types=("case",), sort=("title",)))
        first = next(stream.hits)

        with engine.writing(afresh=True):
            pass

        assert [first.id, *(hit.id for hit in stream.hits)] == [f"a{n:03}" for n in range(250)]

    def test_items_are_read_by_key(self, engine: SearchEngine) -> None:
        put(engine, a_document("a", items={"nl": "{}", "en": '{"id":"a"}'}))

        assert engine.items(["case:a", "case:b", "study:a"], "en") == {"case:a": '{"id":"a"}'}

    def test_the_item_of_what_was_removed_is_gone(self, engine: SearchEngine) -> None:
        put(engine, a_document("a", items={"nl": "{}", "en": "{}"}))
        with engine.writing() as batch:
            batch.remove("case:a")

        assert engine.items(["case:a"], "nl") == {}


class TestSuggestions:
    def test_what_begins_as_the_words_is_suggested(self, engine: SearchEngine) -> None:
        put(engine, a_document("a", "Wonen in Één huis", values={"municipality": ("Een",)}))
        put(engine, a_document("b", "Tuin"))

        assert [s.id for s in engine.suggest("een", ("case", "place"), 8)] == ["Een", "a"]
        assert [s.id for s in engine.suggest("hu won", ("case",), 8)] == ["a"]

    def test_every_kind_with_a_page_is_suggested_and_provinces_too(
        self, engine: SearchEngine
    ) -> None:
        put(engine, a_document("a", "Tuin", values={"province": ("Tunis",)}))
        put(engine, a_document("b", "Tuinen", type="study"))
        put(engine, a_document("c", "Tuin of plein?", type="question"))
        put(engine, a_document("d", "Tuin", type="finding"))

        every = engine.suggest("tu", (*KIND_NAMES, "place", "province"), 8)

        assert {(s.type, s.id) for s in every} == {
            *(("case", "a"), ("study", "b"), ("question", "c"), ("province", "Tunis"))
        }

    @pytest.mark.parametrize("typed", ["moestuun", "oestuin", "meostuin", "mooestui", "moestxui"])
    def test_a_long_word_may_have_one_slip(self, engine: SearchEngine, typed: str) -> None:
        put(engine, a_document("a", "De moestuinen", values={"municipality": ("Moestuinen",)}))

        assert engine.suggest(typed, ("case", "place"), 8) == []
        near = engine.suggest(typed, ("case", "place"), 8, slips=True)
        assert [s.id for s in near] == ["Moestuinen", "a"]
        assert engine.suggest(f"xx{typed}", ("case", "place"), 8, slips=True) == []
        assert engine.suggest("tuun", ("case",), 8, slips=True) == []

    def test_one_letter_suggests_nothing(self, engine: SearchEngine) -> None:
        put(engine, a_document("a", "Tuin"))

        assert engine.suggest("t", ("case",), 8) == []


class TestWriting:
    def test_a_document_takes_the_place_of_its_older_self(self, engine: SearchEngine) -> None:
        put(engine, a_document("a", "Tuin"))
        put(engine, a_document("a", "Plein"))

        assert search_ids(engine) == ["a"]
        assert search_ids(engine, "tuin") == []

    def test_twice_in_one_batch_is_once(self, engine: SearchEngine) -> None:
        put(engine, a_document("a", "Tuin"), a_document("a", "Plein"))

        assert search_ids(engine) == ["a"]
        assert search_ids(engine, "plein") == ["a"]

    def test_what_is_removed_is_gone(self, engine: SearchEngine) -> None:
        owned = replace(a_document("a--kuil"), type="pitfall")
        put(engine, a_document("a"), owned, a_document("b"))

        with engine.writing() as batch:
            batch.remove("case:a")
            batch.remove_owned("a")
            batch.remove("case:nothing")

        assert set(engine.keys()) == {"case:b"}

    def test_a_block_that_fails_changes_nothing(self, engine: SearchEngine) -> None:
        put(engine, a_document("a"), change=7)

        def fail() -> None:
            with engine.writing() as batch:
                batch.put(a_document("b"))
                batch.change = 8
                raise RuntimeError

        with pytest.raises(RuntimeError):
            fail()

        assert set(engine.keys()) == {"case:a"}
        assert engine.change() == 7

    def test_afresh_replaces_everything(self, engine: SearchEngine) -> None:
        put(engine, a_document("a"), change=7)

        with engine.writing(afresh=True) as batch:
            batch.put(a_document("b"))
            assert set(engine.keys()) == {"case:a"}
            batch.change = 9

        assert set(engine.keys()) == {"case:b"}
        assert engine.change() == 9

    def test_it_counts_what_it_holds(self, engine: SearchEngine) -> None:
        put(engine, a_document("a"), replace(a_document("b"), type="study"))

        assert engine.counts() == {"case": 1, "study": 1}


def test_a_second_writer_waits_and_then_says_that_it_is_busy(tmp_path: Path) -> None:
    first = WhooshEngine(tmp_path / "index", lock_timeout=0.2)
    second = WhooshEngine(tmp_path / "index", lock_timeout=0.2)

    with first.writing(), pytest.raises(IndexBusy), second.writing():
        pass

    first.close()


def test_without_an_index_there_is_no_answer(tmp_path: Path) -> None:
    engine = WhooshEngine(tmp_path / "index")

    with pytest.raises(SearchUnavailable):
        search(engine)
    assert (engine.change(), engine.fingerprint()) == (0, "")


def test_another_process_sees_what_was_written(tmp_path: Path) -> None:
    writer, reader = (WhooshEngine(tmp_path / "index") for _ in range(2))
    put(writer, a_document("a"))
    assert set(reader.keys()) == {"case:a"}

    put(writer, a_document("b"))

    until(lambda: set(reader.keys()) == {"case:a", "case:b"})
    writer.close()
    reader.close()
