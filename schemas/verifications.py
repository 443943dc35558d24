"""What nobody has checked against a source yet, and what was checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validates_schema

from .base import Schema
from .errors import input_error
from .filters import name_filter
from .json_fields import Identifier, JsonInteger, Line, Text, UtcDateTime
from .links import PageLinks, SelfLinks, ThingLinks
from .list_pages import PageNumber
from .lists import PaginationQuery
from .query_fields import EnumString

KINDS_WITH_KEYS = ("case", "study")
MAX_KEY_LENGTH = 100  # characters
MAX_REFERENCE_LENGTH = 500  # characters
MAX_NOTE_LENGTH = 2000  # characters


class UnverifiedQuery(PaginationQuery):
    """The query string of the list of unverified things."""

    type = fields.List(
        EnumString(KINDS_WITH_KEYS),
        metadata={"description": "What kind of thing. Repeat it for both.", "example": ["case"]},
    )
    author = name_filter("Sanne de Wit", "Who saved the public text.")


class UnverifiedItem(Schema):
    """A public thing with keys that nobody has checked."""

    type = fields.String(required=True, metadata={"example": "case"})
    slug = fields.String(required=True, data_key="id", metadata={"example": "place2bu-utrecht"})
    title = fields.String(required=True)
    version = fields.Integer(required=True)
    author = fields.String(required=True, metadata={"description": "Who saved the public text."})
    updated_at = UtcDateTime(required=True)
    unverified = fields.List(fields.String(), required=True, metadata={"example": ["dwellings"]})
    links = fields.Nested(ThingLinks, required=True, data_key="_links")


class UnverifiedPage(Schema):
    """A page of unverified things, the oldest text first."""

    items = fields.List(fields.Nested(UnverifiedItem), required=True)
    page = fields.Nested(PageNumber, required=True)
    links = fields.Nested(PageLinks, required=True, data_key="_links")


class NewVerification(Schema):
    """What was checked, and against what."""

    key = Line(
        MAX_KEY_LENGTH,
        required=True,
        metadata={"description": "One of `unverified`.", "example": "dwellings"},
    )
    version = JsonInteger(
        1,
        2**31 - 1,
        required=True,
        metadata={"description": "The version whose text you checked.", "example": 1},
    )
    source = Identifier(
        80,
        load_default=None,
        allow_none=True,
        metadata={
            "description": "The id of a source of the case; of a study its own id. Without it "
            "`reference` says what it was checked against.",
            "example": "bron-1",
        },
    )
    reference = Line(
        MAX_REFERENCE_LENGTH,
        load_default=None,
        allow_none=True,
        metadata={"description": "Another source, or a place in `source`.", "example": "p. 12"},
    )
    note = Text(
        MAX_NOTE_LENGTH,
        load_default=None,
        allow_none=True,
        metadata={"description": "For editors alone."},
    )

    @validates_schema
    def check_source(self, loaded: Mapping[str, Any], **_options: Any) -> None:
        """Something is checked against something."""
        if loaded["source"] is None and loaded["reference"] is None:
            raise input_error("required", at="source")


class Verification(Schema):
    """That a key was checked, for editors."""

    id = fields.Integer(required=True, metadata={"example": 7})
    key = fields.String(required=True, metadata={"example": "dwellings"})
    version = fields.Integer(
        required=True, metadata={"description": "The version whose text was checked."}
    )
    source = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The id that the source had then.", "example": "bron-1"},
    )
    source_title = fields.String(required=True, allow_none=True)
    reference = fields.String(required=True, allow_none=True)
    note = fields.String(required=True, allow_none=True)
    editor = fields.String(required=True, metadata={"example": "Sanne de Wit"})
    at = UtcDateTime(required=True)
    in_force = fields.Boolean(
        required=True,
        metadata={
            "description": "Whether the public text still has the value that was checked, and "
            "nothing newer was checked of it."
        },
    )


class VerificationSource(Schema):
    """A source to check against."""

    id = fields.String(required=True, metadata={"example": "bron-1"})
    title = fields.String(required=True, allow_none=True)
    url = fields.String(required=True, allow_none=True)


class VerificationList(Schema):
    """What is to be checked of a public thing, and everything that was."""

    version = fields.Integer(
        required=True, metadata={"description": "The public one, to be sent with a check."}
    )
    unverified = fields.List(fields.String(), required=True)
    sources = fields.List(fields.Nested(VerificationSource), required=True)
    items = fields.List(fields.Nested(Verification), required=True)
    links = fields.Nested(SelfLinks, required=True, data_key="_links")
