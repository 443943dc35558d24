"""Mistakes in input: how a field raises one, and all of them from marshmallow's tree."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, partial
from typing import Any

from marshmallow import Schema as MarshmallowSchema
from marshmallow import ValidationError, fields
from marshmallow.exceptions import SCHEMA

from kb.input_errors import Mistake
from kb.suggestions import closest_match


def input_error(
    code: str,
    /,
    at: str | None = None,
    suggestion: str | Callable[[], str | None] | None = None,
    allowed: str | None = None,
    **values: Any,
) -> ValidationError:
    """A ValidationError with one mistake; marshmallow adds the key, or `at` names it."""
    mistake = [Mistake(code, values, suggestion, allowed)]
    return ValidationError({at: mistake} if at else mistake)


def printable(text: str) -> str:
    """The first 80 characters of an input, with escapes for what cannot be printed."""
    return "".join(each if each.isprintable() else f"\\u{ord(each):04x}" for each in text[:80])


def flatten_errors(
    errors: Any, schema: MarshmallowSchema | None = None, pointer: str = ""
) -> Iterable[tuple[str, Mistake]]:
    """The leaves of marshmallow's tree of errors, each with its JSON Pointer.

    `schema` is that of the document; from its keys an unknown one gets a suggestion.
    """
    if isinstance(errors, Mistake):
        yield pointer, _with_suggestion(errors, pointer, schema)
    elif isinstance(errors, list):
        for error in errors:
            yield from flatten_errors(error, schema, pointer)
    elif isinstance(errors, dict):
        for key, error in errors.items():
            if key == SCHEMA:
                yield from flatten_errors(error, schema, pointer)
            else:
                step = key if isinstance(key, int) else key.replace("~", "~0").replace("/", "~1")
                at = f"{pointer}/{step}"
                if _is_leaf(error):
                    for mistake in error:
                        yield at, _with_suggestion(mistake, at, schema)
                else:
                    yield from flatten_errors(error, _below(schema, key), at)
    else:  # a sentence of a library; there should be none
        yield pointer, Mistake("inconsistent", {"reason": str(errors)})


def _is_leaf(errors: Any) -> bool:
    return isinstance(errors, list) and all(isinstance(error, Mistake) for error in errors)


def _below(schema: MarshmallowSchema | None, key: Any) -> MarshmallowSchema | None:
    """The schema one step deeper; a step into a list keeps the schema of its items."""
    if schema is None or isinstance(key, int):
        return schema
    field = next((one for one in schema.fields.values() if one.data_key == key), None)
    inner = field.inner if isinstance(field, fields.List) else field
    return inner.schema if isinstance(inner, fields.Nested) else None


@cache
def _keys_of(schema: type[MarshmallowSchema]) -> tuple[str, ...]:
    return tuple(field.data_key or "" for field in schema().fields.values())


def _with_suggestion(mistake: Mistake, pointer: str, schema: MarshmallowSchema | None) -> Mistake:
    if mistake.code != "unknown-key" or mistake.values:
        return mistake
    key = pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
    keys = _keys_of(type(schema)) if schema else ()
    return Mistake("unknown-key", {"value": printable(key)}, partial(closest_match, key, keys))
