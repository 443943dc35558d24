"""Previews of drafts for readers without an account, and comments of editors on them."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from .base import Schema
from .errors import input_error, printable
from .json_fields import JsonBoolean, JsonInteger, Text, UtcDateTime
from .links import SelfLinks
from .text import is_invalid_text

MAX_POINTER_LENGTH = 300  # characters
MAX_COMMENT_LENGTH = 2000  # characters
MAX_PREVIEW_DAYS = 14


class Pointer(fields.String):
    """A JSON Pointer (RFC 6901); whether it leads anywhere, only the document knows."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        text: str = super()._deserialize(value, attr, data, **options)
        if len(text) > MAX_POINTER_LENGTH:
            raise input_error("too-long", maximum=MAX_POINTER_LENGTH, actual=len(text))
        if is_invalid_text(text) or (text and not text.startswith("/")):
            raise input_error("bad-format", value=printable(text), expected="pointer")
        return text


class NewPreview(Schema):
    """For how long a preview can be read."""

    days = JsonInteger(
        1,
        MAX_PREVIEW_DAYS,
        load_default=MAX_PREVIEW_DAYS,
        metadata={"description": "After so many days it ends by itself.", "example": 7},
    )


class Preview(Schema):
    """A preview that can be read now; its address is told once, to who makes it."""

    id = fields.Integer(required=True, metadata={"example": 3})
    created_by = fields.String(required=True, metadata={"example": "Sanne de Wit"})
    created_at = UtcDateTime(required=True)
    expires_at = UtcDateTime(required=True)


class CreatedPreview(Preview):
    """A new preview, with its address."""

    url = fields.String(
        required=True,
        metadata={
            "description": "Whoever has this address can read the draft, without an account. It "
            "is told this once.",
            "example": "https://kennisbank.example.nl/voorbeeld/…",
        },
    )


class PreviewList(Schema):
    """The previews of a draft, the newest first."""

    items = fields.List(fields.Nested(Preview), required=True)
    links = fields.Nested(SelfLinks, required=True, data_key="_links")


class NewComment(Schema):
    """What to say of a place in a draft."""

    pointer = Pointer(
        required=True,
        metadata={
            "description": "JSON Pointer (RFC 6901) into the draft; empty for all of it.",
            "example": "/pitfalls/0/description",
            "maxLength": MAX_POINTER_LENGTH,
        },
    )
    text = Text(MAX_COMMENT_LENGTH, required=True, metadata={"example": "Welke bron zegt dit?"})


class CommentChange(Schema):
    """Whether a comment was dealt with."""

    resolved = JsonBoolean(required=True)


class CommentSubject(Schema):
    """The thing whose draft a comment is about."""

    type = fields.String(required=True, metadata={"example": "case"})
    slug = fields.String(required=True, data_key="id", metadata={"example": "place2bu-utrecht"})


class Comment(Schema):
    """A comment on a draft."""

    id = fields.Integer(required=True, metadata={"example": 7})
    pointer = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "JSON Pointer into the text as it is now: it follows an item with an "
            "id that moves. Null when its place is no more."
        },
    )
    about = fields.Nested(
        CommentSubject, required=True, metadata={"description": "Whose draft it is about."}
    )
    text = fields.String(required=True)
    author = fields.String(required=True, metadata={"example": "Sanne de Wit"})
    at = UtcDateTime(required=True)
    resolved_at = UtcDateTime(required=True, allow_none=True)
    resolved_by = fields.String(required=True, allow_none=True)


class CommentList(Schema):
    """The comments on a text, the first one first."""

    items = fields.List(fields.Nested(Comment), required=True)
    links = fields.Nested(SelfLinks, required=True, data_key="_links")
