"""What the addresses in published texts answered when they were checked."""

from __future__ import annotations

from marshmallow import fields

from kb.kinds import EDITABLE_KINDS

from .base import Schema
from .json_fields import UtcDateTime
from .links import PageLinks, ThingLinks
from .list_pages import PageNumber
from .lists import PaginationQuery
from .query_fields import EnumString, QueryIdentifier
from .validators import OneOf

STATES = ("gone", "failing", "redirected", "refused", "unchecked", "ok")
REASONS = (
    *("ok", "moved", "not-found", "gone", "forbidden", "too-many-requests", "robots"),
    *("private-address", "dns", "timeout", "tls", "connection", "redirects", "server-error"),
    "bad-address",
)


class CitationLinks(ThingLinks):
    """Where the thing can be read, by programs and by people."""


class Citation(Schema):
    """A thing whose public text has the address."""

    type = fields.String(required=True, metadata={"example": "case"})
    slug = fields.String(required=True, data_key="id", metadata={"example": "place2bu-utrecht"})
    title = fields.String(required=True)
    pointers = fields.List(
        fields.String(),
        required=True,
        metadata={
            "description": "JSON Pointers (RFC 6901) into its public text.",
            "example": ["/sources/0/url"],
        },
    )
    links = fields.Nested(CitationLinks, required=True, data_key="_links")


class LinkCheck(Schema):
    """An address in published texts, and what it answered last."""

    url = fields.String(required=True, metadata={"example": "https://www.example.nl/rapport"})
    state = fields.String(
        required=True,
        validate=OneOf(STATES),
        metadata={
            "description": "`gone`: its server says so (404, 410), or it failed in two checks at "
            "least three days apart. `failing`: it failed, and may be back. `redirected`: it moved "
            "for good, to `movedTo`. `refused`: programs are kept out; look yourself. "
            "`unchecked`: `kb links check` has not come to it yet."
        },
    )
    reason = fields.String(
        required=True,
        allow_none=True,
        validate=OneOf(REASONS),
        metadata={"description": "What made it so; null while it is unchecked."},
    )
    http_status = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "The status of its last response; null without one."},
    )
    checked_at = UtcDateTime(required=True, allow_none=True)
    failing_since = UtcDateTime(
        required=True,
        allow_none=True,
        metadata={"description": "The first of the checks that failed in a row."},
    )
    failures = fields.Integer(
        required=True, metadata={"description": "How many checks failed in a row."}
    )
    moved_to = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The address that a permanent redirect gives in its place."},
    )
    cited_in = fields.List(
        fields.Nested(Citation),
        required=True,
        metadata={"description": "The things whose public text has it."},
    )


class LinkStateCounts(Schema):
    """How many addresses are in each state, whatever `state` asks for."""

    gone = fields.Integer(required=True)
    failing = fields.Integer(required=True)
    redirected = fields.Integer(required=True)
    refused = fields.Integer(required=True)
    unchecked = fields.Integer(required=True)
    ok = fields.Integer(required=True)


class LinkCheckPage(Schema):
    """A page of addresses, those that need attention first."""

    items = fields.List(fields.Nested(LinkCheck), required=True)
    states = fields.Nested(
        LinkStateCounts,
        required=True,
        metadata={"description": "How many are in each state, whatever `state` asks for."},
    )
    page = fields.Nested(PageNumber, required=True)
    links = fields.Nested(PageLinks, required=True, data_key="_links")


class LinkCheckQuery(PaginationQuery):
    """The query string of the list of addresses."""

    state = fields.List(
        EnumString(STATES),
        metadata={
            "description": "What was made of it. Repeat it for one of several.",
            "example": ["gone"],
        },
    )
    type = EnumString(
        tuple(kind.name for kind in EDITABLE_KINDS),
        load_default="case",
        metadata={"description": "With `id`: what kind of thing it names."},
    )
    slug = QueryIdentifier(
        80,
        data_key="id",
        load_default=None,
        metadata={"description": "The addresses in this thing alone."},
    )
