"""What can be asked of the lists: words, filters, order, facets and a choice of keys."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from marshmallow import fields, validates_schema

from kb.vocabulary.terms import scheme_of

from .base import Distinct, Line, OneOf, Range, Schema, input_error
from .cases import CaseItem
from .findings import Finding
from .match import ListItem
from .pitfalls import Pitfall
from .provinces import Province
from .questions import QuestionItem
from .studies import StudyItem
from .terms import TermField
from .vocabularies import IngredientItem

ITEMS: Mapping[str, type[ListItem]] = {
    "case": CaseItem,
    "pitfall": Pitfall,
    "finding": Finding,
    "study": StudyItem,
    "question": QuestionItem,
    "ingredient": IngredientItem,
}
COLLECTIONS: Mapping[str, str] = {
    "case": "cases",
    "pitfall": "pitfalls",
    "finding": "findings",
    "study": "studies",
    "question": "questions",
    "ingredient": "ingredients",
}
CASE_FILTERS = (
    *("kind", "strategy", "ingredient", "targetGroup", "municipality", "province", "country"),
    *("scale", "status", "partyRole", "archetype"),
)
REPEATABLE = "Repeat it, or put commas between, for one of several."
MAX_QUERY_WORDS = 32  # of a query
ALL_KEYS = "all"  # keys of a case, and not those of an item alone
UNPAGED_REPRESENTATIONS = ("csv", "ndjson")
EFFECT_FILTERS = ("effectDomain", "effectLevel", "effectDirection", "evidence")
PITFALL_FILTERS = ("pitfallCategory", "phase")


class EnumString(fields.String):
    """One of a few known words."""

    def __init__(self, choices: Iterable[str], **options: Any) -> None:
        super().__init__(validate=[OneOf(choices)], **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        if value == "":
            raise input_error("empty")
        return super()._deserialize(value, attr, data, **options)


class LanguageQuery(Schema):
    """What every address takes."""

    lang = EnumString(
        ("nl", "en"),
        metadata={"description": "Language of labels and messages; it wins from Accept-Language."},
    )


def representation_field(*representations: str) -> EnumString:
    """The choice of a representation, under the name `format`."""
    return EnumString(
        representations,
        data_key="format",
        metadata={"description": "In which form to answer; it wins from Accept."},
    )


def csv_separator_field() -> EnumString:
    """The choice of what parts the cells of a table, under the name `csvSeparator`."""
    return EnumString(
        ("comma", "semicolon", "tab"),
        metadata={
            "description": "What parts the cells of `format=csv`: a comma, or the semicolon with "
            "which a Dutch or German Excel opens a file right away.",
            "example": "semicolon",
        },
    )


LIST_REPRESENTATIONS = ("json", "atom", "csv", "ndjson", "jsonld", "turtle")


class OneCaseQuery(LanguageQuery):
    """What can be asked of one case."""

    representation = representation_field(
        "json", "csv", "ndjson", "jsonld", "turtle", "bibtex", "ris"
    )
    csv_separator = csv_separator_field()


class OneStudyQuery(LanguageQuery):
    """What can be asked of one study."""

    representation = representation_field("json", "jsonld", "turtle", "bibtex", "ris")


class VocabularyQuery(LanguageQuery):
    """What can be asked of vocabularies."""

    representation = representation_field("json", "jsonld", "turtle")


class SearchText(Line):
    """What people type; blank is a slip, and so is a whole text."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        text: str = super()._deserialize(value, attr, data, **options)
        if len(text) <= 200 and (number := len(text.split())) > MAX_QUERY_WORDS:
            raise input_error("too-long", maximum=MAX_QUERY_WORDS, actual=number)
        return text


