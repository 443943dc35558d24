"""The history of a case: who did what to its text, and when."""

from __future__ import annotations

from marshmallow import fields

from .base import Schema
from .json_fields import UtcDateTime
from .links import PageLinks, SelfLinks
from .list_pages import PageNumber
from .lists import PaginationQuery


class Step(Schema):
    """Who did what to a text, and when."""

    revision = fields.Integer(
        required=True,
        attribute="id",
        metadata={
            "description": "The number of the text as it was after this step, to read it at "
            "`/revisions/{revision}` or to make it current again.",
            "example": 12,
        },
    )
    what = fields.String(required=True, metadata={"example": "submitted"})
    who = fields.String(required=True, metadata={"example": "Sanne de Wit"})
    at = UtcDateTime(required=True)
    note = fields.String(required=True, allow_none=True)
    restored_from = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "The number of the saved text that this step made current."},
    )


class HistoryStep(Step):
    """A step of a case, and where its text can be read."""

    version = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "The version that this text belongs to, once it was published."},
    )
    links = fields.Nested(SelfLinks, required=True, data_key="_links")


class HistoryPage(Schema):
    """A page of the steps of a case, the last first."""

    items = fields.List(fields.Nested(HistoryStep), required=True)
    page = fields.Nested(PageNumber, required=True)
    links = fields.Nested(PageLinks, required=True, data_key="_links")


class HistoryQuery(PaginationQuery):
    """Which part of a history to give."""
