"""Advice: what to look at again in a text, though nothing forbids it."""

from __future__ import annotations

from marshmallow import fields

from .base import Schema


class Related(Schema):
    """A case or term that an advice is about."""

    type = fields.String(required=True, metadata={"example": "ingredient"})
    id = fields.String(required=True)
    title = fields.String(required=True)


class Advice(Schema):
    """Something to look at again; it does not stand in the way of publishing."""

    code = fields.String(required=True, metadata={"example": "likely-duplicate"})
    pointer = fields.String(required=True)
    detail = fields.String(required=True)
    related = fields.List(fields.Nested(Related), required=True)
