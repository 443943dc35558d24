"""The query strings of lists and of single things, with their parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import validates_schema

from kb.kinds import CASE, FINDING, KINDS, LIST_REPRESENTATIONS, QUESTION, STUDY
from kb.vocabulary.terms import schemes

from .base import Schema
from .errors import input_error
from .filters import (
    CASE_FILTERS,
    EFFECT_FILTERS,
    OWN_FINDING_FILTERS,
    PITFALL_FILTERS,
    REPEATABLE,
    CaseFilters,
    EffectFilters,
    OwnFindingFilters,
    PitfallFilters,
    term_filter,
)
from .findings import Finding
from .list_parameters import (
    CaseFieldset,
    FacetNames,
    Fieldset,
    MissingFilters,
    SortKeys,
    csv_separator_field,
    representation_field,
)
from .match import ListItem
from .pitfalls import PitfallItem
from .query_fields import DelimitedList, EnumString, QueryInteger, SearchText
from .questions import QuestionItem
from .studies import StudyItem
from .terms import TermField
from .vocabularies import IngredientItem

FINDING_FILTERS = (*CASE_FILTERS, *EFFECT_FILTERS, *OWN_FINDING_FILTERS)
SUGGESTED = tuple(
    dict.fromkeys(
        (
            *sorted(name for name, kind in KINDS.items() if kind.is_suggested),
            *("place", "province"),
            *sorted(each.parameter for each in schemes().values() if each.parameter),
        )
    )
)
VOCABULARY_REPRESENTATIONS = ("json", "jsonld", "turtle")
ITEMS: Mapping[str, type[ListItem]] = {name: kind.item_schema() for name, kind in KINDS.items()}


class LanguageQuery(Schema):
    """The parameters of every address."""

    lang = EnumString(
        ("nl", "en"),
        metadata={"description": "Language of labels and messages; it wins from Accept-Language."},
    )


class OneCaseQuery(LanguageQuery):
    """The query string of one case."""

    representation = representation_field(*CASE.representations)
    csv_separator = csv_separator_field()


class OneStudyQuery(LanguageQuery):
    """The query string of one study."""

    representation = representation_field(*STUDY.representations)
    csv_separator = csv_separator_field()


class OneFindingQuery(LanguageQuery):
    """The query string of one finding."""

    representation = representation_field(*FINDING.representations)
    csv_separator = csv_separator_field()


class OneQuestionQuery(LanguageQuery):
    """The query string of one question."""

    representation = representation_field(*QUESTION.representations)
    csv_separator = csv_separator_field()


class VocabularyQuery(LanguageQuery):
    """The query string of vocabularies."""

    representation = representation_field(*VOCABULARY_REPRESENTATIONS)


class PaginationQuery(LanguageQuery):
    """Which page of a list to give."""

    page = QueryInteger(
        1,
        1_000_000,
        load_default=1,
        metadata={"description": "Which page, from 1; beyond the last one the list is empty."},
    )
    page_size = QueryInteger(
        1, 100, load_default=20, metadata={"description": "How many items on a page."}
    )


class ListQuery(PaginationQuery):
    """The parameters of every list that is a search."""

    representation = representation_field(*LIST_REPRESENTATIONS)
    csv_separator = csv_separator_field()
    q = SearchText(
        metadata={
            "description": "Words, “phrases”, -without and OR. When fewer than ten things meet all "
            "words, those that meet a part are listed too: all count for the order, and what "
            "meets all counts for more. `query.interpretation.full` says how many meet all, and "
            "`dropped`, where nothing does, which words the nearest are without.",
            "example": "statushouders jongeren",
        },
    )


class CaseListQuery(ListQuery, CaseFilters, EffectFilters, PitfallFilters):
    """The query string of the list of cases."""

    sort = SortKeys("startYear", "population", "socialRent", "lane")
    facets = FacetNames(*CASE_FILTERS, *EFFECT_FILTERS, *PITFALL_FILTERS)
    missing = MissingFilters(*CASE_FILTERS, *EFFECT_FILTERS, *PITFALL_FILTERS)
    keys = CaseFieldset()


class PitfallListQuery(ListQuery, CaseFilters, PitfallFilters):
    """The query string of the list of pitfalls; case filters are those of the owning case."""

    sort = SortKeys()
    facets = FacetNames(*CASE_FILTERS, *PITFALL_FILTERS)
    missing = MissingFilters(*CASE_FILTERS, *PITFALL_FILTERS)
    keys = Fieldset(PitfallItem)


class FindingListQuery(ListQuery, CaseFilters, EffectFilters, OwnFindingFilters):
    """The query string of the list of findings; other filters are those of the owner."""

    cluster_direction = DelimitedList(
        TermField("outcomes"),
        metadata={
            "description": "What the cluster of the finding says as a whole in its lane, among the "
            "findings that the other filters leave: a number of `/v1/effects` is a list of these. "
            f"{REPEATABLE}",
            "example": ["verdeeld"],
        },
    )

    sort = SortKeys("lane", "year")
    facets = FacetNames(*FINDING_FILTERS)
    missing = MissingFilters(*FINDING_FILTERS)
    keys = Fieldset(Finding)

    @validates_schema
    def facets_count_what_they_lead_to(self, query: dict[str, Any], **_options: Any) -> None:
        """With another filter clusters are other ones, and say something else."""
        if query.get("cluster_direction") and query.get("facets"):
            raise input_error("inconsistent", at="facets", reason="clusters")


class StudyListQuery(ListQuery, EffectFilters, PitfallFilters):
    """The query string of the list of studies."""

    representation = representation_field(*STUDY.list_representations)
    sort = SortKeys("year", "lane")
    facets = FacetNames(*EFFECT_FILTERS, *PITFALL_FILTERS)
    missing = MissingFilters(*EFFECT_FILTERS, *PITFALL_FILTERS)
    keys = Fieldset(StudyItem)


class QuestionListQuery(ListQuery):
    """The query string of the list of questions."""

    theme = term_filter("theme", "proces")
    sort = SortKeys()
    facets = FacetNames("theme")
    keys = Fieldset(QuestionItem)


class IngredientListQuery(ListQuery):
    """The query string of the list of ingredients, which have no filters and so no facets."""

    sort = SortKeys()
    keys = Fieldset(IngredientItem)


class SearchQuery(ListQuery, CaseFilters, EffectFilters, PitfallFilters):
    """The query string of the search of all kinds.

    A thing without the filtered property does not match.
    """

    type = DelimitedList(
        EnumString(ITEMS),
        metadata={
            "description": f"What kind of thing. {REPEATABLE}",
            "example": ["case"],
        },
    )
    theme = term_filter("theme", "proces")
    sort = SortKeys("startYear", "population", "socialRent", "year", "lane")
    facets = FacetNames("type", *CASE_FILTERS, *EFFECT_FILTERS, *PITFALL_FILTERS, "theme")
    missing = MissingFilters("type", *CASE_FILTERS, *EFFECT_FILTERS, *PITFALL_FILTERS, "theme")
    keys = Fieldset(*ITEMS.values())


class SuggestionQuery(LanguageQuery):
    """The query string of suggestions."""

    q = SearchText(
        required=True,
        metadata={"description": "What has been typed so far.", "example": "statush"},
    )
    type = DelimitedList(
        EnumString(SUGGESTED),
        metadata={
            "description": f"What to suggest. {REPEATABLE}",
            "example": ["case"],
        },
    )
    page_size = QueryInteger(
        1, 100, load_default=8, metadata={"description": "How many suggestions at most."}
    )