class QueryInteger(fields.Integer):
    """A whole number in a query string."""

    def __init__(self, minimum: int, maximum: int, **options: Any) -> None:
        super().__init__(validate=[Range(minimum, maximum)], **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        if value == "":
            raise input_error("empty")
        if not re.fullmatch(r"-?[0-9]{1,12}", str(value)):
            raise input_error("wrong-type", expected="integer")
        return int(value)


class DelimitedList(fields.List[Any]):
    """Several values: repeated, or with commas between them, which no value has."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        return super()._deserialize(split_at_commas(value), attr, data, **options)


def split_at_commas(value: str | Iterable[str]) -> list[str]:
    """The values of a parameter that may be repeated, have commas, or both."""
    values = [value] if isinstance(value, str) else value
    return [part.strip() for each in values for part in each.split(",")]


class DelimitedEnums(DelimitedList):
    """Several of a few known words, each once."""

    def __init__(self, choices: Iterable[str], **options: Any) -> None:
        self.choices = tuple(choices)
        word = fields.String(validate=OneOf(self.choices))
        super().__init__(word, validate=[Distinct()], **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        if "" in split_at_commas(value):
            raise input_error("empty")
        return super()._deserialize(value, attr, data, **options)


class SortKeys(DelimitedEnums):
    """Orders, the first one first; `-` before a key turns it round."""

    def __init__(self, *more: str) -> None:
        keys = ("updatedAt", "title", *more)
        super().__init__(
            ("relevance", *(f"{sign}{key}" for key in keys for sign in ("", "-"))),
            metadata={
                "description": "What to sort by, the first key first; `-` turns it round. "
                "Repeat it, or put commas between. What has no year comes last. Default: "
                "relevance with `q`, else the list's own order.",
                "example": ["-updatedAt"],
            },
        )


class Fieldset(DelimitedEnums):
    """Top-level keys of the items; `id` and `type` always come."""

    def __init__(self, *shapes: type[Schema]) -> None:
        keys = dict.fromkeys(
            field.data_key or "" for shape in shapes for field in shape().fields.values()
        )
        super().__init__(
            keys,
            data_key="fields",
            metadata={
                "description": "Which keys of the items to give; `id` and `type` always come. "
                "Repeat it, or put commas between.",
                "example": ["title"],
            },
        )


class CaseFieldset(Fieldset):
    """The same of cases, or all that a case has, for tables and lines of JSON."""

    def __init__(self) -> None:
        super().__init__(CaseItem)
        about = (
            f"{self.metadata['description']} With `format=csv` or `format=ndjson`, `all` alone "
            "gives whole cases: as CSV every column of the codebook. An import takes both back."
        )
        self.metadata = {**self.metadata, "description": about}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        if value in (ALL_KEYS, [ALL_KEYS]):  # not among the choices: it does not go with every form
            return [ALL_KEYS]
        return super()._deserialize(value, attr, data, **options)


class FacetNames(DelimitedEnums):
    """Filters to count the values of."""

    def __init__(self, *filters: str) -> None:
        super().__init__(
            filters,
            metadata={
                "description": "For which filters to count what each value would give. "
                "Repeat it, or put commas between.",
                "example": [filters[0]],
            },
        )


def term_filter(parameter: str, example: str) -> fields.List[Any]:
    """A filter on terms: repeat it for “one of these”."""
    scheme = scheme_of(parameter)
    label = scheme.labels["en"]
    about = f"{label}: terms of the vocabulary `{scheme.id}`. {REPEATABLE}"
    return DelimitedList(
        TermField(scheme.id), metadata={"description": about, "example": [example]}
    )


def name_filter(example: str, about: str, name: type[Line] = Line) -> fields.List[Any]:
    """A filter on names from the content, which may match nothing."""
    about = f"{about} Repeat it for one of several; an unknown one matches nothing."
    return fields.List(name(200), metadata={"description": about, "example": [example]})


class PaginationQuery(LanguageQuery):
    """Which part of a list to give."""

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
    """What every list that is a search takes."""

    representation = representation_field(*LIST_REPRESENTATIONS)
    csv_separator = csv_separator_field()
    q = SearchText(
        200,
        metadata={
            "description": "Words, “phrases”, -without and OR. All words must be met; when too few "
            "things do, `query.interpretation.dropped` says which were left out.",
            "example": "statushouders jongeren",
        },
    )


class CaseFilters(Schema):
    """Filters on a case, or on the case that owns the thing."""

    kind = term_filter("kind", "praktijk")
    strategy = term_filter("strategy", "gemengd-wonencomplex")
    ingredient = term_filter("ingredient", "selectie-op-motivatie")
    ingredient_match = EnumString(
        ("any", "all"),
        load_default="any",
        metadata={"description": "Whether one of the ingredients is enough, or all are needed."},
    )
    target_group = term_filter("targetGroup", "jongeren")
    municipality = name_filter("Utrecht", "The municipality of the case, as the case has it.")
    province = name_filter("Utrecht", "The province of the case.", Province)
    country = name_filter("NL", "The country of the case, by its ISO 3166-1 code.")
    scale = term_filter("scale", "complex")
    status = term_filter("status", "lopend")
    party_role = term_filter("partyRole", "woningcorporatie")
    archetype = name_filter(
        "gemengd-wonen-in-een-complex", "The kind of project that the case is one of, by its id."
    )
    start_year_from = QueryInteger(
        1, 9999, metadata={"description": "The case began in this year or later.", "example": 2010}
    )
    start_year_to = QueryInteger(
        1,
        9999,
        metadata={"description": "The case began in this year or earlier.", "example": 2020},
    )

    @validates_schema
    def years_are_in_order(self, query: dict[str, Any], **_options: Any) -> None:
        """A first year after the last would match nothing, in silence."""
        if query.get("start_year_from", 0) > query.get("start_year_to", 9999):
            raise input_error("inconsistent", at="startYearFrom", reason="order")


class EffectFilters(Schema):
    """Filters on a finding; one and the same finding meets all of them."""

    effect_domain = term_filter("effectDomain", "leefbaarheid")
    effect_level = term_filter("effectLevel", "wijk")
    effect_direction = term_filter("effectDirection", "positief")
    evidence = term_filter("evidence", "quasi-experimenteel")


class PitfallFilters(Schema):
    """Filters on a pitfall; one and the same pitfall meets all of them."""

    pitfall_category = term_filter("pitfallCategory", "verdringing")
    phase = term_filter("phase", "uitvoering")


class CaseListQuery(ListQuery, CaseFilters, EffectFilters, PitfallFilters):
    """What can be asked of cases."""

    sort = SortKeys("startYear")
    facets = FacetNames(*CASE_FILTERS, *EFFECT_FILTERS, *PITFALL_FILTERS)
    keys = CaseFieldset()


class PitfallListQuery(ListQuery, CaseFilters, PitfallFilters):
    """What can be asked of pitfalls; case filters are those of the owning case."""

    sort = SortKeys()
    facets = FacetNames(*CASE_FILTERS, *PITFALL_FILTERS)
    keys = Fieldset(Pitfall)


class FindingListQuery(ListQuery, CaseFilters, EffectFilters):
    """What can be asked of findings; case filters are those of the owning case."""

    sort = SortKeys()
    facets = FacetNames(*CASE_FILTERS, *EFFECT_FILTERS)
    keys = Fieldset(Finding)


class StudyListQuery(ListQuery, EffectFilters, PitfallFilters):
    """What can be asked of studies."""

    representation = representation_field(*LIST_REPRESENTATIONS, "bibtex", "ris")
    sort = SortKeys("year")
    facets = FacetNames(*EFFECT_FILTERS, *PITFALL_FILTERS)
    keys = Fieldset(StudyItem)


class QuestionListQuery(ListQuery):
    """What can be asked of questions."""

    theme = term_filter("theme", "proces")
    sort = SortKeys()
    facets = FacetNames("theme")
    keys = Fieldset(QuestionItem)


class IngredientListQuery(ListQuery):
    """What can be asked of ingredients, which have no filters and so no facets."""

    sort = SortKeys()
    keys = Fieldset(IngredientItem)


class SearchQuery(ListQuery, CaseFilters, EffectFilters, PitfallFilters):
    """What can be asked of all kinds at once; a thing without the property does not match."""

    type = DelimitedList(
        EnumString(ITEMS),
        metadata={
            "description": f"What kind of thing. {REPEATABLE}",
            "example": ["case"],
        },
    )
    theme = term_filter("theme", "proces")
    sort = SortKeys("startYear", "year")
    facets = FacetNames("type", *CASE_FILTERS, *EFFECT_FILTERS, *PITFALL_FILTERS, "theme")
    keys = Fieldset(*ITEMS.values())


class SuggestionQuery(LanguageQuery):
    """What can be asked while typing."""

    q = SearchText(
        200,
        required=True,
        metadata={"description": "What has been typed so far.", "example": "statush"},
    )
    type = DelimitedList(
        EnumString(("case", "ingredient", "pitfall", "place")),
        metadata={
            "description": f"What to suggest. {REPEATABLE}",
            "example": ["case"],
        },
    )
    page_size = QueryInteger(
        1, 100, load_default=8, metadata={"description": "How many suggestions at most."}
    )
