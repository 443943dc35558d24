"""What every error looks like (RFC 9457), and what health answers."""

from __future__ import annotations

from marshmallow import fields, validate

from .base import Schema
from .json_fields import UtcDateTime


class ErrorItem(Schema):
    """One thing that is wrong with the request."""

    in_ = fields.String(
        required=True,
        data_key="in",
        attribute="in",
        validate=validate.OneOf(("body", "query", "path", "header")),
        metadata={"example": "query"},
    )
    pointer = fields.String(metadata={"description": "JSON Pointer into the body."})
    name = fields.String(
        metadata={"description": "Name of the parameter or header.", "example": "scale"}
    )
    code = fields.String(required=True, metadata={"example": "not-in-vocabulary"})
    detail = fields.String(
        required=True, metadata={"description": "What to do, for a person to read."}
    )
    suggestion = fields.String(metadata={"description": "What was probably meant."})
    allowed = fields.Url(
        require_tld=False, metadata={"description": "Where the allowed values are."}
    )


class ReadyDetails(Schema):
    """What lies behind the checks."""

    tables = fields.String(
        allow_none=True,
        required=True,
        metadata={"description": "Number of the last migration of the tables.", "example": "0026"},
    )
    release_tables = fields.String(
        required=True,
        metadata={"description": "That number as this release needs it.", "example": "0026"},
    )
    search_engine = fields.String(
        required=True,
        validate=validate.OneOf(("files", "opensearch")),
        metadata={"description": "Where the index is: in the data folder, or in a cluster."},
    )
    index_lag_changes = fields.Integer(
        metadata={"description": "Changes that the index does not hold yet.", "example": 0}
    )
    index_lag_seconds = fields.Integer(
        metadata={"description": "Age of the oldest of these changes.", "example": 0}
    )


class Problem(Schema):
    """An error, as application/problem+json."""

    type = fields.Url(
        required=True,
        require_tld=False,
        metadata={"description": "What kind of problem: the address of a page about it."},
    )
    title = fields.String(required=True)
    status = fields.Integer(required=True, metadata={"example": 400})
    detail = fields.String(required=True, metadata={"description": "What to do about it."})
    instance = fields.String(required=True, metadata={"description": "urn:uuid:, also in our log."})
    errors = fields.List(
        fields.Nested(ErrorItem), metadata={"description": "The first 100 of what is wrong."}
    )
    error_count = fields.Integer(metadata={"description": "How many mistakes there are in all."})
    suggestions = fields.List(fields.String(), metadata={"description": "Ids that come near."})
    reason = fields.String(metadata={"description": "Why a case was withdrawn."})
    withdrawn_at = UtcDateTime()
    replaced_by = fields.String(
        allow_none=True, metadata={"description": "The case that took its place."}
    )
    changed = fields.List(
        fields.String(),
        metadata={"description": "Top-level keys of the draft that differ from what you read."},
    )
    checks = fields.Dict(keys=fields.String(), values=fields.String())
    details = fields.Nested(ReadyDetails, metadata={"description": "What lies behind `checks`."})


class Live(Schema):
    """The process answers."""

    status = fields.String(required=True, metadata={"example": "ok"})


class Ready(Live):
    """Every part answers as it should."""

    details = fields.Nested(
        ReadyDetails, metadata={"description": "Left out while the database is unavailable."}
    )

    checks = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata={"example": {"database": "ok", "search": "ok"}},
    )
