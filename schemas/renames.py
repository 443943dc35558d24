"""Another id for a case, and what renaming it did."""

from __future__ import annotations

from marshmallow import fields

from .base import Schema
from .json_fields import Identifier


class Rename(Schema):
    """The id that a case is to have."""

    slug = Identifier(80, required=True, data_key="id", metadata={"example": "place2bu"})


class Renamed(Schema):
    """What renaming did."""

    slug = fields.String(required=True, data_key="id", metadata={"example": "place2bu"})
    change = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "The number of the change; null for what is not public yet."},
    )
    searchable = fields.Boolean(
        required=True, metadata={"description": "Whether lists and search know of it already."}
    )
