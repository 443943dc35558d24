"""Filters, facets and order, the same in every engine."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from kb.search.engine import FindingValues, PitfallValues, SearchEngine
from kb.search.filters import Range
from tests.search.engines import a_document, put, search, search_ids

DAY = datetime(2026, 1, 1, tzinfo=UTC)


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

        in_years = {"startYear": Range(2010, 2012)}
        assert sorted(search_ids(engine, ranges=in_years)) == ["2010", "2012"]

    def test_ranges_of_several_numbers_are_all_met(self, engine: SearchEngine) -> None:
        put(engine, a_document("a", population=0, social_rent=0))
        put(engine, a_document("b", population=40_000, social_rent=35))
        put(engine, a_document("c", population=900_000, social_rent=40))
        put(engine, a_document("unknown"))

        small = {"population": Range(None, 50_000)}
        assert sorted(search_ids(engine, ranges=small)) == ["a", "b"]  # none at all is a number
        assert search_ids(engine, ranges={**small, "socialRent": Range(30, None)}) == ["b"]
        assert search_ids(engine, sort=("-population",)) == ["c", "b", "a", "unknown"]
        assert search_ids(engine, sort=("population",)) == ["a", "b", "c", "unknown"]

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
