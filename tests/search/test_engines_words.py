"""Which words meet what is typed, in every engine."""

from __future__ import annotations

import pytest

from kb.search.engine import Passage, SearchEngine, SearchRequest
from kb.search.query.parse import parse
from tests.scan_engine import ScanEngine
from tests.search.engines import a_document, put, search, search_ids


class TestWords:
    def test_all_words_must_be_met_when_enough_has_them(self, engine: SearchEngine) -> None:
        put(engine, *(a_document(f"a{n}", "Sloop en verkoop") for n in range(10)))
        put(engine, a_document("b", "Sloop"))

        result = search(engine, "sloop verkoop")

        assert (result.total, result.total_full) == (10, 10)

    def test_when_hardly_anything_has_all_words_what_has_a_part_follows(
        self, engine: SearchEngine
    ) -> None:
        put(engine, a_document("a", "Sloop en verkoop"), a_document("b", "Sloop"))
        put(engine, a_document("c", "Tuin"))

        result = search(engine, "sloop verkoop")

        assert [hit.id for hit in result.hits] == ["a", "b"]
        assert (result.total, result.total_full) == (2, 1)
        assert not result.dropped

    def test_what_has_all_words_comes_first_in_other_orders(self, engine: SearchEngine) -> None:
        put(engine, a_document("a", "B sloop verkoop"), a_document("b", "A sloop"))

        assert search_ids(engine, "sloop verkoop", sort=("title",)) == ["a", "b"]
        assert [
            hit.id
            for hit in engine.search_all(
                SearchRequest(("case",), query=parse("sloop verkoop"), sort=("title",))
            ).hits
        ] == ["a", "b"]

    def test_how_many_have_all_words_is_counted_after_filters(self, engine: SearchEngine) -> None:
        here = {"municipality": ("Ede",)}
        put(engine, a_document("a", "Sloop verkoop"), a_document("b", "Sloop", values=here))

        result = search(engine, "sloop verkoop", filters={"municipality": ("Ede",)})

        assert (result.total, result.total_full) == (1, 0)

    @pytest.mark.parametrize("typed", ['"oude tuin" sloop', 'sloop "oude tuin"'])
    def test_a_phrase_must_be_met_however_few_have_it(
        self, engine: SearchEngine, typed: str
    ) -> None:
        put(engine, a_document("a", "Oude tuin"), a_document("b", "Sloop van een tuin"))

        result = search(engine, typed)

        assert [hit.id for hit in result.hits] == ["a"]
        assert [clause.input for clause in result.dropped] == ["sloop"]

    def test_what_has_an_excluded_word_does_not_follow(self, engine: SearchEngine) -> None:
        put(engine, a_document("a", "Sloop verkoop"), a_document("b", "Sloop tuin"))

        assert search_ids(engine, "sloop verkoop -tuin") == ["a"]

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

    def test_rare_words_and_names_of_tags_are_dropped_last(self, engine: SearchEngine) -> None:
        put(engine, *(a_document(f"flat{n}", "Flat met lift") for n in range(5)))
        put(engine, a_document("a", "Statushouders"))

        result = search(engine, "flat statushouders tomaten")

        assert [clause.input for clause in result.dropped] == ["flat", "tomaten"]

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
