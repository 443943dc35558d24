"""What becomes of a draft or a case: reviews, publications, withdrawals and erasures."""

from __future__ import annotations

from marshmallow import fields

from .base import Schema
from .json_fields import Identifier, JsonBoolean, Text, UtcDateTime
from .validators import OneOf


class WithdrawnCase(Schema):
    """Why a case is not public any more."""

    reason = fields.String(required=True)
    withdrawn_at = UtcDateTime(required=True)
    replaced_by = fields.String(required=True, allow_none=True)


class Review(Schema):
    """What becomes of a draft."""

    decision = fields.String(
        required=True,
        validate=OneOf(("submit", "return", "retract")),
        metadata={"example": "submit"},
    )
    note = Text(
        2000,
        load_default=None,
        allow_none=True,
        metadata={"description": "For editors only; needed to return a draft."},
    )


class Publication(Schema):
    """What is said of a version when it is published."""

    note = Text(
        2000,
        load_default=None,
        allow_none=True,
        metadata={"description": "What changed, for readers of the list of versions."},
    )
    reinstate = JsonBoolean(
        load_default=False,
        metadata={"description": "Bring a withdrawn case back; without it that is a conflict."},
    )


class TermPublication(Schema):
    """What is said of a version of a term when it is published."""

    note = Text(
        2000,
        load_default=None,
        allow_none=True,
        metadata={"description": "What changed, for who reads its versions."},
    )


class Published(Schema):
    """What publishing did."""

    version = fields.Integer(required=True, metadata={"example": 2})
    change = fields.Integer(required=True, metadata={"description": "The number of the change."})
    searchable = fields.Boolean(
        required=True, metadata={"description": "Whether lists and search know of it already."}
    )


class Withdrawal(Schema):
    """Why a case is taken away, and what took its place."""

    reason = Text(2000, required=True, metadata={"example": "Opgegaan in een andere casus."})
    replaced_by = Identifier(80, load_default=None, allow_none=True)


class Erasure(Schema):
    """Why a version is erased, and what becomes of an open draft."""

    reason = Text(
        2000, required=True, metadata={"description": "Readers see it.", "example": "Privacy."}
    )
    draft = fields.String(
        load_default=None,
        validate=OneOf(("erase", "keep")),
        metadata={"description": "Needed when there is an open draft, which may repeat the text."},
    )


class ErasedVersion(Schema):
    """What was erased."""

    version = fields.Integer(required=True)
    reason = fields.String(required=True)
    erased_at = UtcDateTime(required=True)
    change = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "The number of the change, when the case is public."},
    )


class Withdrawn(Schema):
    """What withdrawing did."""

    change = fields.Integer(required=True)
    searchable = fields.Boolean(
        required=True, metadata={"description": "Whether lists and search know of it already."}
    )
