"""What the lists answer: items, page, query as understood, facets, links; and suggestions."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from .base import Schema
from .links import PageLinks, ThingLinks
from .lists import ITEMS


class PageNumber(Schema):
    """Which part of the list this is; the total is exact."""

    number = fields.Integer(required=True)
    size = fields.Integer(required=True)
    total_items = fields.Integer(required=True)
    total_pages = fields.Integer(required=True)


class UnderstoodWord(Schema):
    """A word of the query, and what is found for it as well."""

    input = fields.String(required=True)
    also = fields.List(fields.String(), required=True)
    occur = fields.String(
        required=True,
        validate=validate.OneOf(["must", "should", "must-not"]),
        metadata={
            "description": "Whether things are to meet it (`must`), whether it only counts for the "
            "order (`should`), or whether they may not have it (`must-not`)."
        },
    )


class Interpretation(Schema):
    """How the query was understood."""

    terms = fields.List(fields.Nested(UnderstoodWord), required=True)
    full = fields.Integer(
        required=True,
        metadata={
            "description": "How many things of the list meet all words; the others meet a part."
        },
    )
    dropped = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Words that even the best do not meet, where nothing meets all."},
    )
    did_you_mean = fields.String(allow_none=True, required=True)
    corrected = fields.Boolean(required=True)


class UnderstoodQuery(Schema):
    """What was asked."""

    q = fields.String(allow_none=True, required=True)
    filters = fields.Dict(required=True)
    sort = fields.List(fields.String(), required=True)
    degraded = fields.Boolean(
        required=True,
        metadata={
            "description": "Whether a part of the index is being repaired: answers are complete, "
            "but slower, and less well ordered by relevance."
        },
    )
    interpretation = fields.Nested(Interpretation, allow_none=True, required=True)


class FacetValue(Schema):
    """A value of a filter, and how many things choosing it would give."""

    value = fields.String(required=True)
    label = fields.String(required=True)
    count = fields.Integer(required=True)
    selected = fields.Boolean(required=True)


class Facet(Schema):
    """The values of one filter."""

    label = fields.String(required=True)
    missing = fields.Integer(required=True, metadata={"description": "Things without a value."})
    values = fields.List(fields.Nested(FacetValue), required=True)


class Facets(fields.Dict):
    """The facets by the names of their filters; they are dumped as they were counted."""

    def __init__(self) -> None:
        super().__init__(keys=fields.String(), values=fields.Nested(Facet), required=True)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **options: Any) -> Any:
        return value


class ListPage(Schema):
    """A page of any list, but for its items: these are JSON already when it is dumped."""

    page = fields.Nested(PageNumber, required=True)
    query = fields.Nested(UnderstoodQuery, required=True)
    facets = Facets()
    links = fields.Nested(PageLinks, required=True, data_key="_links")


class AnyItem(fields.Field[Any]):
    """An item of any kind, dumped as what it is."""


class CasePage(ListPage):
    """A page of cases."""

    items = fields.List(fields.Nested(ITEMS["case"]), required=True)


class PitfallPage(ListPage):
    """A page of pitfalls."""

    items = fields.List(fields.Nested(ITEMS["pitfall"]), required=True)


class FindingPage(ListPage):
    """A page of findings."""

    clusters = fields.Integer(
        required=True,
        allow_none=True,
        metadata={
            "description": "Publications and programmes that all findings of the list are of, each "
            "with one voice; null when `q` chose them."
        },
    )
    items = fields.List(fields.Nested(ITEMS["finding"]), required=True)


class StudyPage(ListPage):
    """A page of studies."""

    items = fields.List(fields.Nested(ITEMS["study"]), required=True)


class QuestionPage(ListPage):
    """A page of questions."""

    items = fields.List(fields.Nested(ITEMS["question"]), required=True)


class IngredientPage(ListPage):
    """A page of ingredients."""

    items = fields.List(fields.Nested(ITEMS["ingredient"]), required=True)


class SearchPage(ListPage):
    """A page of all kinds of things, best first; `type` tells which."""

    items = fields.List(AnyItem(), required=True)


class Suggestion(Schema):
    """Something that begins as what was typed."""

    type = fields.String(required=True, metadata={"example": "ingredient"})
    id = fields.String(required=True)
    text = fields.String(required=True)
    html = fields.String(required=True, metadata={"description": "Escaped, with <mark> only."})
    links = fields.Nested(ThingLinks, required=True, data_key="_links")


class SuggestionList(Schema):
    """Suggestions, best first."""

    items = fields.List(fields.Nested(Suggestion), required=True)
