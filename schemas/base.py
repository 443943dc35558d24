"""Schemas with keys in camelCase, whose errors are mistakes with a code."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar

from marshmallow import RAISE, fields, pre_load
from marshmallow import Schema as MarshmallowSchema

from kb.input_errors import Mistake

_EXPECTED = {
    fields.Integer: "integer",
    fields.List: "list",
    fields.Nested: "object",
    fields.Boolean: "boolean",
}


@cache
def camel(name: str) -> str:
    """`start_year` → `startYear`; a leading underscore stays."""
    head, *tail = name.strip("_").split("_")
    return "_" * name.startswith("_") + head + "".join(word.title() for word in tail)


class Schema(MarshmallowSchema):
    """Keys in camelCase; unknown keys are mistakes."""

    class Meta:
        unknown = RAISE

    error_messages: ClassVar[dict[str, Any]] = {  # type: ignore[misc]  # ours are not strings
        "unknown": Mistake("unknown-key"),
        "type": Mistake("wrong-type", {"expected": "object"}),
    }

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        field_obj.data_key = field_obj.data_key or camel(field_name)
        _name_mistakes(field_obj)


@cache
def cached_schema(schema: type[MarshmallowSchema]) -> Any:
    """One instance per schema class: making one takes longer than using it, and it has no state."""
    return schema()


PUBLICATION_KEYS = ("version", "publishedAt", "updatedAt")  # that must be as we told them


class Document(Schema):
    """A document of an editor: what `GET` gave may come back, read-only keys included."""

    READ_ONLY: ClassVar[tuple[str, ...]] = ()  # keys of responses, ignored on input
    IGNORED: ClassVar[tuple[str, ...]] = ()  # keys for tools alone

    @pre_load
    def drop_read_only(self, data: Any, **_options: Any) -> Any:
        """Drop the keys that input is not read from, `_links` and the like too."""
        if not isinstance(data, Mapping):
            return data
        return {
            key: value
            for key, value in data.items()
            if not str(key).startswith("_") and key not in (*self.READ_ONLY, *self.IGNORED)
        }


def _name_mistakes(field: fields.Field[Any]) -> None:
    """Replace marshmallow's sentences by our codes, in a field and in what it holds."""
    expected = next((word for kind, word in _EXPECTED.items() if isinstance(field, kind)), "string")
    mistyped = [Mistake("wrong-type", {"expected": expected})]
    field.error_messages = {
        **dict.fromkeys(field.error_messages, mistyped),
        "required": [Mistake("required")],
        "null": [Mistake("null")],
    }
    if isinstance(field, fields.List):
        _name_mistakes(field.inner)
