"""A document with all that is wrong with it: in its parts, and in what these say together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from marshmallow import Schema as MarshmallowSchema
from marshmallow import ValidationError, fields

from kb.input_errors import Mistake

from .checks import Errors
from .errors import flatten_errors

Check = Callable[[Mapping[str, Any]], Errors]
PointedError = tuple[str, Mistake]  # a JSON Pointer and what is wrong there
NAMES_A_SOURCE = re.compile(r"/sources(/\d+(/id)?)?")  # pointers to what findings refer to


class LoadResult(NamedTuple):
    """What a schema made of a document, and all that is wrong with it."""

    document: dict[str, Any]  # null, or an empty list, for each part that is wrong
    errors: list[PointedError]
    is_whole: bool  # every part has the right shape


def load_with_errors(schema: MarshmallowSchema, sent: Any, check: Check) -> LoadResult:
    """Load a document and `check` it, also when parts of it are wrong already.

    Of these parts, and of what refers to them, the check has nothing to say.
    """
    try:
        document: dict[str, Any] = schema.load(sent)
    except ValidationError as error:
        errors = list(flatten_errors(error.messages, schema))
        valid = error.valid_data if isinstance(error.valid_data, dict) else {}
        document = _completed(schema, valid, error.messages)
        more = _not_following(list(check(document)), errors)
        return LoadResult(document, errors + more, is_whole=False)
    return LoadResult(document, list(check(document)), is_whole=True)


def _completed(schema: MarshmallowSchema, valid: Mapping[str, Any], errors: Any) -> dict[str, Any]:
    """The parts that are right, with something harmless for each of the others."""
    document = {}
    for name, field in schema.load_fields.items():
        key = field.attribute or name
        value = valid.get(key)
        wrong = errors.get(field.data_key) if isinstance(errors, dict) else None
        below: Any = wrong if isinstance(wrong, dict) else {}
        if isinstance(field, fields.Nested):
            value = _completed(field.schema, value or {}, below)
        elif isinstance(field, fields.List) and isinstance(field.inner, fields.Nested):
            value = _items(field.inner.schema, value or [], below)
        elif isinstance(field, fields.List):
            value = [] if wrong or value is None else value  # what is left is no longer in place
        document[key] = value
    return document


def _items(schema: MarshmallowSchema, valid: list[Any], errors: Any) -> list[dict[str, Any]]:
    """The items in their places; marshmallow leaves out those that are null."""
    left_out = {place for place, wrong in errors.items() if isinstance(wrong, list)}
    rest = iter(valid)
    return [
        _completed(schema, {} if place in left_out else next(rest), errors.get(place))
        for place in range(len(valid) + len(left_out))
    ]


def _not_following(found: list[PointedError], errors: list[PointedError]) -> list[PointedError]:
    """Those that are not there only because something else is wrong."""
    if not found:
        return []
    wrong = {pointer for pointer, _ in errors}
    above = {each for pointer in wrong for each in _above(pointer)}
    if any(map(NAMES_A_SOURCE.fullmatch, wrong)):
        found = [each for each in found if each[1].values.get("expected") != "source"]
    return [
        (pointer, mistake)
        for pointer, mistake in found
        if pointer not in above and wrong.isdisjoint((pointer, *_above(pointer)))
    ]


def _above(pointer: str) -> Iterator[str]:
    """The pointers of all that holds what this one points at."""
    while pointer:
        pointer = pointer.rpartition("/")[0]
        yield pointer
