"""Filters of lists: on terms of vocabularies, and on names from the content."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validates_schema

from kb.vocabulary.terms import scheme_of

from .base import Schema, camel
from .errors import input_error
from .json_fields import Line
from .provinces import Province
from .query_fields import DelimitedList, EnumString, QueryInteger
from .terms import TermField

CASE_FILTERS = (
    *("kind", "strategy", "ingredient", "targetGroup", "municipality", "province", "country"),
    *("scale", "status", "partyRole", "archetype", "outcome", "urbanity"),
)
RANGES = ("start_year", "population", "social_rent")  # each has a parameter for either end
RANGE_PARAMETERS = tuple(f"{camel(name)}{end}" for name in RANGES for end in ("From", "To"))
INHABITANTS, PERCENT = (0, 20_000_000), (0, 100)
KNOWN_FIGURES = "Cases of Dutch municipalities alone, by the figures of CBS."
REPEATABLE = "Repeat it, or put commas between, for one of several."
EFFECT_FILTERS = ("effectDomain", "effectLevel", "effectDirection", "lane", "evidence")
PITFALL_FILTERS = ("pitfallCategory", "phase")
OWN_FINDING_FILTERS = ("creditedIngredient", "ownerPitfallCategory")


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


def range_end(limits: tuple[int, int], about: str, example: int) -> QueryInteger:
    """One end of a range of numbers, included."""
    return QueryInteger(*limits, metadata={"description": about, "example": example})


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
    outcome = term_filter("outcome", "verdeeld")
    urbanity = term_filter("urbanity", "sterk-stedelijk")
    start_year_from = range_end((1, 9999), "The case began in this year or later.", 2010)
    start_year_to = range_end((1, 9999), "The case began in this year or earlier.", 2020)
    population_from = range_end(
        INHABITANTS, f"The municipality has so many inhabitants or more. {KNOWN_FIGURES}", 20_000
    )
    population_to = range_end(
        INHABITANTS, f"The municipality has so many inhabitants or fewer. {KNOWN_FIGURES}", 100_000
    )
    social_rent_from = range_end(
        PERCENT,
        "Housing associations own so many percent of the dwellings of the municipality or more. "
        f"{KNOWN_FIGURES}",
        30,
    )
    social_rent_to = range_end(
        PERCENT,
        "Housing associations own so many percent of the dwellings of the municipality or fewer. "
        f"{KNOWN_FIGURES}",
        60,
    )

    @validates_schema
    def ranges_are_in_order(self, query: dict[str, Any], **_options: Any) -> None:
        """A first number after the last would match nothing, in silence."""
        for name in RANGES:
            first, last = query.get(f"{name}_from"), query.get(f"{name}_to")
            if first is not None and last is not None and first > last:
                reason = "order" if name == "start_year" else "range"
                raise input_error("inconsistent", at=f"{camel(name)}From", reason=reason)


class EffectFilters(Schema):
    """Filters on a finding; one and the same finding meets all of them."""

    effect_domain = term_filter("effectDomain", "leefbaarheid")
    effect_level = term_filter("effectLevel", "wijk")
    effect_direction = term_filter("effectDirection", "positief")
    lane = term_filter("lane", "oorzakelijk")
    evidence = term_filter("evidence", "quasi-experimenteel")


class PitfallFilters(Schema):
    """Filters on a pitfall; one and the same pitfall meets all of them."""

    pitfall_category = term_filter("pitfallCategory", "verdringing")
    phase = term_filter("phase", "uitvoering")


class OwnFindingFilters(Schema):
    """Filters that only findings have."""

    credited_ingredient = term_filter("creditedIngredient", "variatie-in-woningaanbod")
    owner_pitfall_category = term_filter("ownerPitfallCategory", "verdringing")
