"""Whose token a request has."""

from __future__ import annotations

from marshmallow import fields

from .base import Schema
from .json_fields import UtcDateTime


class Me(Schema):
    """Whose token this is."""

    owner = fields.String(required=True, metadata={"example": "Sanne de Wit"})
    role = fields.String(required=True, metadata={"example": "editor"})
    expires_at = UtcDateTime(required=True)
    four_eyes = fields.Boolean(
        required=True,
        metadata={"description": "Whether somebody else must publish what one wrote."},
    )
