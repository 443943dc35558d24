"""Loading a document with all its errors: of its parts, and of its parts together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from marshmallow import Schema as MarshmallowSchema
from marshmallow import ValidationError, fields

from kb.input_errors import Mistake

from .base import PUBLICATION_KEYS
from .checks import Errors
from .errors import flatten_errors
from .json_fields import stored_texts

Check = Callable[[Mapping[str, Any]], Errors]
PointedError = tuple[str, Mistake]  # a JSON Pointer and what is wrong there
SOURCE_POINTER = re.compile(r"/sources(/\d+(/id)?)?")  # of what findings refer to


def only_new(check: Check, schema: MarshmallowSchema, before: Mapping[str, Any] | None) -> Check:
    """A check that passes over values which the saved document `before` had already.

    An earlier release let these in; whoever edits another part of the text can still save it.
    """

    def check_new(document: Mapping[str, Any]) -> Errors:
        errors = list(check(document))
        old = set()
        if errors and before:
            with stored_texts():
                old = {_value_of(each) for _, each in check(schema.load(before))}
        yield from (each for each in errors if _value_of(each[1]) not in old)

    return check_new


def _value_of(mistake: Mistake) -> tuple[str, Any]:
    return mistake.code, mistake.values["value"]


def read_only_errors(
    document: Mapping[str, Any], slug: str | None, current: Mapping[str, Any]
) -> Iterator[PointedError]:
    """Read-only keys of a document with another value than the `current` one.

    Without `slug` any `id` will do. Yields JSON Pointers and mistakes.
    """
    expected = {key: current.get(key) for key in PUBLICATION_KEYS} | ({"id": slug} if slug else {})
    for key, value in expected.items():
        if key in document and (type(document[key]), document[key]) != (type(value), value):
            yield f"/{key}", Mistake("read-only")


class LoadResult(NamedTuple):
    """The loaded document, and all that is wrong with it."""

    document: dict[str, Any]  # None, or an empty list, for each wrong part
    errors: list[PointedError]
    is_whole: bool  # every part could be loaded


def load_with_errors(schema: MarshmallowSchema, payload: Any, check: Check) -> LoadResult:
    """Load a document and `check` it, also when parts of it cannot be loaded.

    Errors of the check that only follow from those parts are left out.
    """
    try:
        document: dict[str, Any] = schema.load(payload)
    except ValidationError as error:
        errors = list(flatten_errors(error.messages, schema))
        valid = error.valid_data if isinstance(error.valid_data, dict) else {}
        document = _completed(schema, valid, error.messages)
        more = _independent(list(check(document)), errors)
        return LoadResult(document, errors + more, is_whole=False)
    return LoadResult(document, list(check(document)), is_whole=True)


def _completed(schema: MarshmallowSchema, valid: Mapping[str, Any], errors: Any) -> dict[str, Any]:
    """The parts that are right, with something harmless for each of the others."""
    document = {}
    for name, field in schema.load_fields.items():
        key = field.attribute or name
        value = valid.get(key)
        error = errors.get(field.data_key) if isinstance(errors, dict) else None
        below: Any = error if isinstance(error, dict) else {}
        if isinstance(field, fields.Nested):
            value = _completed(field.schema, value or {}, below)
        elif isinstance(field, fields.List) and isinstance(field.inner, fields.Nested):
            value = _items(field.inner.schema, value or [], below)
        elif isinstance(field, fields.List):
            value = [] if error or value is None else value  # indexes have shifted
        document[key] = value
    return document


def _items(schema: MarshmallowSchema, valid: list[Any], errors: Any) -> list[dict[str, Any]]:
    """The items in their places; marshmallow leaves out those that are null."""
    left_out = {index for index, error in errors.items() if isinstance(error, list)}
    rest = iter(valid)
    return [
        _completed(schema, {} if index in left_out else next(rest), errors.get(index))
        for index in range(len(valid) + len(left_out))
    ]


def _independent(checked: list[PointedError], errors: list[PointedError]) -> list[PointedError]:
    """Those errors of the check that do not follow from errors of the schema."""
    if not checked:
        return []
    pointers = {pointer for pointer, _ in errors}
    above = {each for pointer in pointers for each in _above(pointer)}
    if any(map(SOURCE_POINTER.fullmatch, pointers)):
        checked = [each for each in checked if each[1].values.get("expected") != "source"]
    return [
        (pointer, mistake)
        for pointer, mistake in checked
        if pointer not in above and pointers.isdisjoint((pointer, *_above(pointer)))
    ]


def _above(pointer: str) -> Iterator[str]:
    """The pointers to everything around what this one points at."""
    while pointer:
        pointer = pointer.rpartition("/")[0]
        yield pointer
