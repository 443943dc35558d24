"""The promise of `kb/search/engine.py`, the same for every engine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

import pytest

from kb.search.engine import (
    FindingValues,
    IndexBusy,
    MoreLikeThis,
    Passage,
    PitfallValues,
    SearchDocument,
    SearchEngine,
    SearchRequest,
    SearchResult,
    SearchUnavailable,
)
from kb.search.query.parse import parse
from kb.search.whoosh_engine import WhooshEngine
from tests.conftest import until
from tests.scan_engine import ScanEngine

DAY = datetime(2026, 1, 1, tzinfo=UTC)


class DegradedEngine(WhooshEngine):
    """Answers as if its arrays were always damaged: through `PlainWhooshEngine`."""

    def _snapshot(self) -> None:
        return None


@pytest.fixture(params=["scan", "whoosh", "plain whoosh"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SearchEngine]:
    """Every engine in turn, empty."""
    new: SearchEngine = ScanEngine()
    if request.param == "whoosh":
        new = WhooshEngine(tmp_path / "index", lock_timeout=0.2)
    if request.param == "plain whoosh":
        new = DegradedEngine(tmp_path / "index", lock_timeout=0.2)
    with new.writing(afresh=True):
        pass
    yield new
    new.close()


def a_document(id: str, title: str = "", body: str = "", **fields: object) -> SearchDocument:
    """A case with a title and a text."""
    passages = (Passage("title", "title", title or id), Passage("context", "body", body))
    document = SearchDocument("case", id, title or id, tuple(p for p in passages if p.text))
    return replace(document, **fields)  # type: ignore[arg-type]


def put(engine: SearchEngine, *documents: SearchDocument, change: int = 1) -> None:
    """Write documents in one batch."""
    with engine.writing() as batch:
        for document in documents:
            batch.put(document)
        batch.change = change


def search_ids(engine: SearchEngine, typed: str | None = None, **parameters: object) -> list[str]:
    """The ids that a search gives, in its order."""
    return [hit.id for hit in search(engine, typed, **parameters).hits]


def search(engine: SearchEngine, typed: str | None = None, **parameters: object) -> SearchResult:
    """Search among the cases."""
    query = parse(typed) if typed else None
    request = SearchRequest(types=("case",), query=query)
    return engine.search(replace(request, **parameters))  # type: ignore[arg-type]


class TestMoreLikeThis:
    FIELDS: ClassVar = {"ingredient": 1.0, "scale": 0.3, "archetype": 1.5}

    def shared(
        self, engine: SearchEngine, id: str, limit: int = 6
    ) -> dict[str, dict[str, tuple[str, ...]]]:
        """What each similar case shares, by field; the best first."""
        request = MoreLikeThis(id, self.FIELDS, not_alone=("scale",), limit=limit)
        return {hit.id: {**dict(hit.shared)} for hit in engine.more_like_this(request)}

    def test_a_rare_value_weighs_more(self, engine: SearchEngine) -> None:
        put(
            engine,
            a_document("vraag", values={"ingredient": ("p", "q")}),
            a_document("a", values={"ingredient": ("p",)}),
            a_document("b", values={"ingredient": ("q",)}),
            a_document("c", values={"ingredient": ("p",)}),
        )

        shared = self.shared(engine, "vraag")

        assert list(shared) == ["b", "a", "c"]
        assert shared["b"] == {"ingredient": ("q",)}

    def test_an_archetype_and_its_cases_are_alike(self, engine: SearchEngine) -> None:
        put(
            engine,
            a_document("soort"),
            a_document("een", values={"archetype": ("soort",)}),
            a_document("twee", values={"archetype": ("soort",)}),
            a_document("ander"),
        )

        archetype = {"archetype": ("soort",)}
        assert self.shared(engine, "een") == {"soort": archetype, "twee": archetype}
        assert list(self.shared(engine, "soort")) == ["een", "twee"]
        assert list(self.shared(engine, "soort", limit=1)) == ["een"]

    def test_the_head_of_a_family_may_be_of_another(self, engine: SearchEngine) -> None:
        put(
            engine,
            a_document("soort", values={"archetype": ("groep",)}),
            a_document("een", values={"archetype": ("soort",)}),
            a_document("twee", values={"archetype": ("soort",)}),
        )

        assert list(self.shared(engine, "een")) == ["twee"]
        assert self.shared(engine, "soort") == {}

    def test_what_counts_only_with_more_makes_none_similar(self, engine: SearchEngine) -> None:
        put(
            engine,
            a_document("een", values={"scale": ("wijk",), "ingredient": ("p",)}),
            a_document("twee", values={"scale": ("wijk",)}),
            a_document("drie", values={"scale": ("wijk",), "ingredient": ("p",)}),
        )

        assert self.shared(engine, "een") == {"drie": {"ingredient": ("p",), "scale": ("wijk",)}}

    def test_what_was_taken_out_is_neither_similar_nor_counted(self, engine: SearchEngine) -> None:
        put(
            engine,
            *(a_document(each, values={"ingredient": ("p",)}) for each in ("een", "twee", "drie")),
        )
        with engine.writing() as batch:
            batch.remove("case:twee")

        assert list(self.shared(engine, "een")) == ["drie"]
        assert self.shared(engine, "twee") == {}


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


class TestWords:
    def test_all_words_must_be_met(self, engine: SearchEngine) -> None:
        put(engine, a_document("a", "Sloop en verkoop"), a_document("b", "Sloop"))

        assert search_ids(engine, "sloop verkoop") == ["a"]

    def test_stop_words_need_not_be_met(self, engine: SearchEngine) -> None:
        put(engine, a_document("a", "Sloop"))

        assert search_ids(engine, "de sloop van een") == ["a"]

    def test_a_query_of_stop_words_is_searched_for(self, engine: SearchEngine) -> None:
        put(engine, a_document("a", "Wij van hier"), a_document("b", "Sloop"))

        assert search_ids(engine, "wij van") == ["a"]

    def test_words_side_by_side_make_a_phrase(self, engine: SearchEngine) -> None:
        put(engine, a_document("a", "Huur en koop"), a_document("b", "Koop en huur"))

        assert search_ids(engine, '"huur en koop"') == ["a"]

    def test_no_phrase_runs_from_one_passage_into_the_next(self, engine: SearchEngine) -> None:
        two = (Passage("context", "body", "Huur"), Passage("approach", "body", "Koop"))
        put(engine, a_document("a", passages=two))

        assert search_ids(engine, '"huur koop"') == []
        assert search_ids(engine, "huur koop") == ["a"]

    def test_of_three_words_near_each_other_each_pair_is_met_by_itself(
        self, engine: SearchEngine
    ) -> None:
        gap = "tussen " * 20
        put(
            engine,
            a_document("apart", "Tuin bank", f"Een pad {gap} bij een bank met een boom."),
            a_document("ver", "Plein", f"Een tuin met een bank {gap} en daar een boom."),
        )

        assert search_ids(engine, "tuin-bank-boom") == ["apart"]

    def test_a_word_after_a_minus_must_not_be_met(self, engine: SearchEngine) -> None:
        put(engine, a_document("a", "Sloop"), a_document("b", "Sloop en verkoop"))

        assert search_ids(engine, "sloop -verkoop") == ["a"]
        assert search_ids(engine, "-verkoop") == ["a"]

    def test_either_side_of_or_will_do(self, engine: SearchEngine) -> None:
        put(engine, a_document("a", "Tuin"), a_document("b", "Plein"), a_document("c", "Straat"))

        assert sorted(search_ids(engine, "tuin OR plein")) == ["a", "b"]

    @pytest.mark.parametrize(
        ("typed", "written"),
        [
            ("cooperatie", "Coöperatie"),
            ("HUIS", "huizen"),
            ("stad", "steden"),
            ("sociaal", "sociale"),
            ("beheerder", "beheer"),
            ("regio", "regio's"),
            ("sloopnieuwbouw", "sloop-nieuwbouw"),
            ("sloop-nieuwbouw", "sloopnieuwbouw"),
            ("sloop nieuwbouw", "sloop-nieuwbouw"),
            ("sloop-nieuwbouw", "sloop nieuwbouw"),
            ("woningtoewijzing", "de toewijzing van woningen"),
            ("toewijzing van woningen", "woningtoewijzing"),
            ("galerij flats", "galerijflat"),
            ("galerijflat", "galerij flats"),
            ("vergunninghouders", "statushouders"),
            ("statushouders", "vergunninghouders"),
            ("refugees", "statushouders"),
        ],
    )
    def test_a_word_matches_as_it_is_written_elsewhere(
        self, engine: SearchEngine, typed: str, written: str
    ) -> None:
        put(engine, a_document("a", "Verslag", f"Het gaat hier om {written}."))

        assert search_ids(engine, typed) == ["a"]

    def test_a_thing_matches_what_else_its_tag_is_called(self, engine: SearchEngine) -> None:
        put(engine, a_document("a", concepts=("target-groups/statushouders",)), a_document("b"))

        assert search_ids(engine, "vergunninghouders") == ["a"]

    def test_a_word_in_the_title_counts_for_more(self, engine: SearchEngine) -> None:
        if isinstance(engine, ScanEngine):
            pytest.skip("it finds, and does not weigh")
        put(engine, a_document("a", "Plein", "De tuin."), a_document("b", "Tuin", "Het plein."))

        assert search_ids(engine, "tuin") == ["b", "a"]

    def test_of_three_words_one_may_be_missing_when_hardly_anything_has_all(
        self, engine: SearchEngine
    ) -> None:
        put(engine, a_document("a", "Regels selectie tuin"), a_document("b", "Selectie tuin"))
        put(engine, a_document("c", "Tuin"))

        result = search(engine, "regels selectie tuin")

        assert sorted(hit.id for hit in result.hits) == ["a", "b"]
        assert [clause.input for clause in result.dropped] == ["regels"]

    def test_of_three_words_all_are_needed_when_enough_has_them(self, engine: SearchEngine) -> None:
        put(engine, *(a_document(f"a{n}", "Regels selectie tuin") for n in range(10)))
        put(engine, a_document("b", "Selectie tuin"))

        assert search(engine, "regels selectie tuin").total == 10

    def test_at_zero_hits_fewer_words_are_enough_and_it_says_which(
        self, engine: SearchEngine
    ) -> None:
        put(engine, a_document("a", "Sloop"), a_document("b", "Kas"))

        result = search(engine, "sloop tomaten")

        assert [hit.id for hit in result.hits] == ["a"]
        assert [clause.input for clause in result.dropped] == ["tomaten"]

    def test_words_are_left_out_before_any_filter(self, engine: SearchEngine) -> None:
        here = {"municipality": ("Ede",)}
        put(engine, a_document("a", "Sloop flats", values=here), a_document("b", "Sloop"))

        assert search_ids(engine, "sloop flats", filters={"municipality": ("Zeist",)}) == []

    def test_it_tells_which_words_nothing_meets(self, engine: SearchEngine) -> None:
        put(engine, a_document("a", "Sloop"))

        assert [clause.input for clause in search(engine, "sloop xyzzy").unmet] == ["xyzzy"]

    @pytest.mark.parametrize(
        ("typed", "suggestion"), [("gemengt", "gemengd"), ("buutr", "buurt"), ("xyzzy", None)]
    )
    def test_it_knows_a_word_that_comes_near(
        self, engine: SearchEngine, typed: str, suggestion: str | None
    ) -> None:
        put(engine, a_document("a", "Gemengd wonen in de buurt"))

        assert engine.spelling_suggestion(typed) == suggestion


class TestFilters:
    def test_one_of_several_values_is_enough(self, engine: SearchEngine) -> None:
        for name, scale in (("a", "wijk"), ("b", "stad"), ("c", "land")):
            put(engine, a_document(name, values={"scale": (scale,)}))

        assert sorted(search_ids(engine, filters={"scale": ("wijk", "stad")})) == ["a", "b"]

    def test_every_filter_must_be_met(self, engine: SearchEngine) -> None:
        put(engine, a_document("a", values={"scale": ("wijk",), "country": ("NL",)}))
        put(engine, a_document("b", values={"scale": ("wijk",)}))

        assert search_ids(engine, filters={"scale": ("wijk",), "country": ("NL",)}) == ["a"]

    def test_all_ingredients_can_be_required(self, engine: SearchEngine) -> None:
        put(engine, a_document("a", values={"ingredient": ("x", "y")}))
        put(engine, a_document("b", values={"ingredient": ("x",)}))
        both = {"ingredient": ("x", "y")}

        assert sorted(search_ids(engine, filters=both)) == ["a", "b"]
        assert search_ids(engine, filters=both, all_ingredients=True) == ["a"]

    def test_effects_are_met_by_one_and_the_same_finding(self, engine: SearchEngine) -> None:
        one = FindingValues("leefbaarheid", "wijk", "positief", "praktijkervaring", "ervaring")
        other = FindingValues("veiligheid", "stad", "negatief", "praktijkervaring", "ervaring")
        put(engine, a_document("a", findings=(one, other)))

        assert search_ids(engine, filters={"effectDomain": ("leefbaarheid",)}) == ["a"]
        mixed = {"effectDomain": ("leefbaarheid",), "effectDirection": ("negatief",)}
        assert search_ids(engine, filters=mixed) == []

    def test_phase_and_category_are_met_by_one_and_the_same_pitfall(
        self, engine: SearchEngine
    ) -> None:
        rows = (PitfallValues("verdringing", "beheer"), PitfallValues("korte-adem", "ontwerp"))
        put(engine, a_document("a", pitfalls=rows))

        assert search_ids(engine, filters={"pitfallCategory": ("verdringing",)}) == ["a"]
        mixed = {"pitfallCategory": ("verdringing",), "phase": ("ontwerp",)}
        assert search_ids(engine, filters=mixed) == []

    def test_years_are_included_at_both_ends(self, engine: SearchEngine) -> None:
        for year in (2009, 2010, 2012, 2013):
            put(engine, a_document(str(year), start_year=year))
        put(engine, a_document("unknown"))

        assert sorted(search_ids(engine, first_year=2010, last_year=2012)) == ["2010", "2012"]

    def test_a_list_holds_its_own_types(self, engine: SearchEngine) -> None:
        put(engine, a_document("a"), replace(a_document("a"), type="study"))

        assert search(engine).total == 1
        assert search(engine, types=("case", "study")).total == 2


class TestFacets:
    def test_a_facet_ignores_its_own_filter_only(self, engine: SearchEngine) -> None:
        put(engine, a_document("a", values={"scale": ("wijk",), "country": ("NL",)}))
        put(engine, a_document("b", values={"scale": ("stad",), "country": ("NL",)}))
        put(engine, a_document("c", values={"scale": ("stad",), "country": ("BE",)}))

        chosen = {"scale": ("wijk",), "country": ("NL",)}
        facets = search(engine, filters=chosen, facets=("scale", "country")).facets

        assert facets["scale"].counts == {"wijk": 1, "stad": 1}
        assert facets["country"].counts == {"NL": 1}

    def test_a_facet_tells_how_many_have_no_value(self, engine: SearchEngine) -> None:
        put(engine, a_document("a", values={"scale": ("wijk",)}), a_document("b"))

        assert search(engine, facets=("scale",)).facets["scale"].missing == 1

    def test_an_effect_facet_counts_things_and_keeps_to_one_finding(
        self, engine: SearchEngine
    ) -> None:
        one = FindingValues("leefbaarheid", "wijk", "positief", "praktijkervaring", "ervaring")
        other = FindingValues("leefbaarheid", "stad", "negatief", "praktijkervaring", "ervaring")
        put(engine, a_document("a", findings=(one, other)), a_document("b", findings=(one, one)))

        facets = search(
            engine, filters={"effectLevel": ("wijk",)}, facets=("effectDirection", "effectDomain")
        ).facets

        assert facets["effectDirection"].counts == {"positief": 2}
        assert facets["effectDomain"].counts == {"leefbaarheid": 2}

    def test_facets_count_what_the_words_meet(self, engine: SearchEngine) -> None:
        put(engine, a_document("a", "Tuin", values={"scale": ("wijk",)}))
        put(engine, a_document("b", "Plein", values={"scale": ("wijk",)}))

        assert search(engine, "tuin", facets=("scale",)).facets["scale"].counts == {"wijk": 1}


class TestOrder:
    def test_what_has_no_value_comes_last_in_both_directions(self, engine: SearchEngine) -> None:
        put(
            engine,
            a_document("a", start_year=2001),
            a_document("b", start_year=2002),
            a_document("c"),
        )

        assert search_ids(engine, sort=("startYear",)) == ["a", "b", "c"]
        assert search_ids(engine, sort=("-startYear",)) == ["b", "a", "c"]

    def test_the_strongest_lane_and_then_the_newest_publication_can_come_first(
        self, engine: SearchEngine
    ) -> None:
        put(
            engine, a_document("a", lane_rank=1, year=2000), a_document("b", lane_rank=0, year=2001)
        )
        put(engine, a_document("c", lane_rank=0), a_document("d", lane_rank=0, year=2002))
        put(engine, a_document("e", year=2020, start_year=2020))

        assert search_ids(engine, sort=("lane", "-year")) == ["d", "b", "c", "a", "e"]
        assert search_ids(engine, sort=("-lane",)) == ["a", "b", "c", "d", "e"]

    def test_equals_are_ordered_by_the_next_key_and_then_by_id(self, engine: SearchEngine) -> None:
        put(engine, a_document("c", "Tuin", start_year=1), a_document("b", "Tuin", start_year=2))
        put(engine, a_document("a", "Tuin", start_year=2))

        assert search_ids(engine, sort=("title", "-startYear")) == ["a", "b", "c"]

    def test_titles_are_ordered_without_regard_to_accents(self, engine: SearchEngine) -> None:
        put(engine, a_document("a", "Ze"), a_document("b", "Één"), a_document("c", "de"))

        assert search_ids(engine, sort=("title",)) == ["c", "b", "a"]

    def test_the_newest_can_come_first(self, engine: SearchEngine) -> None:
        for number, name in enumerate("abc"):
            put(engine, a_document(name, updated_at=DAY + timedelta(days=number)))

        assert search_ids(engine, sort=("-updatedAt",)) == ["c", "b", "a"]

    def test_pages_follow_each_other_without_overlap(self, engine: SearchEngine) -> None:
        put(engine, *(a_document(f"tuin-{n:02}", "Tuin") for n in range(25)))

        pages = [search_ids(engine, "tuin", offset=at, limit=10) for at in (0, 10, 20, 30)]

        assert [len(page) for page in pages] == [10, 10, 5, 0]
        assert [*pages[0], *pages[1], *pages[2]] == [f"tuin-{n:02}" for n in range(25)]


class TestSuggestions:
    def test_what_begins_as_the_words_is_suggested(self, engine: SearchEngine) -> None:
        put(engine, a_document("a", "Wonen in Één huis", values={"municipality": ("Een",)}))
        put(engine, a_document("b", "Tuin"))

        assert [s.id for s in engine.suggest("een", ("case", "place"), 8)] == ["Een", "a"]
        assert [s.id for s in engine.suggest("hu won", ("case",), 8)] == ["a"]

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
