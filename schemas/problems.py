"""What every error looks like (RFC 9457), and what health answers."""

from __future__ import annotations

from marshmallow import fields

from .base import Schema


class ErrorItem(Schema):
    """One thing that is wrong with the request."""

    in_ = fields.String(required=True, data_key="in")  # body | query | path | header
    pointer = fields.String(metadata={"description": "JSON Pointer into the body."})
    name = fields.String(metadata={"description": "Name of the parameter or header."})
    code = fields.String(required=True, metadata={"example": "not-in-vocabulary"})
    detail = fields.String(required=True)
    suggestion = fields.String(metadata={"description": "What was probably meant."})
    allowed = fields.Url(
        require_tld=False, metadata={"description": "Where the allowed values are."}
    )


class Problem(Schema):
    """An error, as application/problem+json."""

    type = fields.Url(required=True, require_tld=False)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    instance = fields.String(required=True, metadata={"description": "urn:uuid:, also in our log."})
    errors = fields.List(fields.Nested(ErrorItem))
    suggestions = fields.List(fields.String(), metadata={"description": "Ids that come near."})
    reason = fields.String()
    withdrawn_at = fields.String(data_key="withdrawnAt")
    replaced_by = fields.String(data_key="replacedBy", allow_none=True)
    checks = fields.Dict(keys=fields.String(), values=fields.String())


class Live(Schema):
    """The process answers."""

    status = fields.String(required=True, metadata={"example": "ok"})


class Ready(Live):
    """Every part answers as it should."""

    checks = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata={"example": {"database": "ok", "search": "ok"}},
    )
