"""Why a thing stands in a list: through which of its keys, by which words."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, post_dump

from .base import Schema


class Word(Schema):
    """A word of the query, and the words of the thing that it met."""

    input = fields.String(required=True)
    met = fields.List(fields.String(), required=True)


class Snippet(Schema):
    """A passage with the words that were met; `ranges` count characters, end excluded."""

    field = fields.String(required=True, metadata={"description": "The key it comes from."})
    html = fields.String(required=True, metadata={"description": "Escaped, with <mark> only."})
    text = fields.String(required=True)
    ranges = fields.List(fields.List(fields.Integer()), required=True)


class Match(Schema):
    """How a thing answers the query."""

    fields_ = fields.List(fields.String(), required=True, data_key="fields")
    words = fields.List(fields.Nested(Word), required=True)
    snippets = fields.List(fields.Nested(Snippet), required=True)


class ListItem(Schema):
    """A thing in a list; it is dumped from a row, and its match is added when it is a hit."""

    match = fields.Nested(Match, metadata={"description": "Only with `q`."})

    @post_dump
    def order(self, data: dict[str, Any], **_options: Any) -> dict[str, Any]:
        """`_links` come last."""
        links = data.pop("_links", None)
        return data | ({"_links": links} if links else {})


class Excerpt(fields.String):
    """The first words of a longer text, at most 300 characters."""

    def __init__(self, attribute: str) -> None:
        super().__init__(attribute=attribute, dump_only=True)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **options: Any) -> Any:
        text = super()._serialize(value, attr, obj, **options) or ""
        if len(text) <= 300:
            return text
        return text[:299].rsplit(" ", 1)[0].rstrip(",;:") + "…"
