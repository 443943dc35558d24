"""Cases that are like a case: the query string, and what readers get."""

from __future__ import annotations

from marshmallow import fields

from .base import Schema
from .cases import CaseItem
from .lists import LanguageQuery
from .query_fields import QueryInteger
from .terms import TermShape


class SimilarQuery(LanguageQuery):
    """How many similar cases to give."""

    page_size = QueryInteger(
        1, 20, load_default=6, metadata={"description": "How many cases at most, the best."}
    )


class Reason(Schema):
    """A key of the case, and the terms that both cases have in it."""

    field = fields.String(required=True, metadata={"example": "ingredients"})
    shared = fields.List(fields.Nested(TermShape), required=True)


class SimilarCase(CaseItem):
    """A case as in a list, with what it shares; the most telling first."""

    reasons = fields.List(fields.Nested(Reason), required=True)

    class Meta(CaseItem.Meta):
        exclude = ("match",)


class SimilarCases(Schema):
    """The most similar cases, best first."""

    items = fields.List(fields.Nested(SimilarCase), required=True)
